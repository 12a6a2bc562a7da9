package dev.millrace.report.plot;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Series over an axis.
 *
 * @param xLabel what runs to the right, with its unit
 * @param yLabel what runs up, with its unit
 * @param fromZero whether the upright axis starts at zero
 * @param wholeX whether only whole numbers are ticks to the right (chunks)
 * @param span numbers that the upright axis holds beside its own, so that charts can share one
 */
public record LineChart(
    String name,
    String title,
    String xLabel,
    String yLabel,
    boolean fromZero,
    boolean wholeX,
    List<Series> series,
    List<Double> span) {
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
      List<Double> deviation) {
    /** Whether it is a line: a single point that has a mark is that mark alone. */
    private boolean drawn() {
      return !marks || y.size() != 1;
    }
  }

  /** A chart with an upright axis of its own. */
  public LineChart(
      String name,
      String title,
      String xLabel,
      String yLabel,
      boolean fromZero,
      boolean wholeX,
      List<Series> series) {
    this(name, title, xLabel, yLabel, fromZero, wholeX, series, List.of());
  }

  /** Draws it. */
  public Figure draw() {
    Svg svg = new Svg();
    double top =
        Frame.legend(
            svg,
            series.stream()
                .map(s -> new Frame.Entry(s.name(), s.style(), s.drawn(), s.marks()))
                .toList(),
            14);
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
    return new Figure(name, title, numbers(), Frame.WIDTH, end, svg.toString());
  }

  /** Every point, in words: what each series is at each place. */
  private String numbers() {
    List<String> words = new ArrayList<>();
    for (Series one : series) {
      List<String> points = new ArrayList<>();
      for (int i = 0; i < one.y().size(); i++) {
        double half = i < one.deviation().size() ? one.deviation().get(i) : Double.NaN;
        points.add(
            Axis.brief(one.x().get(i))
                + ": "
                + (Double.isFinite(one.y().get(i)) ? Axis.brief(one.y().get(i)) : "not measured")
                + (Double.isFinite(half) ? " ± " + Axis.brief(half) : ""));
      }
      words.add(one.name() + " at " + String.join(", ", points));
    }
    return yLabel + " over " + xLabel + ". " + String.join(". ", words) + ".";
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
    if (one.drawn()) {
      svg.path(d.toString(), "class=\"line c" + Palette.style(one.style()) + "\"");
    }
    StringBuilder bars = new StringBuilder();
    for (int i = 0; i < one.y().size(); i++) {
      double value = one.y().get(i);
      if (!y.shows(value)) {
        continue;
      }
      double px = x.at(one.x().get(i));
      double half = i < one.deviation().size() ? one.deviation().get(i) : Double.NaN;
      if (Double.isFinite(half) && y.shows(value - half)) {
        bars.append('M').append(Svg.at(px)).append(' ').append(Svg.at(y.at(value - half)));
        bars.append('V').append(Svg.at(y.at(value + half)));
      }
      if (one.marks()) {
        svg.mark(px, y.at(value), one.style(), one.name() + ": " + Axis.brief(value));
      }
    }
    if (!bars.isEmpty()) {
      svg.path(bars.toString(), "class=\"bar c" + Palette.style(one.style()) + "\"");
    }
  }

  private List<Double> ys() {
    List<Double> all = new ArrayList<>(span);
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
        Stream.concat(span.stream(), series.stream().flatMap(s -> s.y().stream()))
            .filter(v -> Double.isFinite(v))
            .toList();
    double low = finite.stream().mapToDouble(v -> v).min().orElse(0);
    double high = finite.stream().mapToDouble(v -> v).max().orElse(0);
    return !fromZero && low > 0 && high / low > WIDE;
  }
}
