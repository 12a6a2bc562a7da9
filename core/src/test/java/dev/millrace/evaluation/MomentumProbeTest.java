package dev.millrace.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.engine.Device;
import dev.millrace.engine.Natives;
import dev.millrace.engine.Precision;
import dev.millrace.learn.method.Learner;
import dev.millrace.learn.run.Checkpoints;
import dev.millrace.recipe.Millrace;
import dev.millrace.recipe.Settings;
import dev.millrace.recipe.Wiring;
import dev.millrace.vision.encoder.file.EncoderFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MomentumProbeTest {
  private static final String SET = "generated:images=64;test=16;classes=4;size=16";
  private static final Device CPU = new Device("cpu");

  @TempDir Path folder;

  @BeforeAll
  static void natives() {
    Natives.load();
  }

  private static Settings settings(String method) {
    Map<String, Object> some =
        new HashMap<>(
            Map.of(
                "method",
                method,
                "width",
                4,
                "size",
                16,
                "epochs",
                2,
                "batch",
                32,
                "threads",
                1,
                "stream",
                "instance",
                "chunks",
                2,
                "projector-hidden",
                32));
    some.put("momentum", 1);
    return Settings.defaults(SET).with(some);
  }

  private static ProbeRequest request(boolean every) {
    return ProbeRequest.of(SET)
        .with(new ProbeRequest.Encoders(null, every, null, false, false, true, true))
        .on(1, "cpu");
  }

  /** With a momentum of 1 the twin never moves, so its weights are those that were drawn. */
  @ParameterizedTest
  @ValueSource(strings = {"moco-v2", "byol", "moco-v3"})
  void theTwinIsWhatStoodBesideTheEncoderAtTheChunksEnd(String method) throws IOException {
    Path run = folder.resolve("run");
    Millrace.pretrain(settings(method), run);
    Settings settings = Settings.ofRun(run);
    List<ProbedEncoder> encoders = ProbedEncoder.of(run, settings, request(true));
    assertThat(encoders)
        .extracting(encoder -> encoder.shown(settings))
        .containsExactly(
            "after chunk 1",
            "momentum after chunk 1",
            "pretrained",
            "momentum",
            "untrained",
            "raw-pixels");
    try (PointerScope scope = new PointerScope();
        EncoderFile twin = encoders.get(3).open(settings, CPU);
        EncoderFile trained = encoders.get(2).open(settings, CPU);
        EncoderFile untrained = encoders.get(4).open(settings, CPU)) {
      assertThat(weight(twin).equal(weight(untrained))).isTrue();
      assertThat(weight(trained).equal(weight(untrained))).isFalse();
    }
  }

  private static Tensor weight(EncoderFile file) {
    return file.net().state().get("layer2.0.conv1.weight");
  }

  /** What the chunk's state holds, and neither what was drawn nor what was trained. */
  @Test
  void theTwinOfAMovingAverageIsThatOfTheState() throws IOException {
    Path run = folder.resolve("run");
    Millrace.pretrain(settings("moco-v2").with("momentum", 0.5), run);
    Settings settings = Settings.ofRun(run);
    List<ProbedEncoder> encoders = ProbedEncoder.of(run, settings, request(false));
    try (PointerScope scope = new PointerScope();
        EncoderFile twin = encoders.get(1).open(settings, CPU);
        EncoderFile trained = encoders.get(0).open(settings, CPU);
        EncoderFile untrained = encoders.get(2).open(settings, CPU);
        Learner like = Wiring.learner(settings, null, CPU, Precision.FP32)) {
      Tensor key = like.state().get("method.key.weights");
      Checkpoints.ofChunk(run, 1).restorePart(Map.of("method.key.weights", key));
      Tensor first = key.narrow(0, 0, 4 * 27).view(4, 3, 3, 3).permute(0, 3, 1, 2);
      assertThat(twin.net().state().get("conv1.weight").equal(first)).isTrue();
      assertThat(weight(twin).equal(weight(trained))).isFalse();
      assertThat(weight(twin).equal(weight(untrained))).isFalse();
    }
  }

  @Test
  void itIsARowOfItsOwnAndKeptApart() throws IOException {
    Path run = folder.resolve("run");
    Millrace.pretrain(settings("moco-v2"), run);
    List<ProbeResult> results = Probing.probe(run, request(false));
    assertThat(results)
        .extracting(ProbeResult::encoder)
        .containsExactly("pretrained", "momentum", "untrained", "raw-pixels");
    List<ProbeResult> again = Probing.complete(run, request(false), new ProbeListener() {});
    assertThat(again).isEqualTo(results);
  }

  @Test
  void aMethodWithoutATwinIsNamed() throws IOException {
    Path run = folder.resolve("run");
    Millrace.pretrain(settings("simclr"), run);
    assertThatThrownBy(() -> Probing.probe(run, request(false)))
        .hasMessageContaining("--method simclr keeps none");
  }
}
