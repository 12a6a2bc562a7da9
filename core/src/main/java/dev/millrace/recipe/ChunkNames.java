package dev.millrace.recipe;

import dev.millrace.file.AtomicFiles;
import dev.millrace.file.Seal;
import dev.millrace.file.Sha256;
import dev.millrace.learn.run.KnownBad;
import dev.millrace.learn.run.RunFolder;
import dev.millrace.stream.ChunkWords;
import dev.millrace.stream.ImageSet;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * How the pictures of a chunk were called when the run took it. Of a small chunk stream.json lists
 * the names; of a large one the run has a file of eight bytes a picture, in the chunk's order: the
 * first 64 bits of each name's SHA-256. Immutable.
 */
final class ChunkNames {
  private static final int BUFFER = 1 << 16;

  /** Null of a large chunk. */
  private final List<String> ids;

  private final Set<String> set;

  /** In the chunk's order; null of a small one. */
  private final long[] numbers;

  private final long[] sorted;

  private ChunkNames(List<String> ids, long... numbers) {
    this.ids = ids;
    this.numbers = numbers;
    set = ids == null ? null : new HashSet<>(ids);
    sorted = numbers == null ? null : numbers.clone();
    if (sorted != null) {
      Arrays.sort(sorted);
    }
  }

  /**
   * The names of a chunk that a run has taken.
   *
   * @param run its folder; null while there is none
   * @param images the chunk's pictures where they are at hand, else null
   * @throws IOException if the file with the names is not as it was written
   */
  static ChunkNames of(Path run, ChunkEntry entry, ImageSet images) throws IOException {
    if (entry.ids() != null) {
      return new ChunkNames(entry.ids(), (long[]) null);
    }
    if (images != null) {
      long[] numbers = new long[images.size()];
      Arrays.setAll(numbers, i -> Sha256.number(images.image(i).id()));
      return new ChunkNames(null, numbers);
    }
    Path file = file(run, entry);
    String mend = "bring it back: it says which pictures the run has seen";
    if (!Files.exists(file)) {
      throw new IOException(
          "%s, the names of %s, is missing; %s"
              .formatted(file, ChunkWords.of(entry.index(), entry.name()), mend));
    }
    Seal.of(run).require(file, mend);
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
    long[] numbers = new long[bytes.remaining() / Long.BYTES];
    bytes.asLongBuffer().get(numbers);
    return new ChunkNames(null, numbers);
  }

  /** The file of a large chunk's names; another chunk's has another name. */
  static Path file(Path run, ChunkEntry entry) {
    return RunFolder.of(run)
        .names()
        .resolve("%s-%.16s.bin".formatted(entry.index(), entry.fingerprint()));
  }

  /** Keeps the names of a large chunk; atomic. */
  static void write(Path file, ImageSet images) throws IOException {
    AtomicFiles.write(
        file,
        channel -> {
          ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
          for (int i = 0; i < images.size(); i++) {
            buffer.putLong(Sha256.number(images.image(i).id()));
            if (!buffer.hasRemaining() || i + 1 == images.size()) {
              buffer.flip();
              while (buffer.hasRemaining()) {
                channel.write(buffer);
              }
              buffer.clear();
            }
          }
        });
  }

  /** Whether a picture of the chunk is called so. */
  boolean contains(String id) {
    return set != null ? set.contains(id) : Arrays.binarySearch(sorted, Sha256.number(id)) >= 0;
  }

  /** See {@link KnownBad#restored}. */
  ImageSet restored(KnownBad bad, ImageSet found) {
    return ids != null ? bad.restored(found, ids) : bad.restored(found, numbers);
  }
}
