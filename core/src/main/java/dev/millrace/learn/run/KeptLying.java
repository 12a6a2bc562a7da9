package dev.millrace.learn.run;

import dev.millrace.file.AtomicFiles;
import dev.millrace.file.Sha256;
import dev.millrace.learn.network.Ranks;
import dev.millrace.stream.Chunk;
import dev.millrace.stream.ChunkWords;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.ReadAlong;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;

/**
 * How a chunk's pictures lay when it began, kept in the run as {@code checks/I.lying}: a set that
 * is packed anew, brought elsewhere, or loses a bad picture, is still read in the order of then. A
 * number of four bytes a stretch of pictures, and one a picture where the set's own order is
 * another; a SHA-256 at the end.
 */
public final class KeptLying {
  private static final int SUM = 32;

  private KeptLying() {}

  /**
   * The order of a chunk that is read along; null where its epochs draw among all.
   *
   * @param good its pictures that are drawn
   * @throws IOException if what was kept is damaged or of other pictures
   */
  static ReadAlong of(Chunk chunk, ImageSet good, Plan plan, Ranks ranks, Path run)
      throws IOException {
    if (plan.shuffleBuffer() == 0) {
      return null;
    }
    Path file = RunFolder.of(run).lying(chunk.index());
    ReadAlong[] made = new ReadAlong[1];
    ranks.first(
        () -> {
          if (!Files.exists(file)) {
            made[0] = ReadAlong.of(good, plan.shuffleBuffer());
            write(file, made[0].numbers());
          }
        });
    ReadAlong kept = made[0] == null ? read(file, chunk) : made[0];
    if (kept.size() != good.size()) {
      throw new IOException(
          "%s is the order of %d good pictures, and %s has %d now, as its check was made again after a picture was mended or spoiled; make the picture again what it was when the chunk began, and delete what the check found, or bring both files back from one copy of the run"
              .formatted(
                  file, kept.size(), ChunkWords.of(chunk.index(), chunk.name()), good.size()));
    }
    return kept;
  }

  /** A chunk that begins is read as it lies now. */
  static void forget(int chunk, Path run) throws IOException {
    Files.deleteIfExists(RunFolder.of(run).lying(chunk));
  }

  private static void write(Path file, int... numbers) throws IOException {
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.addExact(Math.multiplyExact(4, numbers.length), SUM));
    bytes.asIntBuffer().put(numbers);
    bytes.position(bytes.capacity() - SUM).put(sum(bytes.array()));
    AtomicFiles.write(file, bytes.array());
  }

  private static byte[] sum(byte[] bytes) {
    MessageDigest digest = Sha256.digest();
    digest.update(bytes, 0, bytes.length - SUM);
    return digest.digest();
  }

  /** Whether a file that keeps an order is as it was written. */
  public static boolean isWhole(Path file) throws IOException {
    return isWhole(Files.readAllBytes(file));
  }

  private static boolean isWhole(byte[] bytes) {
    int length = bytes.length - SUM;
    return length >= 12
        && Arrays.equals(sum(bytes), Arrays.copyOfRange(bytes, length, bytes.length));
  }

  private static ReadAlong read(Path file, Chunk chunk) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    int length = bytes.length - SUM;
    if (!isWhole(bytes)) {
      throw new IOException(
          "%s, the order in which %s is read, is damaged: it does not fit its checksum; bring it back, or delete it if the set was not packed anew since the chunk began"
              .formatted(file, ChunkWords.of(chunk.index(), chunk.name())));
    }
    int[] numbers = new int[length / 4];
    ByteBuffer.wrap(bytes, 0, length).asIntBuffer().get(numbers);
    return ReadAlong.of(numbers);
  }
}
