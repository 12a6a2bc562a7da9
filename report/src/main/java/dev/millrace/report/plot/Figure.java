package dev.millrace.report.plot;

import dev.millrace.file.FileName;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * One plot.
 *
 * @param name name of its file without the ending: letters, digits, hyphens
 * @param title what it shows; a page has it as a caption beside, a file draws it above
 * @param numbers what is drawn, in words, for those who do not see it
 * @param width in pixels
 * @param height in pixels, without the title
 * @param body SVG elements, without the title: equal bodies are equal pictures
 */
public record Figure(
    String name, String title, String numbers, double width, double height, String body) {
  /** The element to set into an HTML page that has {@link #css()}; without the title. */
  public String inline() {
    return open("", height) + body + "</svg>";
  }

  /** A file of its own, with its title and its colours for light and dark. */
  public String file() {
    Svg heading = new Svg();
    double top = Frame.title(heading, title);
    return open("xmlns=\"http://www.w3.org/2000/svg\" ", height + top)
        + "<style>"
        + css()
        + "svg{background:var(--ground)}</style>"
        + heading
        + "<g transform=\"translate(0 "
        + Svg.at(top)
        + ")\">"
        + body
        + "</g></svg>\n";
  }

  private String open(String namespace, double tall) {
    return String.format(
        java.util.Locale.ROOT,
        "<svg %sclass=\"plot\" viewBox=\"0 0 %s %s\" width=\"%s\" height=\"%s\" role=\"img\""
            + " aria-label=\"%s\">",
        namespace,
        Svg.at(width),
        Svg.at(tall),
        Svg.at(width),
        Svg.at(tall),
        Markup.escape(title + ". " + numbers));
  }

  /** The colours of all plots. */
  public static String css() {
    try (InputStream in = Figure.class.getResourceAsStream("plot.css")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static final int LONGEST = 120;

  /** A file's name of words: small letters, digits and single hyphens. */
  public static String name(String... words) {
    String name = FileName.hyphened(String.join("-", words));
    return FileName.bare(name.substring(0, Math.min(name.length(), LONGEST)));
  }
}
