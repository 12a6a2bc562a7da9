package dev.millrace.report.plot;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** SVG elements one after another. Coordinates are pixels from the upper left. */
final class Svg {
  /** Pixels between lines of text. */
  static final double LINE = 15;

  /** A letter's mean width in pixels at the plots' 12 px; a little more than most fonts have. */
  private static final double LETTER = 6.7;

  /** The same of a bold one. */
  private static final double BOLD = 7.7;

  private final StringBuilder body = new StringBuilder();

  /** Where text is anchored. */
  enum Anchor {
    START,
    MIDDLE,
    END;

    /** The class that sets it: the shortest way, since most of a page is its plots' texts. */
    private final String css = name().substring(0, 1).toLowerCase(Locale.ROOT) + "a";
  }

  static String at(double x) {
    String text = String.format(Locale.ROOT, "%.1f", x);
    return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
  }

  static double width(String text) {
    return text.length() * LETTER;
  }

  /** Text in lines that are no wider than so many pixels, broken at spaces where there are any. */
  static List<String> wrap(String text, double pixels, boolean bold) {
    int letters = Math.max(4, (int) (pixels / (bold ? BOLD : LETTER)));
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (String word : text.split(" ")) {
      String rest = word;
      if (line.length() > 0 && line.length() + 1 + rest.length() > letters) {
        lines.add(line.toString());
        line.setLength(0);
      }
      while (rest.length() > letters) {
        lines.add(rest.substring(0, letters));
        rest = rest.substring(letters);
      }
      line.append(line.length() > 0 ? " " : "").append(rest);
    }
    lines.add(line.toString());
    return lines;
  }

  Svg text(double x, double y, Anchor anchor, String css, String text) {
    body.append(
        String.format(
            "<text x=\"%s\" y=\"%s\" class=\"%s\">%s</text>",
            at(x),
            at(y),
            anchor == Anchor.START ? css : css + " " + anchor.css,
            Markup.escape(text)));
    return this;
  }

  /** Text that hangs down from its end, a quarter turned. */
  Svg turned(double x, double y, String text) {
    body.append(
        String.format(
            "<text transform=\"translate(%s %s) rotate(-60)\" class=\"tick ea\">%s</text>",
            at(x), at(y + 6), Markup.escape(text)));
    return this;
  }

  /** Opens a group of elements that share attributes. */
  Svg open(String attributes) {
    body.append("<g ").append(attributes).append('>');
    return this;
  }

  Svg close() {
    body.append("</g>");
    return this;
  }

  /** Text whose looks its group says. */
  Svg plain(double x, double y, String text) {
    body.append("<text x=\"")
        .append(at(x))
        .append("\" y=\"")
        .append(at(y))
        .append("\">")
        .append(Markup.escape(text))
        .append("</text>");
    return this;
  }

  Svg line(double x1, double y1, double x2, double y2, String css) {
    body.append(
        String.format(
            "<line x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\" class=\"%s\"/>",
            at(x1), at(y1), at(x2), at(y2), css));
    return this;
  }

  /** A rectangle as a path, which is shorter, and of which several make one. */
  static String rect(double x, double y, double width, double height) {
    String across = at(width);
    return "M" + at(x) + " " + at(y) + "h" + across + "v" + at(height) + "h-" + across + "z";
  }

  Svg path(String d, String attributes) {
    body.append("<path d=\"").append(d).append("\" ").append(attributes).append("/>");
    return this;
  }

  /** A series' mark: a shape of its own beside the colour of its own. */
  Svg mark(double x, double y, int number, String tip) {
    return mark(x, y, number, tip, false);
  }

  /** A mark that is filled or not. */
  Svg mark(double x, double y, int number, String tip, boolean hollow) {
    int style = Palette.style(number);
    double r = 3.6;
    String d =
        switch (style < 5 ? style : 2 + style % 3) {
          case 0 -> circle(x, y, r);
          case 1 -> polygon(x - r, y - r, x + r, y - r, x + r, y + r, x - r, y + r);
          case 2 -> polygon(x, y - r * 1.3, x + r * 1.2, y + r, x - r * 1.2, y + r);
          case 3 -> polygon(x, y - r * 1.4, x + r * 1.4, y, x, y + r * 1.4, x - r * 1.4, y);
          default -> polygon(x, y + r * 1.3, x + r * 1.2, y - r, x - r * 1.2, y - r);
        };
    body.append(
        String.format(
            Locale.ROOT,
            "<path d=\"%s\" class=\"mark %s%d\"><title>%s</title></path>",
            d,
            hollow ? "hollow c" : "f",
            style,
            Markup.escape(tip)));
    return this;
  }

  private static String circle(double x, double y, double r) {
    return String.format(
        "M%s %sa%s %s 0 1 0 %s 0a%s %s 0 1 0 -%s 0z",
        at(x - r), at(y), at(r), at(r), at(2 * r), at(r), at(r), at(2 * r));
  }

  private static String polygon(double... points) {
    StringBuilder d = new StringBuilder();
    for (int i = 0; i < points.length; i += 2) {
      d.append(i == 0 ? "M" : "L").append(at(points[i])).append(' ').append(at(points[i + 1]));
    }
    return d.append('z').toString();
  }

  @Override
  public String toString() {
    return body.toString();
  }
}
