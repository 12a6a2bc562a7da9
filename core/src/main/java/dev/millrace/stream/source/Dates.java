package dev.millrace.stream.source;

import java.util.Collection;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Folders that say when a picture came, as cameras and uploads make them: {@code 2026/11/28},
 * {@code 2026-11}, {@code 20261128}. A day is no class, and tomorrow brings another.
 */
final class Dates {
  private static final String YEAR = "(?:19|20)\\d\\d";
  private static final String MONTH = "(?:0?[1-9]|1[0-2])";
  private static final String DAY = "(?:0?[1-9]|[12]\\d|3[01])";

  /** A path whose last folders are a month or a day; a year alone may well be a class. */
  private static final Pattern DATED =
      Pattern.compile(
          "((?:.*?/)??)(?:%1$s/%2$s(?:/%3$s)?|(?:%1$s/(?:%2$s/)?)?%1$s[-_.]%2$s(?:[-_.]%3$s)?|(?:%1$s/)?%1$s(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\\d|3[01]))/[^/]*"
              .formatted(YEAR, MONTH, DAY));

  private Dates() {}

  /** Whether names are years, several: classes perhaps, as of cars, or when the pictures came. */
  static boolean years(Collection<String> names) {
    return names.size() > 1 && names.stream().allMatch(name -> name.matches(YEAR));
  }

  /**
   * Whether every folder that holds a picture is a date, all of them in one folder: days within
   * {@code cat/} and {@code dog/} leave these two classes. Pictures beside the folders do not
   * count.
   */
  static boolean all(Collection<String> paths) {
    String around = null;
    for (String path : paths) {
      if (path.contains("/")) {
        Matcher dated = DATED.matcher(path);
        if (!dated.matches() || around != null && !around.equals(dated.group(1))) {
          return false;
        }
        around = dated.group(1);
      }
    }
    return around != null;
  }
}
