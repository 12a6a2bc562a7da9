package dev.millrace.file;

import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A command as it can be pasted into a POSIX shell: every word reaches the program as it is,
 * whatever blanks, quotes, {@code $}, {@code *}, {@code ~} or line ends it has.
 */
public final class ShellWords {
  /** What no shell takes for anything but itself, in any place of a word. */
  private static final Pattern PLAIN = Pattern.compile("[\\p{L}\\p{M}\\p{N}_./:,+@%=-]+");

  private ShellWords() {}

  /**
   * The words with blanks between, each quoted where it must be.
   *
   * @param words the program, flags and values; a value that begins with a dash is for a place
   *     where the program takes it, or goes through {@link #place}
   */
  public static String of(Object... words) {
    return Arrays.stream(words)
        .map(word -> quoted(String.valueOf(word)))
        .collect(Collectors.joining(" "));
  }

  /**
   * A path that no program takes for a flag: one that begins with a dash begins with {@code ./}.
   */
  public static String place(Object path) {
    String word = String.valueOf(path);
    return word.startsWith("-") ? "./" + word : word;
  }

  /** {@code `millrace resume RUN`}, as messages propose it. */
  public static String resume(Object run) {
    return "`" + of("millrace", "resume", place(run)) + "`";
  }

  private static String quoted(String word) {
    return PLAIN.matcher(word).matches() ? word : "'" + word.replace("'", "'\\''") + "'";
  }
}
