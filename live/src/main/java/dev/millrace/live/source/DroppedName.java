package dev.millrace.live.source;

import dev.millrace.stream.source.Catalogue;
import java.util.Locale;

/** What the name of a dropped file says of it: its path in the folder. Stateless. */
final class DroppedName {
  private DroppedName() {}

  /** As what kind a file is passed over; null if it is a picture or an archive. */
  static String ignored(String key) {
    String lower = key.toLowerCase(Locale.ROOT);
    if (lower.startsWith(".") || lower.contains("/.")) {
      return "hidden";
    }
    if (lower.endsWith(".part") || lower.endsWith(".tmp")) {
      return "unfinished";
    }
    return Catalogue.isPicture(key) || isArchive(key) ? null : "no picture";
  }

  /** Whether it is called as archives are. */
  static boolean isArchive(String key) {
    String lower = key.toLowerCase(Locale.ROOT);
    return lower.endsWith(".tar") || lower.endsWith(".zip");
  }
}
