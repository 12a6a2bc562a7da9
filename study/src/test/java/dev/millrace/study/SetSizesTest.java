package dev.millrace.study;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.recipe.Settings;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class SetSizesTest {
  private static final Settings TWO =
      Settings.defaults("generated:images=60;classes=4", "generated:images=40;classes=4")
          .with(Map.of("stream", "given", "chunks", 2, "epochs", 10));

  @Test
  void aRunDrawsThePicturesOfAllItsSetsOncePerEpoch() {
    assertThat(new SetSizes().passes(TWO)).isEqualTo(1000);
    assertThat(new SetSizes().passes(TWO.with("images", 50))).isEqualTo(900);
  }

  @Test
  void aTrunkMakesTheStepsOfEveryBranchButTheLastAgain() {
    Settings endless = TWO.with(Map.of("schedule", "wsd", "publish", "branch", "decay", 0.2));
    assertThat(new SetSizes().passes(endless)).isEqualTo(1100);
    assertThat(new SetSizes().passes(TWO.with(Map.of("schedule", "wsd", "publish", "merge"))))
        .isEqualTo(1000);
  }

  @Test
  void anEpochOfAGivenLengthIsThatLongInEveryChunk() {
    assertThat(new SetSizes().passes(TWO.with("epoch-images", 64))).isEqualTo(2 * 64 * 10);
  }
}
