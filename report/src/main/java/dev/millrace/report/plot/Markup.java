package dev.millrace.report.plot;

import dev.millrace.file.Printable;

/** Text as XML and HTML want it. */
public final class Markup {
  private Markup() {}

  /** XML knows few control characters, however they are written; marks of direction mislead. */
  private static String printable(String text) {
    StringBuilder printable = new StringBuilder();
    text.codePoints()
        .forEach(
            c -> {
              String one = Character.toString(c);
              printable.append(
                  c == '\n' || c == '\t'
                      ? one
                      : c > 0xFFFD && c < 0x10000 ? "\uFFFD" : Printable.of(one));
            });
    return printable.toString();
  }

  /** Text that means itself, in elements and in attributes. */
  public static String escape(String text) {
    StringBuilder escaped = new StringBuilder();
    String plain = printable(text);
    for (int i = 0; i < plain.length(); i++) {
      char c = plain.charAt(i);
      switch (c) {
        case '&' -> escaped.append("&amp;");
        case '<' -> escaped.append("&lt;");
        case '>' -> escaped.append("&gt;");
        case '"' -> escaped.append("&quot;");
        case '\'' -> escaped.append("&#39;");
        default -> escaped.append(c);
      }
    }
    return escaped.toString();
  }
}
