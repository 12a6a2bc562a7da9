package dev.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ProbeIT {
  private static final String SET = "generated:images=128,test=32,classes=4";

  @TempDir private static Path folder;

  private static Path run;

  @BeforeAll
  static void copy() throws Exception {
    run = Tiny.trained(folder.resolve("run"));
  }

  @Test
  void everyTaskSetAndChunkIsOneResultWithEveryField() throws Exception {
    JsonNode json =
        Command.done(
                "probe",
                run.toString(),
                "--task",
                "knn,linear",
                "--data",
                SET,
                "--chunk",
                "all",
                "--threads",
                "1",
                "--json")
            .json();
    JsonNode results = json.path("results");
    assertThat(results).hasSize(4);
    for (int i = 0; i < 4; i++) {
      JsonNode result = results.get(i);
      assertThat(result.path("task").asText()).isEqualTo(i % 2 == 0 ? "knn" : "linear");
      assertThat(result.path("data").asText()).isEqualTo(SET);
      assertThat(result.path("split").asText()).isEqualTo("test");
      assertThat(result.path("chunk").asInt(-1)).isEqualTo(i / 2);
      assertThat(result.path("shots").isNull()).isTrue();
      assertThat(result.path("metric").asText()).isEqualTo("top1");
      assertThat(result.path("value").isNumber()).isTrue();
      assertThat(result.path("value").asDouble()).isBetween(0.0, 100.0);
      assertThat(result.path("ci95").asDouble()).isPositive();
      assertThat(result.path("trained_on").asInt()).isEqualTo(128);
      assertThat(result.path("judged_on").asInt()).isEqualTo(32);
    }
    List<String> chunks =
        Files.readAllLines(run.resolve("probes.jsonl")).stream()
            .filter(line -> line.contains("\"encoder\":\"pretrained\""))
            .toList();
    assertThat(chunks).hasSize(4);
  }

  @Test
  void fewShotHasAnAnswerForEachNumberOfShots() throws Exception {
    JsonNode results =
        Command.done(
                "probe",
                run.toString(),
                "--task",
                "few-shot",
                "--data",
                "generated:images=4,test=60,classes=3",
                "--ways",
                "2",
                "--shots",
                "1,5",
                "--episodes",
                "20",
                "--untrained",
                "--threads",
                "1",
                "--json")
            .json()
            .path("results");
    assertThat(results).hasSize(2);
    for (int i = 0; i < 2; i++) {
      assertThat(results.get(i).path("task").asText()).isEqualTo("few-shot");
      assertThat(results.get(i).path("shots").asInt()).isEqualTo(i == 0 ? 1 : 5);
      assertThat(results.get(i).path("value").asDouble()).isBetween(30.0, 100.0);
      assertThat(results.get(i).path("ci95").isNumber()).isTrue();
      assertThat(results.get(i).path("encoder").asText()).isEqualTo("untrained");
    }
  }

  @Test
  void chanceRawPixelsAndTheUntrainedEncoderStandBesideAndAreKept() throws Exception {
    String[] probe = {"probe", run.toString(), "--data", SET, "--images", "100", "--threads", "1"};
    String text = Command.done(probe).out();
    assertThat(text).contains("pretrained", "untrained", "raw-pixels", "chance", "25.00", "±");
    assertThat(text).contains("knn on " + SET + ": trained on 100 of 128, judged on 32");
    long before = Command.lines(run.resolve("probes.jsonl"));
    List<String> again = new ArrayList<>(List.of(probe));
    again.addAll(List.of("--chunk", "0", "--json"));
    JsonNode json = Command.done(again.toArray(String[]::new)).json();
    assertThat(json.path("results")).hasSize(1);
    assertThat(json.path("baselines")).hasSize(2);
    assertThat(Command.lines(run.resolve("probes.jsonl"))).isEqualTo(before + 1);
    again.add("--no-baselines");
    assertThat(Command.done(again.toArray(String[]::new)).json().path("baselines")).isEmpty();
  }

  @Test
  void photosFarLargerThanTheViewsAndTooFewStepsAreWarnedOfBeforeTheFirst() throws Exception {
    Path photos = Photos.flat(folder.resolve("photos"), 12, 400, 300);
    Path out = folder.resolve("small");
    Command.Ended ended =
        Command.done(
            "pretrain",
            "--data",
            photos.toString(),
            "--width",
            "4",
            "--epochs",
            "1",
            "--batch",
            "8",
            "--queue",
            "16",
            "--threads",
            "1",
            "--out",
            out.toString());
    assertThat(ended.err())
        .contains("300 pixels in the middle", "--size 64 --encoder resnet18 --width 64")
        .contains("1 step is in all too few", "--init FILE");
    assertThat(Command.done("data", "info", photos.toString()).out())
        .contains("for `pretrain`: the pictures' shorter side is 300 pixels");
    // An encoder file alone says which net it is.
    Path next = folder.resolve("next");
    Command.done(
        "pretrain",
        "--data",
        photos.toString(),
        "--init",
        out + "/encoder.safetensors",
        "--epochs",
        "1",
        "--batch",
        "8",
        "--queue",
        "16",
        "--threads",
        "1",
        "--out",
        next.toString());
    assertThat(Files.readString(next.resolve("run.yaml"))).contains("width: 4", "stem: \"small\"");
  }

  @Test
  void aFolderOfClassesWithoutATestPartIsJudgedByAFifthOfEach() throws Exception {
    Path set = Photos.ofClasses(folder.resolve("labelled"), 3, 10);
    Command.Ended ended =
        Command.done(
            "probe",
            run.toString(),
            "--task",
            "knn,linear",
            "--data",
            set.toString(),
            "--threads",
            "1",
            "--json");
    assertThat(ended.err())
        .contains("a fifth of each class, 6 of its 30 pictures, is held out to judge by")
        .contains("the nearest 8 vote, as many as each of its 3 classes has training pictures");
    for (JsonNode result : ended.json().path("results")) {
      assertThat(result.path("split").asText()).isEqualTo("held-out");
      assertThat(result.path("trained_on").asInt()).isEqualTo(24);
      assertThat(result.path("judged_on").asInt()).isEqualTo(6);
      assertThat(result.path("held_out").asInt()).isEqualTo(6);
    }
    assertThat(ended.json().path("results").get(0).path("k").asInt()).isEqualTo(8);
  }

  @Test
  void aSizeBelowEightIsWrongUsage() throws Exception {
    Command.Ended ended =
        Command.run("probe", run.toString(), "--data", SET, "--size", "7", "--json");
    assertThat(ended.code()).isEqualTo(2);
    assertThat(ended.out()).isEmpty();
    assertThat(ended.err()).contains("--size 7 is below 8");
  }
}
