package dev.millrace.exchange.search;

import dev.millrace.engine.Device;
import dev.millrace.engine.ElementType;
import dev.millrace.engine.NativeCall;
import dev.millrace.engine.Safetensors;
import dev.millrace.refusal.Require;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.StringViewOptional;
import org.bytedeco.pytorch.T_TensorTensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A way from one encoder's vectors to another's, so that an index of the other can be asked: an
 * orthogonal map between the two clouds of vectors about their means, the one that leaves the least
 * squared distance between the vectors of the same pictures (Schönemann, "A generalized solution of
 * the orthogonal Procrustes problem", Psychometrika 1966). It turns and mirrors, and stretches
 * nothing. What it is worth is measured: {@link #recall(float[][], float[][], int)}. Immutable,
 * thread-safe; holds nothing native.
 */
public final class VectorBridge {
  private static final String FORMAT = "millrace-bridge-1";
  private static final String ROTATION = "rotation";
  private static final String BEFORE = "before";
  private static final String AFTER = "after";

  /** As near as this counts as equally near: sums are made in another order. */
  private static final double EQUAL = 1e-6;

  private final String from;
  private final String to;

  /** {@code [D, E]}, row-major. */
  private final float[] rotation;

  /** Mean of the vectors that are mapped, {@code [D]}. */
  private final float[] before;

  /** Mean of those that they are mapped to, {@code [E]}. */
  private final float[] after;

  private final double recall;

  private VectorBridge(
      String from, String to, float[] rotation, float[] before, float[] after, double recall) {
    this.from = from;
    this.to = to;
    this.rotation = rotation;
    this.before = before;
    this.after = after;
    this.recall = recall;
  }

  /**
   * Fits one on pictures of which both vectors are known.
   *
   * @param from SHA-256 of the encoder whose vectors are to be mapped, hex
   * @param to SHA-256 of the encoder of the index, hex
   * @param asked {@code [N, D]}, rows of length 1, N at least 2
   * @param kept {@code [N, E]}, rows of length 1, of the same pictures in the same order
   */
  public static VectorBridge fit(String from, String to, float[][] asked, float[][] kept)
      throws IOException {
    Require.that(
        asked.length == kept.length && asked.length >= 2,
        "found %d and %d vectors; expected those of the same pictures, at least 2"
            .formatted(asked.length, kept.length));
    float[] before = mean(asked);
    float[] after = mean(kept);
    return NativeCall.run(
        call ->
            new VectorBridge(
                from, to, rotation(asked, before, kept, after), before, after, Double.NaN));
  }

  private static float[] rotation(float[][] asked, float[] before, float[][] kept, float[] after) {
    try (PointerScope scope = new PointerScope()) {
      Tensor product = centred(asked, before).t().mm(centred(kept, after)); // [D, E]
      T_TensorTensorTensor_T parts = torch.linalg_svd(product, false, new StringViewOptional());
      Tensor turned = parts.get0().mm(parts.get2()).to(ScalarType.Float).contiguous();
      float[] rotation = new float[Math.toIntExact(turned.numel())];
      turned.data_ptr_float().get(rotation);
      return rotation;
    }
  }

  private static Tensor centred(float[][] rows, float[] mean) {
    int d = mean.length;
    double[] all = new double[Math.multiplyExact(rows.length, d)];
    for (int i = 0; i < rows.length; i++) {
      for (int j = 0; j < d; j++) {
        all[i * d + j] = (double) rows[i][j] - mean[j];
      }
    }
    DoublePointer memory = new DoublePointer(all);
    return torch
        .from_blob(
            memory,
            new long[] {rows.length, d},
            new org.bytedeco.pytorch.TensorOptions(ScalarType.Double))
        .clone();
  }

  private static float[] mean(float[][] rows) {
    double[] sum = new double[rows[0].length];
    for (float[] row : rows) {
      for (int j = 0; j < sum.length; j++) {
        sum[j] += row[j];
      }
    }
    float[] mean = new float[sum.length];
    for (int j = 0; j < sum.length; j++) {
      mean[j] = (float) (sum[j] / rows.length);
    }
    return mean;
  }

  /** The same map with what it was found to be worth. */
  public VectorBridge measured(double found) {
    return new VectorBridge(from, to, rotation, before, after, found);
  }

  /** SHA-256 of the encoder whose vectors it maps, hex. */
  public String from() {
    return from;
  }

  /** SHA-256 of the encoder of the vectors that they can be compared with then, hex. */
  public String to() {
    return to;
  }

  /** Recall of the ten nearest that was measured when it was kept, 0 to 1; NaN where it was not. */
  public double recall() {
    return recall;
  }

  /**
   * The vector that the other encoder would have made, as far as the map can say.
   *
   * @param vector {@code [D]} of any length; stays as it is
   * @return {@code [E]}, not of length 1
   */
  public float[] map(float[] vector) {
    Require.that(
        vector.length == before.length,
        "found a vector of %d numbers, expected %d: it is of another encoder"
            .formatted(vector.length, before.length));
    float[] unit = VectorIndex.unit(vector.clone());
    double[] sum = new double[after.length];
    for (int j = 0; j < sum.length; j++) {
      sum[j] = after[j];
    }
    for (int i = 0; i < unit.length; i++) {
      double one = unit[i] - before[i];
      int row = i * after.length;
      for (int j = 0; j < sum.length; j++) {
        sum[j] += one * rotation[row + j];
      }
    }
    float[] mapped = new float[sum.length];
    for (int j = 0; j < sum.length; j++) {
      mapped[j] = (float) sum[j];
    }
    return mapped;
  }

  /**
   * What it is worth: of the nearest among some pictures by the vectors of the encoder that asks,
   * the share that is found among the vectors of the other by mapped queries. Every picture asks
   * for the others; every vector is looked at. Give pictures that it was not fitted on.
   *
   * @param asked {@code [N, D]}, rows of length 1, N at least 2
   * @param kept {@code [N, E]}, rows of length 1, of the same pictures in the same order
   * @param k neighbours; fewer where there are fewer others
   * @return 0 to 1
   */
  public double recall(float[][] asked, float[][] kept, int k) {
    int n = asked.length;
    Require.that(
        n == kept.length && n >= 2,
        "found %d and %d vectors; expected those of the same pictures, at least 2"
            .formatted(n, kept.length));
    int most = Math.min(k, n - 1);
    double found =
        IntStream.range(0, n)
            .parallel()
            .mapToDouble(
                q -> {
                  float[] mapped = VectorIndex.unit(map(asked[q]));
                  IntToDoubleFunction truth = j -> dot(asked[q], asked[j]);
                  int[] exact = nearest(n, q, most, truth);
                  double last = truth.applyAsDouble(exact[most - 1]) - EQUAL;
                  return Arrays.stream(nearest(n, q, most, j -> dot(mapped, kept[j])))
                      .filter(j -> truth.applyAsDouble(j) >= last)
                      .count();
                })
            .sum();
    return found / ((double) n * most);
  }

  private static int[] nearest(int n, int self, int k, IntToDoubleFunction cosine) {
    double[] cosines = IntStream.range(0, n).mapToDouble(cosine).toArray();
    return IntStream.range(0, n)
        .filter(j -> j != self)
        .boxed()
        .sorted(Comparator.comparingDouble((Integer j) -> -cosines[j]))
        .limit(k)
        .mapToInt(Integer::intValue)
        .toArray();
  }

  private static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }

  /** Writes it, whole or not at all. */
  public void write(Path file) throws IOException {
    Safetensors.writePieces(
        file,
        Map.of(
            ROTATION, piece(rotation, List.of((long) before.length, (long) after.length)),
            BEFORE, piece(before, List.of((long) before.length)),
            AFTER, piece(after, List.of((long) after.length))),
        Safetensors.sealed(
            Map.of(
                "format", FORMAT,
                "from-sha256", from,
                "to-sha256", to,
                "recall", Double.toString(recall))));
  }

  private static Safetensors.Piece piece(float[] values, List<Long> shape) {
    return new Safetensors.Piece(
        ElementType.F32,
        shape,
        () -> {
          ByteBuffer bytes =
              ByteBuffer.allocate(Math.multiplyExact(4, values.length))
                  .order(ByteOrder.LITTLE_ENDIAN);
          bytes.asFloatBuffer().put(values);
          return bytes;
        });
  }

  /**
   * Reads one.
   *
   * @throws IOException if it is damaged, or no bridge
   */
  public static VectorBridge read(Path file) throws IOException {
    Map<String, String> words = Safetensors.metadata(file);
    if (!FORMAT.equals(words.get("format"))) {
      throw new IOException(
          file
              + " is no bridge between vectors; delete it and make it with `millrace live vectors`");
    }
    return NativeCall.run(
        call -> {
          try (PointerScope scope = new PointerScope()) {
            Map<String, Tensor> tensors = Safetensors.read(file, new Device("cpu")).tensors();
            return new VectorBridge(
                words.get("from-sha256"),
                words.get("to-sha256"),
                numbers(tensors.get(ROTATION)),
                numbers(tensors.get(BEFORE)),
                numbers(tensors.get(AFTER)),
                Double.parseDouble(words.get("recall")));
          }
        });
  }

  /** Whether a file is a bridge. */
  public static boolean isBridge(Path file) {
    try {
      return Files.isRegularFile(file) && FORMAT.equals(Safetensors.metadata(file).get("format"));
    } catch (IOException e) {
      return false;
    }
  }

  private static float[] numbers(Tensor tensor) {
    float[] numbers = new float[Math.toIntExact(tensor.numel())];
    new FloatPointer(tensor.data_ptr_float()).get(numbers);
    return numbers;
  }
}
