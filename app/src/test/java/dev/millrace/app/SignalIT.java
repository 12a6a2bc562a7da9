package dev.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Signals at random moments of every command. {@code -Dmillrace.signals=10} sends ten of them to
 * each; {@code -Dmillrace.signals.seed=N} chooses the moments.
 */
@Execution(ExecutionMode.CONCURRENT)
final class SignalIT {
  private static final int MOMENTS = Integer.getInteger("millrace.signals", 1);
  private static final long SEED = Long.getLong("millrace.signals.seed", System.nanoTime());
  private static final String SET = "generated:images=400,test=40,classes=4";

  @TempDir private static Path folder;

  private static Path run;

  /**
   * A command.
   *
   * @param name what is sent a signal
   * @param millis of its longest stretch of work, about
   * @param args by a path that nothing else uses
   * @param again what has to succeed after the signal, where that is not the same command
   */
  private record Case(
      String name, int millis, Function<Path, String[]> args, Function<Path, String[]> again) {
    @Override
    public String toString() {
      return name;
    }
  }

  @BeforeAll
  static void trained() throws Exception {
    run = Tiny.trained();
  }

  static Stream<Case> commands() {
    Function<Path, String[]> same = null;
    return Stream.of(
        new Case(
            "pretrain",
            4000,
            Tiny::classStream,
            out ->
                Files.exists(out.resolve("run.yaml"))
                    ? new String[] {"resume", out.toString()}
                    : Tiny.classStream(out)),
        new Case("probe", 3000, out -> words("probe", own(out), "--task", "knn,linear"), same),
        new Case(
            "insight",
            4000,
            out -> words("insight", own(out), "--parts", "sharpness,landscape", "--threads", "2"),
            // Less of it: only whether the run can still be looked into.
            out -> words("insight", out, "--parts", "health", "--threads", "1")),
        new Case(
            "embed", 3000, out -> words("embed", run, "--data", SET, "--out", out + ".npy"), same),
        new Case(
            "export",
            3000,
            out -> words("export", run, "--format", "onnx", "--force", "--out", out + ".onnx"),
            same),
        new Case(
            "search",
            3000,
            out ->
                words(
                    "search",
                    run,
                    "--data",
                    SET,
                    "--index",
                    out,
                    "--measure-recall",
                    "20",
                    "--threads",
                    "2"),
            same),
        new Case("data info", 1500, out -> words("data", "info", SET), same),
        new Case("doctor", 1500, out -> words("doctor"), same));
  }

  /** A run that no other process works on. */
  private static Path own(Path out) {
    try {
      return Files.exists(out) ? out : Tiny.trained(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String[] words(Object... words) {
    return Arrays.stream(words).map(Object::toString).toArray(String[]::new);
  }

  @ParameterizedTest
  @MethodSource("commands")
  void aSignalEndsACommandWithoutACrashAndItSucceedsTheNextTime(Case command) throws Exception {
    Random random = new Random(SEED + command.name().hashCode());
    Path last = null;
    for (int i = 0; i < MOMENTS; i++) {
      // Both at once, each at a moment of its own.
      List<Signalled> both = new ArrayList<>();
      for (String signal : new String[] {"INT", "TERM"}) {
        Path out = folder.resolve(command.name().replace(' ', '-') + "-" + i + signal);
        int after = 300 + random.nextInt(command.millis());
        both.add(new Signalled(command, signal, after, out));
      }
      both.sort(Comparator.comparingInt(Signalled::after));
      for (Signalled one : both) {
        one.send();
      }
      for (Signalled one : both) {
        last = one.endsSoundly() == 0 ? last : one.out();
      }
    }
    if (last != null) {
      Function<Path, String[]> again = command.again() == null ? command.args() : command.again();
      Command.done(again.apply(last));
    }
  }

  /** A command that is sent a signal. */
  private static final class Signalled {
    private final String signal;
    private final int after;
    private final Path out;
    private final String what;
    private final Command running;
    private final long began;

    Signalled(Case command, String signal, int after, Path out) throws IOException {
      this.signal = signal;
      this.after = after;
      this.out = out;
      what = "%s, %s after %d ms, seed %d".formatted(command, signal, after, SEED);
      began = System.nanoTime();
      running =
          Command.start(
              List.of("-XX:ErrorFile=" + folder.resolve("crash-%p.log")),
              "dev.millrace.app.Main",
              command.args().apply(out));
    }

    int after() {
      return after;
    }

    Path out() {
      return out;
    }

    void send() throws Exception {
      Thread.sleep(Math.max(0, after - (System.nanoTime() - began) / 1_000_000));
      running.signal(signal);
    }

    /** Its exit code. */
    int endsSoundly() throws Exception {
      Command.Ended ended = running.await();
      if (ended.code() == 143) {
        // The JVM's own end, before the command had said or begun anything.
        assertThat(ended.err()).as(what).isEmpty();
      } else {
        // A shell may have started us with the keyboard's signal ignored: then it runs through.
        assertThat(ended.code()).as(what + ": " + ended.err()).isIn(130, 0);
      }
      assertThat(crashes()).as(what).isEmpty();
      return ended.code();
    }
  }

  private static List<Path> crashes() throws IOException {
    List<Path> all = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      files.filter(file -> file.getFileName().toString().startsWith("crash-")).forEach(all::add);
    }
    return all;
  }
}
