package dev.millrace.live;

import java.util.List;

/** Whether a write failed for want of room: what ends when somebody makes some. Stateless. */
final class FullDisk {
  private static final List<String> WORDS =
      List.of(
          "No space left on device",
          "disk is full", // SQLite's, and Windows'
          "Disk quota exceeded",
          "not enough space on the disk");

  private FullDisk() {}

  /** Looks at a failure and at what caused it. */
  static boolean is(Throwable failure) {
    for (Throwable one = failure; one != null; one = one.getCause()) {
      String words = one.toString();
      if (WORDS.stream().anyMatch(words::contains)) {
        return true;
      }
    }
    return false;
  }
}
