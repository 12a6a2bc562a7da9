package dev.millrace.live.drift;

import dev.millrace.draw.Draw;

/**
 * Watches a stream of features for a change of their distribution. Each window of new pictures is
 * compared with a reservoir of those before it by {@link Mmd}. While nothing changes, the rank of a
 * window among its permutations is uniform, so an alarm at the highest 1/K of ranks comes once in K
 * windows: K follows from the number of pictures that shall lie between two false alarms. Not
 * thread-safe.
 */
public final class DriftDetector {
  /** Permutations per window and level: more of them blur the threshold less. */
  private static final int PER_LEVEL = 2;

  private final DriftSettings settings;
  private final float[][] reference;
  private final float[][] window;
  private long seen;
  private int known;
  private int fresh;
  private long tests;
  private double score = Double.NaN;

  /** One that has seen nothing. */
  public DriftDetector(DriftSettings settings) {
    this.settings = settings;
    reference = new float[settings.reference()][];
    window = new float[settings.window()][];
  }

  /**
   * Takes the features of the next picture.
   *
   * @param features {@code [D]}, D as before; kept, and not written to by the caller afterwards
   * @return whether this picture completes a window that differs from those before it; the detector
   *     then begins anew with that window
   */
  public boolean add(float[] features) {
    if (known < reference.length) {
      reference[known++] = features;
      seen++;
      return false;
    }
    window[fresh++] = features;
    if (fresh < window.length) {
      return false;
    }
    boolean alarm = test();
    if (alarm) {
      known = 0;
      seen = 0;
    }
    for (float[] one : window) {
      keep(one);
    }
    fresh = 0;
    return alarm;
  }

  private boolean test() {
    float[][] pooled = new float[reference.length + window.length][];
    System.arraycopy(reference, 0, pooled, 0, reference.length);
    System.arraycopy(window, 0, pooled, reference.length, window.length);
    int levels = settings.windows();
    int of = PER_LEVEL * levels;
    int rank =
        Mmd.rank(pooled, reference.length, of - 1, Draw.of(settings.seed(), "drift", tests++));
    score = rank / (double) of;
    return rank <= PER_LEVEL;
  }

  /** A reservoir: every picture so far is in it with equal probability. */
  private void keep(float[] features) {
    if (known < reference.length) {
      reference[known++] = features;
    } else {
      long place =
          (long) (Draw.of(settings.seed(), "drift reference", tests, seen).uniform() * (seen + 1));
      if (place < reference.length) {
        reference[(int) place] = features;
      }
    }
    seen++;
  }

  /** The p-value of the last window; NaN before the first. */
  public double score() {
    return score;
  }

  /** How many windows were compared so far. */
  long windows() {
    return tests;
  }

  /** The p-value at or below which a window raises an alarm. */
  double threshold() {
    return 1.0 / settings.windows();
  }

  /** Forgets everything but how many windows were tested, as when a chunk closes. */
  public void restart() {
    known = 0;
    fresh = 0;
    seen = 0;
    score = Double.NaN;
  }
}
