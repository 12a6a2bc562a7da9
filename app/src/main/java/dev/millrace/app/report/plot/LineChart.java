package dev.millrace.app.report.plot;

import java.util.ArrayList;
import java.util.List;

/**
 * Series over an axis.
 *
 * @param xLabel what runs to the right, with its unit
 * @param yLabel what runs up, with its unit
 * @param fromZero whether the upright axis starts at zero
 * @param wholeX whether only whole numbers are ticks to the right (chunks)
 */
public record LineChart(
    String name,
    String title,
    String xLabel,
    String yLabel,
    boolean fromZero,
    boolean wholeX,
    List<Series> series) {
  private static final double HEIGHT = 170;

  /** Largest over smallest number from which on powers of ten are equally far apart. */
  private static final double WIDE = 30;

  /**
   * One line.
   *
   * @param style number of its colour, dash and mark
   * @param marks whether each point has a mark
   * @param y numbers; NaN leaves a gap
   * @param deviation half lengths of the bars, or empty
   */
  public record Series(
      String name,
      int style,
      boolean marks,
      List<Double> x,
      List<Double> y,
      List<Double> deviation) {}

  /** Draws it. */
  public Figure draw() {
    Svg svg = new Svg();
    double top = Frame.title(svg, title);
    top =
        Frame.legend(
            svg,
            series.stream().map(s -> new Frame.Entry(s.name(), s.style(), s.marks())).toList(),
            top);
    svg.text(0, top, Svg.Anchor.START, "label", yLabel);
    top += 10;
    double bottom = top + HEIGHT;
    Axis y = Axis.of(ys(), fromZero, wide(), bottom, top);
    double left =
        14 + y.ticks(5).stream().mapToDouble(t -> Svg.width(Axis.label(t))).max().orElse(20);
    double right = Frame.WIDTH - 12;
    List<Double> xs = series.stream().flatMap(s -> s.x().stream()).toList();
    Axis x = Axis.of(xs, false, false, left, right);
    Frame.vertical(svg, y, left, right);
    svg.line(left, bottom, right, bottom, "axis");
    double end =
        Frame.horizontal(
            svg, x, wholeX ? Frame.whole(x.low(), x.high(), 10) : x.ticks(6), bottom, xLabel);
    series.forEach(one -> draw(svg, one, x, y));
    return new Figure(name, title, Frame.WIDTH, end, svg.toString());
  }

  private static void draw(Svg svg, Series one, Axis x, Axis y) {
    StringBuilder d = new StringBuilder();
    boolean pen = false;
    for (int i = 0; i < one.y().size(); i++) {
      pen = pen && y.shows(one.y().get(i));
      if (y.shows(one.y().get(i))) {
        d.append(pen ? "L" : "M")
            .append(Svg.at(x.at(one.x().get(i))))
            .append(' ')
            .append(Svg.at(y.at(one.y().get(i))));
        pen = true;
      }
    }
    svg.path(d.toString(), "class=\"line c" + Palette.style(one.style()) + "\"");
    for (int i = 0; i < one.y().size(); i++) {
      double value = one.y().get(i);
      if (!y.shows(value)) {
        continue;
      }
      double px = x.at(one.x().get(i));
      double half = i < one.deviation().size() ? one.deviation().get(i) : Double.NaN;
      if (Double.isFinite(half) && y.shows(value - half)) {
        svg.line(
            px, y.at(value - half), px, y.at(value + half), "bar c" + Palette.style(one.style()));
      }
      if (one.marks()) {
        svg.mark(px, y.at(value), one.style(), one.name() + ": " + Axis.label(rounded(value)));
      }
    }
  }

  private static double rounded(double value) {
    return value == 0 || Math.abs(value) >= 1e5 || Math.abs(value) < 1e-3
        ? value
        : Math.round(value * 1000) / 1000.0;
  }

  private List<Double> ys() {
    List<Double> all = new ArrayList<>();
    for (Series one : series) {
      for (int i = 0; i < one.y().size(); i++) {
        double value = one.y().get(i);
        double half = i < one.deviation().size() ? one.deviation().get(i) : 0;
        all.add(value - (Double.isFinite(half) ? half : 0));
        all.add(value + (Double.isFinite(half) ? half : 0));
      }
    }
    return all;
  }

  private boolean wide() {
    List<Double> finite =
        series.stream().flatMap(s -> s.y().stream()).filter(v -> Double.isFinite(v)).toList();
    double low = finite.stream().mapToDouble(v -> v).min().orElse(0);
    double high = finite.stream().mapToDouble(v -> v).max().orElse(0);
    return !fromZero && low > 0 && high / low > WIDE;
  }
}
