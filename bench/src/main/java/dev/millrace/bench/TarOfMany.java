package dev.millrace.bench;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/**
 * Writes a tar of many small pictures for trials of large sets: JPEGs of 32×32, of which 2 000
 * differ, in 1 000 classes.
 *
 * <p>{@code bench/run dev.millrace.bench.TarOfMany FILE COUNT folders|webdataset [FIRST]}
 */
public final class TarOfMany {
  private static final int DIFFERENT = 2000;
  private static final int CLASSES = 1000;
  private static final int SIDE = 32;

  private TarOfMany() {}

  /** Writes it. */
  public static void main(String[] args) throws IOException {
    if (args.length < 3 || !args[2].matches("folders|webdataset")) {
      System.err.println("expected: FILE COUNT folders|webdataset [FIRST]");
      System.exit(2);
    }
    int first = args.length > 3 ? Integer.parseInt(args[3]) : 0;
    write(Path.of(args[0]), first, Integer.parseInt(args[1]), args[2].equals("folders"));
  }

  private static void write(Path file, int first, int count, boolean folders) throws IOException {
    byte[][] pictures = new byte[DIFFERENT][];
    for (int p = 0; p < DIFFERENT; p++) {
      pictures[p] = JpegFolder.bytes(p, SIDE, SIDE);
    }
    try (TarArchiveOutputStream tar =
        new TarArchiveOutputStream(new BufferedOutputStream(Files.newOutputStream(file)))) {
      for (int i = first; i < first + count; i++) {
        byte[] picture = pictures[i % DIFFERENT];
        int label = i % CLASSES;
        if (folders) {
          put(tar, "class%03d/%08d.jpg".formatted(label, i), picture);
        } else {
          put(tar, "%08d.jpg".formatted(i), picture);
          put(tar, "%08d.cls".formatted(i), ("" + label).getBytes(StandardCharsets.US_ASCII));
        }
      }
    }
  }

  private static void put(TarArchiveOutputStream tar, String name, byte[] bytes)
      throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(name);
    entry.setSize(bytes.length);
    tar.putArchiveEntry(entry);
    tar.write(bytes);
    tar.closeArchiveEntry();
  }
}
