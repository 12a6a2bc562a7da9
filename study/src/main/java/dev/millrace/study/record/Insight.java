package dev.millrace.study.record;

import java.util.List;

/** The analysis of one run; every part may be empty. Numbers that were not measured are null. */
public record Insight(
    List<Forgetting> forgetting,
    List<Health> health,
    List<Sharpness> sharpness,
    Landscape landscape,
    List<ChunkCka> cka) {
  /** Nothing was asked for. */
  public static final Insight NONE = new Insight(null, null, null, null, null);

  /** Parts that a line lacks are empty. */
  public Insight {
    forgetting = forgetting == null ? List.of() : List.copyOf(forgetting);
    health = health == null ? List.of() : List.copyOf(health);
    sharpness = sharpness == null ? List.of() : List.copyOf(sharpness);
    landscape = landscape == null ? new Landscape(null, null, null) : landscape;
    cka = cka == null ? List.of() : List.copyOf(cka);
  }

  /**
   * Accuracy after chunk i on the part of chunk j.
   *
   * @param accuracy rows: after chunk i; columns: part j; percentages
   */
  public record Forgetting(
      String task,
      List<String> parts,
      List<List<Double>> accuracy,
      List<Double> untrained,
      Double averageAccuracy,
      Double forgetting,
      Double backwardTransfer,
      Double forwardTransfer) {
    /** Lists that a line lacks are empty. */
    public Forgetting {
      parts = parts == null ? List.of() : parts;
      accuracy = accuracy == null ? List.of() : accuracy;
      untrained = untrained == null ? List.of() : untrained;
    }
  }

  /**
   * Health of the representation without labels, at the end of a chunk.
   *
   * @param collapse to what it has collapsed, in words; null where alive or not said
   */
  public record Health(
      int chunk,
      Double effectiveRank,
      Double alignment,
      Double uniformity,
      Double variance,
      boolean collapsed,
      String collapse) {
    /** The collapse in words that follow "collapsed", empty where not said. */
    public String how() {
      return collapse == null ? "" : " " + collapse;
    }
  }

  /**
   * How sharp the loss around the weights at the end of a chunk is.
   *
   * @param adaptive relative to weights and loss; null of older versions, whose other numbers
   *     depend on the scale of weights, as all others here
   */
  public record Sharpness(
      int chunk,
      Adaptive adaptive,
      Integer images,
      Double loss,
      Double epsilon,
      Double keskar,
      Double largestEigenvalue,
      Integer eigenvalueIterations,
      Double trace,
      Double traceStandardError,
      Integer traceDraws) {
    /** Mean rise of a logistic head's loss under noise on filters, percent; null where none is. */
    public Double noise() {
      return adaptive == null || !adaptive.comparable() ? null : adaptive.noise();
    }
  }

  /**
   * Sharpness relative to the weights, in shares of the loss at them.
   *
   * @param of whose loss: only that of {@code logistic head} is the same for every method
   * @param leftOut why it was not measured; null where it was
   */
  public record Adaptive(
      String of,
      Integer images,
      Integer classes,
      Double loss,
      Double guessing,
      String leftOut,
      Double noise,
      Double noiseStandardError,
      Double noiseSize,
      Integer noiseDraws,
      Double box,
      Double boxSize,
      Double largestEigenvalue,
      Integer eigenvalueIterations,
      Double trace,
      Double traceStandardError,
      Integer traceDraws) {
    /** Whether it is of the loss that is the same for encoders of every method. */
    public boolean comparable() {
      return "logistic head".equals(of);
    }
  }

  /** The loss around and between minima. */
  public record Landscape(List<Line> lines, List<Plane> planes, List<Path> paths) {
    /** Lists that a line lacks are empty. */
    public Landscape {
      lines = lines == null ? List.of() : lines;
      planes = planes == null ? List.of() : planes;
      paths = paths == null ? List.of() : paths;
    }
  }

  /** The loss along random directions: one list of losses a direction. */
  public record Line(int chunk, List<Double> alphas, List<List<Double>> loss) {}

  /** The loss over two random directions: rows are betas, columns alphas. */
  public record Plane(
      int chunk, List<Double> alphas, List<Double> betas, List<List<Double>> loss) {}

  /** The loss on the straight way from one chunk's solution to another's. */
  public record Path(
      int from, int to, List<Double> alphas, List<Double> loss, List<Double> accuracy) {}

  /** Layer by layer likeness of a run's encoders after chunks a and b, 0 to 1. */
  public record ChunkCka(int a, int b, List<String> layers, List<Double> values) {}
}
