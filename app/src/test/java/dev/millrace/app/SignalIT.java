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
 * A signal at a random moment of every command. {@code -Dmillrace.signals=10} sends SIGINT and
 * SIGTERM to each at ten moments, and has each succeed afterwards; {@code
 * -Dmillrace.signals.seed=N} chooses the moments.
 */
@Execution(ExecutionMode.CONCURRENT)
final class SignalIT {
  private static final int MOMENTS = Integer.getInteger("millrace.signals", 0);
  private static final String[] SIGNALS = {"INT", "TERM"};
  private static final long SEED = Long.getLong("millrace.signals.seed", System.nanoTime());
  private static final String SET = "generated:images=400,test=40,classes=4";

  @TempDir private static Path folder;

  private static Path run;

  /**
   * A command.
   *
   * @param name what is sent a signal
   * @param millis of its longest stretch of work, about
   * @param keeps whether it leaves something that the next call goes on with or sweeps
   * @param args by a path that nothing else uses
   * @param again what has to succeed after the signal, where that is not the same command
   */
  private record Case(
      String name,
      int millis,
      boolean keeps,
      Function<Path, String[]> args,
      Function<Path, String[]> again) {
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
            true,
            Tiny::classStream,
            out ->
                Files.exists(out.resolve("run.yaml"))
                    ? new String[] {"resume", out.toString()}
                    : Tiny.classStream(out)),
        new Case(
            "probe", 3000, false, out -> words("probe", own(out), "--task", "knn,linear"), same),
        new Case(
            "insight",
            4000,
            true,
            out ->
                words(
                    "insight",
                    own(out),
                    "--parts",
                    "sharpness,landscape",
                    "--sharpness-images",
                    "64",
                    "--threads",
                    "2"),
            // Less of it: only whether the run can still be looked into.
            out -> words("insight", out, "--parts", "health", "--threads", "1")),
        new Case(
            "embed",
            3000,
            true,
            out -> words("embed", run, "--data", SET, "--out", out + ".npy"),
            same),
        new Case(
            "export",
            3000,
            true,
            out -> words("export", run, "--format", "onnx", "--force", "--out", out + ".onnx"),
            same),
        new Case(
            "search",
            3000,
            true,
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
        new Case("data info", 1500, false, out -> words("data", "info", SET), same),
        new Case("doctor", 1500, false, out -> words("doctor"), same));
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
    for (int i = 0; i < Math.max(1, MOMENTS); i++) {
      // Both at once, each at a moment of its own; in the short form one of them.
      List<Signalled> sent = new ArrayList<>();
      int only = MOMENTS > 0 ? -1 : random.nextInt(SIGNALS.length);
      for (int s = 0; s < SIGNALS.length; s++) {
        int after = 300 + random.nextInt(command.millis());
        if (only < 0 || s == only) {
          Path out = folder.resolve(command.name().replace(' ', '-') + "-" + i + SIGNALS[s]);
          sent.add(new Signalled(command, SIGNALS[s], after, out));
        }
      }
      sent.sort(Comparator.comparingInt(Signalled::after));
      for (Signalled one : sent) {
        one.send();
      }
      for (Signalled one : sent) {
        last = one.endsSoundly() == 0 ? last : one.out();
      }
    }
    if (last != null && (command.keeps() || MOMENTS > 0)) {
      Function<Path, String[]> again = command.again() == null ? command.args() : command.again();
      Command.done(again.apply(last));
    }
  }

  /** A command that is sent a signal. */
  private static final class Signalled {
    /** The class that the command loads next once it listens to signals. */
    private static final String AFTER_LISTENING = "dev.millrace.terminal.PrintableStream ";

    private final String signal;
    private final int after;
    private final Path out;
    private final String what;
    private final Command running;
    private final Path classes;
    private final long began;
    private boolean listening;

    Signalled(Case command, String signal, int after, Path out) throws IOException {
      this.signal = signal;
      this.after = after;
      this.out = out;
      what = "%s, %s after %d ms, seed %d".formatted(command, signal, after, SEED);
      classes = out.resolveSibling(out.getFileName() + ".classes");
      began = System.nanoTime();
      running =
          Command.start(
              List.of(
                  "-XX:ErrorFile=" + folder.resolve("crash-%p.log"),
                  "-Xlog:class+load:file=" + classes),
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
      listening = Files.exists(classes) && Files.readString(classes).contains(AFTER_LISTENING);
      running.signal(signal);
    }

    /** Its exit code. */
    int endsSoundly() throws Exception {
      Command.Ended ended = running.await();
      if (ended.code() == 143) {
        // The JVM's own end, before the command listened, or had said or begun anything.
        assertThat(listening).as(what + ": it ended by itself though it listened").isFalse();
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
