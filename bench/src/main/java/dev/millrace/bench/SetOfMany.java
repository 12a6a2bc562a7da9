package dev.millrace.bench;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/**
 * Writes a file of many small pictures for trials of large sets: JPEGs of 32×32, of which 2 000
 * differ, in 1 000 classes; as a tar of a folder a class, of a tar a class, or as WebDataset has
 * it, or as Parquet with an image column, not compressed, as data hubs have it.
 *
 * <p>{@code bench/run dev.millrace.bench.SetOfMany FILE COUNT folders|tars|webdataset|parquet
 * [FIRST]}
 */
public final class SetOfMany {
  private static final int DIFFERENT = 2000;
  private static final int CLASSES = 1000;
  private static final int SIDE = 32;

  private final byte[][] pictures = new byte[DIFFERENT][];
  private final int first;
  private final int count;

  private SetOfMany(int first, int count) throws IOException {
    this.first = first;
    this.count = count;
    for (int p = 0; p < DIFFERENT; p++) {
      pictures[p] = JpegFolder.bytes(p, SIDE, SIDE);
    }
  }

  /** Writes it. */
  public static void main(String[] args) throws IOException, SQLException {
    if (args.length < 3 || !args[2].matches("folders|tars|webdataset|parquet")) {
      System.err.println("expected: FILE COUNT folders|tars|webdataset|parquet [FIRST]");
      System.exit(2);
    }
    int first = args.length > 3 ? Integer.parseInt(args[3]) : 0;
    SetOfMany set = new SetOfMany(first, Integer.parseInt(args[1]));
    Path file = Path.of(args[0]);
    if (args[2].equals("parquet")) {
      set.parquet(file);
      return;
    }
    try (TarArchiveOutputStream tar =
        new TarArchiveOutputStream(new BufferedOutputStream(Files.newOutputStream(file)))) {
      switch (args[2]) {
        case "folders" -> set.folders(tar);
        case "tars" -> set.tars(tar);
        default -> set.webDataset(tar);
      }
    }
  }

  private byte[] picture(int i) {
    return pictures[i % DIFFERENT];
  }

  private void folders(TarArchiveOutputStream tar) throws IOException {
    for (int i = first; i < first + count; i++) {
      put(tar, "class%03d/%08d.jpg".formatted(i % CLASSES, i), picture(i));
    }
  }

  private void tars(TarArchiveOutputStream tar) throws IOException {
    for (int label = 0; label < CLASSES; label++) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try (TarArchiveOutputStream inside = new TarArchiveOutputStream(bytes)) {
        for (int i = first; i < first + count; i++) {
          if (i % CLASSES == label) {
            put(inside, "%08d.jpg".formatted(i), picture(i));
          }
        }
      }
      put(tar, "n%08d.tar".formatted(label), bytes.toByteArray());
    }
  }

  private void webDataset(TarArchiveOutputStream tar) throws IOException {
    for (int i = first; i < first + count; i++) {
      put(tar, "%08d.jpg".formatted(i), picture(i));
      byte[] label = Integer.toString(i % CLASSES).getBytes(StandardCharsets.US_ASCII);
      put(tar, "%08d.cls".formatted(i), label);
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

  /** A number behind each picture's end keeps them from being written as a dictionary. */
  private void parquet(Path file) throws SQLException {
    try (Connection duck = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = duck.createStatement()) {
      statement.execute("CREATE TABLE pictures (number INTEGER, bytes BLOB)");
      try (PreparedStatement row = duck.prepareStatement("INSERT INTO pictures VALUES (?, ?)")) {
        for (int p = 0; p < DIFFERENT; p++) {
          row.setInt(1, p);
          row.setBytes(2, pictures[p]);
          row.execute();
        }
      }
      statement.execute(
          """
          COPY (SELECT struct_pack(bytes := bytes || encode(printf('%%08d', i)),
                                   path := printf('%%08d.jpg', i)) AS image,
                       CAST(i %% %d AS BIGINT) AS label
                FROM range(%d, %d) numbers(i) JOIN pictures ON number = i %% %d ORDER BY i)
          TO '%s' (FORMAT parquet, COMPRESSION uncompressed)"""
              .formatted(
                  CLASSES, first, first + count, DIFFERENT, file.toString().replace("'", "''")));
    }
  }
}
