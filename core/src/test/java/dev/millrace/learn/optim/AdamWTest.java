package dev.millrace.learn.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.engine.Device;
import dev.millrace.engine.Natives;
import dev.millrace.engine.Parameters;
import java.io.IOException;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Golden values by golden/adamw.py. */
final class AdamWTest {
  private static final Parameters.Layout LAYOUT =
      Parameters.Layout.builder().add("weight", 2, 3).add("bias", 4).build();

  private static JsonNode golden;

  @BeforeAll
  static void natives() throws IOException {
    Natives.load();
    golden = new ObjectMapper().readTree(AdamWTest.class.getResource("/golden/adamw.json"));
  }

  private static void put(Tensor into, JsonNode numbers) {
    float[] values = new float[numbers.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) numbers.get(i).asDouble();
    }
    into.copy_(torch.from_blob(new FloatPointer(values), new long[] {values.length}));
  }

  private static void put(Tensor flat, JsonNode weight, JsonNode bias) {
    put(flat.narrow(0, 0, 6), weight);
    put(flat.narrow(0, 6, 4), bias);
  }

  private static float[] values(Tensor flat) {
    float[] values = new float[(int) flat.numel()];
    flat.contiguous().data_ptr_float().get(values);
    return values;
  }

  private static AdamW adamW(Parameters weights) {
    return new AdamW(
        AdamW.Settings.standard(golden.get("decay").asDouble()),
        weights,
        entry -> entry.name().equals("weight"));
  }

  private static void step(AdamW adamW, Parameters weights, JsonNode step) {
    put(weights.gradient(), step.get("weight_gradient"), step.get("bias_gradient"));
    adamW.step(step.get("lr").asDouble());
  }

  @Test
  void stepsAreThoseOfTorchInPythonOfBothGroups() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard();
        Parameters weights = new Parameters(LAYOUT, new Device("cpu"), true);
        AdamW adamW = adamW(weights)) {
      put(weights.flat(), golden.get("start").get("weight"), golden.get("start").get("bias"));
      for (JsonNode step : golden.get("steps")) {
        step(adamW, weights, step);
        float[] found = values(weights.flat());
        for (int i = 0; i < found.length; i++) {
          double expected =
              i < 6 ? step.get("weight").get(i).asDouble() : step.get("bias").get(i - 6).asDouble();
          assertThat((double) found[i]).isCloseTo(expected, within(1e-6));
        }
      }
    }
  }

  @Test
  void itsStateIsAllThatALaterStepNeeds() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard();
        Parameters weights = new Parameters(LAYOUT, new Device("cpu"), true);
        Parameters others = new Parameters(LAYOUT, new Device("cpu"), true);
        AdamW whole = adamW(weights);
        AdamW resumed = adamW(others)) {
      put(weights.flat(), golden.get("start").get("weight"), golden.get("start").get("bias"));
      step(whole, weights, golden.get("steps").get(0));
      step(whole, weights, golden.get("steps").get(1));
      others.copyFrom(weights);
      whole.state().forEach((name, tensor) -> resumed.state().get(name).copy_(tensor));
      step(whole, weights, golden.get("steps").get(2));
      step(resumed, others, golden.get("steps").get(2));
      assertThat(values(others.flat())).isEqualTo(values(weights.flat()));
      whole.rest();
      whole
          .state()
          .forEach((name, tensor) -> assertThat(tensor.abs().sum().item_double()).isZero());
    }
  }

  @Test
  void biasesNormalisationsTokensAndPositionsDoNotDecay() {
    Parameters.Layout layout =
        Parameters.Layout.builder()
            .add("encoder.cls_token", 1, 1, 8)
            .add("encoder.pos_embed", 1, 5, 8)
            .add("encoder.patch_embed.proj.weight", 8, 3, 4, 4)
            .add("encoder.patch_embed.proj.bias", 8)
            .add("encoder.norm.weight", 8)
            .add("projector.0.weight", 8, 8)
            .build();
    assertThat(layout.entries().stream().filter(Optimiser.LAYERS).map(Parameters.Entry::name))
        .containsExactly("encoder.patch_embed.proj.weight", "projector.0.weight");
  }

  @Test
  void settingsOutsideTheirRangesAreRefused() {
    assertThatThrownBy(() -> AdamW.Settings.standard(-1))
        .hasMessageContaining("--weight-decay")
        .hasMessageContaining("below 0");
    assertThatThrownBy(() -> new AdamW.Settings(1, 0.9, 1e-8, 0)).hasMessageContaining("below 1");
    assertThatThrownBy(() -> new AdamW.Settings(0.9, 0.9, 0, 0)).hasMessageContaining("epsilon");
  }
}
