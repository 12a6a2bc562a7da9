package dev.millrace.exchange.embed;

import dev.millrace.refusal.UsageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * A format of files with vectors. Files are complete or absent, and equal rows give equal bytes.
 * Writers have no state; thread-safe.
 */
public interface VectorWriter {
  /** Rows to a file; what {@link #beside} names is written before it. */
  void write(Path file, Map<String, Object> about, Rows rows) throws IOException;

  /** The files that belong to a file of this format. */
  List<Path> beside(Path file);

  /** The formats by the endings of their files. */
  static Map<String, VectorWriter> formats() {
    return new TreeMap<>(
        Map.of(
            ".parquet",
            new ParquetWriter(),
            ".npy",
            new NpyWriter(),
            ".jsonl",
            new JsonLinesWriter()));
  }

  /**
   * The format that a file's ending names.
   *
   * @throws IllegalArgumentException if none does
   */
  static VectorWriter of(Path file) {
    String name = file.toString().toLowerCase(Locale.ROOT);
    return formats().entrySet().stream()
        .filter(format -> name.endsWith(format.getKey()))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElseThrow(
            () ->
                UsageException.of(
                    "--out",
                    "%s has none of the endings that name a format: %s"
                        .formatted(file, String.join(", ", formats().keySet()))));
  }

  /** A file's name with something behind it. */
  static Path behind(Path file, String more) {
    return file.resolveSibling(file.getFileName() + more);
  }
}
