package dev.millrace.stream.memory;

import dev.millrace.file.AtomicFiles;
import dev.millrace.file.Sha256;
import dev.millrace.stream.Chunk;
import dev.millrace.stream.ChunkWords;
import dev.millrace.stream.Image;
import dev.millrace.stream.ImageSet;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntToLongFunction;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;

/**
 * The file of what was kept of one chunk: magic, the records' encoded bytes end to end, an index
 * (the chunk's number, names of the classes and domains that occur, and an entry per record with
 * its CRC32C), the index's offset and CRC32C, and the SHA-256 of all before it. Never changed, but
 * replaced when pictures are forgotten: such a record keeps its priority alone, and no byte. In the
 * first format the index had no number, and all names of the set.
 */
record Bundle(
    Path file,
    String policy,
    String name,
    List<String> classes,
    List<String> domains,
    List<Entry> entries)
    implements ImageSet {
  private static final byte[] FIRST = "MILLMEM1".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] MAGIC = "MILLMEM2".getBytes(StandardCharsets.US_ASCII);
  private static final int SHA = 32;
  private static final int TRAILER = Long.BYTES + Integer.BYTES + SHA;

  /** One record: where its bytes are, and what is known of the picture. */
  record Entry(String id, int label, int domain, long priority, long offset, int length, int crc) {
    /** Whether its picture is gone because a person asked for it; no picture has no bytes. */
    boolean forgotten() {
      return length == 0;
    }
  }

  /** Writes the pictures at these positions of a chunk, each with its priority. */
  static void write(
      Path file, Chunk chunk, int[] positions, IntToLongFunction priorities, String policy)
      throws IOException {
    List<Entry> entries = new ArrayList<>();
    ImageSet set = chunk.images();
    int[] labels = used(Arrays.stream(positions).map(position -> set.image(position).label()));
    int[] domains = used(Arrays.stream(positions).map(position -> set.image(position).domain()));
    write(
        file,
        out -> {
          long offset = MAGIC.length;
          for (int position : positions) {
            Image image = set.image(position);
            byte[] bytes = image.bytes();
            out.write(bytes);
            entries.add(
                new Entry(
                    image.id(),
                    place(labels, image.label()),
                    place(domains, image.domain()),
                    priorities.applyAsLong(position),
                    offset,
                    bytes.length,
                    crc(bytes)));
            offset += bytes.length;
          }
          return index(
              chunk.index(),
              new Bundle(
                  file,
                  policy,
                  set.name(),
                  Arrays.stream(labels).mapToObj(set.classes()::get).toList(),
                  Arrays.stream(domains).mapToObj(set.domains()::get).toList(),
                  entries));
        });
  }

  /**
   * Writes the bundle anew without some pictures, unless they are gone. Who else is a member stays
   * as it was, since each keeps its priority.
   *
   * @param chunk whose it is
   * @return how many pictures went
   */
  int forget(int chunk, Predicate<String> ids) throws IOException {
    List<Entry> left = new ArrayList<>();
    int gone =
        (int) entries.stream().filter(entry -> !entry.forgotten() && ids.test(entry.id())).count();
    if (gone == 0) {
      return 0;
    }
    write(
        file,
        out -> {
          long offset = MAGIC.length;
          for (int record = 0; record < entries.size(); record++) {
            Entry e = entries.get(record);
            boolean goes = e.forgotten() || ids.test(e.id());
            byte[] bytes = goes ? new byte[0] : bytes(record);
            out.write(bytes);
            left.add(
                new Entry(
                    goes ? "" : e.id(),
                    goes ? Image.NONE : e.label(),
                    goes ? Image.NONE : e.domain(),
                    e.priority(),
                    offset,
                    bytes.length,
                    crc(bytes)));
            offset += bytes.length;
          }
          return index(chunk, new Bundle(file, policy, name, classes, domains, left));
        });
    return gone;
  }

  /** Writes the pictures' bytes and answers the index. */
  private interface Content {
    byte[] to(DataOutputStream out) throws IOException;
  }

  private static void write(Path file, Content content) throws IOException {
    MessageDigest digest = Sha256.digest();
    AtomicFiles.write(
        file,
        channel -> {
          OutputStream raw = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
          DataOutputStream out = new DataOutputStream(new DigestOutputStream(raw, digest));
          out.write(MAGIC);
          byte[] index = content.to(out);
          out.flush();
          long offset = channel.position();
          out.write(index);
          out.writeLong(offset);
          out.writeInt(crc(index));
          out.write(digest.digest());
          out.flush();
        });
  }

  private static byte[] index(int chunk, Bundle bundle) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    writeText(out, bundle.policy());
    out.writeInt(chunk);
    writeText(out, bundle.name());
    writeTexts(out, bundle.classes());
    writeTexts(out, bundle.domains());
    out.writeInt(bundle.entries().size());
    for (Entry e : bundle.entries()) {
      writeText(out, e.id());
      out.writeInt(e.label());
      out.writeInt(e.domain());
      out.writeLong(e.priority());
      out.writeLong(e.offset());
      out.writeInt(e.length());
      out.writeInt(e.crc());
    }
    return bytes.toByteArray();
  }

  private static int place(int[] used, int number) {
    return number == Image.NONE ? Image.NONE : Arrays.binarySearch(used, number);
  }

  /** The numbers that occur, ascending: a bundle of 100 pictures needs no 20 000 names. */
  private static int[] used(IntStream numbers) {
    return numbers.filter(number -> number != Image.NONE).distinct().sorted().toArray();
  }

  /**
   * Reads the index, checked; no picture's bytes.
   *
   * @param chunk whose bundle it must be
   */
  static Bundle open(Path file, int chunk) throws IOException {
    if (!Files.exists(file)) {
      throw damaged(file, "what was kept of " + ChunkWords.of(chunk) + " is not there");
    }
    try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
      byte[] magic = new byte[MAGIC.length];
      long size = in.length();
      if (size < MAGIC.length + TRAILER) {
        throw damaged(file, "it has only " + size + " bytes");
      }
      in.readFully(magic);
      in.seek(size - TRAILER);
      long offset = in.readLong();
      int crc = in.readInt();
      long length = size - TRAILER - offset;
      boolean first = Arrays.equals(magic, FIRST);
      if (!first && !Arrays.equals(magic, MAGIC)
          || offset < MAGIC.length
          || length < 0
          || length > Integer.MAX_VALUE) {
        throw damaged(file, "its frame is not that of a replay memory");
      }
      byte[] index = new byte[(int) length];
      in.seek(offset);
      in.readFully(index);
      if (crc(index) != crc) {
        throw damaged(file, "the checksum of its index differs");
      }
      return parse(file, first, chunk, new DataInputStream(new ByteArrayInputStream(index)));
    }
  }

  private static Bundle parse(Path file, boolean first, int chunk, DataInputStream in)
      throws IOException {
    String policy = readText(in);
    int of = first ? chunk : in.readInt();
    if (of != chunk) {
      throw damaged(
          file, "it is that of " + ChunkWords.of(of) + ", not of " + ChunkWords.of(chunk));
    }
    String name = readText(in);
    List<String> classes = readTexts(in);
    List<String> domains = readTexts(in);
    int count = in.readInt();
    List<Entry> entries = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      entries.add(
          new Entry(
              readText(in),
              in.readInt(),
              in.readInt(),
              in.readLong(),
              in.readLong(),
              in.readInt(),
              in.readInt()));
    }
    return new Bundle(file, policy, name, classes, domains, List.copyOf(entries));
  }

  @Override
  public int size() {
    return entries.size();
  }

  @Override
  public Image image(int index) {
    Entry e = entries.get(index);
    return new Image(e.id(), e.label(), e.domain(), () -> bytes(index));
  }

  /** Reads one record's bytes, checked. */
  private byte[] bytes(int record) throws IOException {
    Entry e = entries.get(record);
    byte[] bytes = new byte[e.length()];
    try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
      in.seek(e.offset());
      in.readFully(bytes);
    } catch (EOFException cut) {
      throw damaged(file, "record " + record + " (" + e.id() + ") is cut off");
    }
    if (crc(bytes) != e.crc()) {
      throw damaged(file, "the checksum of record " + record + " (" + e.id() + ") differs");
    }
    return bytes;
  }

  /** Checks every record, then the SHA-256 of the whole file. */
  void verify() throws IOException {
    for (int record = 0; record < size(); record++) {
      bytes(record);
    }
    MessageDigest digest = Sha256.digest();
    byte[] expected;
    try (InputStream in = Files.newInputStream(file)) {
      byte[] buffer = new byte[1 << 16];
      long left = Files.size(file) - SHA;
      while (left > 0) {
        int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
        if (read < 0) {
          throw damaged(file, "it is cut off");
        }
        digest.update(buffer, 0, read);
        left -= read;
      }
      expected = in.readAllBytes();
    }
    if (!MessageDigest.isEqual(expected, digest.digest())) {
      throw damaged(file, "its SHA-256 differs");
    }
  }

  private static IOException damaged(Path file, String how) {
    return new IOException(
        "replay memory "
            + file
            + " is damaged: "
            + how
            + "; restore the file from a copy, or start the run anew");
  }

  private static int crc(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return (int) crc.getValue();
  }

  private static void writeText(DataOutputStream out, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static void writeTexts(DataOutputStream out, List<String> texts) throws IOException {
    out.writeInt(texts.size());
    for (String text : texts) {
      writeText(out, text);
    }
  }

  private static String readText(DataInputStream in) throws IOException {
    return new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8);
  }

  private static List<String> readTexts(DataInputStream in) throws IOException {
    int count = in.readInt();
    List<String> texts = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      texts.add(readText(in));
    }
    return List.copyOf(texts);
  }
}
