package dev.millrace.stream.source;

import dev.millrace.file.AtomicFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The shorter sides of a packed set's pictures as far as they were seen, two bytes a picture, in a
 * file beside the set's: eight bytes that say of which set, and the sides. Calls of several
 * processes write the same numbers into it; one that is lost is looked for again. Thread-safe.
 */
final class KeptHeads {
  private static final Logger LOG = LoggerFactory.getLogger(KeptHeads.class);
  private static final int FRONT = Long.BYTES;
  private static final long SEGMENT = 1L << 30;

  private final List<MappedByteBuffer> sides;

  private KeptHeads(List<MappedByteBuffer> sides) {
    this.sides = sides;
  }

  /**
   * Opens what is kept, and makes it where there is nothing.
   *
   * @param set the set's file
   * @param sum its checksum
   * @return null where nothing can be kept
   */
  static KeptHeads of(Path set, long sum, int pictures) {
    Path file = set.resolveSibling(set.getFileName() + ".heads");
    long length = FRONT + (long) Character.BYTES * pictures;
    try {
      if (!fits(file, sum, length)) {
        // Written, and not only long: a hole that finds no room when it is filled would be a crash.
        AtomicFiles.write(file, channel -> zeros(channel, sum, length));
      }
      List<MappedByteBuffer> segments = new ArrayList<>();
      try (FileChannel channel =
          FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
        for (long at = FRONT; at < length; at += SEGMENT) {
          segments.add(
              channel.map(FileChannel.MapMode.READ_WRITE, at, Math.min(SEGMENT, length - at)));
        }
      }
      return new KeptHeads(segments);
    } catch (IOException e) {
      LOG.debug("{} cannot be kept", file, e);
      return null;
    }
  }

  private static boolean fits(Path file, long sum, long length) throws IOException {
    if (!Files.isRegularFile(file) || Files.size(file) != length) {
      return false;
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer front = ByteBuffer.allocate(FRONT);
      return channel.read(front, 0) == FRONT && front.getLong(0) == sum;
    }
  }

  private static void zeros(FileChannel channel, long sum, long length) throws IOException {
    ByteBuffer front = ByteBuffer.allocate(FRONT).putLong(0, sum);
    channel.write(front);
    ByteBuffer none = ByteBuffer.allocate(1 << 16);
    for (long left = length - FRONT; left > 0; ) {
      none.clear().limit((int) Math.min(none.capacity(), left));
      left -= channel.write(none);
    }
  }

  int side(int row) {
    long at = (long) Character.BYTES * row;
    return sides.get((int) (at / SEGMENT)).getChar((int) (at % SEGMENT));
  }

  void keep(int row, int side) {
    long at = (long) Character.BYTES * row;
    sides
        .get((int) (at / SEGMENT))
        .putChar((int) (at % SEGMENT), (char) Math.min(Character.MAX_VALUE, side));
  }
}
