package dev.millrace.stream.source;

import dev.millrace.stream.SourceException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Objects;

/**
 * A file that stays readable when a thread is interrupted while it reads: Java closes a channel
 * then for every thread. The interrupted one is told, and whoever reads next opens the file again.
 * Thread-safe.
 */
final class SteadyFile implements BoundedBytes.Source, Closeable {
  /** What tells that the file is still the one that was opened first. */
  private record Mark(Object key, long size, FileTime modified) {
    static Mark of(Path file) throws IOException {
      BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
      return new Mark(now.fileKey(), now.size(), now.lastModifiedTime());
    }
  }

  private final Path file;
  private final Mark first;
  private FileChannel channel;
  private boolean closed;

  private SteadyFile(Path file, FileChannel channel, Mark first) {
    this.file = file;
    this.channel = channel;
    this.first = first;
  }

  /** Opens a file; the caller closes it. */
  static SteadyFile open(Path file) throws IOException {
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
    try {
      return new SteadyFile(file, channel, Mark.of(file));
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /** How long the file was when it was opened. */
  long size() {
    return first.size();
  }

  /**
   * Reads some bytes.
   *
   * @throws ClosedByInterruptException if this thread is interrupted
   * @throws SourceException if another's was, and the file is gone or another since
   */
  @Override
  public int read(ByteBuffer into, long at) throws IOException {
    while (true) {
      FileChannel now = channel();
      int from = into.position();
      try {
        return now.read(into, at);
      } catch (ClosedByInterruptException e) {
        throw e;
      } catch (ClosedChannelException e) {
        into.position(from); // another reader was interrupted
      }
    }
  }

  private synchronized FileChannel channel() throws IOException {
    if (closed) {
      throw new ClosedChannelException();
    }
    if (!channel.isOpen()) {
      SteadyFile again;
      try {
        again = open(file);
      } catch (NoSuchFileException e) {
        throw new SourceException(file + " is no longer there; bring it back", e);
      }
      if (!Objects.equals(again.first, first)) {
        again.close();
        throw new Origin.Changed(file.toString());
      }
      channel = again.channel;
    }
    return channel;
  }

  @Override
  public synchronized void close() throws IOException {
    closed = true;
    channel.close();
  }
}
