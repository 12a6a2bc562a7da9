package dev.millrace.exchange.card;

import dev.millrace.file.Printable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Words of others, such as names of sets and what a file says of itself, as Markdown that means
 * them and nothing else: no markup, no HTML, no end of a table's cell or of a block of code.
 */
final class Markdown {
  private static final Pattern MARKUP = Pattern.compile("[\\\\`*\\[\\]<>|&~#]");
  private static final Pattern TICKS = Pattern.compile("`+");

  private Markdown() {}

  /** In a sentence or a cell of a table. */
  static String text(String words) {
    return MARKUP.matcher(Printable.of(words)).replaceAll("\\\\$0");
  }

  /** As code within a line, in a cell too. */
  static String code(String words) {
    String one = Printable.of(words).replace("|", "\\|");
    String fence = "`".repeat(longest(one) + 1);
    String room = one.startsWith("`") || one.endsWith("`") ? " " : "";
    return fence + room + one + room + fence;
  }

  /** As a block of code of its own; the lines are the caller's, without line breaks in them. */
  static String block(Iterable<String> lines) {
    StringBuilder block = new StringBuilder();
    lines.forEach(line -> block.append(Printable.of(line)).append('\n'));
    String fence = "`".repeat(Math.max(3, longest(block.toString()) + 1));
    return fence + "\n" + block + fence + "\n";
  }

  private static int longest(String words) {
    int most = 0;
    for (Matcher ticks = TICKS.matcher(words); ticks.find(); ) {
      most = Math.max(most, ticks.end() - ticks.start());
    }
    return most;
  }
}
