package dev.millrace.report;

import dev.millrace.report.plot.Figure;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A page as a whole: what is to be said first, then sections.
 *
 * @param html one file that loads nothing
 */
record Page(String html) {
  /** A page whose sections stand open below each other, with links to them. */
  static Page open(String title, String firstHtml, String last, List<Section> sections) {
    StringBuilder nav = new StringBuilder();
    StringBuilder main = new StringBuilder();
    for (Section section : sections) {
      nav.append(
          String.format(
              "<li><a href=\"#%s\">%s</a></li>%n", section.id(), Html.escape(section.title())));
      main.append(
          String.format(
              "<section aria-labelledby=\"%s\">%n<h2 id=\"%s\">%s</h2>%n%s</section>%n",
              section.id(), section.id(), Html.escape(section.title()), section.html()));
    }
    return of(
        title,
        firstHtml + "<nav aria-label=\"Contents\"><ul>\n" + nav + "</ul></nav>\n",
        main.toString(),
        last);
  }

  /** A page whose sections are folded, each behind a line that says what is in it. */
  static Page folded(String title, String firstHtml, String last, List<Section> sections) {
    StringBuilder main = new StringBuilder();
    for (Section section : sections) {
      main.append("<section aria-labelledby=\"%s\">%n".formatted(section.id()))
          .append(
              Html.fold(
                  "<h2 id=\"%s\">%s</h2> <span class=\"soft\">%s</span>"
                      .formatted(
                          section.id(), Html.escape(section.title()), Html.escape(says(section))),
                  section.id() + "-all",
                  section.html()))
          .append("</section>\n");
    }
    return of(title, firstHtml, main.toString(), last);
  }

  private static String says(Section section) {
    int tables = section.html().split("<table", -1).length - 1;
    int plots = section.figures().size();
    return section.says()
        + (tables == 0 ? "" : "; " + tables + (tables == 1 ? " table" : " tables"))
        + (plots == 0
            ? ""
            : (tables == 0 ? "; " : ", ") + plots + (plots == 1 ? " plot" : " plots"));
  }

  private static Page of(String title, String firstHtml, String mainHtml, String last) {
    return new Page(
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8"/>
        <meta name="viewport" content="width=device-width, initial-scale=1"/>
        <title>%1$s</title>
        <style>
        %2$s%3$s</style>
        </head>
        <body>
        <header>
        <h1>%1$s</h1>
        %4$s</header>
        <main>
        %5$s</main>
        <footer><p>%6$s</p></footer>
        </body>
        </html>
        """
            .formatted(
                Html.escape(title), Figure.css(), css(), firstHtml, mainHtml, Html.escape(last)));
  }

  private static String css() {
    try (InputStream in = Page.class.getResourceAsStream("report.css")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
