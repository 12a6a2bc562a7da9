package dev.millrace.cluster;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/** Whole lines of a file that another process appends to, each once. Not thread-safe. */
final class LogLines {
  private final Path file;
  private long read;

  LogLines(Path file) {
    this.file = file;
  }

  /** Hands on what came since. */
  void pass(Consumer<String> lines) throws IOException {
    if (!Files.exists(file)) {
      return;
    }
    byte[] bytes;
    try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "r")) {
      bytes = new byte[(int) Math.max(0, out.length() - read)];
      out.seek(read);
      out.readFully(bytes);
    }
    int from = 0;
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '\n') {
        lines.accept(new String(bytes, from, i - from, StandardCharsets.UTF_8));
        from = i + 1;
      }
    }
    read += from;
  }
}
