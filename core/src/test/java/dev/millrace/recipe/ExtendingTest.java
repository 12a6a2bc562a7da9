package dev.millrace.recipe;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.analysis.InsightListener;
import dev.millrace.analysis.InsightRequest;
import dev.millrace.analysis.Insights;
import dev.millrace.evaluation.ProbeRequest;
import dev.millrace.evaluation.ProbeResult;
import dev.millrace.evaluation.Probing;
import dev.millrace.file.Finding;
import dev.millrace.file.Sha256;
import dev.millrace.inference.Encoder;
import dev.millrace.learn.run.RunEvent;
import dev.millrace.learn.run.RunFolder;
import dev.millrace.learn.run.RunState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a run is while an extension of it is learned. */
class ExtendingTest {
  private static final String SET = "generated:images=32;test=8;size=16;classes=4";
  private static final String NEXT = SET + ";seed=2";

  @TempDir Path folder;
  private Path run;

  @BeforeEach
  void trained() throws IOException {
    run = folder.resolve("run");
    Millrace.pretrain(
        Settings.defaults(SET)
            .with(
                Map.of("width", 4, "size", 16, "epochs", 2, "batch", 8, "queue", 16, "threads", 1))
            .with(Map.of("stream", "joint", "chunks", 1)),
        run);
  }

  /** Extends until the first step of the new chunk. */
  private void extendUntilItsFirstStep() throws IOException {
    AtomicBoolean stop = new AtomicBoolean();
    RunEvent.Listener listener =
        event -> {
          if (event instanceof RunEvent.Stepped) {
            stop.set(true);
          }
        };
    Millrace.Outcome outcome = Millrace.extend(run, NEXT, listener, stop::get);
    assertThat(outcome.stopped()).isTrue();
  }

  private PublishedEncoder published() throws IOException {
    return PublishedEncoder.of(run).orElseThrow();
  }

  @Test
  void theEncoderOfBeforeIsReadUntilTheNewOneTakesItsPlace() throws IOException {
    RunFolder files = RunFolder.of(run);
    String before = Sha256.of(files.encoder());
    assertThat(published().older()).isFalse();

    extendUntilItsFirstStep();
    assertThat(Sha256.of(files.encoder())).isEqualTo(before);
    assertThat(files.state()).isEqualTo(new RunState(2, 1, before));
    assertThat(files.finished(2)).isFalse();
    assertThat(published().older()).isTrue();
    assertThat(published().chunk()).isZero();
    assertThat(published().words()).contains("its encoder after chunk 1 of 2");
    try (Encoder encoder = Encoder.load(files.encoder())) {
      assertThat(encoder.sha256()).isEqualTo(before);
    }

    Millrace.Outcome outcome = resume();
    assertThat(Sha256.of(files.encoder())).isNotEqualTo(before).isEqualTo(outcome.encoderSha256());
    assertThat(files.state()).isEqualTo(new RunState(2, 2, outcome.encoderSha256()));
    assertThat(published().older()).isFalse();
    assertThat(RunExamination.of(run)).filteredOn(one -> !one.ok()).isEmpty();
  }

  private Millrace.Outcome resume() throws IOException {
    BooleanSupplier never = () -> false;
    return Millrace.resume(run, event -> {}, never);
  }

  @Test
  void aProbeOfARunThatIsExtendedAsksTheEncoderOfBefore() throws IOException {
    ProbeRequest request = ProbeRequest.of(SET);
    List<ProbeResult> before = Probing.probe(run, request);
    extendUntilItsFirstStep();
    assertThat(Probing.probe(run, request)).isEqualTo(before);
    assertThat(RunExamination.of(run)).filteredOn(one -> !one.ok()).isEmpty();
  }

  @Test
  void picturesWithoutLabelsAreNoChunkOfASupervisedRun() throws IOException {
    Path supervised = folder.resolve("supervised");
    Millrace.pretrain(
        Settings.defaults(SET)
            .with(Map.of("method", "supervised", "head", "full", "width", 4, "size", 16))
            .with(Map.of("epochs", 1, "batch", 8, "threads", 1, "stream", "joint", "chunks", 1)),
        supervised);
    Path loose = Files.createDirectory(folder.resolve("loose"));
    for (int i = 0; i < 8; i++) {
      byte[] picture = Arrays.copyOf("P6\n16 16\n255\n".getBytes(UTF_8), 13 + 16 * 16 * 3);
      Arrays.fill(picture, 13, picture.length, (byte) (20 * i));
      Files.write(loose.resolve(i + ".ppm"), picture);
    }
    assertThatThrownBy(() -> Millrace.extend(supervised, loose.toString()))
        .hasMessageContaining("8 of the 8 pictures of")
        .hasMessageContaining("have no label");
    assertThat(RunFolder.of(supervised).finished(1)).isTrue();
  }

  @Test
  void aRunThatIsExtendedIsNotFinished() throws IOException {
    extendUntilItsFirstStep();
    assertThatThrownBy(() -> Millrace.extend(run, SET + ";seed=3"))
        .hasMessageContaining("is not finished; finish it with");
    assertThatThrownBy(() -> Insights.of(run, InsightRequest.of(1), new InsightListener() {}))
        .hasMessageContaining("is not finished; finish it with");
  }

  @Test
  void afterAKillBetweenTheNewEncoderAndItsLineTheEncoderIsKnownForTheNewOne() throws IOException {
    extendUntilItsFirstStep();
    RunFolder files = RunFolder.of(run);
    byte[] line = Files.readAllBytes(files.stateFile());
    Millrace.Outcome outcome = resume();
    Files.write(files.stateFile(), line);

    assertThat(published().older()).isFalse();
    assertThat(files.finished(2)).isFalse();
    assertThat(resume().encoderSha256()).isEqualTo(outcome.encoderSha256());
    assertThat(files.finished(2)).isTrue();
  }

  @Test
  void aDamagedStateIsNamedAndWrittenAgain() throws IOException {
    RunFolder files = RunFolder.of(run);
    Files.writeString(files.stateFile(), Files.readString(files.stateFile()).replace("1", "2"));
    assertThat(RunExamination.of(run))
        .filteredOn(one -> !one.ok())
        .extracting(Finding::file)
        .containsExactly("state.json");
    resume();
    assertThat(RunExamination.of(run)).filteredOn(one -> !one.ok()).isEmpty();
  }
}
