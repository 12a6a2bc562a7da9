package dev.millrace.probe;

import java.util.Arrays;

/**
 * How often predictions are right, in percent, and what that is worth.
 *
 * @param top1 share of right predictions, 0 … 100
 * @param meanPerClass mean over the classes that occur of the share within each, 0 … 100
 * @param top1Error half the length of Wilson's 95 % interval of top1
 * @param meanPerClassError half the 95 % interval of meanPerClass: the classes' errors, each with
 *     Agresti and Coull's two successes and two failures added, together
 * @param top1Chance what guessing the most frequent class would reach
 * @param meanPerClassChance what guessing one class would reach
 * @param judged predictions that were compared, at least 1
 */
public record Accuracy(
    double top1,
    double meanPerClass,
    double top1Error,
    double meanPerClassError,
    double top1Chance,
    double meanPerClassChance,
    int judged) {
  /** Of the standard normal, for 95 %. */
  private static final double Z = 1.959963984540054;

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
    int classes = Arrays.stream(labels).max().getAsInt() + 1;
    int[] right = new int[classes];
    int[] all = new int[classes];
    for (int i = 0; i < labels.length; i++) {
      all[labels[i]]++;
      right[labels[i]] += predictions[i] == labels[i] ? 1 : 0;
    }
    double shares = 0;
    double variances = 0;
    int present = 0;
    for (int c = 0; c < classes; c++) {
      if (all[c] > 0) {
        shares += (double) right[c] / all[c];
        double smooth = (right[c] + Z * Z / 2) / (all[c] + Z * Z);
        variances += smooth * (1 - smooth) / all[c];
        present++;
      }
    }
    int hits = Arrays.stream(right).sum();
    int most = Arrays.stream(all).max().getAsInt();
    return new Accuracy(
        100.0 * hits / labels.length,
        100 * shares / present,
        100 * wilson(hits, labels.length),
        100 * Z * Math.sqrt(variances) / present,
        100.0 * most / labels.length,
        100.0 / present,
        labels.length);
  }

  /** Half the length of the interval of Wilson, JASA 22 (1927). */
  private static double wilson(int hits, int all) {
    double p = (double) hits / all;
    double inner = p * (1 - p) / all + Z * Z / (4.0 * all * all);
    return Z * Math.sqrt(inner) / (1 + Z * Z / all);
  }
}
