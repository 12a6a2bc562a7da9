package dev.millrace.report.plot;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A table of numbers as colours. Small tables have their numbers in the cells.
 *
 * @param rowLabel what the rows are, with an arrow if they are in order
 * @param columnLabel what the columns are
 * @param unit what the colours mean, with its unit
 * @param values rows from above; NaN where there is none
 * @param low number of the first colour, NaN for the smallest
 * @param high number of the last colour, NaN for the largest
 * @param digits after the point, in cells and at the colour bar
 */
public record HeatMap(
    String name,
    String title,
    String rowLabel,
    List<String> rows,
    String columnLabel,
    List<String> columns,
    String unit,
    double[][] values,
    double low,
    double high,
    int digits,
    Palette palette) {
  private static final double CELL = 36;
  private static final double BAR = 62;

  /** Up to so many cells have their numbers in them, if each is at least so wide. */
  private static final int FEW = 42;

  private static final double LEAST = 24;
  private static final int SHADES = 48;

  /** Up to so many numbers are all spelt out for those who do not see them. */
  private static final int SPELT = 64;

  /** Draws it. */
  public Figure draw() {
    Svg svg = new Svg();
    double top = 14;
    svg.text(0, top, Svg.Anchor.START, "label", rowLabel);
    top += 8;
    double left = Math.min(110, 10 + rows.stream().mapToDouble(Svg::width).max().orElse(0));
    int most = Math.max(1, columns.size());
    boolean numbers = values.length * most <= FEW && (Frame.WIDTH - left - 4) / most >= LEAST;
    double room = Frame.WIDTH - left - (numbers ? 4 : BAR);
    double cell = Math.min(CELL, room / most);
    double tall = numbers ? Math.min(cell, 26) : Math.max(cell, 60.0 / Math.max(1, rows.size()));
    double from = Double.isNaN(low) ? smallest() : low;
    double to = Double.isNaN(high) ? largest() : high;
    cells(svg, left, top, cell, tall, from, to);
    double bottom = top + tall * values.length;
    double end = bottom;
    if (numbers) {
      inks(svg, left, top, cell, tall, from, to);
      double clear = Svg.width(rowLabel) + 10 + Svg.width(unit);
      svg.text(Math.max(left + cell * most, clear), 14, Svg.Anchor.END, "label", unit);
    } else {
      end = Math.max(bottom, top + 60);
      bar(svg, left + cell * most + 12, top, end, from, to);
    }
    rowNames(svg, left, top, tall);
    double under = columnNames(svg, left, bottom, cell);
    svg.text(left, under, Svg.Anchor.START, "label", columnLabel + " →");
    return new Figure(
        name, title, inWords(), Frame.WIDTH, Math.max(under + 8, end + 14), svg.toString());
  }

  /** Cells of one shade are one path: a plane of hundreds of cells stays small. */
  private void cells(
      Svg svg, double left, double top, double cell, double tall, double from, double to) {
    Map<String, StringBuilder> shades = new LinkedHashMap<>();
    for (int i = 0; i < values.length; i++) {
      for (int j = 0; j < values[i].length; j++) {
        String looks =
            Double.isFinite(values[i][j])
                ? "fill=\"" + palette.at(shade(values[i][j], from, to)) + "\""
                : "class=\"none\"";
        shades.computeIfAbsent(looks, s -> new StringBuilder()).append(Svg.rect(j, i, 1, 1));
      }
    }
    // Cells count from 0 and are stretched, which is shorter; crisp, lest the ground shine through.
    svg.open(
        "transform=\"matrix(%s 0 0 %s %s %s)\" shape-rendering=\"crispEdges\""
            .formatted(Svg.at(cell), Svg.at(tall), Svg.at(left), Svg.at(top)));
    shades.forEach((looks, d) -> svg.path(d.toString(), looks));
    svg.close();
  }

  /** The share of the colours, in so many steps that no eye sees them. */
  private static double shade(double value, double from, double to) {
    double share = to > from ? (value - from) / (to - from) : 0.5;
    return Math.round(Math.min(Math.max(share, 0), 1) * (SHADES - 1)) / (double) (SHADES - 1);
  }

  private void inks(
      Svg svg, double left, double top, double cell, double tall, double from, double to) {
    for (String ink : List.of("#000", "#fff")) {
      svg.open("class=\"in\" fill=\"" + ink + "\"");
      for (int i = 0; i < values.length; i++) {
        for (int j = 0; j < values[i].length; j++) {
          double value = values[i][j];
          if (Double.isFinite(value) && palette.inkOn(shade(value, from, to)).equals(ink)) {
            svg.plain(left + (j + 0.5) * cell, top + (i + 0.5) * tall + 4, number(value));
          }
        }
      }
      svg.close();
    }
  }

  /** Row by row; of a large map where it is lowest and highest. */
  private String inWords() {
    List<String> words = new ArrayList<>();
    if (values.length * (long) columns.size() > SPELT) {
      words.add(
          "%s rows of %s numbers, from %s to %s %s"
              .formatted(
                  values.length, columns.size(), number(smallest()), number(largest()), unit));
    } else {
      for (int i = 0; i < values.length; i++) {
        words.add(
            name(rows, i)
                + ": "
                + Arrays.stream(values[i])
                    .mapToObj(x -> Double.isFinite(x) ? number(x) : "not measured")
                    .collect(Collectors.joining(", ")));
      }
    }
    return "%s, %s; %s %s. %s."
        .formatted(
            unit,
            rowLabel.replaceAll(" [↓↑]", ""),
            columnLabel,
            String.join(", ", columns),
            String.join(". ", words));
  }

  private void rowNames(Svg svg, double left, double top, double tall) {
    double free = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < rows.size(); i++) {
      double y = top + (i + 0.5) * tall + 4;
      if (y - 11 >= free) {
        svg.text(left - 5, y, Svg.Anchor.END, "tick", shorter(rows.get(i), left - 5));
        free = y + 1;
      }
    }
  }

  private double columnNames(Svg svg, double left, double bottom, double cell) {
    double widest = columns.stream().mapToDouble(Svg::width).max().orElse(0);
    boolean numbers = columns.stream().allMatch(name -> name.matches("[−0-9.e]+"));
    int step = numbers ? step(widest + 3, cell) : 1;
    double deepest = 15;
    for (int j = 0; j < columns.size(); j += step) {
      double x = left + (j + 0.5) * cell;
      if (numbers || widest < cell) {
        svg.text(x, bottom + 15, Svg.Anchor.MIDDLE, "tick", columns.get(j));
      } else {
        String words = shorter(columns.get(j), 110);
        svg.turned(x + 4, bottom + 6, words);
        deepest = Math.max(deepest, 6 + Svg.width(words) * 0.9);
      }
    }
    return bottom + deepest + 18;
  }

  /** Every how many-th name there is room for, so that the last is named as well if possible. */
  private int step(double needed, double cell) {
    int least = Math.max(1, (int) Math.ceil(needed / cell));
    for (int step = least; step < columns.size(); step++) {
      if ((columns.size() - 1) % step == 0) {
        return step;
      }
    }
    return least;
  }

  private void bar(Svg svg, double x, double top, double bottom, double from, double to) {
    int steps = 12;
    double tall = (bottom - top) / steps;
    for (int i = 0; i < steps; i++) {
      svg.path(
          Svg.rect(x, top + i * tall, 10, tall + 0.3),
          "fill=\"" + palette.at(1 - i / (double) (steps - 1)) + "\"");
    }
    svg.text(x + 14, top + 9, Svg.Anchor.START, "tick", number(to));
    svg.text(x + 14, bottom, Svg.Anchor.START, "tick", number(from));
    svg.text(x + 14, (top + bottom) / 2 + 4, Svg.Anchor.START, "tick", unit);
  }

  private String number(double value) {
    double size = Math.abs(value);
    if (size >= 1e4 || size != 0 && size < Math.pow(10, -digits) / 2) {
      return String.format(java.util.Locale.ROOT, "%.0e", value).replace('-', '−');
    }
    return String.format(java.util.Locale.ROOT, "%." + digits + "f", value).replace('-', '−');
  }

  private static String name(List<String> names, int i) {
    return i < names.size() ? names.get(i) : String.valueOf(i + 1);
  }

  private static String shorter(String text, double pixels) {
    if (Svg.width(text) <= pixels) {
      return text;
    }
    int letters = Math.max(2, (int) (pixels * text.length() / Svg.width(text)) - 1);
    return text.substring(0, letters) + "…";
  }

  private double smallest() {
    return finite().min().orElse(0);
  }

  private double largest() {
    return finite().max().orElse(1);
  }

  private java.util.stream.DoubleStream finite() {
    return Arrays.stream(values).flatMapToDouble(Arrays::stream).filter(Double::isFinite);
  }
}
