package dev.millrace.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.millrace.draw.Draw;
import dev.millrace.vision.decode.Pixels;
import org.junit.jupiter.api.Test;

class NearDuplicatesTest {
  private static final int SIDE = 32;

  /** Smooth colours, which a drawn scene decides; moved, lighter and noisier as asked. */
  private static float[] print(int scene, int moved, double light, double noise) {
    byte[] rgb = new byte[3 * SIDE * SIDE];
    for (int y = 0; y < SIDE; y++) {
      for (int x = 0; x < SIDE; x++) {
        for (int colour = 0; colour < 3; colour++) {
          double value = 100;
          for (int wave = 0; wave < 4; wave++) {
            int n = (scene * 3 + colour) * 4 + wave;
            double across = 0.1 * Draw.of(1, "across", n).gaussian();
            double down = 0.1 * Draw.of(1, "down", n).gaussian();
            double phase = 6.28 * Draw.of(1, "phase", n).uniform();
            value += 20 * Math.sin(across * (x + moved) + down * y + phase);
          }
          int at = 3 * (y * SIDE + x) + colour;
          value += light + noise * Draw.of(2, "noise", at).gaussian();
          rgb[at] = (byte) (int) Math.max(0, Math.min(255, value));
        }
      }
    }
    return NearDuplicates.print(new Pixels(SIDE, SIDE, rgb));
  }

  private static NearDuplicates rule(String words) {
    return new NearDuplicates(NearDuplicates.Rule.parse(words), 1);
  }

  @Test
  void aFrameThatIsLighterNoisierOrMovedALittleIsNearAndAnotherSceneIsNot() {
    for (int scene = 0; scene < 20; scene++) {
      NearDuplicates near = rule("count");
      near.keep(print(scene, 0, 0, 0));
      assertThat(near.near(print(scene, 0, 40, 0))).as("lighter %d", scene).isTrue();
      assertThat(near.near(print(scene, 0, 0, 8))).as("noisier %d", scene).isTrue();
      assertThat(near.near(print(scene, 1, 0, 4))).as("moved %d", scene).isTrue();
      for (int other = 20; other < 40; other++) {
        assertThat(near.near(print(other, 0, 0, 0))).as("%d and %d", scene, other).isFalse();
      }
    }
  }

  @Test
  void picturesOfOneColourAreAlikeAndLikeNoOthers() {
    NearDuplicates near = rule("drop");
    near.keep(NearDuplicates.print(new Pixels(9, 7, new byte[3 * 9 * 7])));
    assertThat(near.near(NearDuplicates.print(new Pixels(1, 1, new byte[3])))).isTrue();
    assertThat(near.near(print(1, 0, 0, 0))).isFalse();
  }

  @Test
  void whatFellBehindTheHorizonIsNotNear() {
    NearDuplicates.Rule rule = new NearDuplicates.Rule(NearDuplicates.Action.COUNT, 1, 0.03, 3);
    NearDuplicates near = new NearDuplicates(rule, 1);
    for (int scene = 0; scene < 4; scene++) {
      near.keep(print(scene, 0, 0, 0));
    }
    assertThat(near.near(print(0, 0, 0, 0))).isFalse();
    assertThat(near.near(print(1, 0, 0, 0))).isTrue();
  }

  @Test
  void whatWasNotAcceptedAfterAllIsNotKnown() {
    NearDuplicates near = rule("drop");
    near.keep(print(0, 0, 0, 0));
    near.mark();
    near.keep(print(1, 0, 0, 0));
    near.takeBack();
    assertThat(near.near(print(0, 0, 0, 0))).isTrue();
    assertThat(near.near(print(1, 0, 0, 0))).isFalse();
  }

  @Test
  void aShareOfThemIsAcceptedByDraws() {
    NearDuplicates near = rule("thin=0.2");
    long left = java.util.stream.LongStream.range(0, 5000).filter(near::leftOut).count();
    assertThat(left).isBetween(3900L, 4100L);
    assertThat(rule("count").leftOut(1)).isFalse();
    assertThat(rule("drop").leftOut(1)).isTrue();
  }

  @Test
  void nobodyIsLookedForWhereThatIsOff() {
    NearDuplicates near = rule("off");
    near.keep(null);
    assertThat(near.near(null)).isFalse();
  }

  @Test
  void aRunThatWasBegunWithTheBitsOfAHashGoesOn() throws Exception {
    assertThat(
            dev.millrace.file.Yaml.YAML.readValue(
                "action: DROP\nshare: 1.0\nbits: 4\npictures: 2048", NearDuplicates.Rule.class))
        .isEqualTo(NearDuplicates.Rule.parse("drop"));
  }

  @Test
  void wordsThatAreNoRuleAreRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> rule("thin"));
    assertThatIllegalArgumentException().isThrownBy(() -> rule("dropp"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new NearDuplicates.Rule(NearDuplicates.Action.DROP, 1, 1.5, 10));
  }

  /**
   * 19 × 11 pixels, black but for three. The cells of these are 3 × 1, 2 × 2 and 3 × 2 pixels
   * large, so their means are 20, 40 and 10: less the mean of all 192 numbers, 70/192, at length
   * √(20² + 40² + 10² − 70²/192) = 45.54645.
   */
  @Test
  void thePrintOfAColouredPictureThatIsNoSquareIsThatOfTheFormula() {
    byte[] rgb = new byte[3 * 19 * 11];
    rgb[3 * (0 * 19 + 18)] = 60; // red, top right
    rgb[3 * (10 * 19 + 0) + 1] = (byte) 160; // green, bottom left
    rgb[3 * (3 * 19 + 5) + 2] = 60; // blue, in the third cell of the third row
    float[] expected = new float[3 * 8 * 8];
    java.util.Arrays.fill(expected, -0.0080046f);
    expected[3 * 7] = 0.4311074f;
    expected[3 * (7 * 8) + 1] = 0.8702197f;
    expected[3 * (2 * 8 + 2) + 2] = 0.2115514f;
    assertThat(NearDuplicates.print(new Pixels(19, 11, rgb)))
        .containsExactly(expected, org.assertj.core.data.Offset.offset(1e-6f));
  }

  @Test
  void aFlatPictureOfAnyLevelHasThePrintOfZeros() {
    for (int level = 0; level < 256; level++) {
      byte[] rgb = new byte[3 * 20 * 20];
      java.util.Arrays.fill(rgb, (byte) level);
      assertThat(NearDuplicates.print(new Pixels(20, 20, rgb))).containsOnly(0f);
    }
  }
}
