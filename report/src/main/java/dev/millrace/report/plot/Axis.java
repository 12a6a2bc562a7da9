package dev.millrace.report.plot;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A way from numbers to pixels, with ticks at round numbers.
 *
 * @param low number at the first pixel
 * @param high number at the last pixel
 * @param log whether powers of ten are equally far apart
 */
record Axis(double low, double high, boolean log, double first, double last) {
  /** An axis that holds numbers, with a little room around; NaN does not count. */
  static Axis of(List<Double> numbers, boolean fromZero, boolean log, double first, double last) {
    double low = Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    for (double x : numbers) {
      if (Double.isFinite(x) && (!log || x > 0)) {
        low = Math.min(low, x);
        high = Math.max(high, x);
      }
    }
    if (low > high) {
      return new Axis(0, 1, false, first, last);
    }
    if (log) {
      return new Axis(low / 1.3, high * 1.3, true, first, last);
    }
    low = fromZero ? Math.min(low, 0) : low;
    double room = high > low ? (high - low) * 0.06 : Math.max(Math.abs(high) * 0.1, 0.5);
    return new Axis(fromZero && low == 0 ? 0 : low - room, high + room, false, first, last);
  }

  double at(double x) {
    double share = log ? Math.log(x / low) / Math.log(high / low) : (x - low) / (high - low);
    return first + share * (last - first);
  }

  boolean shows(double x) {
    return Double.isFinite(x) && (!log || x > 0);
  }

  /** Round numbers within the axis, about so many. */
  List<Double> ticks(int about) {
    return log ? powers() : steps(about);
  }

  private List<Double> steps(int about) {
    double power = Math.pow(10, Math.floor(Math.log10((high - low) / about)));
    double step = power;
    for (double factor : new double[] {1, 2, 5, 10}) {
      step = factor * power;
      if ((high - low) / step < about + 3) {
        break;
      }
    }
    List<Double> ticks = new ArrayList<>();
    for (long k = (long) Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; k++) {
      ticks.add(k * step);
    }
    return ticks;
  }

  private List<Double> powers() {
    List<Double> ticks = new ArrayList<>();
    boolean few = high / low < 30;
    for (int k = (int) Math.floor(Math.log10(low)); Math.pow(10, k) <= high; k++) {
      for (double factor : few ? new double[] {1, 2, 5} : new double[] {1}) {
        double tick = factor * Math.pow(10, k);
        if (tick >= low && tick <= high) {
          ticks.add(tick);
        }
      }
    }
    return ticks;
  }

  /** A number as text, to four figures at most. */
  static String brief(double x) {
    double size = Math.abs(x);
    if (size == 0 || size >= 1e5 || size < 1e-3) {
      return label(x);
    }
    return label(Double.parseDouble(String.format(Locale.ROOT, "%.3e", x)));
  }

  /** A tick as text, with no more digits than it needs. */
  static String label(double tick) {
    if (tick != 0 && (Math.abs(tick) >= 1e5 || Math.abs(tick) < 1e-3)) {
      return String.format(Locale.ROOT, "%.0e", tick)
          .replace("e+0", "e")
          .replace("e-0", "e−")
          .replace('-', '−');
    }
    String text = String.format(Locale.ROOT, "%.4f", tick).replaceAll("\\.?0+$", "");
    return text.equals("-0") ? "0" : text.replace('-', '−');
  }
}
