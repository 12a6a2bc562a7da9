package dev.millrace.learn.run;

import dev.millrace.recipe.Settings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;

/** Runs of seconds: settings, data and a look into their folders. */
final class TinyRuns {
  static final String SET = "generated:images=128;test=32;classes=4;size=16";

  private TinyRuns() {}

  static Settings tiny(String... data) {
    return Settings.defaults(data)
        .with(
            Map.of(
                "width",
                4,
                "size",
                16,
                "epochs",
                2,
                "batch",
                32,
                "queue",
                64,
                "replay",
                0.25,
                "mas",
                1,
                "threads",
                1,
                "checkpoint-steps",
                3));
  }

  static Settings classStream() {
    return tiny(SET).with(Map.of("stream", "class", "chunks", 2));
  }

  static String set(int seed) {
    return "generated:images=64;test=8;classes=4;size=16;seed=" + seed;
  }

  static Path only(Path folder, String suffix) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(f -> f.toString().endsWith(suffix)).findFirst().orElseThrow();
    }
  }

  /** 64 pictures of two classes. */
  static void pictures(Path data) throws IOException {
    for (int i = 0; i < 64; i++) {
      Path file = data.resolve("train/" + (i % 2 == 0 ? "a" : "b") + "/" + i + ".ppm");
      Files.createDirectories(file.getParent());
      byte[] head = "P6 16 16 255\n".getBytes(StandardCharsets.US_ASCII);
      byte[] bytes = java.util.Arrays.copyOf(head, head.length + 768);
      for (int at = head.length; at < bytes.length; at++) {
        bytes[at] = (byte) (at * (i + 3));
      }
      Files.write(file, bytes);
    }
  }
}
