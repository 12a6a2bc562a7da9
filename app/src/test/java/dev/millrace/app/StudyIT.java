package dev.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StudyIT {
  private static final String STUDY =
      """
      data:
        generated:
          set: generated:images=128;test=64;classes=4
          streams: {class: 2}
      methods: [moco-v2]
      remedies: [st, replay, jt]
      seeds: [1, 2]
      settings: {width: 4, size: 16, epochs: 3, batch: 32, queue: 64, checkpoint-steps: 2}
      questions:
        - {task: [knn, linear], data: own}
      """;

  @TempDir private Path folder;
  private Path study;
  private Path out;
  private Path ledger;

  @BeforeEach
  void write() throws IOException {
    study = Files.writeString(folder.resolve("mine.yaml"), STUDY);
    out = folder.resolve("out");
    ledger = out.resolve("LEDGER.jsonl");
  }

  private String[] run(Path file, Path to) {
    return new String[] {
      "study",
      "run",
      file.toString(),
      "--out",
      to.toString(),
      "--jobs",
      "2",
      "--threads",
      "1",
      "--json"
    };
  }

  private static List<JsonNode> lines(Path ledger) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(ledger)) {
      lines.add(new ObjectMapper().readTree(line));
    }
    return lines;
  }

  private static List<String> values(Path ledger) throws IOException {
    return lines(ledger).stream()
        .map(line -> line.path("id").asText() + line.path("results"))
        .sorted()
        .toList();
  }

  private long steps() {
    try (Stream<Path> runs = Files.list(out.resolve("runs"))) {
      return runs.mapToLong(run -> Command.lines(run.resolve("metrics.jsonl"))).sum();
    } catch (IOException e) {
      return 0; // not there yet
    }
  }

  @Test
  void aStudyKilledTwiceEndsWithEveryResultOnceAndTheSameAsNeverKilled() throws Exception {
    Command first = Command.start(run(study, out));
    assertThat(first.reaches(() -> steps() >= 3)).isTrue();
    first.kill();
    long at = steps();
    Command second = Command.start(run(study, out));
    assertThat(second.reaches(() -> Command.lines(ledger) >= 2 && steps() > at + 3)).isTrue();
    second.kill();
    Command.Ended ended = Command.done(run(study, out));

    assertThat(ended.json().path("planned").asInt()).isEqualTo(6);
    assertThat(ended.json().path("done").asInt()).isEqualTo(6);
    assertThat(ended.json().path("failed").asInt()).isZero();
    List<JsonNode> lines = lines(ledger);
    assertThat(lines).hasSize(6).allMatch(line -> line.path("status").asText().equals("done"));
    assertThat(lines).extracting(line -> line.path("id").asText()).doesNotHaveDuplicates();
    assertThat(lines)
        .allSatisfy(
            line -> {
              assertThat(line.path("results")).hasSize(2);
              assertThat(line.path("results").get(0).path("k").asInt()).isEqualTo(32);
              assertThat(line.path("results").get(1).path("lambda").asDouble()).isPositive();
              assertThat(line.path("losses")).hasSize(line.path("chunks").asInt());
              assertThat(line.path("losses").get(0).path("epochs")).hasSize(3);
              assertThat(line.path("losses").get(0).path("guessing").asDouble())
                  .isEqualTo(Math.log(65));
              assertThat(line.path("cost").path("cpu_s").asDouble()).isPositive();
              assertThat(line.path("cost").path("chunks")).hasSize(line.path("chunks").asInt());
            });
    Path whole = folder.resolve("whole");
    Command.done(run(study, whole));
    assertThat(values(ledger)).isEqualTo(values(whole.resolve("LEDGER.jsonl")));

    // A ledger counts as done wherever it lies, without run directories.
    Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
    Files.copy(ledger, elsewhere.resolve("LEDGER.jsonl"));
    Command.Ended again = Command.done(run(study, elsewhere));
    assertThat(again.json().path("done").asInt()).isEqualTo(6);
    assertThat(again.err()).doesNotContain("started");
    assertThat(elsewhere.resolve("runs")).isEmptyDirectory();
  }

  @Test
  void aTerminatedStudyStopsItsRunsAndSaysHowToGoOn() throws Exception {
    Command command = Command.start(run(study, out));
    assertThat(command.reaches(() -> steps() >= 3)).isTrue();
    command.terminate();
    Command.Ended ended = command.await();
    assertThat(ended.code()).isEqualTo(130);
    assertThat(ended.err()).contains("go on with: millrace study run " + study);
    assertThat(ended.err().lines().filter(line -> line.contains("go on with")))
        .allMatch(line -> line.contains("--threads 1") && line.endsWith("--json"));
    assertThat(ended.json().path("failed").asInt()).isZero();
    String[] onward = run(study, out);
    onward[List.of(onward).indexOf("--threads") + 1] = "2";
    assertThat(Command.done(onward).json().path("done").asInt()).isEqualTo(6);
    // What had begun with one thread ended with one, and its line says so.
    assertThat(lines(ledger).stream().map(line -> line.at("/machine/threads").asInt()))
        .contains(1, 2)
        .containsOnly(1, 2);
  }

  @Test
  void aBrokenRunIsTriedTwiceAndReportedWhileTheOthersAreMade() throws Exception {
    brokenPictures(folder.resolve("torn/a"), folder.resolve("torn/b"));
    Path broken =
        Files.writeString(
            folder.resolve("broken.yaml"),
            STUDY
                .replace(
                    "methods:",
                    "  torn:\n    set: %s\n    streams: {class: 2}\nmethods:"
                        .formatted(folder.resolve("torn")))
                .replace("remedies: [st, replay, jt]", "remedies: [st]")
                .replace("seeds: [1, 2]", "seeds: [1]")
                .replace("data: own", "data: generated"));
    Command.Ended ended = Command.run(run(broken, out));
    assertThat(ended.code()).isEqualTo(1);
    assertThat(ended.json().path("done").asInt()).isEqualTo(1);
    assertThat(ended.json().path("failed").asInt()).isEqualTo(1);
    assertThat(ended.err()).contains("failed, is tried again", "more than --max-bad");
    assertThat(lines(ledger))
        .filteredOn(line -> line.path("status").asText().equals("failed"))
        .singleElement()
        .satisfies(
            line -> {
              assertThat(line.path("attempts").asInt()).isEqualTo(2);
              assertThat(line.path("error").asText()).contains("more than --max-bad");
            });
  }

  /** Folders of 20 pictures each, of which every second ends in the middle. */
  private static void brokenPictures(Path... classes) throws IOException {
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    ImageIO.write(new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB), "png", whole);
    byte[] png = whole.toByteArray();
    for (Path folder : classes) {
      Files.createDirectories(folder);
      for (int i = 0; i < 20; i++) {
        Files.write(
            folder.resolve(i + ".png"), i % 2 == 0 ? png : Arrays.copyOf(png, png.length - 20));
      }
    }
  }

  @Test
  void aSetThatIsNotHereIsNamedBeforeAnyRunIsStarted() throws Exception {
    Path asking =
        Files.writeString(
            folder.resolve("asking.yaml"), STUDY.replace("data: own", "data: [own, no-such-set]"));
    Command.Ended ended = Command.run(run(asking, out));
    assertThat(ended.code()).isNotZero();
    assertThat(ended.err())
        .contains("none was started", "no-such-set")
        .doesNotContain("started: generated");
    assertThat(out.resolve("runs")).isEmptyDirectory();
  }

  @Test
  void aSetThatIsNotHereHoldsUpItsOwnRunsAloneAndIsNamed() throws Exception {
    Path half =
        Files.writeString(
            folder.resolve("half.yaml"),
            STUDY
                .replace(
                    "methods:",
                    "  absent:\n    set: no-such-set\n    streams: {class: 2}\nmethods:")
                .replace("remedies: [st, replay, jt]", "remedies: [st]")
                .replace("seeds: [1, 2]", "seeds: [1]"));
    Command.Ended ended = Command.run(run(half, out));
    assertThat(ended.code()).isEqualTo(1);
    assertThat(ended.json().path("done").asInt()).isEqualTo(1);
    assertThat(ended.json().path("failed").asInt()).isZero();
    assertThat(ended.json().path("blocked").asInt()).isEqualTo(1);
    assertThat(ended.json().path("missing").has("no-such-set")).isTrue();
    assertThat(ended.err()).contains("not made: 1 run of absent, for want of no-such-set");
  }

  @Test
  void aStudyIsPlannedAndThenShowsEveryPart() throws Exception {
    Path whole =
        Files.writeString(
            folder.resolve("whole.yaml"),
            STUDY
                    .replace("remedies: [st, replay, jt]", "remedies: [st, jt]")
                    .replace("seeds: [1, 2]", "seeds: [1]")
                    .replace("task: knn", "task: [knn, linear]")
                + """
                insight:
                  parts: [forgetting, health, cka, sharpness, landscape]
                  images: 64
                  loss-images: 8
                  against-joint: true
                """);
    List<String> asked = new ArrayList<>(List.of(run(whole, out)));
    asked.add("--plan");
    JsonNode plan = Command.done(asked.toArray(String[]::new)).json();
    assertThat(plan.path("hours_left").asDouble()).isPositive().isLessThan(1);
    assertThat(plan.path("missing")).isEmpty();
    assertThat(ledger).doesNotExist();

    JsonNode made = Command.done(run(whole, out)).json();
    int planned = plan.path("planned").asInt();
    assertThat(made.path("done").asInt()).isEqualTo(planned);
    assertThat(made.path("failed_comparisons").asInt()).isZero();
    List<JsonNode> runs = lines(ledger).stream().filter(line -> line.has("results")).toList();
    List<JsonNode> streams =
        runs.stream().filter(line -> !line.path("stream").asText().equals("joint")).toList();
    assertThat(runs).hasSize(planned);
    assertThat(streams)
        .allSatisfy(
            line -> {
              assertThat(line.path("insight").path("forgetting")).hasSize(2);
              assertThat(line.path("insight").path("sharpness")).hasSize(2);
              assertThat(line.path("machine").path("device").asText()).isEqualTo("cpu");
            });
    assertThat(lines(ledger).stream().filter(line -> line.has("cka"))).hasSize(streams.size());
    try (Stream<Path> plots = Files.list(out.resolve("plots"))) {
      List<String> names = plots.map(plot -> plot.getFileName().toString()).toList();
      for (String part :
          List.of(
              "forgetting",
              "first-part",
              "cka-joint",
              "cka-chunks",
              "sharpness",
              "health",
              "loss-lines",
              "loss-plane",
              "path",
              "cost",
              "summary")) {
        assertThat(names).anyMatch(name -> name.startsWith(part));
      }
    }
    assertThat(Path.of(made.path("report").asText())).content().contains("knn, linear on own");
  }
}
