package dev.millrace.learn.run;

import static dev.millrace.learn.run.TinyRuns.classStream;
import static dev.millrace.learn.run.TinyRuns.only;
import static dev.millrace.learn.run.TinyRuns.set;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.file.Finding;
import dev.millrace.file.Seal;
import dev.millrace.file.Sha256;
import dev.millrace.recipe.Millrace;
import dev.millrace.recipe.RunExamination;
import dev.millrace.recipe.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A finished run and a stopped one, each with one file that is not as it was written. */
class SealedRunTest {
  @TempDir static Path shared;
  private static String encoder;

  @TempDir Path folder;
  private Path run;

  @BeforeAll
  static void runs() throws IOException {
    encoder = Millrace.pretrain(classStream(), shared.resolve("finished")).encoderSha256();
    StopAfter five = new StopAfter(5);
    Millrace.pretrain(classStream(), shared.resolve("stopped"), five, five);
  }

  @BeforeEach
  void copy() throws IOException {
    run = take("finished");
  }

  private Path take(String name) throws IOException {
    Path from = shared.resolve(name);
    Path to = folder.resolve(name);
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
    return to;
  }

  private static Millrace.Outcome resume(Path run) throws IOException {
    return Millrace.resume(run, event -> {}, () -> false);
  }

  private void edit(Path file, String from, String to) throws IOException {
    String text = Files.readString(file);
    assertThat(text).contains(from);
    Files.writeString(file, text.replaceFirst(java.util.regex.Pattern.quote(from), to));
  }

