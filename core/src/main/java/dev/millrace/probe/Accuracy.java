package dev.millrace.probe;

/**
 * How often predictions are right, in percent.
 *
 * @param top1 share of right predictions, 0 … 100
 * @param meanPerClass mean over the classes that occur of the share within each, 0 … 100
 */
public record Accuracy(double top1, double meanPerClass) {
  /**
   * Compares predictions with the truth.
   *
   * @throws IllegalArgumentException if the lengths differ or there is nothing to compare
   */
  public static Accuracy of(int[] predictions, int[] labels) {
    if (predictions.length != labels.length || labels.length == 0) {
      throw new IllegalArgumentException(
          "found %d predictions for %d labels, expected as many and at least one: give a test set"
              .formatted(predictions.length, labels.length));
    }
    int classes = java.util.Arrays.stream(labels).max().getAsInt() + 1;
    int[] right = new int[classes];
    int[] all = new int[classes];
    int hits = 0;
    for (int i = 0; i < labels.length; i++) {
      all[labels[i]]++;
      if (predictions[i] == labels[i]) {
        right[labels[i]]++;
        hits++;
      }
    }
    double shares = 0;
    int present = 0;
    for (int c = 0; c < classes; c++) {
      if (all[c] > 0) {
        shares += (double) right[c] / all[c];
        present++;
      }
    }
    return new Accuracy(100.0 * hits / labels.length, 100 * shares / present);
  }
}
