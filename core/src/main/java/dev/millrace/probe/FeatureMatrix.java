package dev.millrace.probe;

import dev.millrace.refusal.UsageException;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Frozen features with their labels. The arrays are not copied; nobody writes to them after
 * construction. Thread-safe.
 *
 * @param values {@code [N, D] float32}, row-major, finite
 * @param n rows N, 0 or more
 * @param d columns D, at least 1
 * @param labels {@code [N]}, each 0 or more
 */
@SuppressWarnings("ArrayRecordComponent") // a matrix is its array; equality by identity is meant
public record FeatureMatrix(float[] values, int n, int d, int[] labels) {
  /** Values that an array holds at most. */
  static final int MOST = Integer.MAX_VALUE - 8;

  /**
   * Checks sizes, labels and that every value is finite.
   *
   * @throws IllegalArgumentException if they are not as said
   */
  public FeatureMatrix {
    if (n < 0 || d < 1 || values.length != (long) n * d || labels.length != n) {
      throw new IllegalArgumentException(
          "found %d values and %d labels, expected %d × %d and %d: give a row a label"
              .formatted(values.length, labels.length, n, d, n));
    }
    for (int label : labels) {
      if (label < 0) {
        throw new IllegalArgumentException(
            "found label " + label + ", expected 0 or more: number the classes from 0");
      }
    }
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw new IllegalArgumentException(
            "found %s in row %d of the features, expected finite numbers: the encoder has diverged"
                .formatted(values[i], i / d));
      }
    }
  }

  /**
   * Copies a tensor.
   *
   * @param features {@code [N, D]} of any float type on any device; stays the caller's
   */
  public static FeatureMatrix of(Tensor features, int[] labels) {
    if (features.dim() != 2) {
      throw new IllegalArgumentException(
          "found a tensor of %d dimensions, expected [N, D]: flatten it".formatted(features.dim()));
    }
    try (PointerScope scope = new PointerScope()) {
      Tensor plain = features.detach().cpu().to(ScalarType.Float).contiguous();
      float[] values = new float[Math.toIntExact(plain.numel())];
      plain.data_ptr_float().get(values);
      return new FeatureMatrix(
          values,
          Math.toIntExact(features.size(0)),
          Math.toIntExact(features.size(1)),
          labels.clone());
    }
  }

  /** A copy as {@code [N, D] float32} on the CPU; the caller (or its pointer scope) closes it. */
  public Tensor tensor() {
    try (FloatPointer memory = new FloatPointer(values);
        Tensor view = torch.from_blob(memory, n, d)) {
      return view.clone();
    }
  }

  /** These features with each row scaled to norm 1; a zero row stays zero. */
  public FeatureMatrix normalised() {
    float[] scaled = new float[values.length];
    for (int i = 0; i < n; i++) {
      double square = 0;
      for (int j = i * d; j < (i + 1) * d; j++) {
        square += (double) values[j] * values[j];
      }
      double norm = square > 0 ? Math.sqrt(square) : 1;
      for (int j = i * d; j < (i + 1) * d; j++) {
        scaled[j] = (float) (values[j] / norm);
      }
    }
    return new FeatureMatrix(scaled, n, d, labels);
  }

  /** The rows of these numbers, in their order, copied. */
  public FeatureMatrix rows(int[] rows) {
    float[] some = new float[rows.length * d];
    int[] their = new int[rows.length];
    for (int i = 0; i < rows.length; i++) {
      System.arraycopy(values, rows[i] * d, some, i * d, d);
      their[i] = labels[rows[i]];
    }
    return new FeatureMatrix(some, rows.length, d, their);
  }

  /**
   * The rows whose class gets a new number, with that number.
   *
   * @param numbers new number of each class; −1 leaves its rows out
   */
  public FeatureMatrix relabelled(int[] numbers) {
    int[] kept =
        java.util.stream.IntStream.range(0, n).filter(i -> numbers[labels[i]] >= 0).toArray();
    FeatureMatrix some = rows(kept);
    return new FeatureMatrix(
        some.values,
        some.n,
        d,
        java.util.Arrays.stream(some.labels).map(label -> numbers[label]).toArray());
  }

  /** How many rows each class has, for a given number of classes. */
  public int[] counts(int classes) {
    int[] counts = new int[classes];
    for (int label : labels) {
      counts[label]++;
    }
    return counts;
  }

  /**
   * These rows, then those of the other.
   *
   * @throws IllegalArgumentException if they have other columns, or are together more than an array
   *     holds
   */
  public FeatureMatrix and(FeatureMatrix other) {
    requireWidth(other);
    if ((long) values.length + other.values.length > MOST) {
      throw UsageException.of(
          "--images",
          ": %d and %d rows of %d features are together more than an array holds; use at most %d pictures in all"
              .formatted(n, other.n, d, MOST / d));
    }
    float[] all = java.util.Arrays.copyOf(values, values.length + other.values.length);
    System.arraycopy(other.values, 0, all, values.length, other.values.length);
    int[] both = java.util.Arrays.copyOf(labels, n + other.n);
    System.arraycopy(other.labels, 0, both, n, other.n);
    return new FeatureMatrix(all, n + other.n, d, both);
  }

  /** One more than the largest label; 0 without rows. */
  public int classes() {
    return java.util.Arrays.stream(labels).max().orElse(-1) + 1;
  }

  void requireWidth(FeatureMatrix other) {
    if (other.d != d) {
      throw new IllegalArgumentException(
          "found features of %d and %d columns, expected the same: extract both with one encoder"
              .formatted(d, other.d));
    }
  }
}
