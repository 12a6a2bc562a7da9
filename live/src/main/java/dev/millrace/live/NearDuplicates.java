package dev.millrace.live;

import dev.millrace.draw.Draw;
import dev.millrace.refusal.Require;
import dev.millrace.vision.decode.Pixels;
import java.util.Locale;

/**
 * Pictures nearly equal to another one, such as frames of one scene: those whose difference hash
 * (Krawetz, "Kind of Like That", 2013: 64 bits, whether each of 8 × 8 grey cells is lighter than
 * its right neighbour) differs in few bits from one of the last pictures that were accepted. Known
 * as long as the process runs. Not thread-safe.
 */
public final class NearDuplicates {
  private static final int ACROSS = 9;
  private static final int DOWN = 8;

  /**
   * What happens to them. Immutable.
   *
   * @param action what is done
   * @param share for {@link Action#THIN}, the share of them that is accepted, in [0, 1]
   * @param bits in how many of 64 bits hashes may differ
   * @param pictures how many accepted pictures back are compared
   */
  public record Rule(Action action, double share, int bits, int pictures) {
    /** Refuses what is out of range. */
    public Rule {
      Require.flag(share >= 0 && share <= 1, "--near", "thin=" + share + " is no share in 0 … 1");
      Require.flag(bits >= 0 && bits < 32, "--near-bits", bits + " is not in 0 … 31");
      Require.flag(pictures >= 1, "--near-horizon", pictures + " is below 1");
    }

    /** Counts them. */
    public static Rule standard() {
      return new Rule(Action.COUNT, 1, 4, 2048);
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
            Action.THIN, Double.parseDouble(parts[1]), standard.bits(), standard.pictures());
      }
      dev.millrace.refusal.Choice.check("--near", words, "count", "drop", "thin=SHARE", "off");
      return new Rule(
          Action.valueOf(words.toUpperCase(Locale.ROOT)), 1, standard.bits(), standard.pictures());
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
  private final long[] last;
  private long kept;
  private long[] markedLast = new long[0];
  private long markedKept;

  NearDuplicates(Rule rule, long seed) {
    this.rule = rule;
    this.seed = seed;
    last = new long[rule.pictures()];
  }

  /** Whether a hash is near to one of the last. */
  boolean near(long print) {
    if (rule.action() == Action.OFF) {
      return false;
    }
    int known = (int) Math.min(kept, last.length);
    for (int i = 0; i < known; i++) {
      if (Long.bitCount(last[i] ^ print) <= rule.bits()) {
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

  /** A picture with this hash was accepted. */
  void keep(long print) {
    if (rule.action() != Action.OFF) {
      last[(int) (kept++ % last.length)] = print;
    }
  }

  /** The difference hash of a picture. */
  static long print(Pixels pixels) {
    double[] grey = new double[ACROSS * DOWN];
    for (int y = 0; y < DOWN; y++) {
      for (int x = 0; x < ACROSS; x++) {
        grey[y * ACROSS + x] = mean(pixels, x, y);
      }
    }
    long bits = 0;
    for (int y = 0; y < DOWN; y++) {
      for (int x = 0; x < ACROSS - 1; x++) {
        bits = bits << 1 | (grey[y * ACROSS + x] < grey[y * ACROSS + x + 1] ? 1 : 0);
      }
    }
    return bits;
  }

  /** The mean of a cell; of a picture with fewer pixels than cells, the pixel it lies in. */
  private static double mean(Pixels pixels, int x, int y) {
    int left = x * pixels.width() / ACROSS;
    int right = Math.max(left + 1, (x + 1) * pixels.width() / ACROSS);
    int top = y * pixels.height() / DOWN;
    int bottom = Math.max(top + 1, (y + 1) * pixels.height() / DOWN);
    long sum = 0;
    for (int row = top; row < bottom; row++) {
      for (int column = left; column < right; column++) {
        int at = 3 * (row * pixels.width() + column);
        sum += 2L * (pixels.rgb()[at] & 0xFF) + 5L * (pixels.rgb()[at + 1] & 0xFF);
        sum += pixels.rgb()[at + 2] & 0xFF;
      }
    }
    return (double) sum / ((long) (right - left) * (bottom - top));
  }
}
