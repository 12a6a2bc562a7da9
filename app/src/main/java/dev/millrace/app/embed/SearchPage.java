package dev.millrace.app.embed;

import dev.millrace.exchange.search.Hit;
import dev.millrace.report.plot.Figure;
import dev.millrace.report.plot.Markup;
import dev.millrace.vision.decode.BadPictureException;
import dev.millrace.vision.decode.Thumbnail;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Queries and what is nearest to them, as one HTML file that loads nothing. */
final class SearchPage {
  /** Reads a hit's picture. */
  @FunctionalInterface
  interface Source {
    byte[] bytes(Hit hit) throws IOException;
  }

  /** Where a hit's picture lies as a file, in words that a page beside it understands. */
  @FunctionalInterface
  interface Place {
    /** The address relative to the page; null where there is no such file, as in an archive. */
    String of(String path);
  }

  private final String title;
  private final Source source;
  private final Place place;
  private final List<String> queries = new ArrayList<>();
  private final List<String> sections = new ArrayList<>();
  private final Map<Integer, Thumbnail> made = new HashMap<>();

  /**
   * @param data what a person calls the set
   * @param source of the set's pictures
   * @param place of the set's pictures: a thumbnail whose picture is a file leads to it
   */
  SearchPage(String data, Source source, Place place) {
    title = "Nearest pictures in " + data;
    this.source = source;
    this.place = place;
  }

  /**
   * Adds a query.
   *
   * @param name what a person calls it
   * @param picture its encoded bytes
   * @throws BadPictureException if a picture cannot be decoded
   */
  void add(String name, byte[] picture, List<Hit> hits) throws IOException, BadPictureException {
    StringBuilder html = new StringBuilder();
    String id = "q" + sections.size();
    queries.add(name);
    html.append("<section aria-labelledby=\"%s\">\n<h2 id=\"%s\">".formatted(id, id))
        .append(escape(name))
        .append("</h2>\n<div class=\"row\">\n");
    html.append("<figure class=\"query\">")
        .append(image(Thumbnail.of(picture), "query: " + name))
        .append("<figcaption><b>query</b></figcaption></figure>\n<ol class=\"hits\">\n");
    for (Hit hit : hits) {
      Thumbnail thumbnail = made.get(hit.place());
      if (thumbnail == null) {
        thumbnail = Thumbnail.of(source.bytes(hit));
        made.put(hit.place(), thumbnail);
      }
      html.append("<li><figure>")
          .append(linked(place.of(hit.path()), image(thumbnail, hit.path())))
          .append("<figcaption><b>")
          .append(String.format(Locale.ROOT, "%.4f", hit.cosine()))
          .append("</b>")
          .append(hit.label() == null ? "" : "<span>" + escape(hit.label()) + "</span>")
          .append("<small>")
          .append(escape(hit.path()).replace("/", "/<wbr/>"))
          .append("</small></figcaption></figure></li>\n");
    }
    sections.add(html.append("</ol>\n</div>\n</section>\n").toString());
  }

  private static String linked(String address, String imageHtml) {
    return address == null
        ? imageHtml
        : "<a href=\"" + escape(address) + "\">" + imageHtml + "</a>";
  }

  /** Links to the queries, where there are several. */
  private String contents() {
    if (queries.size() < 2) {
      return "";
    }
    StringBuilder html = new StringBuilder("<nav aria-label=\"Queries\"><ul>\n");
    for (int q = 0; q < queries.size(); q++) {
      html.append("<li><a href=\"#q%d\">%s</a></li>%n".formatted(q, escape(queries.get(q))));
    }
    return html.append("</ul></nav>\n").toString();
  }

  /**
   * The place of files below a folder, as a page elsewhere calls them.
   *
   * @param root of the set; not a folder where the set is an archive or has another name
   */
  static Place below(Path root, Path page) {
    Path from = page.toAbsolutePath().normalize().getParent();
    return path -> {
      Path file = root.toAbsolutePath().normalize().resolve(path);
      if (!Files.isRegularFile(file) || from == null) {
        return null;
      }
      List<String> steps = new ArrayList<>();
      from.relativize(file)
          .forEach(
              step ->
                  steps.add(
                      URLEncoder.encode(step.toString(), StandardCharsets.UTF_8)
                          .replace("+", "%20")));
      return String.join("/", steps);
    };
  }

  private static String image(Thumbnail thumbnail, String alt) {
    return "<img src=\"%s\" width=\"%d\" height=\"%d\" alt=\"%s\"/>"
        .formatted(thumbnail.uri(), thumbnail.width(), thumbnail.height(), escape(alt));
  }

  /**
   * The page.
   *
   * @param facts lines below the title
   */
  String html(List<String> facts) throws IOException {
    StringBuilder html = new StringBuilder();
    html.append(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
                + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<title>")
        .append(escape(title))
        .append("</title>\n<style>\n")
        .append(Figure.css())
        .append(css())
        .append("</style>\n</head>\n<body>\n<header>\n<h1>")
        .append(escape(title))
        .append("</h1>\n");
    facts.forEach(fact -> html.append("<p class=\"soft\">").append(escape(fact)).append("</p>\n"));
    html.append(contents()).append("</header>\n<main>\n");
    sections.forEach(html::append);
    return html.append("</main>\n</body>\n</html>\n").toString();
  }

  private static String css() throws IOException {
    try (InputStream in = SearchPage.class.getResourceAsStream("search.css")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static String escape(String text) {
    return Markup.escape(text);
  }
}
