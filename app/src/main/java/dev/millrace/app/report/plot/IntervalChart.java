package dev.millrace.app.report.plot;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Numbers with their intervals, one a row, beside a line at zero.
 *
 * @param xLabel what runs to the right, with its unit
 */
public record IntervalChart(String name, String title, String xLabel, List<Row> rows) {
  private static final double ROW = 22;

  /**
   * One row.
   *
   * @param group heading over rows that follow each other
   * @param style number of its colour and mark
   * @param half half length of the interval, NaN for none
   */
  public record Row(String group, String name, int style, double value, double half) {}

  /** Draws it. */
  public Figure draw() {
    Svg svg = new Svg();
    double y = Frame.title(svg, title);
    Map<String, List<Row>> groups = new LinkedHashMap<>();
    rows.forEach(row -> groups.computeIfAbsent(row.group(), g -> new ArrayList<>()).add(row));
    double left = 12 + rows.stream().mapToDouble(row -> Svg.width(row.name())).max().orElse(20);
    Axis axis = axis(left);
    for (Map.Entry<String, List<Row>> group : groups.entrySet()) {
      y += 8;
      for (String line : Svg.wrap(group.getKey(), Frame.WIDTH - 4, true)) {
        svg.text(0, y, Svg.Anchor.START, "group", line);
        y += Svg.LINE;
      }
      double under = y - 8 + ROW * group.getValue().size();
      for (double tick : axis.ticks(5)) {
        svg.line(axis.at(tick), y - 8, axis.at(tick), under, tick == 0 ? "zero" : "grid");
      }
      y += 4;
      for (Row row : group.getValue()) {
        draw(svg, row, axis, y, left);
        y += ROW;
      }
    }
    double bottom = y - 4;
    svg.line(left, bottom, Frame.WIDTH - 12, bottom, "axis");
    double end = Frame.horizontal(svg, axis, axis.ticks(5), bottom, xLabel);
    return new Figure(name, title, Frame.WIDTH, end, svg.toString());
  }

  private Axis axis(double left) {
    List<Double> ends = new ArrayList<>(List.of(0.0));
    for (Row row : rows) {
      double half = Double.isFinite(row.half()) ? row.half() : 0;
      ends.add(row.value() - half);
      ends.add(row.value() + half);
    }
    return Axis.of(ends, false, false, left + 8, Frame.WIDTH - 12);
  }

  private static void draw(Svg svg, Row row, Axis axis, double y, double left) {
    svg.text(left - 4, y + 4, Svg.Anchor.END, "tick", row.name());
    if (!Double.isFinite(row.value())) {
      svg.text(axis.first() + 4, y + 4, Svg.Anchor.START, "tick", "pending");
      return;
    }
    if (Double.isFinite(row.half())) {
      svg.line(
          axis.at(row.value() - row.half()),
          y,
          axis.at(row.value() + row.half()),
          y,
          "bar c" + Palette.style(row.style()));
    }
    svg.mark(
        axis.at(row.value()),
        y,
        row.style(),
        row.name() + ": " + Axis.label(Math.round(row.value() * 100) / 100.0));
  }
}
