package dev.millrace.stream.source;

import dev.millrace.stream.Image;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.function.Supplier;

/**
 * Reads files whole, none of more than {@link Image#MAX_BYTES}: sizes are asked before memory is
 * taken, and are not believed when a stream holds more.
 */
final class BoundedBytes {
  /** In one step for all, a channel would take as much native memory again. */
  private static final int STEP = 1 << 18;

  private BoundedBytes() {}

  /** Bytes that can be read at any place, as of a {@link FileChannel}. Thread-safe. */
  @FunctionalInterface
  interface Source {
    /** Reads some bytes from a place on; returns how many, -1 at the end. */
    int read(ByteBuffer into, long at) throws IOException;
  }

  /** So many bytes of a source from a place on, as a stream. Not thread-safe. */
  static final class Stretch extends InputStream {
    private final Source source;
    private final Supplier<String> name;
    private final byte[] step = new byte[STEP];
    private long at;
    private long left;
    private int from;
    private int filled;

    Stretch(Source source, long at, long size, Supplier<String> name) {
      this.source = source;
      this.at = at;
      this.left = size;
      this.name = name;
    }

    private boolean ended() throws IOException {
      if (from == filled && left > 0) {
        filled = fill(source, at, step, 0, (int) Math.min(step.length, left));
        if (filled == 0) {
          throw new IOException(name.get() + " ends too early; is the archive complete?");
        }
        at += filled;
        left -= filled;
        from = 0;
      }
      return from == filled;
    }

    @Override
    public int read() throws IOException {
      return ended() ? -1 : step[from++] & 0xFF;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      if (length == 0) {
        return 0;
      }
      if (ended()) {
        return -1;
      }
      int read = Math.min(length, filled - from);
      System.arraycopy(step, from, into, offset, read);
      from += read;
      return read;
    }
  }

  /** A file's content; its size as it was when the file was listed. */
  record OfFile(Path file, long size) implements Image.Content {
    @Override
    public byte[] read() throws IOException {
      return of(file);
    }

    @Override
    public InputStream open() throws IOException {
      return Files.newInputStream(file);
    }

    @Override
    public byte[] head(int bytes) throws IOException {
      try (InputStream in = Files.newInputStream(file)) {
        return in.readNBytes(bytes);
      }
    }
  }

  /** What is listed all the same, so that it is met by its name and with the reason. */
  record Unreadable(String reason, long size) implements Image.Content {
    @Override
    public byte[] read() throws IOException {
      throw new IOException(reason);
    }
  }

  /** Refuses a size above the limit. */
  static void require(long size, Supplier<String> name) throws IOException {
    if (size > Image.MAX_BYTES) {
      throw new IOException(
          "%s has %d bytes, and a picture may have %d (512 MiB) at most; make it smaller, or take it out"
              .formatted(name.get(), size, Image.MAX_BYTES));
    }
  }

  /** All of a file; of a pipe, which says no size, all that comes. */
  static byte[] of(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      try (InputStream in = Files.newInputStream(file)) {
        byte[] bytes = in.readNBytes((int) Image.MAX_BYTES + 1);
        require(bytes.length, file::toString);
        return bytes;
      }
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      require(size, file::toString);
      byte[] bytes = new byte[(int) size];
      int read = fill(channel::read, 0, bytes, 0, bytes.length);
      return read == bytes.length ? bytes : Arrays.copyOf(bytes, read);
    }
  }

  /** So many bytes from a place on. */
  static byte[] of(Source source, long at, long size, Supplier<String> name) throws IOException {
    require(size, name);
    byte[] bytes = new byte[(int) size];
    if (fill(source, at, bytes, 0, bytes.length) < bytes.length) {
      throw new IOException(name.get() + " ends too early; is the archive complete?");
    }
    return bytes;
  }

  /** Fills a part of an array; returns how many bytes there were. */
  static int fill(Source source, long at, byte[] bytes, int from, int length) throws IOException {
    int done = 0;
    while (done < length) {
      ByteBuffer step = ByteBuffer.wrap(bytes, from + done, Math.min(STEP, length - done));
      int read = source.read(step, at + done);
      if (read < 0) {
        break;
      }
      done += read;
    }
    return done;
  }

  /** All of a stream that says how long it is, which must be so. */
  static byte[] of(InputStream in, long size) throws IOException {
    require(size, () -> "it");
    if (size < 0) {
      throw new IOException("the archive says no size");
    }
    byte[] bytes = new byte[(int) size];
    int read = in.readNBytes(bytes, 0, bytes.length);
    if (read < bytes.length || in.read() >= 0) {
      throw new IOException(
          "it unpacks to %s than the %d bytes that the archive says; pack it again"
              .formatted(read < bytes.length ? "fewer" : "more", size));
    }
    return bytes;
  }
}
