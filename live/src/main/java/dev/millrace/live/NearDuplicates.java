package dev.millrace.live;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.millrace.draw.Draw;
import dev.millrace.refusal.Require;
import dev.millrace.vision.decode.Pixels;
import java.util.Locale;

/**
 * Pictures nearly equal to another one, such as frames of one scene: those that, seen small, are
 * like one of the last pictures that were accepted. Seen small is a picture's print: the mean
 * colours of 8 × 8 cells, less their mean, at length 1, so that brightness and contrast do not
 * count; the distance of two is 1 less their correlation. (Bits that say whether a cell is lighter
 * than its neighbour, as perceptual hashes have them, flip with every noise in flat regions: of
 * frames that follow each other such a hash finds fewer, and more that are of another scene.) Known
 * as long as the process runs. Not thread-safe.
 */
public final class NearDuplicates {
  private static final int CELLS = 8;
  private static final int COLOURS = 3;

  /** A sum of squared grey levels below this is rounding, and no contrast. */
  private static final double FLAT = 1e-3;

  /** Of this distance on two pictures are two scenes. */
  private static final double STANDARD = 0.03;

  /**
   * What happens to them. Immutable.
   *
   * @param action what is done
   * @param share for {@link Action#THIN}, the share of them that is accepted, in [0, 1]
   * @param distance of two prints up to which they are nearly equal, below 1; 0 for the standard
   * @param pictures how many accepted pictures back are compared
   */
  @JsonIgnoreProperties("bits") // of a measure that runs of before were begun with
  public record Rule(Action action, double share, double distance, int pictures) {
    /** Refuses what is out of range. */
    public Rule {
      distance = distance == 0 ? STANDARD : distance;
      Require.flag(share >= 0 && share <= 1, "--near", "thin=" + share + " is no share in 0 … 1");
      Require.flag(
          distance > 0 && distance < 1, "--near", "a distance of " + distance + " is not in 0 … 1");
      Require.flag(pictures >= 1, "--near-horizon", pictures + " is below 1");
    }

    /** Counts them. */
    public static Rule standard() {
      return new Rule(Action.COUNT, 1, STANDARD, 2048);
    }

    /**
     * The rule that words such as {@code drop} or {@code thin=0.2} stand for.
     *
     * @throws IllegalArgumentException for other words
     */
    public static Rule parse(String words) {
      String[] parts = words.split("=", 2);
      Rule standard = standard();
      if (parts[0].equals("thin")) {
        Require.flag(
            parts.length == 2 && parts[1].matches("[01]|0?\\.\\d+|1\\.0+"),
            "--near",
            words + " names no share; give thin=0.2");
        return new Rule(
            Action.THIN, Double.parseDouble(parts[1]), standard.distance(), standard.pictures());
      }
      dev.millrace.refusal.Choice.check("--near", words, "count", "drop", "thin=SHARE", "off");
      return new Rule(
          Action.valueOf(words.toUpperCase(Locale.ROOT)),
          1,
          standard.distance(),
          standard.pictures());
    }

    /** The words for it, as {@link #parse} reads them. */
    public String word() {
      return action == Action.THIN ? "thin=" + share : action.name().toLowerCase(Locale.ROOT);
    }
  }

  /** What is done with a near-duplicate. */
  public enum Action {
    /** Nobody looks for them. */
    OFF,
    /** It is accepted and counted. */
    COUNT,
    /** It is left out. */
    DROP,
    /** A share of them, by draws, is accepted. */
    THIN
  }

  private final Rule rule;
  private final long seed;
  private final float[][] last;
  private long kept;
  private float[][] markedLast = new float[0][];
  private long markedKept;

  NearDuplicates(Rule rule, long seed) {
    this.rule = rule;
    this.seed = seed;
    last = new float[rule.pictures()][];
  }

  /** Whether a print is near to one of the last; null is near to none. */
  boolean near(float[] print) {
    if (rule.action() == Action.OFF || print == null) {
      return false;
    }
    int known = (int) Math.min(kept, last.length);
    for (int i = 0; i < known; i++) {
      if (within(last[i], print, 2 * rule.distance())) {
        return true;
      }
    }
    return false;
  }

  /** Whether a near-duplicate is left out, the nth of all pictures. */
  boolean leftOut(long n) {
    return switch (rule.action()) {
      case OFF, COUNT -> false;
      case DROP -> true;
      case THIN -> Draw.of(seed, "near-duplicate", n).uniform() >= rule.share();
    };
  }

  /** What is kept from now on may have to be taken back. */
  void mark() {
    markedLast = last.clone();
    markedKept = kept;
  }

  /** What was kept since the mark was not accepted after all. */
  void takeBack() {
    System.arraycopy(markedLast, 0, last, 0, markedLast.length);
    kept = markedKept;
  }

  /** Whether the squared distance is no more; of most pairs a few numbers say that it is. */
  private static boolean within(float[] a, float[] b, double most) {
    double sum = 0;
    for (int i = 0; i < a.length && sum <= most; i++) {
      double apart = a[i] - b[i];
      sum += apart * apart;
    }
    return sum <= most;
  }

  /** A picture with this print was accepted. */
  void keep(float[] print) {
    if (rule.action() != Action.OFF && print != null) {
      last[(int) (kept++ % last.length)] = print;
    }
  }

  /** The print of a picture; of one without any contrast, zeros. */
  static float[] print(Pixels pixels) {
    double[] cells = means(pixels);
    double mean = 0;
    for (double cell : cells) {
      mean += cell;
    }
    mean /= cells.length; // once, so that of a flat picture nothing is left
    double square = 0;
    for (int i = 0; i < cells.length; i++) {
      cells[i] -= mean;
      square += cells[i] * cells[i];
    }
    float[] print = new float[cells.length];
    for (int i = 0; square >= FLAT && i < cells.length; i++) {
      print[i] = (float) (cells[i] / Math.sqrt(square));
    }
    return print;
  }

  /** Means of cells; of a picture with fewer pixels than cells, the pixel that one lies in. */
  private static double[] means(Pixels pixels) {
    byte[] rgb = pixels.rgb();
    double[] means = new double[CELLS * CELLS * COLOURS];
    for (int y = 0; y < CELLS; y++) {
      int top = y * pixels.height() / CELLS;
      int bottom = Math.max(top + 1, (y + 1) * pixels.height() / CELLS);
      for (int x = 0; x < CELLS; x++) {
        int left = x * pixels.width() / CELLS;
        int right = Math.max(left + 1, (x + 1) * pixels.width() / CELLS);
        long red = 0;
        long green = 0;
        long blue = 0;
        for (int row = top; row < bottom; row++) {
          int to = COLOURS * (row * pixels.width() + right);
          for (int at = COLOURS * (row * pixels.width() + left); at < to; at += COLOURS) {
            red += rgb[at] & 0xFF;
            green += rgb[at + 1] & 0xFF;
            blue += rgb[at + 2] & 0xFF;
          }
        }
        double pixel = (double) ((long) (right - left) * (bottom - top));
        int cell = (y * CELLS + x) * COLOURS;
        means[cell] = red / pixel;
        means[cell + 1] = green / pixel;
        means[cell + 2] = blue / pixel;
      }
    }
    return means;
  }
}
