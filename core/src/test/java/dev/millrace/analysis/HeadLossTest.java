package dev.millrace.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Device;
import dev.millrace.engine.Natives;
import dev.millrace.evaluation.ProbedEncoder;
import dev.millrace.insight.AdaptiveSharpness;
import dev.millrace.insight.Sharpness;
import dev.millrace.recipe.PartSettings;
import dev.millrace.recipe.RunChunks;
import dev.millrace.recipe.Settings;
import dev.millrace.vision.encoder.file.EncoderFile;
import dev.millrace.vision.view.FixedViews;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A logistic head on a network whose convolutions are all normalised. */
class HeadLossTest {
  private static final Device CPU = new Device("cpu");
  private static final Settings SETTINGS =
      Settings.defaults("generated:images=64;test=8;classes=4;size=16")
          .with(Map.of("width", 4, "size", 16, "threads", 1));
  private static final AdaptiveSharpness.Settings HOW =
      new AdaptiveSharpness.Settings(0.1, 3, 0.002, 4, 10, 0, 3);

  private static FixedViews views;
  private static Map<String, double[]> asItIs;

  @BeforeAll
  static void measure() throws IOException {
    Natives.load();
    Natives.threads(1);
    views =
        FixedViews.plain(
            RunChunks.plan(SETTINGS).open(0).images(),
            64,
            PartSettings.views(SETTINGS).full().maker(),
            16,
            Draw.of(0, "head loss test"),
            CPU);
    asItIs = measured(name -> false, 1);
  }

  @AfterAll
  static void free() {
    views.close();
  }

  /** All measures of a drawn encoder, some of its convolutions multiplied. */
  private static Map<String, double[]> measured(Predicate<String> which, double factor)
      throws IOException {
    try (PointerScope scope = new PointerScope();
        EncoderFile encoder = ProbedEncoder.untrained(null, SETTINGS).open(SETTINGS, CPU)) {
      Map<String, Tensor> scaled = new LinkedHashMap<>();
      encoder
          .net()
          .state()
          .forEach(
              (name, tensor) ->
                  scaled.put(
                      name,
                      tensor.dim() == 4 && which.test(name)
                          ? tensor.mul(new Scalar(factor))
                          : tensor.clone()));
      encoder.net().load(scaled);
      try (HeadLoss head = new HeadLoss(encoder.net(), views, views.labels(), CPU)) {
        AdaptiveSharpness adaptive =
            new AdaptiveSharpness(head.surface(), head.layout(), head.layout().size(), HOW);
        Sharpness.Settings plain = new Sharpness.Settings(1e-3, 4, 4, 0, 3);
        Draw draw = Draw.of(1, "head loss test");
        Map<String, double[]> found = new LinkedHashMap<>();
        found.put("loss", new double[] {head.surface().loss(), head.lambda()});
        found.put("noise", new double[] {adaptive.noise(draw).value()});
        found.put("box", new double[] {adaptive.box(draw)});
        found.put("eigenvalue", new double[] {adaptive.largestEigenvalue(draw).value()});
        found.put("trace", new double[] {adaptive.trace(draw).value()});
        found.put("keskar", new double[] {Sharpness.keskar(head.surface(), plain, draw)});
        return found;
      }
    }
  }

  private static void alikeButForKeskar(Map<String, double[]> found) {
    for (String name : new String[] {"loss", "noise", "box", "eigenvalue", "trace"}) {
      for (int i = 0; i < found.get(name).length; i++) {
        // The normalisations' ε stays as it is, which channels of little variance feel.
        double most = name.equals("eigenvalue") ? 0.03 : 2e-3;
        double before = asItIs.get(name)[i];
        assertThat(found.get(name)[i]).as(name).isCloseTo(before, within(most * Math.abs(before)));
      }
    }
  }

  private static double keskar(Map<String, double[]> found) {
    return found.get("keskar")[0] / asItIs.get("keskar")[0];
  }

  @Test
  void relativeSharpnessStaysWhenConvolutionsBeforeNormalisationsAreScaledAndKeskarsDoesNot()
      throws IOException {
    Map<String, double[]> doubled = measured(name -> true, 2);
    Map<String, double[]> halved = measured(name -> true, 0.5);
    alikeButForKeskar(doubled);
    alikeButForKeskar(halved);
    assertThat(keskar(doubled)).isLessThan(0.75);
    assertThat(keskar(halved)).isGreaterThan(1.5);
  }

  @Test
  void relativeSharpnessStaysWhenOneConvolutionIsScaled() throws IOException {
    alikeButForKeskar(measured(name -> name.contains("layer2.0.conv1"), 2));
  }

  @Test
  void theHeadIsBetterThanGuessingAndTheEncoderStaysAsItIs() throws IOException {
    double guessing = HeadLoss.guessing(views.labels());
    assertThat(guessing).isBetween(0.9 * Math.log(4), Math.log(4));
    assertThat(asItIs.get("loss")[0]).isBetween(0.0, guessing);
    assertThat(HeadLoss.guessing(new int[] {0, 1, 1, 1}))
        .isCloseTo(-0.25 * Math.log(0.25) - 0.75 * Math.log(0.75), within(1e-12));
    for (String name : new String[] {"noise", "box", "trace"}) {
      assertThat(asItIs.get(name)[0]).as(name).isPositive();
    }
    try (EncoderFile encoder = ProbedEncoder.untrained(null, SETTINGS).open(SETTINGS, CPU);
        PointerScope scope = new PointerScope()) {
      Map<String, Tensor> before = new LinkedHashMap<>();
      encoder.net().state().forEach((name, tensor) -> before.put(name, tensor.clone()));
      new HeadLoss(encoder.net(), views, views.labels(), CPU).close();
      encoder
          .net()
          .state()
          .forEach((name, tensor) -> assertThat(tensor.equal(before.get(name))).as(name).isTrue());
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.3, 1e4})
  void theLossOnFeaturesThatAreAllTheSameIsThatOfGuessing(double value) throws IOException {
    try (EncoderFile encoder = ProbedEncoder.untrained(null, SETTINGS).open(SETTINGS, CPU);
        PointerScope scope = new PointerScope()) {
      Map<String, Tensor> dead = new LinkedHashMap<>();
      encoder
          .net()
          .state()
          .forEach(
              (name, tensor) ->
                  dead.put(
                      name,
                      // Only what is added after a normalisation is left.
                      torch.full_like(
                          tensor,
                          new Scalar(name.endsWith(".bias") && tensor.dim() == 1 ? value : 0))));
      encoder.net().load(dead);
      try (HeadLoss head = new HeadLoss(encoder.net(), views, views.labels(), CPU)) {
        double guessing = HeadLoss.guessing(views.labels());
        assertThat(head.surface().loss()).isCloseTo(guessing, within(1e-3));
      }
    }
  }
}
