package dev.millrace.draw;

/**
 * One random draw, named by what it is for and where it happens: {@code Draw.of(seed, "crop",
 * chunk, epoch, position, view).uniform(0.2, 1)}.
 *
 * <p>A draw is a value: asking it twice gives the same answer, and two draws with different
 * purposes or places are independent. The mixing is a chain of SplitMix64 finalisers (Steele, Lea,
 * Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014), one a coordinate, so
 * {@code (seed 5, epoch 1)} and {@code (seed 6, epoch 0)} share nothing. Immutable and thread-safe;
 * results are the same on every platform.
 */
public final class Draw {
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private final long key;

  private Draw(long key) {
    this.key = key;
  }

  /**
   * The draw for one purpose at one place.
   *
   * @param seed the run's seed
   * @param purpose what is drawn, such as {@code "crop"}; chosen by the caller
   * @param where coordinates such as chunk, epoch, position, view; their number matters
   */
  public static Draw of(long seed, String purpose, long... where) {
    long key = mix(seed + GOLDEN);
    for (int i = 0; i < purpose.length(); i++) {
      key = key * 31 + purpose.charAt(i);
    }
    key = mix(key ^ purpose.length() * GOLDEN);
    for (long coordinate : where) {
      key = mix(key + GOLDEN ^ mix(coordinate + GOLDEN));
    }
    return new Draw(key);
  }

  /**
   * The draw one coordinate further in: {@code of(s, p, a).at(b)} equals {@code of(s, p, a, b)}.
   */
  public Draw at(long coordinate) {
    return new Draw(mix(key + GOLDEN ^ mix(coordinate + GOLDEN)));
  }

  /** 64 uniform bits. */
  public long bits() {
    return mix(key ^ GOLDEN);
  }

  /** Uniform in [0, 1), a multiple of 2⁻⁵³. */
  public double uniform() {
    return (bits() >>> 11) * 0x1.0p-53;
  }

  /** Uniform in [low, high). */
  public double uniform(double low, double high) {
    return low + (high - low) * uniform();
  }

  /** True with the given probability in [0, 1]. */
  public boolean chance(double probability) {
    return uniform() < probability;
  }

  /**
   * Uniform in 0 … bound − 1.
   *
   * @throws IllegalArgumentException if bound is not positive
   */
  public int below(int bound) {
    if (bound <= 0) {
      throw new IllegalArgumentException(
          "bound is " + bound + "; a draw below it needs at least 1");
    }
    // The high half of a 64 × 32 bit product: bias below 2⁻³², far under what any test could see.
    return (int) Math.multiplyHigh(bits() >>> 1, (long) bound << 1);
  }

  /** Standard normal, by Box and Muller's method. */
  public double gaussian() {
    double u = 1 - at(1).uniform();
    double v = at(2).uniform();
    return StrictMath.sqrt(-2 * StrictMath.log(u)) * StrictMath.cos(2 * Math.PI * v);
  }

  /** A uniform permutation of 0 … n − 1 (Fisher and Yates). */
  public int[] permutation(int n) {
    return sample(n, n);
  }

  /**
   * k distinct numbers of 0 … n − 1 in random order, every ordered choice equally likely.
   *
   * @throws IllegalArgumentException unless 0 ≤ k ≤ n
   */
  public int[] sample(int n, int k) {
    if (k < 0 || k > n) {
      throw new IllegalArgumentException("cannot sample " + k + " of " + n);
    }
    int[] items = new int[n];
    for (int i = 0; i < n; i++) {
      items[i] = i;
    }
    for (int i = 0; i < k; i++) {
      int j = i + at(i).below(n - i);
      int swap = items[i];
      items[i] = items[j];
      items[j] = swap;
    }
    return k == n ? items : java.util.Arrays.copyOf(items, k);
  }

  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