  private static void flip(Path file, long at) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[(int) (at < 0 ? bytes.length + at : at)] ^= 4;
    Files.write(file, bytes);
  }

  private List<Finding> bad() throws IOException {
    return RunExamination.of(run).stream().filter(one -> !one.ok()).toList();
  }

  /** Nor what a killed process left, which the next call that learns takes away. */
  @Test
  void anExaminationLeavesEveryFileAsItIs() throws IOException {
    run = Millrace.pretrain(classStream().with("replay", 0.2), folder.resolve("replayed")).run();
    Files.writeString(run.resolve("memory/.chunk-00009.mem.partial"), "half");
    Files.writeString(run.resolve("checkpoints/.state.partial"), "half");
    Files.writeString(run.resolve("chunks/0/.encoder.safetensors.partial"), "half");
    Map<String, String> before = sums();
    assertThat(bad()).isEmpty();
    assertThat(sums()).isEqualTo(before);
  }

  private Map<String, String> sums() throws IOException {
    Map<String, String> sums = new TreeMap<>();
    try (Stream<Path> files = Files.walk(run)) {
      for (Path file : files.toList()) {
        sums.put(run.relativize(file).toString(), Files.isRegularFile(file) ? Sha256.of(file) : "");
      }
    }
    return sums;
  }

  @Test
  void anIntactRunHasNothingToMend() throws IOException {
    assertThat(bad()).isEmpty();
    assertThat(RunExamination.of(run))
        .extracting(Finding::file)
        .contains(
            "run.yaml",
            "stream.json",
            "encoder.safetensors",
            "chunks/1/encoder.safetensors",
            "chunks/0",
            "checkpoints",
            "metrics.jsonl",
            "checks/0.json",
            "memory");
    run = take("stopped");
    assertThat(bad()).isEmpty();
  }

  @Test
  void fewerChunksInRunYamlAreRefusedByResumeAndExtendAndTheCopyMendsIt() throws IOException {
    Path yaml = run.resolve("run.yaml");
    for (int chunks : new int[] {1, 3}) {
      edit(yaml, "chunks: 2", "chunks: " + chunks);
      assertThatThrownBy(() -> resume(run))
          .hasMessageContaining(
              "%s is not what the run was made with: chunks: %d, expected 2", yaml, chunks)
          .hasMessageContaining("copy %s over it", run.resolve("copies/run.yaml"));
      assertThatThrownBy(() -> Millrace.extend(run, set(2), event -> {}, () -> false))
          .hasMessageContaining("expected 2");
      Files.copy(run.resolve("copies/run.yaml"), yaml, StandardCopyOption.REPLACE_EXISTING);
      assertThat(resume(run).encoderSha256()).isEqualTo(encoder);
    }
  }

  @Test
  void anOrderSeedThatIsNotTheRunsIsRefusedByName() throws IOException {
    Path yaml = run.resolve("run.yaml");
    String line =
        Files.readAllLines(yaml).stream().filter(l -> l.contains("order-seed")).findFirst().get();
    edit(yaml, line.strip(), "order-seed: 3");
    assertThatThrownBy(() -> resume(run))
        .hasMessageContaining("is not what the run was made with: order-seed: 3, expected ")
        .hasMessageContaining("copy %s over it", run.resolve("copies/run.yaml"));
  }

  @Test
  void whereDataLiesMayBeEditedByHand() throws IOException {
    edit(run.resolve("run.yaml"), "checkpoint-steps: 3", "checkpoint-steps: 2");
    assertThat(resume(run).encoderSha256()).isEqualTo(encoder);
    assertThat(bad()).isEmpty();
  }

  @Test
  void exchangedClassesInStreamJsonAreRefusedWithoutHarmfulAdvice() throws IOException {
    Path stream = run.resolve("stream.json");
    flip(stream, 40);
    assertThatThrownBy(() -> resume(run))
        .hasMessageContaining(stream + " is damaged")
        .hasMessageContaining("copy")
        .hasMessageNotContaining("start again");
    assertThat(bad()).extracting(Finding::file).containsExactly("stream.json");
    Files.copy(run.resolve("copies/stream.json"), stream, StandardCopyOption.REPLACE_EXISTING);
    assertThat(resume(run).encoderSha256()).isEqualTo(encoder);
  }

  @Test
  void aFingerprintInStreamJsonOfARunWithoutSealIsHeldAgainstRunYaml() throws IOException {
    Files.delete(run.resolve(Seal.NAME));
    Path stream = run.resolve("stream.json");
    String text = Files.readString(stream);
    int digit = text.indexOf("fingerprint") + 20;
    char other = text.charAt(digit) == '7' ? '8' : '7';
    Files.writeString(stream, text.substring(0, digit) + other + text.substring(digit + 1));
    assertThatThrownBy(() -> resume(run))
        .hasMessageContaining("describes other data than run.yaml")
        .hasMessageNotContaining("start again");
  }

  @Test
  void aDamagedChunkEncoderIsMadeAgainToTheBitAndNeverPublished() throws IOException {
    for (int chunk : new int[] {0, 1}) {
      Path file = run.resolve("chunks/" + chunk + "/encoder.safetensors");
      byte[] intact = Files.readAllBytes(file);
      flip(file, -5);
      assertThat(bad()).extracting(Finding::mend).allMatch(mend -> mend.contains("resume"));
      assertThat(resume(run).encoderSha256()).isEqualTo(encoder);
      assertThat(file).hasBinaryContent(intact);
      Files.delete(file);
      assertThat(resume(run).encoderSha256()).isEqualTo(encoder);
      assertThat(file).hasBinaryContent(intact);
    }
    assertThat(bad()).isEmpty();
  }

  @Test
  void aDamagedPublishedEncoderIsPublishedAgain() throws IOException {
    flip(run.resolve("encoder.safetensors"), -9);
    assertThat(resume(run).encoderSha256()).isEqualTo(encoder);
    assertThat(bad()).isEmpty();
  }

  @Test
  void withoutAnIntactCheckpointTheLastChunksEndIsTaken() throws IOException {
    Path checkpoints = run.resolve("checkpoints");
    while (true) {
      Path state = only(checkpoints, ".safetensors");
      try (Stream<Path> files = Files.list(checkpoints)) {
        state =
            files
                .filter(f -> f.toString().endsWith(".safetensors"))
                .sorted()
                .reduce((a, b) -> b)
                .orElseThrow();
      }
      flip(state, -3);
      Path record = Path.of(state.toString().replace(".safetensors", ".json"));
      assertThatThrownBy(() -> resume(run))
          .hasMessageContaining(record + " is damaged")
          .hasMessageContaining("delete it");
      Files.delete(record);
      Files.delete(state);
      try (Stream<Path> files = Files.list(checkpoints)) {
        if (files.findAny().isEmpty()) {
          break;
        }
      }
    }
    assertThat(resume(run).encoderSha256()).isEqualTo(encoder);
  }

  /** Whatever lets older chunks go, and wherever the checkpoint before the last one stands. */
  @ParameterizedTest
  @CsvSource({
    "wsd, trunk, 3, 0", // within the last chunk
    "wsd, published, 500, 0", // at the end of the one before it, whose branch or mean it looks at
    "wsd, trunk, 500, 1", // the same, with a look that is made again
    "restart, trunk, 3, 0",
    "restart, trunk, 500, 1"
  })
  void theCheckpointBeforeADamagedOneIsGoneBackToWhereOlderChunksWereLetGo(
      String schedule, String anchor, int steps, int knn) throws IOException {
    Settings settings =
        classStream()
            .with(Map.of("schedule", schedule, "checkpoint-steps", steps, "knn-every", knn));
    settings = schedule.equals("wsd") ? settings.with("anchor", anchor) : settings;
    Path all = folder.resolve("all");
    String whole = Millrace.pretrain(settings, all).encoderSha256();
    Path last = folder.resolve("last");
    Millrace.pretrain(settings.with("keep-chunks", "last"), last);
    Millrace.prune(all, 1);
    for (Path one : List.of(last, all)) {
      loseNewestCheckpoint(one);
      assertThat(resume(one).encoderSha256()).isEqualTo(whole);
      assertThat(RunExamination.of(one)).allMatch(Finding::ok);
      assertThat(Files.readAllLines(one.resolve("metrics.jsonl")))
          .filteredOn(line -> line.contains("\"knn\""))
          .hasSize(knn == 0 ? 0 : 4);
    }
  }

  private static void loseNewestCheckpoint(Path run) throws IOException {
    try (Stream<Path> files = Files.list(run.resolve("checkpoints"))) {
      List<Path> sorted = files.sorted().toList();
      assertThat(sorted).hasSize(4);
      for (Path file : sorted.subList(2, 4)) {
        Files.delete(file);
      }
    }
  }

  @Test
  void aGapInTheMetricsIsReportedAndChangesNoResult() throws IOException {
    run = take("stopped");
    Path metrics = run.resolve("metrics.jsonl");
    List<String> lines = Files.readAllLines(metrics);
    Files.write(metrics, List.of(lines.get(0), lines.get(1).substring(0, 9)));
    assertThat(bad()).extracting(Finding::file).containsExactly("metrics.jsonl");
    assertThat(resume(run).encoderSha256()).isEqualTo(encoder);
    assertThat(run.resolve("metrics.jsonl.damaged")).exists();
    assertThat(Files.readAllLines(metrics)).hasSize(4).first().isEqualTo(lines.get(0));
    assertThat(bad()).isEmpty();
  }

  @Test
  void aByteOfALogThatIsNoTextStopsNothing() throws IOException {
    for (String log : List.of("metrics.jsonl", "health.jsonl")) {
      byte[] bytes = Files.readAllBytes(run.resolve(log));
      bytes[20] = (byte) 0xff;
      Files.write(run.resolve(log), bytes);
      assertThat(resume(run).encoderSha256()).isEqualTo(encoder);
      assertThat(bad()).isEmpty();
    }
  }

  @Test
  void aDamagedCheckIsMadeAgain() throws IOException {
    run = take("stopped");
    flip(run.resolve("checks/1.json"), 12);
    assertThat(bad()).extracting(Finding::file).containsExactly("checks/1.json");
    assertThat(resume(run).encoderSha256()).isEqualTo(encoder);
    assertThat(bad()).isEmpty();
  }

  @Test
  void aDamagedSealIsRefusedAndMadeAgainWhereItIsDeleted() throws IOException {
    flip(run.resolve(Seal.NAME), 5);
    assertThatThrownBy(() -> resume(run)).hasMessageContaining("remove it");
    Files.delete(run.resolve(Seal.NAME));
    assertThat(resume(run).encoderSha256()).isEqualTo(encoder);
    assertThat(bad()).isEmpty();
  }

  @Test
  void aDamagedFinishIsRefusedAndIsNoLossWhereItIsDeleted() throws IOException {
    edit(run.resolve("finish.json"), "seconds", "sekonds");
    assertThatThrownBy(() -> resume(run))
        .hasMessageContaining("finish.json")
        .hasMessageContaining("delete it");
    Files.delete(run.resolve("finish.json"));
    assertThat(resume(run).encoderSha256()).isEqualTo(encoder);
  }

  @Test
  void anExtendedRunIsSealedAsAWhole() throws IOException {
    Millrace.Outcome extended = Millrace.extend(run, set(2), event -> {}, () -> false);
    assertThat(bad()).isEmpty();
    Path first = run.resolve("chunks/0/encoder.safetensors");
    byte[] intact = Files.readAllBytes(first);
    flip(first, -5);
    assertThat(resume(run).encoderSha256()).isEqualTo(extended.encoderSha256());
    assertThat(first).hasBinaryContent(intact);
  }

  @Test
  void picturesThatChangedUnderTheirNamesAreRefused() throws IOException {
    Path data = folder.resolve("data");
    TinyRuns.pictures(data);
    Path own = folder.resolve("own");
    StopAfter one = new StopAfter(1);
    Millrace.pretrain(TinyRuns.tiny(data.toString()).with("stream", "given"), own, one, one);
    Path picture = data.resolve("train/a/0.ppm");
    byte[] before = Files.readAllBytes(picture);
    Files.write(picture, java.util.Arrays.copyOf(before, before.length + 1));
    assertThatThrownBy(() -> resume(own)).hasMessageContaining("changed under their names");
    Files.write(picture, before);
    assertThat(resume(own).stopped()).isFalse();
  }
}
