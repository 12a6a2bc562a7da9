package dev.millrace.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.engine.Device;
import dev.millrace.engine.Safetensors;
import dev.millrace.file.Sha256;
import dev.millrace.probe.FewShot;
import dev.millrace.probe.FineTuning;
import dev.millrace.recipe.Millrace;
import dev.millrace.recipe.Settings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Few-shot, fine-tuning, validation parts and exports, on a real run of a few steps. */
class ProbeTasksTest {
  private static final String SET = "generated:images=64;test=64;classes=4;size=16";

  @TempDir static Path runs;

  private static Path run;

  @TempDir Path folder;

  @BeforeAll
  static void pretrain() throws IOException {
    Settings tiny =
        Settings.defaults("generated:images=64;test=8;classes=4;size=16")
            .with(Map.of("width", 4, "size", 16, "epochs", 1, "batch", 32, "queue", 64))
            .with("threads", 1);
    run = Millrace.pretrain(tiny, runs.resolve("finished")).run();
  }

  private static FewShot.Settings episodes(int ways, int shots, int queries) {
    return new FewShot.Settings(ways, shots, queries, 10, FewShot.Head.PROTOTYPE, 0);
  }

  private List<ProbeResult> ask(
      String data, int images, boolean untrained, boolean raw, TaskSettings how, String... tasks)
      throws IOException {
    return Probing.probe(
        run,
        ProbeRequest.of(data)
            .withTasks(tasks)
            .with(new ProbeRequest.Encoders(null, false, null, untrained, raw, false, false))
            .withImages(images)
            .with(how)
            .on(1, "cpu")
            .exportingTo(folder.resolve("features")));
  }

  private static TaskSettings few(FewShot.Settings... episodes) {
    return new TaskSettings(
        List.of(episodes),
        new FineTuning.Settings(2, 16, 0.03, 5e-4, 0.5, 0),
        DetectionSettings.small(0),
        0);
  }

