package dev.millrace.learn.run;

import static dev.millrace.learn.run.TinyRuns.set;
import static dev.millrace.learn.run.TinyRuns.tiny;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.millrace.engine.Device;
import dev.millrace.engine.Safetensors;
import dev.millrace.file.ShellWords;
import dev.millrace.recipe.Extension;
import dev.millrace.recipe.Millrace;
import dev.millrace.recipe.Settings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Small chunks and bad pictures of later chunks: a run goes on, and each advice works. */
class GoingOnTest {
  private static final String SMALL = "generated:images=20;test=8;classes=4;size=16";

  @TempDir Path folder;

  /** Pictures of 80 × 80, too large to be seen whole before the run. */
  private void pictures(String name, int count) throws IOException {
    for (int i = 0; i < count; i++) {
      picture(name, i);
    }
  }

  private Path file(String name, int i) {
    return folder.resolve("data/%s/c/%02d.ppm".formatted(name, i));
  }

  private void picture(String name, int i) throws IOException {
    byte[] head = "P6 80 80 255\n".getBytes(StandardCharsets.US_ASCII);
    byte[] bytes = Arrays.copyOf(head, head.length + 3 * 80 * 80);
    for (int at = head.length; at < bytes.length; at++) {
      bytes[at] = (byte) (at * (i + 3) + name.length());
    }
    Files.createDirectories(file(name, i).getParent());
    Files.write(file(name, i), bytes);
  }

  /** Only decoding it finds that half of the pixels are not there. */
  private void cut(String name, int i) throws IOException {
    picture(name, i);
    Files.write(file(name, i), Arrays.copyOf(Files.readAllBytes(file(name, i)), 17_000));
  }

  private Settings given(String... names) {
    String[] data =
        Arrays.stream(names)
            .map(n -> folder.resolve("data/" + n).toString())
            .toArray(String[]::new);
    return tiny(data).with(Map.of("stream", "given", "batch", 8));
  }

  private Millrace.Outcome resume(Path run) throws IOException {
    return Millrace.resume(run, event -> {}, () -> false);
  }

  /** The --max-bad that a refusal proposes. */
  private static double proposed(Throwable refusal) {
    Matcher flag = Pattern.compile("add --max-bad ([0-9.]+)").matcher(refusal.getMessage());
    assertThat(flag.find()).as(refusal.getMessage()).isTrue();
    return Double.parseDouble(flag.group(1));
  }

  @Test
  void aChunkSmallerThanABatchIsOneStepPerEpochAndResumesToTheSameBits() throws IOException {
    Settings settings =
        tiny(set(1), SMALL, set(2)).with(Map.of("stream", "given", "checkpoint-steps", 1));
    Millrace.Outcome whole = Millrace.pretrain(settings, folder.resolve("whole"));
    assertThat(whole.steps()).isEqualTo(2 * (2 + 1 + 2));
    assertThat(whole.imagePasses()).isEqualTo(2 * (64 + 20 + 64));
    for (int steps : List.of(1, 3)) {
      Path run = folder.resolve("stopped" + steps);
      StopAfter stop = new StopAfter(steps);
      Millrace.Outcome now = Millrace.pretrain(settings, run, stop, stop);
      while (now.stopped()) {
        stop.again();
        now = Millrace.resume(run, stop, stop);
      }
      assertThat(now.encoderSha256()).isEqualTo(whole.encoderSha256());
    }
  }

  @Test
  void anExtensionSmallerThanABatchEqualsOneRunOverTheLongerStream() throws IOException {
    Settings longer = tiny(set(1), SMALL).with("stream", "given");
    Millrace.Outcome whole = Millrace.pretrain(longer, folder.resolve("whole"));
    Path run = folder.resolve("run");
    Millrace.pretrain(tiny(set(1)).with("stream", "given"), run);
    assertThat(Millrace.extend(run, SMALL, event -> {}, () -> false).encoderSha256())
        .isEqualTo(whole.encoderSha256());
  }

  @Test
  void aSmallChunkMakesFewerPartsOfItsBatch() throws IOException {
    String five = "generated:images=5;test=8;classes=2;size=16";
    Settings settings = tiny(set(1), five).with(Map.of("stream", "given", "bn-splits", 4));
    assertThat(Millrace.pretrain(settings, folder.resolve("run")).steps()).isEqualTo(2 * (2 + 1));
  }

