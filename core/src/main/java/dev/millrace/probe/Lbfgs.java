package dev.millrace.probe;

/**
 * One smooth convex problem on its way to the minimum, by L-BFGS (Liu and Nocedal, 1989; Nocedal
 * and Wright, "Numerical Optimization", algorithm 7.4) with a line search on values and slopes. It
 * asks and is answered: evaluate {@link #point()}, hand the answer to {@link #tell}, until {@link
 * #done()}. So many problems can be evaluated in one product, each with its own step and history.
 *
 * <p>Not thread-safe. Holds no native memory.
 */
final class Lbfgs {
  private static final double DECREASE = 1e-4;
  private static final double CURVATURE = 0.9;

  /** Values come from float32 products: differences below this share of the value are noise. */
  private static final double NOISE = 1e-6;

  private static final int SEARCHES = 20;

  private final double[] scales;
  private final double tolerance;
  private final int iterations;
  private final float[][] steps;
  private final float[][] changes;
  private final double[] inverse;
  private int stored;

  private final double[] at;
  private final double[] gradient;
  private final double[] direction;
  private final double[] trial;
  private double value = Double.NaN;
  private double residual = Double.POSITIVE_INFINITY;
  private double slope;
  private double length;
  private int searched;
  private int iteration;
  private boolean started;
  private boolean done;

  /**
   * Starts at a point.
   *
   * @param start where to begin; copied
   * @param scales about the inverse of the curvature along each coordinate, above 0; a
   *     preconditioner, which changes the way and not the end
   * @param tolerance stop once the residual is no larger
   * @param iterations stop after this many accepted steps
   * @param history pairs kept, at least 1
   */
  Lbfgs(double[] start, double[] scales, double tolerance, int iterations, int history) {
    this.scales = scales;
    this.tolerance = tolerance;
    this.iterations = iterations;
    steps = new float[history][start.length];
    changes = new float[history][start.length];
    inverse = new double[history];
    at = start.clone();
    trial = start.clone();
    gradient = new double[start.length];
    direction = new double[start.length];
  }

  /** Where to evaluate next; not to be written. */
  double[] point() {
    return trial;
  }

  boolean done() {
    return done;
  }

  /** The best point so far. */
  double[] solution() {
    return at;
  }

  /** The value at {@link #solution()}. */
  double value() {
    return value;
  }

  int iterationsDone() {
    return iteration;
  }

  /** What was answered at {@link #solution()}. */
  double residual() {
    return residual;
  }

  /**
   * Takes value and gradient at {@link #point()}.
   *
   * @param g copied
   * @param left how far from solved the point is, such as ‖∇‖∞ in the caller's own coordinates
   */
  void tell(double found, double[] g, double left) {
    if (!started) {
      started = true;
      accept(found, g, left);
      return;
    }
    double newSlope = dot(g, direction);
    boolean decreased = found <= value + DECREASE * length * slope;
    boolean level = found <= value + NOISE * Math.abs(value) && Math.abs(newSlope) <= -slope;
    searched++;
    if (Double.isFinite(found) && (decreased || level)) {
      if (newSlope < CURVATURE * slope && searched < SEARCHES) {
        length *= 2;
        place();
        return;
      }
      remember(g);
      iteration++;
      accept(found, g, left);
    } else if (searched >= SEARCHES) {
      // No progress that float32 can show: the residual says how far it came.
      if (stored == 0) {
        done = true;
      } else {
        stored = 0;
        search();
      }
    } else {
      double ratio = newSlope > slope ? -slope / (newSlope - slope) : 0.5;
      length *= Double.isFinite(ratio) ? Math.max(0.1, Math.min(0.5, ratio)) : 0.1;
      place();
    }
  }

  private void accept(double found, double[] g, double left) {
    value = found;
    residual = left;
    System.arraycopy(trial, 0, at, 0, at.length);
    System.arraycopy(g, 0, gradient, 0, g.length);
    done = residual <= tolerance || iteration >= iterations;
    if (!done) {
      search();
    }
  }

  private void search() {
    for (int i = 0; i < direction.length; i++) {
      direction[i] = -gradient[i];
    }
    int kept = Math.min(stored, steps.length);
    double[] alpha = new double[kept];
    for (int j = 0; j < kept; j++) {
      int slot = Math.floorMod(stored - 1 - j, steps.length);
      alpha[j] = inverse[slot] * dot(direction, steps[slot]);
      add(direction, -alpha[j], changes[slot]);
    }
    double scale = 1;
    if (kept > 0) {
      int last = Math.floorMod(stored - 1, steps.length);
      scale = 1 / (inverse[last] * square(changes[last], scales));
    }
    for (int i = 0; i < direction.length; i++) {
      direction[i] *= scale * scales[i];
    }
    for (int j = kept - 1; j >= 0; j--) {
      int slot = Math.floorMod(stored - 1 - j, steps.length);
      double beta = inverse[slot] * dot(direction, changes[slot]);
      add(direction, alpha[j] - beta, steps[slot]);
    }
    slope = dot(gradient, direction);
    if (!(slope < 0)) {
      // Rounding has spoilt the history: begin again with the steepest descent.
      stored = 0;
      for (int i = 0; i < direction.length; i++) {
        direction[i] = -gradient[i] * scales[i];
      }
      slope = dot(gradient, direction);
    }
    length = 1;
    searched = 0;
    place();
  }

  private void place() {
    for (int i = 0; i < trial.length; i++) {
      trial[i] = at[i] + length * direction[i];
    }
  }

  private void remember(double[] g) {
    int slot = Math.floorMod(stored, steps.length);
    double along = 0;
    for (int i = 0; i < g.length; i++) {
      steps[slot][i] = (float) (trial[i] - at[i]);
      changes[slot][i] = (float) (g[i] - gradient[i]);
      along += (double) steps[slot][i] * changes[slot][i];
    }
    if (along > 1e-12 * square(changes[slot])) {
      inverse[slot] = 1 / along;
      stored++;
    } else {
      // The slot held the oldest pair, now overwritten: drop the history rather than mix it.
      stored = stored >= steps.length ? 0 : stored;
    }
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static double dot(double[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static double square(float[] a) {
    double sum = 0;
    for (float x : a) {
      sum += (double) x * x;
    }
    return sum;
  }

  private static double square(float[] a, double[] weights) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += weights[i] * a[i] * a[i];
    }
    return sum;
  }

  private static void add(double[] to, double factor, float[] a) {
    for (int i = 0; i < to.length; i++) {
      to[i] += factor * a[i];
    }
  }
}
