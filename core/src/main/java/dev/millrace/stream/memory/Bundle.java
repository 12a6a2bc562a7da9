package dev.millrace.stream.memory;

import dev.millrace.file.AtomicFiles;
import dev.millrace.file.Sha256;
import dev.millrace.stream.Chunk;
import dev.millrace.stream.ChunkWords;
import dev.millrace.stream.Image;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.memory.BundleIndex.Format;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.channels.Channels;
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
 * ({@link BundleIndex}: the chunk's number, names of the classes and domains that occur, and an
 * entry per record with its CRC32C), the index's offset and CRC32C, and the SHA-256 of all before
 * it. Never changed, but replaced when pictures go; one that was opened before then finds those
 * that stayed.
 *
 * @param onDisk bytes of the file
 * @param since the first chunk before which its members can be told; 0 for any
 */
record Bundle(
    Path file,
    long onDisk,
    String policy,
    int chunk,
    int since,
    String name,
    List<String> classes,
    List<String> domains,
    List<Entry> entries)
    implements ImageSet {
  private static final int SHA = 32;
  private static final int TRAILER = Long.BYTES + Integer.BYTES + SHA;
  private static final int MAGIC = Format.WHOLE.magic().length;

  /** Where no bytes are: a person asked for it, and its place stays empty. */
  private static final long FORGOTTEN = -1;

  /** Where no bytes are: others drove it out, and it only marks how small those must be. */
  private static final long DRIVEN_OUT = -2;

  /**
   * One record: where its bytes are, and what is known of the picture.
   *
   * @param length of the picture in bytes, also of one that is gone
   */
  record Entry(String id, int label, int domain, long priority, long offset, int length, int crc) {
    /** Whether its picture is gone; of older versions' forgotten ones the length is gone, too. */
    boolean gone() {
      return offset < 0 || length == 0;
    }

    private Entry without(long why) {
      return new Entry("", Image.NONE, Image.NONE, priority, why, length, 0);
    }

    private Entry at(long place) {
      return new Entry(id, label, domain, priority, place, length, crc);
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
        Format.WHOLE,
        out -> {
          long offset = MAGIC;
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
          return new BundleIndex.Read(
              policy,
              chunk.index(),
              0,
              set.name(),
              Arrays.stream(labels).mapToObj(set.classes()::get).toList(),
              Arrays.stream(domains).mapToObj(set.domains()::get).toList(),
              entries);
        });
  }

  /**
   * Writes the bundle anew without some pictures, unless they are gone. Who else is a member stays
   * as it was, since each keeps its priority and its length.
   *
   * @return how many pictures went
   */
  int forget(Predicate<String> ids) throws IOException {
    List<Entry> left = new ArrayList<>();
    int gone = 0;
    for (Entry e : entries) {
      boolean goes = !e.gone() && ids.test(e.id());
      gone += goes ? 1 : 0;
      left.add(goes ? e.without(FORGOTTEN) : e);
    }
    if (gone > 0) {
      rewrite(since, left);
    }
    return gone;
  }

  /**
   * Writes the bundle anew without the pictures that were driven out before a chunk, if enough of
   * its bytes are theirs. Of those the one that would stay longest leaves priority and length
   * behind: a later picture is a member only if it comes before that one.
   *
   * @param until the chunk from which on the members can be told
   * @param stays whether an entry is a member then, or was one until it was forgotten; asked in
   *     order, once for each
   * @param share of the bytes, above which it is written
   */
  void letGo(int until, Predicate<Entry> stays, double share) throws IOException {
    List<Entry> left = new ArrayList<>();
    long all = 0;
    long out = 0;
    Entry longest = null;
    int mark = 0;
    for (Entry e : entries) {
      long bytes = e.gone() ? 0 : e.length();
      all += bytes;
      if (stays.test(e)) {
        left.add(e);
        continue;
      }
      out += bytes;
      if (longest == null || e.priority() < longest.priority()) {
        longest = e;
        mark = left.size();
      }
    }
    if (out > share * all) {
      left.add(mark, longest.without(DRIVEN_OUT));
      rewrite(until, left);
    }
  }

  /** Writes what is left, each picture's bytes behind those of the one before. */
  private void rewrite(int from, List<Entry> left) throws IOException {
    write(
        file,
        Format.LESS,
        out -> {
          List<Entry> moved = new ArrayList<>();
          long offset = MAGIC;
          for (Entry e : left) {
            if (e.gone()) {
              moved.add(e.offset() < 0 ? e : e.without(FORGOTTEN));
              continue;
            }
            out.write(bytes(e));
            moved.add(e.at(offset));
            offset += e.length();
          }
          return new BundleIndex.Read(policy, chunk, from, name, classes, domains, moved);
        });
  }

  /** Writes the pictures' bytes and answers the index. */
  private interface Content {
    BundleIndex.Read to(DataOutputStream out) throws IOException;
  }

  private static void write(Path file, Format format, Content content) throws IOException {
    MessageDigest digest = Sha256.digest();
    AtomicFiles.write(
        file,
        channel -> {
          OutputStream raw = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
          DataOutputStream out = new DataOutputStream(new DigestOutputStream(raw, digest));
          out.write(format.magic());
          byte[] index = BundleIndex.write(format, content.to(out));
          out.flush();
          long offset = channel.position();
          out.write(index);
          out.writeLong(offset);
          out.writeInt(crc(index));
          out.write(digest.digest());
          out.flush();
        });
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
      byte[] magic = new byte[MAGIC];
      long size = in.length();
      if (size < MAGIC + TRAILER) {
        throw damaged(file, "it has only " + size + " bytes");
      }
      in.readFully(magic);
      in.seek(size - TRAILER);
      long offset = in.readLong();
      int crc = in.readInt();
      long length = size - TRAILER - offset;
      Format format =
          Arrays.stream(Format.values())
              .filter(one -> Arrays.equals(magic, one.magic()))
              .findFirst()
              .orElse(null);
      if (format == null || offset < MAGIC || length < 0 || length > Integer.MAX_VALUE) {
        throw damaged(file, "its frame is not that of a replay memory");
      }
      byte[] index = new byte[(int) length];
      in.seek(offset);
      in.readFully(index);
      if (crc(index) != crc) {
        throw damaged(file, "the checksum of its index differs");
      }
      BundleIndex.Read read = BundleIndex.read(format, index);
      if (format != Format.FIRST && read.chunk() != chunk) {
        throw damaged(
            file,
            "it is that of " + ChunkWords.of(read.chunk()) + ", not of " + ChunkWords.of(chunk));
      }
      return new Bundle(
          file,
          size,
          read.policy(),
          chunk,
          read.since(),
          read.name(),
          read.classes(),
          read.domains(),
          read.entries());
    }
  }

  /** Whether its file was written anew since; no, where it is gone. */
  boolean isStale() {
    long now = file.toFile().length();
    return now > 0 && now != onDisk;
  }

  @Override
  public int size() {
    return entries.size();
  }

  @Override
  public Image image(int index) {
    Entry e = entries.get(index);
    return new Image(e.id(), e.label(), e.domain(), () -> bytes(e));
  }

  /** Reads one record's bytes, checked, from wherever they are by now. */
  private byte[] bytes(Entry e) throws IOException {
    byte[] bytes = new byte[e.length()];
    long found;
    try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
      found = in.length();
      in.seek(e.offset());
      in.readFully(bytes);
    } catch (EOFException cut) {
      return moved(e, "record %d (%s) is cut off");
    }
    return found == onDisk && crc(bytes) == e.crc()
        ? bytes
        : moved(e, "the checksum of record %d (%s) differs");
  }

  private byte[] moved(Entry e, String fault) throws IOException {
    Bundle now = isStale() ? open(file, chunk) : this;
    if (now == this || now.onDisk == onDisk) {
      throw damaged(file, fault.formatted(entries.indexOf(e), e.id()));
    }
    for (Entry other : now.entries) {
      if (!other.gone() && other.id().equals(e.id()) && other.crc() == e.crc()) {
        return now.bytes(other);
      }
    }
    throw new IOException(
        file + " no longer has " + e.id() + ", which was driven out or forgotten meanwhile");
  }

  /** Checks every record, then the SHA-256 of the whole file. */
  void verify() throws IOException {
    for (Entry e : entries) {
      if (!e.gone()) {
        bytes(e);
      }
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
}