  @Test
  void whatIsOfTheFirstChunkIsOfTheFirstThatIsLearnedWhereThatIsNotTheStreamsFirst()
      throws IOException {
    pictures("first", 2);
    pictures("second", 16);
    cut("first", 1);
    Map<String, Object> dino =
        Map.of(
            "method",
            "dino",
            "prototypes",
            32,
            "teacher-warmup",
            2,
            "teacher-start",
            0.01,
            "max-bad",
            0.5);
    Path run = folder.resolve("run");
    StopAfter one = new StopAfter(1);
    Millrace.pretrain(given("first", "second").with(dino), run, one, one);
    assertThat(temperature(run)).as("of the teacher, whose rise begins").isEqualTo(0.01);
    StopAfter epoch = new StopAfter(2);
    Millrace.resume(run, epoch, epoch);
    assertThat(temperature(run)).isGreaterThan(0.01);
  }

  private static double temperature(Path run) throws IOException {
    Path newest;
    try (Stream<Path> files = Files.list(run.resolve("checkpoints"))) {
      newest =
          files
              .filter(file -> file.toString().endsWith(".safetensors"))
              .max(Comparator.naturalOrder())
              .orElseThrow();
    }
    try (PointerScope scope = new PointerScope()) {
      return Safetensors.read(newest, new Device("cpu")).tensors().entrySet().stream()
          .filter(entry -> entry.getKey().endsWith("teacher.temperature"))
          .mapToDouble(entry -> entry.getValue().item_double())
          .findFirst()
          .orElseThrow();
    }
  }

  @Test
  void aChunkOfOneGoodPictureIsSkippedByNameAndTheRunGoesOn() throws IOException {
    pictures("first", 16);
    pictures("second", 2);
    pictures("third", 16);
    cut("second", 1);
    Settings settings = given("first", "second", "third").with("max-bad", 0.5);
    List<RunEvent.ChunkSkipped> skipped = new ArrayList<>();
    Path run = folder.resolve("run");
    Millrace.Outcome whole =
        Millrace.pretrain(
            settings,
            run,
            event -> {
              if (event instanceof RunEvent.ChunkSkipped one) {
                skipped.add(one);
              }
            },
            () -> false);
    assertThat(skipped).singleElement().extracting(e -> e.chunk().name()).isEqualTo("second");
    assertThat(whole.steps()).isEqualTo(2 * (2 + 2));
    assertThat(run.resolve("quarantine.jsonl"))
        .content()
        .hasLineCount(2)
        .contains("\"chunk\":1,\"skipped\":\"second\"")
        .contains("1 good pictures, and a step needs 2");
    assertThat(run.resolve("chunks/1/encoder.safetensors"))
        .hasSameBinaryContentAs(run.resolve("chunks/0/encoder.safetensors"));
    Path stopped = folder.resolve("stopped");
    StopAfter four = new StopAfter(4);
    Millrace.Outcome now = Millrace.pretrain(settings, stopped, four, four);
    assertThat(now.stopped()).isTrue();
    assertThat(resume(stopped).encoderSha256()).isEqualTo(whole.encoderSha256());
  }

  @Test
  void whatIsSeenOfALaterChunkIsRefusedBeforeTheRunHasAFolder() throws IOException {
    pictures("first", 16);
    pictures("second", 16);
    Files.write(file("second", 3), new byte[0]);
    Path run = folder.resolve("run");
    Throwable refusal = catchThrowable(() -> Millrace.pretrain(given("first", "second"), run));
    assertThat(refusal)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1 of the 16 pictures of chunk 2 (second)")
        .hasMessageContaining("03.ppm")
        .hasMessageContaining("run the same command");
    assertThat(run).doesNotExist();
    Settings allowed = given("first", "second").with("max-bad", proposed(refusal));
    assertThat(Millrace.pretrain(allowed, folder.resolve("allowed")).steps()).isEqualTo(2 * 3);
    Files.delete(file("second", 3));
    assertThat(Millrace.pretrain(given("first", "second"), run).steps()).isEqualTo(2 * 3);
  }

  @Test
  void removingWhatALaterChunkRefusesIsNoChangeOfData() throws IOException {
    Path run = refusedAtItsSecondChunk();
    Files.delete(file("second", 3));
    assertThat(resume(run).steps()).isEqualTo(2 * 3);
    assertThat(resume(run).stopped()).isFalse();
  }

  @Test
  void mendingWhatALaterChunkRefusesIsNoChangeOfData() throws IOException {
    Path run = refusedAtItsSecondChunk();
    picture("second", 3);
    assertThat(resume(run).steps()).isEqualTo(2 * 4);
  }

  @Test
  void theLimitThatARefusalProposesLetsTheRunGoOn() throws IOException {
    Path run = refusedAtItsSecondChunk();
    Throwable refusal = catchThrowable(() -> resume(run));
    double share = proposed(refusal);
    assertThatThrownBy(() -> Millrace.resume(run, 0.001, event -> {}, () -> false))
        .hasMessageContaining("--max-bad 0.001 is below the 0.01 that the run allows");
    Millrace.Outcome outcome = Millrace.resume(run, share, event -> {}, () -> false);
    assertThat(outcome.steps()).isEqualTo(2 * 3);
    assertThat(run.resolve("run.yaml")).content().contains("raised-max-bad: " + share);
    assertThat(resume(run)).isEqualTo(outcome);
  }

