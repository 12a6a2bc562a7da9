package dev.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class KillIT {
  @TempDir private Path folder;

  @Test
  void aRunKilledAtFourPointsAndResumedEqualsOneNeverKilled() throws Exception {
    Path whole = Tiny.trained();
    Path killed = folder.resolve("killed");
    Path metrics = killed.resolve("metrics.jsonl");

    // In the middle of chunk 0, between two checkpoints.
    killAt(Command.start(Tiny.classStream(killed)), () -> Command.lines(metrics) >= 4);
    // While a checkpoint is being written: its file is there, its record is not.
    FileTime now = FileTime.from(Instant.now());
    killAt(resume(killed), () -> writing(killed.resolve("checkpoints"), now));
    // Between the chunks: the encoder is published; and remedies have taken the chunk in, too.
    Path first = killed.resolve("chunks").resolve("0");
    killAt(resume(killed), () -> Files.exists(first.resolve("encoder.safetensors")));
    killAt(resume(killed), () -> Files.exists(first.resolve("trunk")));
    assertThat(killed.resolve("encoder.safetensors")).doesNotExist();

    Command.Ended ended = Command.done("resume", killed.toString(), "--json");
    assertThat(Tiny.sha256(killed)).isEqualTo(Tiny.sha256(whole));
    assertThat(ended.json().path("encoder_sha256").asText()).isEqualTo(Tiny.sha256(whole));
    assertThat(Command.lines(metrics)).isEqualTo(Command.lines(whole.resolve("metrics.jsonl")));
  }

  @Test
  void aRunKilledInABranchAndBeforeItsTrunkGoesOnEqualsOneNeverKilled() throws Exception {
    Path whole = folder.resolve("whole");
    Path killed = folder.resolve("killed");
    Command.done(endless(whole));
    Path metrics = killed.resolve("metrics.jsonl");
    // In the branch of chunk 0.
    killAt(Command.start(endless(killed)), () -> contains(metrics, "\"part\":\"branch\""));
    // Its encoder is written, and the trunk has its last steps to make.
    Path first = killed.resolve("chunks").resolve("0").resolve("encoder.safetensors");
    killAt(resume(killed), () -> Files.exists(first));
    Command.done("resume", killed.toString(), "--json");
    assertThat(Tiny.sha256(killed)).isEqualTo(Tiny.sha256(whole));
    assertThat(Command.lines(metrics)).isEqualTo(Command.lines(whole.resolve("metrics.jsonl")));
  }

  private static String[] endless(Path run) {
    String[] words = Tiny.classStream(run);
    String[] all = Arrays.copyOf(words, words.length + 4);
    String[] branch = {"--publish", "branch", "--decay", "0.5"};
    System.arraycopy(branch, 0, all, words.length, branch.length);
    return all;
  }

  private static boolean contains(Path file, String text) {
    try {
      return Files.readString(file).contains(text);
    } catch (IOException e) {
      return false; // not there yet
    }
  }

  @Test
  void resumeOfAFinishedRunPrintsTheSameJson() throws Exception {
    Command.Ended again = Command.done("resume", Tiny.trained().toString(), "--json");
    assertThat(again.json()).isEqualTo(Tiny.trainedEnd().json());
  }

  private static Command resume(Path run) throws IOException {
    return Command.start("resume", run.toString(), "--json");
  }

  private static void killAt(Command command, BooleanSupplier point) throws Exception {
    assertThat(command.reaches(point)).as("the process is alive at the point of the kill").isTrue();
    command.kill();
    assertThat(command.await().code()).isEqualTo(137);
  }

  /** Whether a file is there that no complete checkpoint owns, and no earlier kill left. */
  private static boolean writing(Path checkpoints, FileTime since) {
    try (Stream<Path> files = Files.list(checkpoints)) {
      return files
          .filter(file -> modified(file).compareTo(since) > 0)
          .map(file -> file.getFileName().toString())
          .filter(name -> !name.endsWith(".json"))
          .anyMatch(
              name ->
                  !name.endsWith(".safetensors")
                      || !Files.exists(checkpoints.resolve(name.replace(".safetensors", ".json"))));
    } catch (IOException | UncheckedIOException e) {
      return false; // not there yet, or changing under our eyes: look again
    }
  }

  private static FileTime modified(Path file) {
    try {
      return Files.getLastModifiedTime(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
