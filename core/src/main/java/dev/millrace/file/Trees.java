package dev.millrace.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Whole folders with all that is in them. */
public final class Trees {
  private Trees() {}

  /** Deletes a folder with all that is in it; links are deleted, not followed. */
  public static void delete(Path folder) throws IOException {
    delete(folder, file -> true);
  }

  /** Deletes what is in a folder; the folder stays. */
  public static void empty(Path folder) throws IOException {
    delete(folder, file -> !file.equals(folder));
  }

  /**
   * Deletes what a predicate takes of a folder and of all that is in it, the innermost first.
   *
   * @param folder one that need not be there, since another call may delete it at the same time
   */
  public static void delete(Path folder, Predicate<Path> taken) throws IOException {
    if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try (Stream<Path> inside = Files.walk(folder)) {
      List<Path> files = inside.sorted(Comparator.reverseOrder()).filter(taken).toList();
      for (Path file : files) {
        Files.deleteIfExists(file);
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }
}
