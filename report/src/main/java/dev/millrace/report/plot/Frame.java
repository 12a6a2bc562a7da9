package dev.millrace.report.plot;

import java.util.ArrayList;
import java.util.List;

/** What all plots share: the title, the legend, the axes. */
final class Frame {
  /** All plots are as wide as a small telephone shows without shrinking them, in pixels. */
  static final double WIDTH = 330;

  private Frame() {}

  /** A name in the legend, with the style of its series: a line, its points' mark, or both. */
  record Entry(String name, int style, boolean line, boolean mark) {}

  /** Draws the title and answers where the next line of text may stand. */
  static double title(Svg svg, String title) {
    double y = 14;
    for (String line : Svg.wrap(title, WIDTH - 4, true)) {
      svg.text(0, y, Svg.Anchor.START, "title", line);
      y += Svg.LINE;
    }
    return y + 2;
  }

  /** Draws the legend, as many entries a line as there is room for; answers where it ends. */
  static double legend(Svg svg, List<Entry> entries, double top) {
    double x = 0;
    double y = top;
    for (Entry entry : entries) {
      double wide = 26 + Svg.width(entry.name()) + 10;
      if (x > 0 && x + wide > WIDTH) {
        x = 0;
        y += Svg.LINE + 1;
      }
      if (entry.line()) {
        svg.line(x, y - 4, x + 20, y - 4, "line c" + Palette.style(entry.style()));
      }
      if (entry.mark()) {
        svg.mark(x + 10, y - 4, entry.style(), entry.name());
      }
      svg.text(x + 25, y, Svg.Anchor.START, "label", entry.name());
      x += wide;
    }
    return entries.isEmpty() ? top : y + Svg.LINE + 3;
  }

  /** Horizontal grid lines with their numbers. */
  static void vertical(Svg svg, Axis axis, double left, double right) {
    StringBuilder grid = new StringBuilder();
    for (double tick : axis.ticks(5)) {
      double y = axis.at(tick);
      grid.append('M').append(Svg.at(left)).append(' ').append(Svg.at(y));
      grid.append('H').append(Svg.at(right));
      svg.text(left - 6, y + 4, Svg.Anchor.END, "tick", Axis.label(tick));
    }
    svg.path(grid.toString(), "class=\"grid\"");
  }

  /** Numbers below, and what they are; answers where the plot ends. */
  static double horizontal(Svg svg, Axis axis, List<Double> ticks, double bottom, String label) {
    double free = Double.NEGATIVE_INFINITY;
    StringBuilder marks = new StringBuilder();
    for (double tick : ticks) {
      double x = axis.at(tick);
      marks.append('M').append(Svg.at(x)).append(' ').append(Svg.at(bottom)).append("v4");
      String text = Axis.label(tick);
      if (x - Svg.width(text) / 2 > free) {
        svg.text(x, bottom + 17, Svg.Anchor.MIDDLE, "tick", text);
        free = x + Svg.width(text) / 2 + 4;
      }
    }
    svg.path(marks.toString(), "class=\"axis\"");
    double y = bottom + 34;
    for (String line : Svg.wrap(label, axis.last(), false)) {
      double half = Svg.width(line) / 2;
      double middle = Math.max(half, Math.min((axis.first() + axis.last()) / 2, WIDTH - half));
      svg.text(middle, y, Svg.Anchor.MIDDLE, "label", line);
      y += Svg.LINE;
    }
    return y - Svg.LINE + 8;
  }

  /** Whole numbers of an axis, thinned to so many at most. */
  static List<Double> whole(double from, double to, int most) {
    int step = Math.max(1, (int) Math.ceil((to - from + 1) / most));
    List<Double> ticks = new ArrayList<>();
    for (double x = Math.ceil(from); x <= to; x += step) {
      ticks.add(x);
    }
    return ticks;
  }
}
