package dev.millrace.learn.run;

import dev.millrace.file.AtomicFiles;
import dev.millrace.file.Sha256;
import dev.millrace.learn.network.Ranks;
import dev.millrace.stream.Chunk;
import dev.millrace.stream.ChunkWords;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.ReadAlong;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * How a chunk's pictures lay when it began, kept in the run as {@code checks/I.lying} until the
 * next is learned: a set that is packed anew, brought elsewhere, or loses a bad picture, is still
 * read in the order of then. A mark, a SHA-256 over the ids of the pictures, a number of four bytes
 * a stretch of them, and one a picture where the set's own order is another; a SHA-256 at the end.
 * Files of older versions begin without mark and ids.
 */
public final class KeptLying {
  private static final int SUM = 32;

  /** Stands where older files have the size of the buffer. */
  private static final int WITH_IDS = -1;

  /**
   * What a file holds.
   *
   * @param ids of the pictures; null in a file of an older version
   */
  private record Kept(ReadAlong along, byte[] ids) {
    boolean isOf(ImageSet good) {
      return along.size() == good.size()
          && (ids == null || Arrays.equals(ids, KeptLying.ids(good)));
    }
  }

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
            write(file, new Kept(made[0], ids(good)));
          }
        });
    if (made[0] != null) {
      return made[0];
    }
    Kept kept = read(file, chunk);
    if (!kept.isOf(good)) {
      throw new IOException(
          "%s is the order of %d good pictures, and %s has %d now%s, as its check was made again after a picture was mended or spoiled; make the picture again what it was when the chunk began, and delete what the check found, or bring both files back from one copy of the run"
              .formatted(
                  file,
                  kept.along.size(),
                  ChunkWords.of(chunk.index(), chunk.name()),
                  good.size(),
                  kept.along.size() == good.size() ? ", others" : ""));
    }
    return kept.along;
  }

  /** A chunk that begins is read as it lies now. */
  static void forget(int chunk, Path run) throws IOException {
    Files.deleteIfExists(RunFolder.of(run).lying(chunk));
  }

  /**
   * Chunks that are learned are not read again. That of the last one stays, since a damaged
   * checkpoint sends a run back to the one before.
   */
  static void forgetBefore(int chunk, Path run) throws IOException {
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(RunFolder.of(run).checks(), "*" + RunFolder.LYING)) {
      for (Path file : files) {
        String number = file.getFileName().toString().replace(RunFolder.LYING, "");
        if (number.matches("\\d{1,9}") && Integer.parseInt(number) < chunk) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  private static byte[] ids(ImageSet good) {
    return HexFormat.of().parseHex(DecodeCheck.ids(good));
  }

  private static void write(Path file, Kept kept) throws IOException {
    MessageDigest digest = Sha256.digest();
    AtomicFiles.write(
        file,
        channel -> {
          DataOutputStream out =
              new DataOutputStream(
                  new BufferedOutputStream(
                      new DigestOutputStream(Channels.newOutputStream(channel), digest), 1 << 16));
          out.writeInt(WITH_IDS);
          out.write(kept.ids);
          for (int number : kept.along.numbers()) {
            out.writeInt(number);
          }
          out.flush();
          Channels.newOutputStream(channel).write(digest.digest());
        });
  }

  /** Whether a file that keeps an order is as it was written. */
  public static boolean isWhole(Path file) throws IOException {
    long length = Files.size(file) - SUM;
    if (length < 12) {
      return false;
    }
    MessageDigest digest = Sha256.digest();
    try (InputStream in = Files.newInputStream(file)) {
      byte[] block = new byte[1 << 16];
      while (length > 0) {
        int n = in.readNBytes(block, 0, (int) Math.min(block.length, length));
        digest.update(block, 0, n);
        length -= n;
      }
      return Arrays.equals(digest.digest(), in.readNBytes(SUM));
    }
  }

  private static Kept read(Path file, Chunk chunk) throws IOException {
    if (!isWhole(file)) {
      throw new IOException(
          "%s, the order in which %s is read, is damaged: it does not fit its checksum; bring it back, or delete it if the set was not packed anew since the chunk began"
              .formatted(file, ChunkWords.of(chunk.index(), chunk.name())));
    }
    long left = Files.size(file) - SUM;
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 16))) {
      int first = in.readInt();
      left -= 4;
      byte[] ids = null;
      if (first == WITH_IDS) {
        ids = in.readNBytes(SUM);
        first = in.readInt();
        left -= SUM + 4;
      }
      int[] numbers = new int[Math.toIntExact(1 + left / 4)];
      numbers[0] = first;
      for (int i = 1; i < numbers.length; i++) {
        numbers[i] = in.readInt();
      }
      return new Kept(ReadAlong.of(numbers), ids);
    }
  }
}
