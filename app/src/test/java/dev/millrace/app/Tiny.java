package dev.millrace.app;

import dev.millrace.file.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Runs of a few dozen steps, with every part that has state. */
final class Tiny {
  private static final String[] SETTINGS = {
    "--width",
    "4",
    "--size",
    "32",
    "--batch",
    "32",
    "--epochs",
    "2",
    "--queue",
    "64",
    "--replay",
    "0.1",
    "--mas",
    "1",
    "--checkpoint-steps",
    "3",
    "--threads",
    "1",
    "--json"
  };

  private Tiny() {}

  /** Trained by the first test that asks. */
  private static final class Trained {
    static final Path RUN;
    static final Command.Ended ENDED;

    static {
      try {
        Path folder = Files.createTempDirectory("millrace-trained");
        RUN = folder.resolve("run");
        ENDED = Command.done(classStream(RUN));
        Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(folder)));
      } catch (Exception e) {
        throw new ExceptionInInitializerError(e);
      }
    }

    private static void delete(Path folder) {
      try (Stream<Path> files = Files.walk(folder)) {
        files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
      } catch (IOException e) {
        // The system's temporary folder is swept by the system.
      }
    }
  }

  /** A finished {@link #classStream}, one for all tests: to be read, not changed. */
  static Path trained() {
    return Trained.RUN;
  }

  /** How the command ended that trained it. */
  static Command.Ended trainedEnd() {
    return Trained.ENDED;
  }

  /** The same in a folder of one's own. */
  static Path trained(Path copy) throws IOException {
    copy(trained(), copy);
    return copy;
  }

  static void copy(Path folder, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(folder.relativize(file).toString()));
      }
    }
  }

  static String[] classStream(Path out) {
    return with(
        out, "--data", "generated:images=256,classes=4", "--stream", "class", "--chunks", "2");
  }

  /** One that takes minutes. */
  static String[] endless(Path out) {
    String[] args = with(out, "--data", "generated:images=256,classes=4");
    args[Arrays.asList(args).indexOf("--epochs") + 1] = "2000";
    return args;
  }

  static String set(int seed) {
    return "generated:images=128,classes=4,seed=" + seed;
  }

  static String[] given(Path out, String... sets) {
    return with(out, "--data", String.join(",", sets), "--stream", "given");
  }

  private static String[] with(Path out, String... more) {
    List<String> args = new ArrayList<>(List.of("pretrain", "--out", out.toString()));
    args.addAll(List.of(SETTINGS));
    args.addAll(List.of(more));
    return args.toArray(String[]::new);
  }

  static String sha256(Path run) throws IOException {
    return Sha256.of(run.resolve("encoder.safetensors"));
  }
}
