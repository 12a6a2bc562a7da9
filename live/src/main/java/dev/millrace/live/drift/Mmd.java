package dev.millrace.live.drift;

import dev.millrace.draw.Draw;
import java.util.Arrays;

/**
 * The two-sample test by the maximum mean discrepancy (Gretton et al., "A Kernel Two-Sample Test",
 * JMLR 2012): a Gaussian kernel whose width is the median distance in the pooled sample (there,
 * §8), and a null distribution by permuting the pooled sample, so that the rank of the observed
 * value is uniform whenever both samples are of one distribution, at any sample size. Stateless.
 */
final class Mmd {
  private Mmd() {}

  /**
   * How many of the statistics of permuted samples are as large as the observed one, itself among
   * them; ties count against an alarm.
   *
   * @param pooled {@code [n + m][D]}: the first sample, then the second
   * @param first n, rows of the first, at least 1 and below n + m
   * @param permutations at least 1
   * @param draw of the permutations
   * @return 1 … permutations + 1; divided by permutations + 1 it is the test's p-value
   */
  static int rank(float[][] pooled, int first, int permutations, Draw draw) {
    double[][] kernel = kernel(pooled);
    int[] order = new int[pooled.length];
    Arrays.setAll(order, i -> i);
    double observed = statistic(kernel, order, first);
    int rank = 1;
    for (int p = 0; p < permutations; p++) {
      rank += statistic(kernel, draw.at(p).permutation(order.length), first) >= observed ? 1 : 0;
    }
    return rank;
  }

  /** exp(−d² / median d²); 1 everywhere where all rows are equal. */
  private static double[][] kernel(float[][] rows) {
    int n = rows.length;
    double[][] kernel = new double[n][n];
    double[] squares = new double[n * (n - 1) / 2];
    int at = 0;
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < i; j++) {
        double sum = 0;
        for (int k = 0; k < rows[i].length; k++) {
          double difference = (double) rows[i][k] - rows[j][k];
          sum += difference * difference;
        }
        kernel[i][j] = sum;
        squares[at++] = sum;
      }
    }
    Arrays.sort(squares);
    double median = Math.max(squares[squares.length / 2], Double.MIN_NORMAL);
    for (int i = 0; i < n; i++) {
      kernel[i][i] = 1;
      for (int j = 0; j < i; j++) {
        kernel[i][j] = Math.exp(-kernel[i][j] / median);
        kernel[j][i] = kernel[i][j];
      }
    }
    return kernel;
  }

  /**
   * The biased MMD² up to what no permutation changes: the sum of the kernel within the first
   * sample and across follow from each other, so one pass over the first sample's rows is enough.
   */
  private static double statistic(double[][] kernel, int[] order, int first) {
    int n = order.length;
    boolean[] member = new boolean[n];
    for (int i = 0; i < first; i++) {
      member[order[i]] = true;
    }
    double within = 0;
    double across = 0;
    double other = 0;
    for (int i = 0; i < n; i++) {
      double[] row = kernel[i];
      for (int j = 0; j < i; j++) {
        if (member[i] != member[j]) {
          across += row[j];
        } else if (member[i]) {
          within += row[j];
        } else {
          other += row[j];
        }
      }
    }
    double m = n - first;
    return 2 * within / ((double) first * first) + 2 * other / (m * m) - 2 * across / (first * m);
  }
}
