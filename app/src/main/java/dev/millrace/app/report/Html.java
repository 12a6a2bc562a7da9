package dev.millrace.app.report;

import dev.millrace.app.report.numbers.Verdict;
import dev.millrace.app.report.plot.Figure;
import dev.millrace.app.report.plot.Markup;
import java.util.List;

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

  /** Plots side by side, as many as there is room for. */
  static String figures(List<Figure> figures) {
    if (figures.isEmpty()) {
      return "";
    }
    StringBuilder html = new StringBuilder("<div class=\"figures\">\n");
    figures.forEach(
        figure -> html.append("<figure>").append(figure.inline()).append("</figure>\n"));
    return html.append("</div>\n").toString();
  }
}
