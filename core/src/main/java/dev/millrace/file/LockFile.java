package dev.millrace.file;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;

/** Files that one process at a time holds, until it closes them or dies. */
public final class LockFile {
  /** What the lock of a folder that is worked on is called in it. */
  public static final String OF_FOLDER = "lock";

  private static final long WAIT_MILLIS = 5;

  /** What this process has taken; closed ones are held no more. */
  private static final Map<Path, FileChannel> HELD = new HashMap<>();

  private LockFile() {}

  /**
   * Whether nobody holds a lock, at this moment; one that was never taken is free.
   *
   * @throws IOException if that cannot be found out
   */
  public static boolean isFree(Path file) throws IOException {
    if (!Files.exists(file)) {
      return true;
    }
    try (FileChannel lock = take(file)) {
      return lock != null;
    }
  }

  /**
   * Takes a lock without waiting; the file is made where it is missing.
   *
   * @return the lock, which ends when the caller closes it; null if someone holds it, this process
   *     included
   * @throws IOException if the file cannot be opened
   */
  public static synchronized FileChannel take(Path file) throws IOException {
    // On Linux a lock ends when its process closes any descriptor of the file, so one that this
    // process holds must not be opened again.
    Path key = key(file);
    FileChannel held = HELD.get(key);
    if (held != null && held.isOpen()) {
      return null;
    }
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (hold(channel)) {
        HELD.put(key, channel);
        return channel;
      }
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    channel.close();
    return null;
  }

  private static Path key(Path file) throws IOException {
    Path absolute = file.toAbsolutePath();
    HELD.values().removeIf(channel -> !channel.isOpen());
    return absolute.getParent().toRealPath().resolve(absolute.getFileName());
  }

  /**
   * Takes a lock, waiting for whoever holds it; for locks that are held for moments.
   *
   * @return the lock, which ends when the caller closes it
   * @throws IOException if the file cannot be opened, or the calling thread is interrupted, whose
   *     flag stays set
   */
  public static FileChannel await(Path file) throws IOException {
    while (true) {
      FileChannel lock = take(file);
      if (lock != null) {
        return lock;
      }
      try {
        Thread.sleep(WAIT_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException(file + ": interrupted while another held it");
      }
    }
  }

  /**
   * Locks an open file as long as its channel is open, without waiting.
   *
   * @return false if someone holds it, this process included
   * @throws IOException if the file system knows no locks
   */
  public static boolean hold(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      return false; // by this very process: held all the same
    }
  }
}
