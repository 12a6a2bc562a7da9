package dev.millrace.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.evaluation.ProbeRequest;
import dev.millrace.evaluation.Probing;
import dev.millrace.file.Finding;
import dev.millrace.file.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A finished run of two chunks that a version before seals made (0d22d23: {@code pretrain --data
 * 'generated:images=32;test=8;size=16;classes=4' --width 2 --size 16 --epochs 2 --batch 8 --stream
 * class --chunks 2 --threads 1 --replay 0.25 --queue 16 --dim 8 --keep 1 --checkpoint-steps 3}).
 */
class OlderRunTest {
  private static final String ENCODER =
      "839d491745352dc03430fb70ae545875daf55e4e9a00b2585e9136f133180161";

  @TempDir Path run;

  @BeforeEach
  void unpack() throws IOException {
    try (InputStream in = getClass().getResourceAsStream("/older/before-seals.zip");
        ZipInputStream zip = new ZipInputStream(in)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        Path file = run.resolve(entry.getName());
        if (!entry.isDirectory()) {
          Files.createDirectories(file.getParent());
          Files.copy(zip, file);
        }
      }
    }
    // Equal files are in the archive once.
    Path last = run.resolve("chunks/1");
    String state = "step-0000000008-chunk-00002.safetensors";
    Files.copy(last.resolve("encoder.safetensors"), run.resolve("encoder.safetensors"));
    Files.copy(last.resolve(state), run.resolve("checkpoints").resolve(state));
  }

  @Test
  void itIsResumedAsFinishedAndSealedFromThenOn() throws IOException {
    Millrace.Outcome outcome = Millrace.resume(run, event -> {}, () -> false);
    assertThat(outcome.encoderSha256()).isEqualTo(ENCODER);
    assertThat(outcome.steps()).isEqualTo(8);
    assertThat(RunExamination.of(run)).filteredOn(one -> !one.ok()).isEmpty();
  }

  @Test
  void itIsExtended() throws IOException {
    Millrace.Outcome outcome =
        Millrace.extend(
            run, "generated:images=32;test=8;size=16;classes=4;seed=2", event -> {}, () -> false);
    assertThat(outcome.stopped()).isFalse();
    assertThat(outcome.chunks()).isEqualTo(3);
    assertThat(outcome.steps()).isEqualTo(16);
    assertThat(Files.readAllLines(run.resolve("metrics.jsonl"))).hasSize(16);
    assertThat(RunExamination.of(run)).filteredOn(one -> !one.ok()).isEmpty();
  }

  @Test
  void itIsProbedAndExaminedAsItIs() throws IOException {
    ProbeRequest request = ProbeRequest.of("generated:images=32;test=8;size=16;classes=4");
    assertThat(Probing.probe(run, request)).isNotEmpty();
    List<Finding> findings = RunExamination.of(run);
    assertThat(findings)
        .filteredOn(one -> !one.ok())
        .extracting(Finding::file)
        .containsExactly("SHA256SUMS");
    assertThat(Sha256.of(run.resolve("encoder.safetensors"))).isEqualTo(ENCODER);
  }
}
