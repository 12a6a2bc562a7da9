package dev.millrace.report;

import dev.millrace.report.numbers.Verdict;
import dev.millrace.report.plot.Figure;
import dev.millrace.report.plot.Markup;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Pieces of a page. Arguments are plain text unless their name ends with {@code Html}. */
final class Html {
  private Html() {}

  /** Text that means itself, in elements and in attributes. */
  static String escape(Object text) {
    return Markup.escape(String.valueOf(text));
  }

  static String p(String text) {
    return "<p>" + escape(text) + "</p>\n";
  }

  static String note(String text) {
    return "<p class=\"note\">" + escape(text) + "</p>\n";
  }

  static String h3(String text) {
    return "<h3>" + escape(text) + "</h3>\n";
  }

  static String list(List<String> items) {
    StringBuilder html = new StringBuilder("<ul>\n");
    items.forEach(item -> html.append("<li>").append(escape(item)).append("</li>\n"));
    return html.append("</ul>\n").toString();
  }

  static String verdict(Verdict verdict) {
    return "<span class=\"verdict "
        + Figure.name(verdict.words())
        + "\">"
        + escape(verdict.words())
        + "</span>";
  }

  /**
   * Plots side by side, each with its title and with the titles of those that would be equal.
   *
   * @param columns how many where there is room; 0 for as many as there is room for
   */
  static String figures(Map<Figure, List<String>> figures, int columns) {
    if (figures.isEmpty()) {
      return "";
    }
    StringBuilder html =
        new StringBuilder("<div class=\"figures")
            .append(columns > 1 && columns < 4 ? " by" + columns : "")
            .append("\">\n");
    figures.forEach(
        (figure, equal) ->
            html.append("<figure><figcaption>")
                .append(escape(figure.title()))
                .append(
                    equal.isEmpty()
                        ? ""
                        : "<small>" + escape(alike(figure.title(), equal)) + "</small>")
                .append("</figcaption>")
                .append(figure.inline())
                .append("</figure>\n"));
    return html.append("</div>\n").toString();
  }

  /** What equal plots would have been called, by what differs in their titles. */
  private static String alike(String title, List<String> equal) {
    List<String> parts = List.of(title.split(", "));
    List<String> others = new ArrayList<>();
    for (String other : equal) {
      String differs =
          Arrays.stream(other.split(", "))
              .filter(part -> !parts.contains(part))
              .collect(Collectors.joining(", "));
      others.add(differs.isEmpty() ? other : differs);
    }
    return "To the last digit the same, and so drawn once: " + String.join("; ", others) + ".";
  }

  /** What is folded until a reader opens it; {@code idOf} names its content, for links into it. */
  static String fold(String summaryHtml, String idOf, String contentHtml) {
    return "<details><summary>"
        + summaryHtml
        + "</summary>\n<div class=\"fold\" id=\""
        + idOf
        + "\">\n"
        + contentHtml
        + "</div></details>\n";
  }
}