  private static void refused(ThrowingCallable call, String... words) {
    assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).message().contains(words);
  }

  /** Pictures of a class that all look alike, and like those of no other. */
  private void pictures(String part, String name, int count, int colour) throws IOException {
    for (int i = 0; i < count; i++) {
      Path file = folder.resolve("set/" + part + name + "/" + i + ".ppm");
      Files.createDirectories(file.getParent());
      byte[] head = "P6 16 16 255\n".getBytes(StandardCharsets.US_ASCII);
      byte[] bytes = Arrays.copyOf(head, head.length + 768);
      for (int at = head.length; at < bytes.length; at++) {
        bytes[at] = (byte) ((at - head.length) % 3 == colour ? 250 - i : i);
      }
      Files.write(file, bytes);
    }
  }

  private String set() {
    return folder.resolve("set").toString();
  }

  @Test
  void aNumberOfShotsIsAnAnswerWithAnInterval() throws IOException {
    List<ProbeResult> results =
        ask(SET, 0, false, false, few(episodes(3, 1, 5), episodes(3, 5, 5)), "few-shot");
    assertThat(results).extracting(ProbeResult::shots).containsExactly(1, 5);
    assertThat(results)
        .allSatisfy(
            r -> {
              assertThat(r.task()).isEqualTo("few-shot");
              assertThat(r.split()).isEqualTo("test");
              assertThat(r.metric()).isEqualTo("top1");
              assertThat(r.value()).isBetween(20.0, 100.0);
              assertThat(r.ci95()).isPositive();
              assertThat(r.encoder()).isEqualTo("pretrained");
            });
  }

  @Test
  void aSetWithoutATestPartHasEpisodesOfAllAndOtherTasksOfAFifth() throws IOException {
    pictures("", "red", 6, 0);
    pictures("", "green", 6, 1);
    List<ProbeResult> results = ask(set(), 1, false, true, few(episodes(2, 2, 4)), "few-shot");
    assertThat(results).extracting(ProbeResult::split).containsExactly("all");
    assertThat(results.get(0).value()).isEqualTo(100);
    for (String task : List.of("knn", "linear", "finetune")) {
      ProbeResult result = ask(set(), 0, false, !task.equals("finetune"), few(), task).get(0);
      assertThat(result.split()).as(task).isEqualTo("held-out");
    }
    assertThat(rows("test")).isEqualTo(2);
  }

  @Test
  void aClassWithTooFewPicturesIsLeftOutAndTooFewClassesAreRefusedByName() throws IOException {
    pictures("", "red", 6, 0);
    pictures("", "green", 6, 1);
    pictures("", "blue", 5, 2);
    List<ProbeResult> results = ask(set(), 0, false, true, few(episodes(2, 2, 4)), "few-shot");
    assertThat(results.get(0).value()).isEqualTo(100);
    refused(
        () -> ask(set(), 0, false, true, few(episodes(3, 2, 4)), "few-shot"),
        "has 2 classes for few-shot episodes of --ways 3",
        "1 of 3 classes with fewer than 2 + 4 pictures: blue",
        "lower --ways, --shots or --queries");
  }

  @Test
  void aSetOfOneClassIsRefusedByEveryTaskOfLabels() throws IOException {
    pictures("train/", "red", 4, 0);
    pictures("test/", "red", 4, 0);
    for (String task : ProbeTasks.ALL) {
      refused(
          () -> ask(set(), 0, true, false, TaskSettings.paper(), task),
          "has one class, red",
          "needs 2 or more");
    }
  }

  @Test
  void trainingPicturesOfOneClassAreTooFewForTheLinearProbe() {
    refused(
        () -> ask(SET, 1, false, false, few(), "linear"),
        "has training pictures of 1 class, expected 2 or more",
        "--images");
  }

  @Test
  void aClassWithoutTrainingPicturesCountsAsWrong() throws IOException {
    pictures("train/", "red", 8, 0);
    pictures("train/", "green", 8, 1);
    pictures("test/", "red", 4, 0);
    pictures("test/", "green", 4, 1);
    pictures("test/", "blue", 8, 2);
    assertThat(ask(set(), 0, false, true, few(), "linear").get(0).value()).isEqualTo(50);
  }

  @Test
  void aValidationPartOfTheSetsOwnIsUsedAndLearnedFromInTheEnd() throws IOException {
    pictures("train/", "red", 4, 0);
    pictures("train/", "green", 4, 1);
    pictures("val/", "red", 3, 0);
    pictures("val/", "green", 3, 1);
    pictures("test/", "red", 2, 0);
    pictures("test/", "green", 2, 1);
    ProbeResult result = ask(set(), 0, false, true, few(), "linear").get(0);
    assertThat(result.value()).isEqualTo(100);
    assertThat(rows("train")).isEqualTo(8);
    assertThat(rows("validation")).isEqualTo(6);
    assertThat(rows("test")).isEqualTo(4);
    // Every λ is right on validation, so the largest is picked.
    assertThat(result.lambda()).isEqualTo(1e5);
  }

  @Test
  void aSetOfATestPartAloneHasEpisodesAndTheFeaturesOfThatPart() throws IOException {
    pictures("test/", "red", 6, 0);
    pictures("test/", "green", 6, 1);
    ProbeResult result = ask(set(), 0, false, true, few(episodes(2, 2, 4)), "few-shot").get(0);
    assertThat(result.value()).isEqualTo(100);
    assertThat(rows("test")).isEqualTo(12);
    try (var files = Files.walk(folder.resolve("features"))) {
      assertThat(files.filter(f -> f.toString().endsWith(".safetensors"))).hasSize(1);
    }
  }

  @Test
  void featuresThatTheLinearProbeCouldNotLearnFromAreThereForTheTasksThatDoWithout()
      throws IOException {
    for (String part : List.of("train/", "test/")) {
      pictures(part, "red", 6, 0);
      pictures(part, "green", 6, 1);
    }
    assertThat(ask(set(), 1, false, true, few(episodes(2, 2, 4)), "few-shot")).hasSize(1);
    assertThat(rows("train")).isEqualTo(1);
    assertThat(rows("test")).isEqualTo(12);
  }

  private long rows(String part) throws IOException {
    try (PointerScope scope = new PointerScope();
        var files = Files.walk(folder.resolve("features"))) {
      Path file = files.filter(f -> f.endsWith(part + ".safetensors")).findFirst().orElseThrow();
      Safetensors.Contents contents = Safetensors.read(file, new Device("cpu"));
      assertThat(contents.metadata().get("classes")).isEqualTo("[\"green\",\"red\"]");
      assertThat(contents.tensors().get("features").size(0))
          .isEqualTo(contents.tensors().get("labels").size(0));
      return contents.tensors().get("features").size(0);
    }
  }

  @Test
  void exportedAnswersAreTheAnswers() throws IOException {
    List<ProbeResult> results = ask(SET, 0, false, false, few(), "knn", "linear");
    Path file;
    try (var files = Files.walk(folder.resolve("features"))) {
      file = files.filter(f -> f.endsWith("answers.json")).findFirst().orElseThrow();
    }
    assertThat(file.getParent().getFileName()).hasToString("pretrained-0");
    JsonNode json = new ObjectMapper().readTree(file.toFile());
    assertThat(json).hasSize(2);
    assertThat(json.get(1).path("lambda").asDouble()).isEqualTo(results.get(1).lambda());
    assertThat(json.get(1).path("value").asDouble()).isEqualTo(results.get(1).value());
  }

  @Test
  void fineTuningIsTheSameForASeedAndLeavesTheEncodersFile() throws IOException {
    Path encoder = run.resolve("chunks/0/encoder.safetensors");
    String before = Sha256.of(encoder);
    List<ProbeResult> once = ask(SET, 0, false, false, few(), "finetune");
    assertThat(once.get(0).value()).isBetween(20.0, 100.0);
    assertThat(ask(SET, 0, false, false, few(), "finetune")).isEqualTo(once);
    assertThat(Sha256.of(encoder)).isEqualTo(before);
    refused(
        () -> ask(SET, 0, false, true, few(), "finetune"),
        "--raw-pixels has no encoder for --task finetune");
  }

  @Test
  void severalComparisonsAreAnsweredEachUnderItsName() throws IOException {
    List<ProbeResult> both = ask(SET, 0, true, true, few(), "knn");
    assertThat(both).extracting(ProbeResult::encoder).containsExactly("untrained", "raw-pixels");
    assertThat(ask(SET, 0, true, false, few(), "knn")).containsExactly(both.get(0));
    assertThat(ask(SET, 0, false, true, few(), "knn")).containsExactly(both.get(1));
  }
}