  @Test
  void removingAGoodPictureIsAChangeOfData() throws IOException {
    Path run = refusedAtItsSecondChunk();
    Files.delete(file("second", 3));
    Files.delete(file("second", 4));
    assertThatThrownBy(() -> resume(run))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("chunk 2 (second) changed since the run began")
        .hasMessageContaining("no longer there: c/04.ppm;");
  }

  private Path refusedAtItsSecondChunk() throws IOException {
    pictures("first", 16);
    pictures("second", 16);
    cut("second", 3);
    Path run = folder.resolve("run");
    assertThatThrownBy(() -> Millrace.pretrain(given("first", "second"), run))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1 of the 16 pictures of chunk 2 (second)")
        .hasMessageContaining("run " + ShellWords.resume(run));
    return run;
  }

  @Test
  void removingAQuarantinedPictureWhileItsChunkIsLearnedChangesNothing() throws IOException {
    pictures("first", 16);
    pictures("second", 16);
    cut("second", 3);
    Settings settings = given("first", "second").with("max-bad", 0.1);
    Millrace.Outcome whole = Millrace.pretrain(settings, folder.resolve("whole"));
    Path run = folder.resolve("stopped");
    StopAfter five = new StopAfter(5);
    assertThat(Millrace.pretrain(settings, run, five, five).stopped()).isTrue();
    Files.delete(file("second", 3));
    assertThat(resume(run).encoderSha256()).isEqualTo(whole.encoderSha256());
  }

  @Test
  void anExtensionRefusedForABadPictureGoesOnAsItsRefusalSays() throws IOException {
    pictures("first", 16);
    pictures("second", 16);
    cut("second", 3);
    String set = folder.resolve("data/second").toString();
    Path removed = folder.resolve("removed");
    Path raised = folder.resolve("raised");
    Millrace.pretrain(given("first"), removed);
    Millrace.pretrain(given("first"), raised);
    Throwable refusal =
        catchThrowable(() -> Millrace.extend(raised, set, event -> {}, () -> false));
    assertThat(refusal).hasMessageContaining("run the same `millrace extend`");
    assertThatThrownBy(() -> Millrace.extend(removed, set, event -> {}, () -> false))
        .hasMessage(refusal.getMessage().replace(raised.toString(), removed.toString()));
    double share = proposed(refusal);
    assertThat(
            Millrace.extend(raised, Extension.of(set).withMaxBad(share), event -> {}, () -> false)
                .chunks())
        .isEqualTo(2);
    Files.delete(file("second", 3));
    assertThat(Millrace.extend(removed, set, event -> {}, () -> false).chunks()).isEqualTo(2);
  }

  @Test
  void aStopIsHeededBeforeTheDataOfARunThatGoesOnIsListed() throws IOException {
    pictures("first", 8);
    pictures("second", 8);
    Path run = folder.resolve("run");
    boolean[] stop = new boolean[1];
    Millrace.Outcome stopped =
        Millrace.pretrain(
            given("first", "second"),
            run,
            event -> stop[0] |= event instanceof RunEvent.ChunkLearned,
            () -> stop[0]);
    assertThat(stopped.stopped()).isTrue();
    Files.move(folder.resolve("data/second"), folder.resolve("elsewhere"));
    Millrace.Outcome again = Millrace.resume(run, event -> {}, () -> true);
    assertThat(again.stopped()).isTrue();
    assertThat(again.steps()).isEqualTo(stopped.steps());
    assertThatThrownBy(() -> resume(run)).hasMessageContaining("second");
    Files.move(folder.resolve("elsewhere"), folder.resolve("data/second"));
    assertThat(resume(run).stopped()).isFalse();
  }

  @Test
  void aStopIsHeededBeforeTheDataThatATrunkNeedsIsListed() throws IOException {
    pictures("first", 8);
    pictures("second", 8);
    Path run = folder.resolve("run");
    Millrace.pretrain(given("first").with("publish", "branch"), run);
    Files.move(folder.resolve("data/first"), folder.resolve("elsewhere"));
    String second = folder.resolve("data/second").toString();
    assertThatThrownBy(() -> Millrace.extend(run, second, event -> {}, () -> true))
        .isInstanceOf(CancellationException.class);
    assertThatThrownBy(() -> Millrace.extend(run, second, event -> {}, () -> false))
        .hasMessageContaining("cannot be extended without the data of");
  }
}
