package dev.millrace.stream.memory;

import dev.millrace.stream.Chunk;
import dev.millrace.stream.ChunkWords;
import dev.millrace.stream.Image;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.memory.BundleIndex.Format;
import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntToLongFunction;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * What was kept of one chunk, as its file ({@link BundleFrame}) says: the records' encoded bytes
 * end to end and an index ({@link BundleIndex}: the chunk's number, names of the classes and
 * domains that occur, and an entry per record with its CRC32C). Never changed, but replaced when
 * pictures go; one that was opened before then finds those that stayed.
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
    BundleFrame.write(
        file,
        Format.WHOLE,
        out -> {
          long offset = BundleFrame.MAGIC;
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
                    BundleFrame.crc(bytes)));
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
    BundleFrame.write(
        file,
        Format.LESS,
        out -> {
          List<Entry> moved = new ArrayList<>();
          long offset = BundleFrame.MAGIC;
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
      throw BundleFrame.damaged(file, "what was kept of " + ChunkWords.of(chunk) + " is not there");
    }
    BundleFrame frame = BundleFrame.read(file);
    BundleIndex.Read read = frame.index();
    if (frame.format() != Format.FIRST && read.chunk() != chunk) {
      throw BundleFrame.damaged(
          file,
          "it is that of " + ChunkWords.of(read.chunk()) + ", not of " + ChunkWords.of(chunk));
    }
    return new Bundle(
        file,
        frame.size(),
        read.policy(),
        chunk,
        read.since(),
        read.name(),
        read.classes(),
        read.domains(),
        read.entries());
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
    return found == onDisk && BundleFrame.crc(bytes) == e.crc()
        ? bytes
        : moved(e, "the checksum of record %d (%s) differs");
  }

  private byte[] moved(Entry e, String fault) throws IOException {
    Bundle now = isStale() ? open(file, chunk) : this;
    if (now == this || now.onDisk == onDisk) {
      throw BundleFrame.damaged(file, fault.formatted(entries.indexOf(e), e.id()));
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
    BundleFrame.verify(file);
  }
}
