package dev.millrace.stream.source;

import dev.millrace.file.Padded;
import dev.millrace.file.Reason;
import dev.millrace.stream.Image;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.GZIPInputStream;

/** MNIST's IDX files: grey pictures and their labels, wrapped as PGM; held in memory. */
final class Idx {
  private Idx() {}

  /** The pictures of one part, whose files start with {@code train} or {@code t10k}. */
  static List<Labelled.Row> read(Path folder, String part) throws IOException {
    ByteBuffer images = load(folder, part + "-images-idx3-ubyte");
    ByteBuffer labels = load(folder, part + "-labels-idx1-ubyte");
    if (images.remaining() < 16 || labels.remaining() < 8) {
      throw new IOException(folder + ": the " + part + " files are truncated");
    }
    if (images.getInt() != 0x803 || labels.getInt() != 0x801) {
      throw new IOException(folder + ": the " + part + " files are not IDX files of bytes");
    }
    int count = images.getInt();
    int height = images.getInt();
    int width = images.getInt();
    if (labels.getInt() != count
        || images.remaining() < (long) count * width * height
        || labels.remaining() < count) {
      throw new IOException(
          folder + ": the " + part + " files are truncated or do not belong together");
    }
    byte[] header = ("P5\n" + width + " " + height + "\n255\n").getBytes(StandardCharsets.US_ASCII);
    List<Labelled.Row> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int from = images.position() + i * width * height;
      rows.add(
          new Labelled.Row(
              part + "/" + Padded.of(i, 6) + ".pgm",
              Integer.toString(labels.get(labels.position() + i) & 0xFF),
              null,
              new Pgm(header, images, from, width * height)));
    }
    return rows;
  }

  /** A picture whose pixels begin at a place of all the part's. */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  private record Pgm(byte[] header, ByteBuffer images, int from, int pixels)
      implements Image.Content {
    @Override
    public long size() {
      return header.length + (long) pixels;
    }

    @Override
    public byte[] read() {
      byte[] pgm = Arrays.copyOf(header, header.length + pixels);
      images.get(from, pgm, header.length, pixels);
      return pgm;
    }
  }

  static boolean in(Path folder) {
    return find(folder, "train-images-idx3-ubyte") != null;
  }

  /** The names of the files that a folder's pictures are read from. */
  static Set<String> files(Path folder) {
    Set<String> names = new TreeSet<>();
    for (String part : new String[] {"train", "t10k"}) {
      for (String kind : new String[] {"-images-idx3-ubyte", "-labels-idx1-ubyte"}) {
        Path file = find(folder, part + kind);
        if (file != null) {
          names.add(file.getFileName().toString());
        }
      }
    }
    return names;
  }

  private static Path find(Path folder, String name) {
    for (String ending : new String[] {"", ".gz"}) {
      Path file = folder.resolve(name + ending);
      if (Files.isRegularFile(file)) {
        return file;
      }
    }
    return null;
  }

  private static ByteBuffer load(Path folder, String name) throws IOException {
    Path file = find(folder, name);
    if (file == null) {
      throw new IOException(
          "%s has no %s or %s.gz; an IDX set needs images and labels for train and t10k"
              .formatted(folder, name, name));
    }
    try (InputStream raw = new BufferedInputStream(Files.newInputStream(file));
        InputStream in = file.toString().endsWith(".gz") ? new GZIPInputStream(raw) : raw) {
      return ByteBuffer.wrap(in.readAllBytes());
    } catch (OutOfMemoryError e) {
      throw new IOException(file + " cannot be read: " + Reason.of(e), e);
    } catch (EOFException | java.util.zip.ZipException e) {
      throw new IOException(file + " cannot be read: " + Reason.of(e) + "; is it complete?", e);
    }
  }
}
