package dev.millrace.stream.source;

import static dev.millrace.file.Json.JSON;

import com.fasterxml.jackson.core.JacksonException;
import dev.millrace.file.FileName;
import dev.millrace.file.Sha256;
import dev.millrace.stream.Image;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * Where the pictures of a set lie, as a file: 32 bytes a picture and its name. It is mapped, so
 * that a set of any size holds no object a picture, and the system may take its memory back at any
 * time.
 *
 * <p>Eight letters, the length of the head, the head as JSON, rows, names, and a CRC-32C over all
 * that. A row is the origin and the place of the bytes (20 and 44 bits), their number, where the
 * name begins and how long it is (48 and 16 bits), the class and the domain; numbers are
 * big-endian. Of a file below a folder, the place is the length of its path, which stands behind
 * the name where it is spelled otherwise, and else 0. Immutable and thread-safe; what is mapped
 * stays as long as a picture of it can be asked for.
 */
final class PackedFile {
  static final int ROW = 32;
  static final long MAGIC = 0x4d494c4c53455432L; // MILLSET2

  /** A class or domain that a picture lacks is -1; a place beyond this cannot be written. */
  static final long MOST_BYTES = 1L << Image.Content.PLACE_BITS;

  static final int MOST_ORIGINS = 1 << Long.SIZE - Image.Content.PLACE_BITS;
  static final int LONGEST_NAME = (1 << 16) - 1;

  /** A multiple of a row. */
  private static final long SEGMENT = 1L << 30;

  private static final int STEP = 1 << 20;
  private static final int SUM = Long.BYTES;

  /**
   * What is said once.
   *
   * @param key what the file was made of, in words: another key is another set
   * @param origins files that bytes lie in
   * @param parts pictures to learn from, to choose settings by, and to judge by, in this order
   * @param names bytes of all names
   */
  record Head(
      String key,
      List<Origin> origins,
      List<String> classes,
      List<String> domains,
      List<Integer> parts,
      long names,
      About about,
      Map<LeftOut.Kind, LeftOut.Names> leftOut) {
    int rows() {
      return parts.stream().mapToInt(Integer::intValue).sum();
    }
  }

  private final Head head;
  private final List<MappedByteBuffer> rows;
  private final List<MappedByteBuffer> names;
  private final Origins origins;

  /** Null where nothing is kept. */
  private final KeptHeads heads;

  private PackedFile(
      Head head,
      List<MappedByteBuffer> rows,
      List<MappedByteBuffer> names,
      Origins origins,
      KeptHeads heads) {
    this.heads = heads;
    this.head = head;
    this.rows = rows;
    this.names = names;
    this.origins = origins;
  }

