package dev.millrace.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.engine.Device;
import dev.millrace.engine.Natives;
import dev.millrace.engine.Safetensors;
import dev.millrace.evaluation.ProbeRequest;
import dev.millrace.evaluation.ProbeResult;
import dev.millrace.evaluation.Probing;
import dev.millrace.file.Sha256;
import dev.millrace.learn.method.Learner;
import dev.millrace.learn.run.StopAfter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs of seconds that start from a state dict of torch's. */
class InitialWeightsTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden/state-dict");
  private static final String SET = "generated:images=64;test=16;classes=4;size=16";

  @TempDir Path folder;

  private Path file;

  @BeforeEach
  void copy() throws IOException {
    file = folder.resolve("given.pth");
    Files.copy(GOLDEN.resolve("resnet18-1-classifier.pth"), file);
  }

  private Settings settings() {
    return Settings.defaults(SET)
        .with(Map.of("width", 1, "size", 16, "epochs", 1, "batch", 16, "queue", 64, "threads", 1))
        .with(Map.of("init", file.toString(), "checkpoint-steps", 2, "stream", "class"))
        .with("chunks", 2);
  }

  @Test
  void queryAndMomentumTwinBothStartFromTheGivenWeights() throws IOException {
    Path run = folder.resolve("run");
    Millrace.pretrain(settings(), run, event -> {}, begun(run)); // stopped before its first step
    Path kept = run.resolve("init.safetensors");
    Settings settings = Settings.read(run.resolve("run.yaml"));
    Natives.load();
    Device cpu = new Device("cpu");
    try (PointerScope scope = new PointerScope();
        Learner method = Wiring.learner(settings, null, cpu, PartSettings.precision(settings))) {
      Tensor drawn = method.network().weights().flat().clone();
      Map<String, Tensor> given = Safetensors.read(kept, cpu).tensors();
      method.startFrom(given);
      method
          .network()
          .encoder()
          .state()
          .forEach((name, tensor) -> assertThat(tensor.equal(given.get(name))).as(name).isTrue());
      Map<String, Tensor> state = method.state();
      assertThat(state.get("method.weights").equal(drawn)).isFalse();
      assertThat(state.get("method.key.weights").equal(state.get("method.weights"))).isTrue();
      assertThat(state.get("method.key.statistics").equal(state.get("method.statistics"))).isTrue();
      long encoder = method.network().encoderSize();
      long head = drawn.size(0) - encoder;
      assertThat(
              state
                  .get("method.weights")
                  .narrow(0, encoder, head)
                  .equal(drawn.narrow(0, encoder, head)))
          .as("the projector stays as it was drawn")
          .isTrue();
    }
  }

  @Test
  void weightsWithNaNAreRefusedByNameAsOftenAsTheyAreGivenAndLeaveNoFolder() throws IOException {
    Natives.load();
    Device cpu = new Device("cpu");
    file = folder.resolve("nan.safetensors");
    try (PointerScope scope = new PointerScope()) {
      Map<String, Tensor> given =
          new TreeMap<>(Safetensors.read(GOLDEN.resolve("resnet18-1.safetensors"), cpu).tensors());
      given.computeIfPresent("bn1.bias", (name, tensor) -> tensor.mul(new Scalar(Float.NaN)));
      Safetensors.write(file, given, Map.of());
    }
    Path run = folder.resolve("run");
    for (int again = 0; again < 2; again++) {
      assertThatThrownBy(() -> Millrace.pretrain(settings(), run))
          .hasMessageContaining(file.toString())
          .hasMessageContaining("bn1.bias holds NaN");
      assertThat(run).doesNotExist();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"moco-v2", "supervised"})
  void aRunStartsThereAndNotWhereItsSeedWouldDraw(String method) throws IOException {
    // At such a rate no weight moves; only the running statistics do.
    Settings still = settings().with(Map.of("lr", 1e-30, "method", method));
    Path run = folder.resolve("run");
    Millrace.Outcome outcome = Millrace.pretrain(still, run);
    Natives.load();
    Device cpu = new Device("cpu");
    try (PointerScope scope = new PointerScope()) {
      Map<String, Tensor> given =
          Safetensors.read(GOLDEN.resolve("resnet18-1.safetensors"), cpu).tensors();
      Map<String, Tensor> learned = Safetensors.read(outcome.encoder(), cpu).tensors();
      given.forEach(
          (name, tensor) -> {
            if (name.endsWith("weight") || name.endsWith("bias")) {
              assertThat(learned.get(name).equal(tensor)).as(name).isTrue();
            }
          });
    }
    assertThat(Safetensors.metadata(outcome.encoder()))
        .containsEntry("init-sha256", Sha256.of(file))
        .doesNotContainValue(file.toString());
    assertThat(run.resolve("run.yaml")).content().contains(Sha256.of(file));
  }

  @Test
  void stoppedAtAnyStepAndResumedWithoutTheFileEndsWithTheSameBytes() throws IOException {
    Millrace.Outcome whole = Millrace.pretrain(settings(), folder.resolve("whole"));
    Path elsewhere = folder.resolve("else/where.pth");
    Files.createDirectories(elsewhere.getParent());
    Files.move(file, elsewhere, StandardCopyOption.ATOMIC_MOVE);
    Settings same = settings().with("init", elsewhere.toString());
    for (int steps = 0; steps < 3; steps++) {
      Path run = folder.resolve("stopped-" + steps);
      StopAfter stop = new StopAfter(steps);
      assertThat(
              Millrace.pretrain(
                      same, run, stop, () -> begun(run).getAsBoolean() && stop.getAsBoolean())
                  .stopped())
          .isTrue();
      Path gone = folder.resolve("gone");
      Files.move(elsewhere, gone);
      if (steps > 0) {
        Files.delete(run.resolve("init.safetensors")); // a checkpoint holds all of it
      }
      assertThat(Millrace.resume(run, event -> {}, () -> false).encoderSha256())
          .isEqualTo(whole.encoderSha256());
      Files.move(gone, elsewhere);
    }
    Millrace.Outcome longer =
        Millrace.extend(folder.resolve("whole"), SET + ";seed=2", event -> {}, () -> false);
    assertThat(longer.chunks()).isEqualTo(3);
    assertThat(Safetensors.metadata(longer.encoder()))
        .containsEntry("init-sha256", Sha256.of(elsewhere));
  }

  @Test
  void aRunThatLostItsWeightsBeforeTheFirstStepSaysSo() throws IOException {
    Path run = folder.resolve("run");
    Millrace.pretrain(settings(), run, event -> {}, begun(run));
    Path kept = run.resolve("init.safetensors");
    byte[] bytes = Files.readAllBytes(kept);
    bytes[bytes.length - 1] ^= 1;
    Files.write(kept, bytes);
    assertThatThrownBy(() -> Millrace.resume(run, event -> {}, () -> false))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("init.safetensors is damaged")
        .hasMessageContaining("start it again");
    Files.delete(kept);
    assertThatThrownBy(() -> Millrace.resume(run, event -> {}, () -> false))
        .hasMessageContaining("found no such file");
  }

  @Test
  void whatCannotBeStartedFromIsRefusedBeforeARunHasAFolder() {
    Path run = folder.resolve("run");
    assertThatThrownBy(() -> Millrace.pretrain(settings().with("init", "none.pth"), run))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("--init none.pth is no file");
    assertThatThrownBy(() -> Millrace.pretrain(settings().with("width", 2), run))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("--init " + file + " does not fit resnet18 of width 2")
        .hasMessageContaining("--width 1 --stem small` fits this file");
    assertThatThrownBy(() -> Millrace.pretrain(settings().with("init-sha256", "abc"), run))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("init-sha256 asks for abc");
    String evil = GOLDEN.resolve("evil-system.pth").toString();
    assertThatThrownBy(() -> Millrace.pretrain(settings().with("init", evil), run))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("wants to call posix.system; only tensors are read");
    assertThat(run).doesNotExist();
  }

  @Test
  void probesTakeSuchAFileAndTheRunsOwnBeginning() throws IOException {
    Path run = folder.resolve("run");
    Millrace.pretrain(settings(), run);
    Files.delete(file);
    ProbeRequest both =
        ProbeRequest.of(SET)
            .with(
                new ProbeRequest.Encoders(
                    null,
                    false,
                    GOLDEN.resolve("resnet18-1-moco.pth.tar"),
                    true,
                    false,
                    false,
                    false))
            .on(1, "cpu");
    List<ProbeResult> results = Probing.probe(run, both);
    assertThat(results).hasSize(2);
    assertThat(results.get(0).value()).isEqualTo(results.get(1).value());
    assertThat(results.get(0).encoder()).endsWith("moco.pth.tar");
    assertThat(results.get(1).encoder()).isEqualTo("untrained");
  }

  /** A stop as soon as the run has settings, before its first step. */
  private static BooleanSupplier begun(Path run) {
    return () -> Files.exists(run.resolve("run.yaml"));
  }
}
