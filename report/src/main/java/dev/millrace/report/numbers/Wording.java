package dev.millrace.report.numbers;

import dev.millrace.study.record.Cell;
import dev.millrace.study.record.Task;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Numbers and names as people read them. */
public final class Wording {
  private Wording() {}

  /** What a way of judging is called. */
  public static String task(String task) {
    return task.equals("knn") ? "kNN" : task;
  }

  /** Measures whose mean is taken: "linear", "mean of kNN and linear". */
  static String measures(List<String> tasks) {
    return (tasks.size() > 1 ? "mean of " : "")
        + tasks.stream().map(Wording::task).collect(Collectors.joining(" and "));
  }

  /** What a downstream task is called. */
  public static String task(Task task) {
    String name =
        task.task().equals("few-shot") && task.shots() != null
            ? task.shots() + "-shot"
            : task(task.task());
    return name + ", " + task.data() + (plain(task.split()) ? "" : " (" + task.split() + ")");
  }

  private static boolean plain(String split) {
    return split == null || split.equals("test") || split.equals("all");
  }

  /** What a metric is called. */
  public static String metric(String metric) {
    return metric == null ? "" : metric.equals("top1") ? "top‑1" : metric.replace('-', ' ');
  }

  /** Data and stream. */
  public static String place(Cell cell) {
    return cell.data() + ", " + (cell.joint() ? "all at once" : cell.stream() + " stream");
  }

  /** A number with so many digits after the point, or a dash. */
  public static String number(double x, int digits) {
    if (!Double.isFinite(x)) {
      return "–";
    }
    String text = String.format(Locale.ROOT, "%." + digits + "f", Math.abs(x));
    boolean zero = Double.parseDouble(text) == 0;
    return (x < 0 && !zero ? "−" : "") + text;
  }

  /** A whole number with its thousands apart. */
  public static String whole(double x) {
    return Double.isFinite(x) ? String.format(Locale.ROOT, "%,.0f", x).replace(',', '\u202f') : "–";
  }

  /** A number with its sign. */
  public static String signed(double x, int digits) {
    String text = number(x, digits);
    return Double.isFinite(x) && !text.startsWith("−") && x > 0 && !zero(text) ? "+" + text : text;
  }

  private static boolean zero(String text) {
    return Double.parseDouble(text) == 0;
  }

  /** Four digits at most, for numbers of any size. */
  public static String brief(double x) {
    if (!Double.isFinite(x)) {
      return "–";
    }
    return big(x) ? String.format(Locale.ROOT, "%.2e", x).replace('-', '−') : number(x, digits(x));
  }

  private static boolean big(double x) {
    double size = Math.abs(x);
    return size >= 1e5 || size != 0 && size < 1e-3;
  }

  private static int digits(double x) {
    double size = Math.abs(x);
    return size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
  }

  /** Mean ± deviation over seeds; one seed has no deviation. */
  public static String spread(Spread spread, int digits) {
    return number(spread.mean(), digits)
        + (spread.n() < 2 ? "" : " ± " + number(spread.deviation(), digits));
  }

  /** Signed mean ± deviation over seeds. */
  public static String signedSpread(Spread spread, int digits) {
    return signed(spread.mean(), digits)
        + (spread.n() < 2 ? "" : " ± " + number(spread.deviation(), digits));
  }

  /** Four digits at most, with the deviation to as many. */
  public static String briefSpread(Spread spread) {
    if (spread.n() < 2) {
      return brief(spread.mean());
    }
    return brief(spread.mean())
        + " ± "
        + (big(spread.mean())
            ? brief(spread.deviation())
            : number(spread.deviation(), digits(spread.mean())));
  }

  /** Mean ± half of the 95 % t-interval; one number has none. */
  public static String interval(Spread spread, int digits) {
    return number(spread.mean(), digits) + half(spread, digits);
  }

  /** Signed mean ± half of the 95 % t-interval; one number has none. */
  public static String signedInterval(Spread spread, int digits) {
    return signed(spread.mean(), digits) + half(spread, digits);
  }

  private static String half(Spread spread, int digits) {
    return spread.n() < 2 ? "" : " ± " + number(spread.half(0.95), digits);
  }

  /** "95 % t-interval over 5 seeds". */
  public static String over(Spread spread, String unit) {
    return spread.n() < 2
        ? count(spread.n(), unit) + ", so no interval"
        : "95 % t-interval over " + count(spread.n(), unit);
  }

  /** "95 % t-interval −1.2 … 0.4, 90 % −0.9 … 0.1, over 5 seeds". */
  public static String intervals(Spread spread, int digits, String unit) {
    return spread.n() < 2
        ? over(spread, unit)
        : "95 % t-interval "
            + bounds(spread, 0.95, digits)
            + ", 90 % "
            + bounds(spread, 0.9, digits)
            + ", over "
            + count(spread.n(), unit);
  }

  private static String bounds(Spread spread, double confidence, int digits) {
    double half = spread.half(confidence);
    return signed(spread.mean() - half, digits) + " … " + signed(spread.mean() + half, digits);
  }

  /** "1 point", "1.5 points". */
  public static String points(double points) {
    return (points == Math.rint(points) ? number(points, 0) : String.valueOf(points))
        + (points == 1 ? " point" : " points");
  }

  /** "2 seeds", "1 seed". */
  public static String count(int n, String one) {
    return n + " " + one + (n == 1 ? "" : "s");
  }

  /** Seconds as seconds, minutes or hours. */
  public static String seconds(double seconds) {
    return seconds(seconds, seconds);
  }

  /** Seconds in the unit that suits the largest of those beside it. */
  public static String seconds(double seconds, double largest) {
    if (!Double.isFinite(seconds)) {
      return "–";
    }
    if (largest < 120) {
      return number(seconds, 1) + " s";
    }
    return largest < 7200 ? number(seconds / 60, 1) + " min" : number(seconds / 3600, 1) + " h";
  }

  /**
   * A gap in percentage points: "5.0 ± 3.4 points below joint training", ± half of the 95 %
   * t-interval.
   */
  public static String besideJoint(Spread gap) {
    return interval(gap.size(), 1)
        + " points "
        + (gap.mean() < 0 ? "below" : "above")
        + " joint training";
  }

  /** Bytes in decimal units. */
  public static String bytes(double bytes) {
    if (!Double.isFinite(bytes)) {
      return "–";
    }
    String[] units = {"B", "kB", "MB", "GB", "TB"};
    int unit = 0;
    double size = bytes;
    while (size >= 1000 && unit < units.length - 1) {
      size /= 1000;
      unit++;
    }
    return number(size, unit == 0 || size >= 100 ? 0 : 1) + " " + units[unit];
  }
}
