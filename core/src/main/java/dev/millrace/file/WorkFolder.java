package dev.millrace.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * A folder for what a call makes on its way, removed when it is closed. A call that was killed
 * cannot close it, so it is locked as long as its process lives, and the next call that makes one
 * of the same kind in the same place removes those that nobody holds. The holder may write anything
 * into {@link #path} but {@code lock}. Not thread-safe.
 */
public final class WorkFolder implements AutoCloseable {
  private static final String LOCK = "lock";

  /** A process loses its lock of a file by closing any channel to it, so it stays off its own. */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path path;
  private final FileChannel lock;

  private WorkFolder(Path path, FileChannel lock) {
    this.path = path;
    this.lock = lock;
  }

  /**
   * Makes one, and removes what killed calls left.
   *
   * @param place the folder it is made in, which is there
   * @param kind how its name begins; no other program's files begin so
   * @throws IOException if the place cannot be written to, named
   */
  public static WorkFolder in(Path place, String kind) throws IOException {
    Path root = place.toAbsolutePath();
    sweep(root, kind);
    while (true) {
      Path path = root.resolve(kind + "-" + UUID.randomUUID());
      HELD.add(path);
      try {
        Files.createDirectory(path);
        WorkFolder folder = new WorkFolder(path, lock(path));
        // Another call may have swept it in the moment before it was locked.
        if (folder.lock == null || Files.exists(path.resolve(LOCK))) {
          return folder;
        }
        folder.close();
      } catch (NoSuchFileException e) {
        HELD.remove(path);
        if (!Files.isDirectory(root)) {
          throw Reason.named(path, e);
        }
      } catch (IOException e) {
        HELD.remove(path);
        throw Reason.named(path, e);
      }
    }
  }

  /** The folder. */
  public Path path() {
    return path;
  }

  /** Null where the file system knows no locks: then nobody can take one to sweep it either. */
  private static FileChannel lock(Path path) throws IOException {
    try {
      FileChannel lock = LockFile.take(path.resolve(LOCK));
      if (lock == null) {
        throw new NoSuchFileException(path.toString()); // a sweeping call was faster
      }
      return lock;
    } catch (NoSuchFileException | AccessDeniedException e) {
      throw e;
    } catch (IOException e) {
      return null;
    }
  }

  private static void sweep(Path place, String kind) throws IOException {
    if (!Files.isDirectory(place)) {
      return;
    }
    try (Stream<Path> all = Files.list(place)) {
      for (Path left :
          all.filter(f -> f.getFileName().toString().startsWith(kind + "-")).toList()) {
        if (Files.isDirectory(left, LinkOption.NOFOLLOW_LINKS) && HELD.add(left)) {
          try {
            removeUnlessLocked(left);
          } finally {
            HELD.remove(left);
          }
        }
      }
    } catch (AccessDeniedException e) {
      return; // a place that may be written to and not listed
    }
  }

  private static void removeUnlessLocked(Path left) {
    try (FileChannel lock = LockFile.take(left.resolve(LOCK))) {
      if (lock != null) {
        remove(left);
      }
    } catch (IOException | UncheckedIOException e) {
      return; // another user's, or another call sweeps it now
    }
  }

  private static void remove(Path path) throws IOException {
    Trees.delete(path, file -> !file.equals(path) && !file.equals(path.resolve(LOCK)));
    // Last, so that whoever takes it in between finds it locked.
    Files.deleteIfExists(path.resolve(LOCK));
    try {
      Files.deleteIfExists(path);
    } catch (DirectoryNotEmptyException e) {
      return; // locked anew at this very moment, by the call that had made it
    }
  }

  /** Removes it with all that is in it. */
  @Override
  public void close() throws IOException {
    try {
      remove(path);
    } finally {
      if (lock != null) {
        lock.close();
      }
      HELD.remove(path);
    }
  }
}
