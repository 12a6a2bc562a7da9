package dev.millrace.app;

import dev.millrace.file.Sha256;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

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

  static String[] classStream(Path out) {
    return with(
        out, "--data", "generated:images=256,classes=4", "--stream", "class", "--chunks", "2");
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
