package dev.millrace.stream.source;

import dev.millrace.stream.SourceException;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * A file of which no damaged byte is read: behind its data lies a CRC-32C per block of them, and a
 * footer with the length and a checksum of all that. Reading checks every block that it touches.
 * Thread-safe.
 */
final class SealedFile implements Closeable, BoundedBytes.Source {
  /** The file is not as it was written. */
  static final class Damaged extends IOException {
    private static final long serialVersionUID = 1;

    Damaged(String message) {
      super(message);
    }
  }

  private static final int BLOCK = 1 << 14;
  private static final long MAGIC = 0x6d696c6c73656131L; // "millsea1"
  private static final int FOOTER = 8 + 8 + 4;

  private final Path file;
  private final SteadyFile bytes;
  private final long length;
  private final int[] sums;

  private SealedFile(Path file, SteadyFile bytes, long length, int[] sums) {
    this.file = file;
    this.bytes = bytes;
    this.length = length;
    this.sums = sums;
  }

  /**
   * Opens a file; the caller closes it.
   *
   * @throws Damaged if it has no whole seal
   */
  static SealedFile open(Path file) throws IOException {
    SteadyFile bytes = SteadyFile.open(file);
    try {
      long size = bytes.size();
      byte[] footer = new byte[FOOTER];
      if (size < FOOTER || BoundedBytes.fill(bytes, size - FOOTER, footer, 0, FOOTER) < FOOTER) {
        throw new Damaged(file + " has no seal");
      }
      ByteBuffer said = ByteBuffer.wrap(footer);
      long magic = said.getLong();
      long length = said.getLong();
      int sum = said.getInt();
      long blocks = Math.max(0, length) / BLOCK + (length % BLOCK > 0 ? 1 : 0);
      if (magic != MAGIC || length < 0 || length + 4 * blocks + FOOTER != size) {
        throw new Damaged(file + " is not as long as it was");
      }
      byte[] table = new byte[Math.toIntExact(4 * blocks)];
      if (BoundedBytes.fill(bytes, length, table, 0, table.length) < table.length
          || sum(table, footer) != sum) {
        throw new Damaged(file + " has a damaged seal");
      }
      int[] sums = new int[(int) blocks];
      ByteBuffer.wrap(table).asIntBuffer().get(sums);
      return new SealedFile(file, bytes, length, sums);
    } catch (IOException | RuntimeException e) {
      bytes.close();
      throw e;
    }
  }

  private static int sum(byte[] table, byte[] footer) {
    CRC32C crc = new CRC32C();
    crc.update(table);
    crc.update(footer, 0, FOOTER - 4);
    return (int) crc.getValue();
  }

  /** How many bytes of data there are. */
  long length() {
    return length;
  }

  @Override
  public int read(ByteBuffer into, long at) throws IOException {
    if (at >= length) {
      return -1;
    }
    int wanted = (int) Math.min(into.remaining(), length - at);
    long first = at / BLOCK;
    long last = (at + wanted - 1) / BLOCK;
    long from = first * BLOCK;
    byte[] blocks = new byte[(int) (Math.min(length, (last + 1) * BLOCK) - from)];
    try {
      if (BoundedBytes.fill(bytes, from, blocks, 0, blocks.length) < blocks.length) {
        throw new Damaged(file + " is cut off");
      }
    } catch (SourceException e) {
      throw new Damaged(file + " is no longer what was opened"); // and was to be opened again
    }
    CRC32C crc = new CRC32C();
    for (long block = first; block <= last; block++) {
      int start = (int) ((block - first) * BLOCK);
      crc.reset();
      crc.update(blocks, start, Math.min(BLOCK, blocks.length - start));
      if ((int) crc.getValue() != sums[(int) block]) {
        throw new Damaged("%s is damaged at byte %d or after".formatted(file, block * BLOCK));
      }
    }
    into.put(blocks, (int) (at - from), wanted);
    return wanted;
  }

  @Override
  public void close() throws IOException {
    bytes.close();
  }

  /** Writes data, and in the end the seal. Not thread-safe. */
  static final class Writer {
    private final OutputStream out;
    private final List<int[]> full = new ArrayList<>();
    private int[] sums = new int[1 << 12];
    private int count;
    private final CRC32C crc = new CRC32C();
    private int inBlock;
    private long length;

    Writer(OutputStream out) {
      this.out = out;
    }

    void write(byte[] bytes, int count) throws IOException {
      out.write(bytes, 0, count);
      for (int at = 0; at < count; ) {
        int step = Math.min(BLOCK - inBlock, count - at);
        crc.update(bytes, at, step);
        at += step;
        inBlock += step;
        if (inBlock == BLOCK) {
          next();
        }
      }
      length += count;
    }

    private void next() {
      if (count == sums.length) {
        full.add(sums);
        sums = new int[sums.length];
        count = 0;
      }
      sums[count++] = (int) crc.getValue();
      crc.reset();
      inBlock = 0;
    }

    /** Writes the seal; the caller closes and syncs the file. */
    void seal() throws IOException {
      if (inBlock > 0) {
        next();
      }
      full.add(Arrays.copyOf(sums, count));
      ByteBuffer table = ByteBuffer.allocate(full.stream().mapToInt(s -> 4 * s.length).sum());
      full.forEach(part -> Arrays.stream(part).forEach(table::putInt));
      ByteBuffer footer = ByteBuffer.allocate(FOOTER).putLong(MAGIC).putLong(length);
      footer.putInt(sum(table.array(), footer.array()));
      out.write(table.array());
      out.write(footer.array());
    }
  }
}
