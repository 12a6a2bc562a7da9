package dev.millrace.insight;

import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Linear centred kernel alignment between representations of the same pictures (Kornblith et al.,
 * "Similarity of Neural Network Representations Revisited", ICML 2019), from mini-batches: means
 * over batches of the unbiased HSIC of Song et al. ("Feature Selection via Dependence
 * Maximization", JMLR 2012, eq. 5), as in Nguyen, Raghu and Kornblith ("Do Wide and Deep Networks
 * Learn the Same Things?", ICLR 2021, eq. 2–3). It does not depend on the batches' size but for
 * noise; the estimate can lie a little outside 0 … 1. Not thread-safe.
 */
public final class Cka {
  /** The estimator's denominators have n − 3. */
  public static final int LEAST_BATCH = 4;

  private final double[][] sums;
  private int batches;

  /**
   * Nothing seen yet.
   *
   * @param representations how many are compared, each with each
   */
  public Cka(int representations) {
    sums = new double[representations][representations];
  }

  /**
   * Takes in one batch.
   *
   * @param representations one {@code [N, …]} of any float type each, flattened to {@code [N, D]};
   *     the same N pictures in the same order, N at least {@link #LEAST_BATCH}
   * @throws IllegalArgumentException if their number or their rows do not fit
   */
  public void add(List<Tensor> representations) {
    long n = representations.get(0).size(0);
    if (representations.size() != sums.length
        || n < LEAST_BATCH
        || representations.stream().anyMatch(x -> x.size(0) != n)) {
      throw new IllegalArgumentException(
          "found %d representations of %s pictures, expected %d of as many each, at least %d: give all of them the same batch"
              .formatted(
                  representations.size(),
                  representations.stream().map(x -> Long.toString(x.size(0))).distinct().toList(),
                  sums.length,
                  LEAST_BATCH));
    }
    double[][] kernels = new double[sums.length][];
    for (int a = 0; a < sums.length; a++) {
      kernels[a] = kernel(representations.get(a));
    }
    for (int a = 0; a < sums.length; a++) {
      for (int b = a; b < sums.length; b++) {
        sums[a][b] += hsic(kernels[a], kernels[b], (int) n);
        sums[b][a] = sums[a][b];
      }
    }
    batches++;
  }

  /**
   * The alignment of two representations over all batches; NaN where one of them is constant.
   *
   * @throws IllegalStateException before the first batch
   */
  public double value(int a, int b) {
    if (batches == 0) {
      throw new IllegalStateException("no batch was added; add one before asking");
    }
    return sums[a][b] / Math.sqrt(sums[a][a] * sums[b][b]);
  }

  /** X Xᵀ in double, {@code [N · N]}. */
  private static double[] kernel(Tensor x) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Tensor rows = x.detach().flatten(1, -1).to(ScalarType.Double);
      // Centring changes no exact result; it keeps a large common mean from eating the digits.
      rows = rows.sub(rows.mean(0));
      Tensor gram = rows.matmul(rows.t()).cpu().contiguous();
      double[] values = new double[Math.toIntExact(gram.numel())];
      gram.data_ptr_double().get(values);
      return values;
    }
  }

  /** The unbiased estimator; the diagonals are left out. */
  private static double hsic(double[] k, double[] l, int n) {
    double trace = 0;
    double sumK = 0;
    double sumL = 0;
    double cross = 0;
    for (int i = 0; i < n; i++) {
      double rowK = 0;
      double rowL = 0;
      for (int j = 0; j < n; j++) {
        if (i != j) {
          int at = i * n + j;
          trace += k[at] * l[at];
          rowK += k[at];
          rowL += l[at];
        }
      }
      sumK += rowK;
      sumL += rowL;
      cross += rowK * rowL;
    }
    double m = n;
    return (trace + sumK * sumL / ((m - 1) * (m - 2)) - 2 * cross / (m - 2)) / (m * (m - 3));
  }
}
