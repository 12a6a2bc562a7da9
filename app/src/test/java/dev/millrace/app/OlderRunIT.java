package dev.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of the version of 2026-11-28, which {@code golden/older-run} made, under this one. */
final class OlderRunIT {
  /** Instructions that every x86-64 processor has, so that all compute the same bits. */
  private static final Map<String, String> PLAIN =
      Map.of(
          "ATEN_CPU_CAPABILITY", "default",
          "ONEDNN_MAX_CPU_ISA", "SSE41",
          "OPENBLAS_CORETYPE", "NEHALEM");

  @TempDir private Path folder;
  private JsonNode expected;

  @BeforeEach
  void unpack() throws IOException {
    for (String name : new String[] {"data", "finished", "stopped"}) {
      try (ZipInputStream zip = new ZipInputStream(resource(name + ".zip"))) {
        for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
          Path to = folder.resolve(entry.getName());
          if (entry.isDirectory()) {
            Files.createDirectories(to);
          } else {
            Files.createDirectories(to.getParent());
            Files.copy(zip, to);
          }
        }
      }
    }
    try (InputStream in = resource("expected.json")) {
      expected = new ObjectMapper().readTree(in);
    }
  }

  private static InputStream resource(String name) {
    return OlderRunIT.class.getResourceAsStream("/older/" + name);
  }

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  /** Says where a run's sets lie now. */
  private void resume(Path run) throws Exception {
    Command.done(
        PLAIN,
        "resume",
        run.toString(),
        "--data-from",
        "one=" + path("data/one"),
        "--data-from",
        "two=" + path("data/two"));
  }

  @Test
  void oneStoppedInAChunkEndsWithTheBytesOfOneThatWasNot() throws Exception {
    Path run = folder.resolve("stopped");
    assertThat(run.resolve("encoder.safetensors")).doesNotExist();
    resume(run);
    assertThat(Tiny.sha256(run)).isEqualTo(expected.path("finished").asText());
    Command.done("doctor", run.toString());
  }

  @Test
  void aFinishedOneIsExtendedToTheSameBytes() throws Exception {
    Path run = folder.resolve("finished");
    assertThat(Tiny.sha256(run)).isEqualTo(expected.path("finished").asText());
    Command.done("doctor", run.toString());
    resume(run);
    Command.done(PLAIN, "extend", run.toString(), "--data", path("data/three"));
    assertThat(Tiny.sha256(run)).isEqualTo(expected.path("extended").asText());
  }

  @Test
  void theSameSettingsTrainTheSameEncoderToday() throws Exception {
    Path run = folder.resolve("again");
    Command.done(
        PLAIN,
        ("pretrain --stream given --width 4 --size 16 --batch 16 --epochs 3 --queue 32"
                + " --schedule restart --lr 0.03 --replay 0.25 --mas 1 --mas-statistics running"
                + " --threads 1 --precision fp32 --checkpoint-steps 4 --keep 1 --seed 7 --data "
                + path("data/one")
                + ","
                + path("data/two")
                + " --out "
                + run)
            .split(" "));
    assertThat(encoder(run)).isEqualTo(encoder(folder.resolve("finished")));
  }

  /** Without the header, whose settings hold what the data is called. */
  private static byte[] encoder(Path run) throws IOException {
    byte[] file = Files.readAllBytes(run.resolve("encoder.safetensors"));
    int header = (int) ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
    return Arrays.copyOfRange(file, 8 + header, file.length);
  }

  @Test
  void itsEncoderIsJudgedAsItWas() throws Exception {
    JsonNode judged =
        Command.done(
                PLAIN,
                "probe",
                path("finished"),
                "--task",
                "knn",
                "--data",
                path("data/one"),
                "--json")
            .json();
    assertThat(judged.path("results").get(0).path("value"))
        .isEqualTo(expected.path("probe").path("results").get(0).path("value"));
  }
}
