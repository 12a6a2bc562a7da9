package dev.millrace.live;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Whether a write failed for want of room: what ends when somebody makes some. Stateless. */
final class FullDisk {
  private static final List<String> WORDS =
      List.of(
          "No space left on device",
          "disk is full", // SQLite's, and Windows'
          "Disk quota exceeded",
          "not enough space on the disk");

  /** SQLite's words for a write that failed for whatever is not the end of the disk: a quota's. */
  private static final String UNTOLD = "disk I/O error";

  /** Room in which a picture may fail to find a place: half of it is cut off before we look. */
  private static final long NEXT_TO_NOTHING = 64 << 20;

  private static final int BLOCK = 1 << 16;

  private FullDisk() {}

  /**
   * Looks at a failure, at what caused it, and at the folder: the system's words are in the
   * language of a program's locale, and SQLite has none for a quota.
   */
  static boolean is(IOException failure, Path folder) {
    return is(failure, usable(folder)) || says(failure, UNTOLD) && !takesABlock(folder);
  }

  /**
   * As {@link #is(IOException, Path)}.
   *
   * @param usable bytes that the folder has room for
   */
  static boolean is(IOException failure, long usable) {
    return usable < NEXT_TO_NOTHING || WORDS.stream().anyMatch(words -> says(failure, words));
  }

  private static boolean says(Throwable failure, String words) {
    for (Throwable one = failure; one != null; one = one.getCause()) {
      if (one.toString().contains(words)) {
        return true;
      }
    }
    return false;
  }

  private static long usable(Path folder) {
    try {
      return Files.getFileStore(folder).getUsableSpace();
    } catch (IOException e) {
      return Long.MAX_VALUE; // then words alone tell
    }
  }

  /** Whether a block can be written; a disk that fails at it is full, as far as its words say. */
  private static boolean takesABlock(Path folder) {
    try {
      Path block = Files.createTempFile(folder, ".room-", "");
      try {
        Files.write(block, new byte[BLOCK]);
      } finally {
        Files.delete(block);
      }
      return true;
    } catch (IOException e) {
      return !is(e, Long.MAX_VALUE);
    }
  }
}
