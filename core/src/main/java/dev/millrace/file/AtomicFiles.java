package dev.millrace.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** Files that are complete or absent: written beside, fsynced, renamed. */
public final class AtomicFiles {
  private AtomicFiles() {}

  /** Writes what a file shall hold. */
  @FunctionalInterface
  public interface Content {
    /** Writes everything to the channel. */
    void to(FileChannel channel) throws IOException;
  }

  /** Replaces a file's bytes; missing parents are made. */
  public static void write(Path file, byte[] bytes) throws IOException {
    write(
        file,
        channel -> {
          ByteBuffer buffer = ByteBuffer.wrap(bytes);
          while (buffer.hasRemaining()) {
            channel.write(buffer);
          }
        });
  }

  /**
   * Replaces a file's content; missing parents are made.
   *
   * @throws IOException if it cannot be written, naming it; the old content is then untouched
   */
  public static void write(Path file, Content content) throws IOException {
    Path absolute = file.toAbsolutePath();
    Path folder = absolute.getParent();
    folders(folder);
    Path beside = folder.resolve("." + absolute.getFileName() + ".partial");
    try {
      try (FileChannel channel =
          FileChannel.open(
              beside,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        content.to(channel);
        channel.force(true);
      }
      rename(beside, absolute);
    } catch (IOException e) {
      Files.deleteIfExists(beside);
      throw Reason.named(file, e);
    } catch (RuntimeException e) {
      Files.deleteIfExists(beside);
      throw e;
    }
    sync(folder);
  }

  /**
   * Replaces a file's content by another file's, which is read through no buffer.
   *
   * @throws IOException if it cannot; the old content is then untouched
   */
  public static void copy(Path from, Path to) throws IOException {
    write(
        to,
        channel -> {
          try (FileChannel bytes = FileChannel.open(from, StandardOpenOption.READ)) {
            for (long at = 0, size = bytes.size(); at < size; ) {
              at += bytes.transferTo(at, size - at, channel);
            }
          }
        });
  }

  /**
   * Puts a file that is forced to disk into another's place, and makes that last.
   *
   * @param fresh in the same folder
   * @throws IOException if it cannot; the other is then untouched
   */
  public static void move(Path fresh, Path file) throws IOException {
    rename(fresh, file);
    sync(file.toAbsolutePath().getParent());
  }

  private static void rename(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /**
   * Makes a folder and those above it that are missing. A folder is an entry of the one above, so
   * each of these is synced: else files that were forced to disk could be lost with their folder.
   */
  public static void folders(Path folder) throws IOException {
    Path absolute = folder.toAbsolutePath();
    if (Files.isDirectory(absolute)) {
      return;
    }
    Path above = absolute.getParent();
    if (above != null) {
      folders(above);
    }
    try {
      Files.createDirectory(absolute);
    } catch (FileAlreadyExistsException e) {
      if (!Files.isDirectory(absolute)) {
        throw e;
      }
    }
    if (above != null) {
      sync(above);
    }
  }

  /** Makes a rename in a folder last; not every system lets a folder be opened. */
  public static void sync(Path folder) throws IOException {
    if (System.getProperty("os.name").startsWith("Windows")) {
      return;
    }
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (java.nio.file.AccessDeniedException e) {
      // A folder that may be written to but not read (mode -wx) cannot be synced.
      return;
    } catch (IOException e) {
      throw Reason.named(folder, e);
    }
  }
}
