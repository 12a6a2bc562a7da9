package dev.millrace.report.plot;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Numbers with their intervals, one per row, beside a line at zero; each stands as text at the end
 * of its row, too.
 *
 * @param xLabel what runs to the right, with its unit
 * @param span numbers that the axis holds, so that several charts can share it; zero always
 * @param margin up to how far from zero a number counts as zero, drawn as a band; 0 for none
 */
public record IntervalChart(
    String name, String title, String xLabel, List<Row> rows, List<Double> span, double margin) {
  private static final double ROW = 20;

  /**
   * One row.
   *
   * @param group heading over rows that follow each other
   * @param style number of its colour and mark
   * @param half half length of the interval, NaN for none
   * @param hollow whether its mark is not filled: a number that is no evidence
   */
  public record Row(
      String group, String name, int style, double value, double half, boolean hollow) {
    /** The row's number in words. */
    private String words() {
      if (!Double.isFinite(value)) {
        return "pending";
      }
      return number("%+.1f", value) + (Double.isFinite(half) ? " ± " + number("%.1f", half) : "");
    }

    private static String number(String form, double x) {
      return String.format(Locale.ROOT, form, x).replaceAll("[+-](0\\.0)$", "$1").replace('-', '−');
    }
  }

  /**
   * The ends of rows' intervals, and of the band around zero; of intervals far wider than all
   * values lie apart, as two numbers have them, a part, so that the values stay apart to the eye.
   * Where an interval goes on an arrow says so.
   */
  public static List<Double> span(List<Row> rows, double margin) {
    List<Double> ends = new ArrayList<>(List.of(-margin, 0.0, margin));
    double far =
        rows.stream()
            .mapToDouble(row -> Math.abs(row.value()))
            .filter(Double::isFinite)
            .max()
            .orElse(0);
    for (Row row : rows) {
      double most = 2 * Math.max(far, Math.max(margin, 0.5));
      double half = Double.isFinite(row.half()) ? Math.min(row.half(), most) : 0;
      ends.add(row.value() - half);
      ends.add(row.value() + half);
    }
    return ends;
  }

  /** Draws it. */
  public Figure draw() {
    Svg svg = new Svg();
    double y = 4;
    Map<String, List<Row>> groups = new LinkedHashMap<>();
    rows.forEach(row -> groups.computeIfAbsent(row.group(), g -> new ArrayList<>()).add(row));
    double left = 8 + rows.stream().mapToDouble(row -> Svg.width(row.name())).max().orElse(20);
    double right =
        Frame.WIDTH - 8 - rows.stream().mapToDouble(row -> Svg.width(row.words())).max().orElse(20);
    Axis axis = Axis.of(span, false, false, left + 8, right - 6);
    List<Double> ticks = axis.ticks(3);
    for (Map.Entry<String, List<Row>> group : groups.entrySet()) {
      y += 10;
      for (String line : Svg.wrap(group.getKey(), Frame.WIDTH - 4, true)) {
        svg.text(0, y, Svg.Anchor.START, "group", line);
        y += Svg.LINE;
      }
      double under = y - 8 + ROW * group.getValue().size();
      if (margin > 0) {
        double from = axis.at(-margin);
        svg.path(Svg.rect(from, y - 8, axis.at(margin) - from, under - y + 8), "class=\"none\"");
      }
      for (double tick : ticks) {
        svg.line(axis.at(tick), y - 8, axis.at(tick), under, tick == 0 ? "zero" : "grid");
      }
      y += 3;
      for (Row row : group.getValue()) {
        draw(svg, row, axis, y, left);
        y += ROW;
      }
    }
    double bottom = y - 4;
    svg.line(left, bottom, right, bottom, "axis");
    double end = Frame.horizontal(svg, axis, ticks, bottom, xLabel);
    return new Figure(name, title, numbers(groups), Frame.WIDTH, end, svg.toString());
  }

  private String numbers(Map<String, List<Row>> groups) {
    List<String> words = new ArrayList<>();
    groups.forEach(
        (group, of) ->
            words.add(
                group
                    + ": "
                    + String.join(
                        "; ", of.stream().map(row -> row.name() + " " + row.words()).toList())));
    return xLabel + ". " + String.join(". ", words);
  }

  /** An interval; with an arrow's head where it goes on beyond the plot. */
  private static void bar(Svg svg, Row row, Axis axis, double y) {
    double from = Math.max(row.value() - row.half(), axis.low());
    double to = Math.min(row.value() + row.half(), axis.high());
    String style = "bar c" + Palette.style(row.style());
    svg.line(axis.at(from), y, axis.at(to), y, style);
    if (row.value() - row.half() < axis.low()) {
      svg.path("M%s %sl-5 4l5 4".formatted(Svg.at(axis.at(from) + 5), Svg.at(y - 4)), css(style));
    }
    if (row.value() + row.half() > axis.high()) {
      svg.path("M%s %sl5 4l-5 4".formatted(Svg.at(axis.at(to) - 5), Svg.at(y - 4)), css(style));
    }
  }

  private static String css(String style) {
    return "class=\"" + style + "\"";
  }

  private void draw(Svg svg, Row row, Axis axis, double y, double left) {
    svg.text(left - 4, y + 4, Svg.Anchor.END, "tick", row.name());
    if (!Double.isFinite(row.value())) {
      svg.text(Frame.WIDTH - 2, y + 4, Svg.Anchor.END, "tick", row.words());
      return;
    }
    if (Double.isFinite(row.half())) {
      bar(svg, row, axis, y);
    }
    svg.mark(axis.at(row.value()), y, row.style(), row.name() + ": " + row.words(), row.hollow());
    svg.text(Frame.WIDTH - 2, y + 4, Svg.Anchor.END, "value", row.words());
  }
}
