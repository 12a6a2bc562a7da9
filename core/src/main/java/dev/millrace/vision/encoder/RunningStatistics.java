package dev.millrace.vision.encoder;

/** How batch normalisations of encoders and heads keep the statistics that evaluation uses. */
public final class RunningStatistics {
  /** How far they move towards a batch's: PyTorch's default. */
  public static final double MOMENTUM = 0.1;

  private RunningStatistics() {}

  /** What batches make up of statistics that were 0 before them; the rest is still 0. */
  public static double share(int batches) {
    return 1 - Math.pow(1 - MOMENTUM, batches);
  }
}
