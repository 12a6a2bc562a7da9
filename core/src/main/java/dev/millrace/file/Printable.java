package dev.millrace.file;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Text that a stranger chose (a file's name, a tensor's, a message of a damaged file), fit for one
 * line of a terminal or a log: a line break in it could forge another line, an escape sequence
 * could rewrite what stands above. JSON stays the same JSON: what is unfit stands there in strings
 * only, and is written as JSON escapes it.
 */
public final class Printable {
  /**
   * Control characters, line and paragraph separators, marks that turn the direction, and halves of
   * surrogate pairs, which no encoding can write.
   */
  private static final Pattern UNFIT =
      Pattern.compile(
          "[\\p{Cc}\\p{Cs}\\u061c\\u2028\\u2029\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069\\ufeff]");

  private Printable() {}

  /** The text with {@code \n}, {@code \t}, … or {@code \}{@code u001b} for what is unfit. */
  public static String of(String text) {
    Matcher unfit = UNFIT.matcher(text);
    return unfit.find()
        ? unfit.replaceAll(one -> Matcher.quoteReplacement(escape(one.group().charAt(0))))
        : text;
  }

  /** Like {@link #of}, cut after this many letters. */
  public static String of(String text, int letters) {
    return of(text.length() > letters ? text.substring(0, letters) + "…" : text);
  }

  private static String escape(char unfit) {
    return switch (unfit) {
      case '\n' -> "\\n";
      case '\r' -> "\\r";
      case '\t' -> "\\t";
      default -> "\\u%04x".formatted((int) unfit);
    };
  }
}
