package dev.millrace.file;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HexFormat;

/**
 * A text file that only grows, line by line. A {@link Mark} says how long it was and what it held
 * then, so that whoever keeps the mark can tell later whether all of that is still there. Memory
 * does not grow with the file. Not thread-safe; close it to give the file back.
 */
public final class AppendLog implements Closeable {
  /**
   * A log as it was at some moment.
   *
   * @param bytes its length
   * @param sha256 of all of them
   */
  public record Mark(long bytes, String sha256) {}

  private static final Object ADDING = new Object();

  private final Path file;
  private final FileChannel channel;
  private final MessageDigest digest;

  private AppendLog(Path file, FileChannel channel, MessageDigest digest) {
    this.file = file;
    this.channel = channel;
    this.digest = digest;
  }

  /** Opens a log to append to, or begins one; reads it once. */
  public static AppendLog open(Path file) throws IOException {
    MessageDigest digest = Sha256.digest();
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (channel.size() == 0) {
        AtomicFiles.sync(file.toAbsolutePath().getParent());
      }
      update(digest, file, channel.size());
      channel.position(channel.size());
      return new AppendLog(file, channel, digest);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /** Whether a file still begins with what it held at a mark. */
  public static boolean fits(Path file, Mark mark) throws IOException {
    if (!Files.exists(file)) {
      return mark.bytes() == 0;
    }
    if (Files.size(file) < mark.bytes()) {
      return false;
    }
    MessageDigest digest = Sha256.digest();
    update(digest, file, mark.bytes());
    return HexFormat.of().formatHex(digest.digest()).equals(mark.sha256());
  }

  /** Takes off what was written after a mark. */
  public static void cut(Path file, Mark mark) throws IOException {
    if (Files.exists(file)) {
      cut(file, mark.bytes());
    }
  }

  private static void cut(Path file, long bytes) throws IOException {
    if (Files.size(file) == bytes) {
      return;
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(bytes);
      channel.force(true);
    } catch (IOException e) {
      throw Reason.named(file, e);
    }
  }

  private static void update(MessageDigest digest, Path file, long bytes) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] block = new byte[1 << 16];
      long left = bytes;
      while (left > 0) {
        int n = in.read(block, 0, (int) Math.min(block.length, left));
        if (n < 0) {
          throw new java.io.EOFException();
        }
        digest.update(block, 0, n);
        left -= n;
      }
    } catch (IOException e) {
      throw Reason.named(file, e);
    }
  }

  /** Appends a line, all of it or nothing; its end is added. */
  public void append(String line) throws IOException {
    append(line, false);
  }

  /** Like {@link #append}, and forces it to disk. */
  public void commit(String line) throws IOException {
    append(line, true);
  }

  private void append(String line, boolean force) throws IOException {
    byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
    long began = channel.position();
    try {
      write(channel, bytes);
      if (force) {
        channel.force(true);
      }
    } catch (IOException e) {
      channel.truncate(began);
      throw Reason.named(file, e);
    }
    digest.update(bytes);
  }

  private static void write(FileChannel channel, byte[] bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  /**
   * Appends lines to a log of many writers, one writer after another; missing, it is made. Half a
   * line that a killed process left at its end is ended first, so that it spoils no other. Returns
   * when they are on disk.
   *
   * @param lines each with its end
   */
  public static void add(Path file, String lines) throws IOException {
    // A lock keeps other processes out, and no other thread of this one.
    synchronized (ADDING) {
      // What appends cannot read. On POSIX a lock ends when its process closes any descriptor of
      // the file, so the one that reads is opened before and closed after it.
      try {
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND).close();
      } catch (IOException e) {
        throw Reason.named(file, e);
      }
      try (FileChannel end = FileChannel.open(file, StandardOpenOption.READ);
          FileChannel channel = FileChannel.open(file, StandardOpenOption.APPEND);
          FileLock lock = channel.lock()) {
        // Under the lock: what another is writing looks like half a line while its pages grow.
        String before = endsInHalfALine(end) ? "\n" : "";
        boolean first = channel.size() == 0;
        write(channel, (before + lines).getBytes(StandardCharsets.UTF_8));
        channel.force(true);
        if (first) {
          AtomicFiles.sync(file.toAbsolutePath().getParent());
        }
      } catch (IOException e) {
        throw Reason.named(file, e);
      }
    }
  }

  private static boolean endsInHalfALine(FileChannel channel) throws IOException {
    ByteBuffer last = ByteBuffer.allocate(1);
    long end = channel.size();
    return end > 0 && channel.read(last, end - 1) == 1 && last.get(0) != '\n';
  }

  /** How many bytes of a log are whole lines: all but half a last one. */
  public static int whole(byte[] log) {
    int end = log.length;
    while (end > 0 && log[end - 1] != '\n') {
      end--;
    }
    return end;
  }

  /** Takes half a line off that a killed process left at a log's end. */
  public static void cutHalfLine(Path file) throws IOException {
    if (Files.exists(file)) {
      int whole = whole(Files.readAllBytes(file));
      cut(file, whole);
    }
  }

  /** Forces everything to disk and says what is there. */
  public Mark mark() throws IOException {
    try {
      channel.force(true);
      MessageDigest now = (MessageDigest) digest.clone();
      return new Mark(channel.position(), HexFormat.of().formatHex(now.digest()));
    } catch (IOException e) {
      throw Reason.named(file, e);
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("the JDK's SHA-256 can be cloned", e);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  /**
   * The end of a log, also while another process appends to it; its first line may be a part of
   * one. Empty where there is no log.
   *
   * @param most bytes
   * @throws IOException if it cannot be read
   */
  public static String tail(Path file, int most) throws IOException {
    if (!Files.exists(file)) {
      return "";
    }
    try (FileChannel channel = FileChannel.open(file)) {
      long from = Math.max(0, channel.size() - most);
      ByteBuffer bytes = ByteBuffer.allocate((int) (channel.size() - from));
      while (bytes.hasRemaining() && channel.read(bytes, from + bytes.position()) > 0) {
        continue;
      }
      return new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw Reason.named(file, e);
    }
  }
}
