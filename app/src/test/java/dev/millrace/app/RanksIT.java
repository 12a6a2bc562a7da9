package dev.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RanksIT {
  private static final long WITHIN_SECONDS = 10;

  private static final long SILENCE_SECONDS = 30;

  @TempDir private Path folder;

  @Test
  void ranksKilledOneOrAllAndResumedEqualRanksNeverKilled() throws Exception {
    Path whole = folder.resolve("whole");
    Command.Ended ended = Command.done(twoRanks(whole));
    assertThat(ended.json().path("ranks").asInt()).isEqualTo(2);
    Path killed = folder.resolve("killed");
    Path metrics = killed.resolve("metrics.jsonl");

    // One rank: all end, and say which it was.
    Command command = Command.start(twoRanks(killed));
    assertThat(command.reaches(() -> Command.lines(metrics) >= 5)).isTrue();
    only(command).destroyForcibly();
    long at = System.nanoTime();
    ended = command.await();
    assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - at)).isLessThan(WITHIN_SECONDS);
    assertThat(ended.code()).isEqualTo(1);
    assertThat(ended.err()).contains("rank 1 was killed (signal 9)").contains("resume " + killed);

    // The first rank: the other ends with it.
    Command resumed = Command.start("resume", killed.toString(), "--json");
    assertThat(resumed.reaches(() -> Command.lines(metrics) >= 12)).isTrue();
    ProcessHandle other = only(resumed);
    resumed.kill();
    other.onExit().get(WITHIN_SECONDS, TimeUnit.SECONDS);

    // A signal to any rank stops all at a checkpoint.
    Command stopped = Command.start("resume", killed.toString(), "--json");
    assertThat(stopped.reaches(() -> Command.lines(metrics) >= 20)).isTrue();
    only(stopped).destroy();
    ended = stopped.await();
    assertThat(ended.code()).isEqualTo(130);
    assertThat(ended.json().path("stopped").asBoolean()).isTrue();

    ended = Command.done("resume", killed.toString(), "--json");
    assertThat(ended.json().path("ranks").asInt()).isEqualTo(2);
    assertThat(Tiny.sha256(killed)).isEqualTo(Tiny.sha256(whole));
    assertThat(Command.lines(metrics)).isEqualTo(Command.lines(whole.resolve("metrics.jsonl")));

    // With a retry nobody need resume.
    Path retried = folder.resolve("retried");
    Path lines = retried.resolve("metrics.jsonl");
    command = Command.start(with(twoRanks(retried), "--retries", "1"));
    assertThat(command.reaches(() -> Command.lines(lines) >= 5)).isTrue();
    // Whichever it is: the first, and another.
    ProcessHandle first = only(command);
    other = only(first);
    first.destroyForcibly();
    other.onExit().get(WITHIN_SECONDS, TimeUnit.SECONDS);
    assertThat(command.reaches(() -> Command.lines(lines) >= 12)).isTrue();
    only(only(command)).destroyForcibly();
    ended = command.await();
    assertThat(ended.code()).as(ended.err()).isZero();
    assertThat(ended.json().path("ranks").asInt()).isEqualTo(2);
    assertThat(ended.err())
        .contains("rank 0 was killed (signal 9)", "rank 1 was killed (signal 9)")
        .contains("going on from the last checkpoint (1 of 1)");
    assertThat(Tiny.sha256(retried)).isEqualTo(Tiny.sha256(whole));
    assertThat(Command.lines(lines)).isEqualTo(Command.lines(whole.resolve("metrics.jsonl")));
  }

  @Test
  void aLiveRunLearnsItsChunksWithRanks() throws Exception {
    Path incoming = Files.createDirectory(folder.resolve("incoming"));
    for (int i = 0; i < 64; i++) {
      byte[] head = "P6 32 32 255\n".getBytes(StandardCharsets.US_ASCII);
      byte[] picture = Arrays.copyOf(head, head.length + 32 * 32 * 3);
      for (int at = head.length; at < picture.length; at++) {
        picture[at] = (byte) (at * (i + 1) / 7 + i * 31);
      }
      Files.write(incoming.resolve(i + ".ppm"), picture);
    }
    String line =
        "--close count=32 --near off --judge none --until-idle --width 4 --size 32 --epochs 2 --batch 16 --queue 16 --threads 2 --ranks 2 --json";
    List<String> args = new ArrayList<>(List.of("live", folder.resolve("live").toString()));
    args.addAll(List.of("--source", "folder:" + incoming + ";settle=0s"));
    args.addAll(List.of(line.split(" ")));
    Command command = Command.start(args.toArray(String[]::new));
    assertThat(
            command.reaches(
                () -> command.children().stream().anyMatch(c -> c.children().count() > 0)))
        .isTrue(); // the learner, and its other rank
    Command.Ended ended = command.await();
    assertThat(ended.code()).as(ended.err()).isZero();
    assertThat(ended.json().path("chunks_learned").asInt()).isEqualTo(2);
    assertThat(ended.json().path("serving").asInt()).isEqualTo(2);
  }

  @Test
  void whoPipesTheResultReadsOneLineOfJson() throws Exception {
    List<String> line = CommandJvm.line(List.of(), "dev.millrace.app.Main");
    line.addAll(List.of(twoRanks(folder.resolve("piped"))));
    Process process =
        new ProcessBuilder(line).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isZero();
    assertThat(out.strip()).startsWith("{").doesNotContain("\n"); // nothing of Gloo's
  }

  @Test
  void aRankThatHangsIsNamedAndEndedAndTheOthersWithIt() throws Exception {
    Path run = folder.resolve("run");
    String[] args = twoRanks(run);
    args[Arrays.asList(args).indexOf("--epochs") + 1] = "400";
    Command command = Command.start(args);
    Path metrics = run.resolve("metrics.jsonl");
    assertThat(command.reaches(() -> Command.lines(metrics) >= 5)).isTrue();
    ProcessHandle rank = only(command);
    new ProcessBuilder("kill", "-STOP", "" + rank.pid()).start().waitFor();
    long at = System.nanoTime();
    Command.Ended ended = command.await();
    long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - at);
    assertThat(seconds).isBetween(SILENCE_SECONDS - 5, SILENCE_SECONDS + WITHIN_SECONDS);
    assertThat(ended.code()).isEqualTo(1);
    assertThat(ended.err())
        .contains("rank 1 was not heard of for 30 s and was ended")
        .contains("resume " + run);
    assertThat(rank.isAlive()).isFalse();
  }

  @Test
  void aFirstRankThatHangsIsEndedAndTheRunGoesOn() throws Exception {
    Path run = folder.resolve("run");
    Command command = Command.start(with(twoRanks(run), "--retries", "1"));
    Path metrics = run.resolve("metrics.jsonl");
    assertThat(command.reaches(() -> Command.lines(metrics) >= 5)).isTrue();
    ProcessHandle first = only(command);
    ProcessHandle other = only(first);
    new ProcessBuilder("kill", "-STOP", "" + first.pid()).start().waitFor();
    Command.Ended ended = command.await();
    assertThat(ended.code()).as(ended.err()).isZero();
    assertThat(ended.json().path("ranks").asInt()).isEqualTo(2);
    assertThat(ended.out().strip()).as("nothing of heartbeats").doesNotContain("\n");
    assertThat(ended.err())
        .contains("rank 0 was not heard of for 30 s and was ended")
        .contains("going on from the last checkpoint (1 of 1)");
    assertThat(other.isAlive()).isFalse();
  }

  private static ProcessHandle only(Command command) {
    return only(command.children());
  }

  private static ProcessHandle only(ProcessHandle process) {
    return only(process.children().toList());
  }

  private static ProcessHandle only(List<ProcessHandle> children) {
    assertThat(children).hasSize(1);
    return children.get(0);
  }

  private static String[] twoRanks(Path out) {
    String[] args = with(Tiny.classStream(out), "--ranks", "2");
    args[Arrays.asList(args).indexOf("--epochs") + 1] = "8";
    return args;
  }

  private static String[] with(String[] args, String... more) {
    String[] all = Arrays.copyOf(args, args.length + more.length);
    System.arraycopy(more, 0, all, args.length, more.length);
    return all;
  }
}
