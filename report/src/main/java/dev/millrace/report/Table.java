package dev.millrace.report;

import java.util.List;

/**
 * A table in a container that scrolls by itself, with a first column that stays. Arguments are
 * plain text unless their name ends with {@code Html}.
 */
final class Table {
  private final String caption;
  private final StringBuilder head = new StringBuilder();
  private final StringBuilder body = new StringBuilder();
  private final int columns;
  private String more;

  /**
   * A table without rows.
   *
   * @param first what the first column names
   * @param columns the other columns; one that begins with {@code #} holds numbers
   */
  Table(String caption, String first, List<String> columns) {
    this.caption = caption;
    this.columns = columns.size() + 1;
    more = columns.size() + " columns";
    head.append("<tr><th scope=\"col\">").append(Html.escape(first)).append("</th>");
    for (String column : columns) {
      boolean numbers = column.startsWith("#");
      head.append(numbers ? "<th scope=\"col\" class=\"n\">" : "<th scope=\"col\">")
          .append(Html.escape(numbers ? column.substring(1) : column))
          .append("</th>");
    }
    head.append("</tr>");
  }

  /** What a narrow window does not show at once, such as "10 tasks"; without it the columns. */
  Table goesOnWith(String what) {
    more = what;
    return this;
  }

  /** A heading over the rows that follow. */
  Table group(String name) {
    body.append("<tr class=\"group\"><th scope=\"rowgroup\" colspan=\"")
        .append(columns)
        .append("\"><span>")
        .append(Html.escape(name))
        .append("</span></th></tr>\n");
    return this;
  }

  /** A row; its cells come from {@link #number}, {@link #text} and their like. */
  Table row(String name, List<String> cellsHtml) {
    body.append("<tr><th scope=\"row\">").append(Html.escape(name)).append("</th>");
    cellsHtml.forEach(body::append);
    body.append("</tr>\n");
    return this;
  }

  static String number(String number) {
    return "<td class=\"n\">" + Html.escape(number) + "</td>";
  }

  /** A number with a smaller line below. */
  static String number(String number, String below) {
    return "<td class=\"n\">"
        + Html.escape(number)
        + (below.isEmpty() ? "" : "<small>" + Html.escape(below) + "</small>")
        + "</td>";
  }

  static String text(String text) {
    return "<td class=\"text\">" + Html.escape(text) + "</td>";
  }

  static String html(String cellHtml) {
    return "<td>" + cellHtml + "</td>";
  }

  /** What is not there. */
  static String missing(String why) {
    return "<td class=\"n pending\">" + Html.escape(why) + "</td>";
  }

  /** The whole table. */
  String html() {
    return "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\""
        + Html.escape(caption)
        + "\"><table><caption><span>"
        + Html.escape(caption)
        + (columns > 3 ? "<b class=\"more\">" + Html.escape(more) + " →</b>" : "")
        + "</span></caption>\n<thead>"
        + head
        + "</thead>\n<tbody>\n"
        + body
        + "</tbody></table></div>\n";
  }
}
