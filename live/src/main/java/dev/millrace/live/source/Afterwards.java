package dev.millrace.live.source;

import dev.millrace.file.AtomicFiles;
import dev.millrace.live.source.FolderSettings.After;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * Does with a file that was taken what is to be done afterwards. What is stored nowhere else is
 * never deleted, and nothing is written over. Stateless.
 */
final class Afterwards {
  /** Where files are moved to, in the folder. */
  static final String TAKEN = ".taken";

  /** Whether all that a file holds is in a chunk; asked only where it would be deleted. */
  @FunctionalInterface
  interface Stored {
    boolean of() throws IOException;
  }

  private final Path folder;
  private final After after;

  Afterwards(FolderSettings settings) {
    folder = settings.folder();
    after = settings.after();
  }

  /** What distinguishes a file from an older one of its name. */
  static String stamp(Path file) throws IOException {
    return stamp(Files.readAttributes(file, BasicFileAttributes.class));
  }

  static String stamp(BasicFileAttributes about) {
    return about.size() + " " + about.lastModifiedTime().toInstant();
  }

  /**
   * Deletes a file, moves it aside or lets it stay; one that was replaced meanwhile stays.
   *
   * @param stamp what it was when it was taken
   * @return whether it is there no more
   */
  boolean leave(Path file, String stamp, Stored stored) throws IOException {
    if (after == After.KEEP) {
      return false;
    }
    boolean delete = after == After.DELETE && stored.of();
    try {
      if (!stamp(file).equals(stamp)) {
        return false;
      }
    } catch (NoSuchFileException e) {
      return true;
    }
    if (delete) {
      Files.deleteIfExists(file);
    } else {
      Path to = free(folder.resolve(TAKEN).resolve(folder.relativize(file)));
      AtomicFiles.folders(to.getParent());
      AtomicFiles.move(file, to);
    }
    return true;
  }

  /** A name that nothing bears: {@code a.png}, {@code a.png.2}, {@code a.png.3} … */
  private static Path free(Path wanted) {
    Path to = wanted;
    for (int i = 2; Files.exists(to, LinkOption.NOFOLLOW_LINKS); i++) {
      to = wanted.resolveSibling(wanted.getFileName() + "." + i);
    }
    return to;
  }
}