  /**
   * Opens a file that was written before.
   *
   * @param cache where compressed archives are unpacked
   * @param lasts whether the file is kept, and what is seen of its pictures beside it
   * @throws IOException if it is none, or not as it was written
   */
  static PackedFile open(Path file, Path cache, boolean lasts) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long end = channel.size() - SUM;
      ByteBuffer front = ByteBuffer.allocate(Long.BYTES + Integer.BYTES);
      read(channel, front, 0);
      int length = front.getInt(Long.BYTES);
      if (front.getLong(0) != MAGIC || length < 0 || length > end - front.capacity()) {
        throw new IOException(file + " is no index of a set");
      }
      ByteBuffer sum = ByteBuffer.allocate(SUM);
      read(channel, sum, end);
      if (sum.getLong(0) != sum(channel, end)) {
        throw new IOException(file + " is not as it was written");
      }
      ByteBuffer words = ByteBuffer.allocate(length);
      read(channel, words, front.capacity());
      Head head = JSON.readValue(words.array(), Head.class);
      long rowsAt = rowsAt(length);
      long namesAt = rowsAt + (long) ROW * head.rows();
      if (namesAt + head.names() != end) {
        throw new IOException(file + " is not as long as its head says");
      }
      return new PackedFile(
          head,
          map(channel, rowsAt, namesAt),
          map(channel, namesAt, end),
          new Origins(head.origins(), cache),
          lasts ? KeptHeads.of(file, sum.getLong(0), head.rows()) : null);
    } catch (JacksonException e) {
      throw new IOException(file + " has no head: " + e.getOriginalMessage(), e);
    }
  }

  /** A name in a cache that changes with the key. */
  static String fileName(String set, String key) {
    String name = FileName.ascii(set);
    return "%s-%.16s.set"
        .formatted(name.substring(0, Math.min(name.length(), 100)), Sha256.of(key));
  }

  /** Where rows begin behind a head. */
  static long rowsAt(int headLength) {
    long at = (long) Long.BYTES + Integer.BYTES + headLength;
    return (at + ROW - 1) / ROW * ROW;
  }

  private static void read(FileChannel channel, ByteBuffer into, long at) throws IOException {
    while (into.hasRemaining()) {
      int read = channel.read(into, at + into.position());
      if (read < 0) {
        throw new IOException("the index ends too early");
      }
    }
  }

  private static long sum(FileChannel channel, long end) throws IOException {
    CRC32C sum = new CRC32C();
    ByteBuffer step = ByteBuffer.allocateDirect(STEP);
    for (long at = 0; at < end; ) {
      step.clear().limit((int) Math.min(STEP, end - at));
      read(channel, step, at);
      at += step.flip().remaining();
      sum.update(step);
    }
    return sum.getValue();
  }

  private static List<MappedByteBuffer> map(FileChannel channel, long from, long to)
      throws IOException {
    List<MappedByteBuffer> segments = new ArrayList<>();
    for (long at = from; at < to; at += SEGMENT) {
      segments.add(channel.map(FileChannel.MapMode.READ_ONLY, at, Math.min(SEGMENT, to - at)));
    }
    return segments;
  }

  Head head() {
    return head;
  }

  /** A number of eight bytes of a row. */
  private long number(int row, int at) {
    long place = (long) ROW * row + at;
    return rows.get((int) (place / SEGMENT)).getLong((int) (place % SEGMENT));
  }

  String name(int row) {
    long about = number(row, 16);
    return text(about >>> 16, (int) (about & LONGEST_NAME));
  }

  /** The path of a picture that is a file below its origin. */
  String path(int row) {
    int length = (int) at(row);
    long about = number(row, 16);
    return length == 0 ? name(row) : text((about >>> 16) + (about & LONGEST_NAME), length);
  }

  private String text(long at, int length) {
    byte[] name = new byte[length];
    for (int done = 0; done < name.length; ) {
      MappedByteBuffer segment = names.get((int) ((at + done) / SEGMENT));
      int from = (int) ((at + done) % SEGMENT);
      int many = Math.min(name.length - done, segment.limit() - from);
      segment.get(from, name, done, many);
      done += many;
    }
    return new String(name, StandardCharsets.UTF_8);
  }

  int label(int row) {
    return (int) (number(row, 24) >> 32);
  }

  int domain(int row) {
    return (int) number(row, 24);
  }

  /** Encoded bytes of a picture, or {@link dev.millrace.stream.Image#UNKNOWN}. */
  long size(int row) {
    return number(row, 8);
  }

  long at(int row) {
    return number(row, 0) & MOST_BYTES - 1;
  }

  /** See {@link dev.millrace.stream.Image.Content#place}. */
  long place(int row) {
    return number(row, 0);
  }

  int origin(int row) {
    return (int) (number(row, 0) >>> Image.Content.PLACE_BITS);
  }

  /** See {@link dev.millrace.stream.KnownHead}. */
  int shortSide(int row) {
    return heads == null ? 0 : heads.side(row);
  }

  void keepShortSide(int row, int pixels) {
    if (heads != null) {
      heads.keep(row, pixels);
    }
  }

  Origins origins() {
    return origins;
  }

  /** The parts as a data set. */
  DataSet dataSet(String name) {
    int train = head.parts().get(0);
    int validation = head.parts().get(1);
    return new DataSet(
        name,
        new PackedSet(name, this, 0, train),
        new PackedSet(name, this, train, validation),
        new PackedSet(name, this, train + validation, head.parts().get(2)),
        false,
        Metric.TOP1,
        Map.of(),
        new LeftOut(head.leftOut()),
        head.about());
  }
}
