package dev.millrace.insight;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Parameters;
import java.util.Arrays;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Directions in the space of weights, drawn by {@link Draw}; stateless and thread-safe. */
final class Directions {
  private Directions() {}

  /** Independent standard normal numbers, {@code [P] float32}; the caller's scope owns them. */
  static Tensor gaussian(Tensor like, Draw draw) {
    float[] values = new float[Math.toIntExact(like.numel())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) draw.at(i).gaussian();
    }
    return tensor(values, like);
  }

  /** Independent signs ±1 (Rademacher), {@code [P] float32}; the caller's scope owns them. */
  static Tensor signs(Tensor like, Draw draw) {
    float[] values = new float[Math.toIntExact(like.numel())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (draw.at(i / 64).bits() >>> i % 64 & 1) == 0 ? -1 : 1;
    }
    return tensor(values, like);
  }

  /** Independent numbers uniform in ±1, {@code [P] float32}; the caller's scope owns them. */
  static Tensor uniform(Tensor like, Draw draw) {
    float[] values = new float[Math.toIntExact(like.numel())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) draw.at(i).uniform(-1, 1);
    }
    return tensor(values, like);
  }

  /**
   * A Gaussian direction with every filter scaled to the norm of the weights' filter; 0 where a
   * parameter has one dimension, as are normalisations and biases (Li et al., "Visualizing the Loss
   * Landscape of Neural Nets", NeurIPS 2018, §4, and their published code).
   *
   * @param weights {@code [P] float32}
   * @param layout of the weights; a filter is all that leads to one output channel
   * @return {@code [P] float32}; the caller's scope owns it
   */
  static Tensor filterNormalised(Tensor weights, Parameters.Layout layout, Draw draw) {
    return filterNormalised(weights, layout, layout.size(), draw);
  }

  /**
   * Like {@link #filterNormalised(Tensor, Parameters.Layout, Draw)}, of the first weights.
   *
   * @param moved how many; 0 from there on
   */
  static Tensor filterNormalised(Tensor weights, Parameters.Layout layout, long moved, Draw draw) {
    float[] point = array(weights);
    float[] values = new float[point.length];
    eachFilter(
        layout,
        moved,
        (from, to) -> {
          for (int i = from; i < to; i++) {
            values[i] = (float) draw.at(i).gaussian();
          }
          double mine = Math.max(square(values, from, to), Float.MIN_NORMAL);
          float scale = (float) Math.sqrt(square(point, from, to) / mine);
          for (int i = from; i < to; i++) {
            values[i] *= scale;
          }
        });
    return tensor(values, weights);
  }

  /**
   * The norm of each weight's filter; 0 where a parameter has one dimension, and behind the first
   * weights.
   *
   * @param moved how many
   * @return {@code [P] float32}; the caller's scope owns it
   */
  static Tensor filterNorms(Tensor weights, Parameters.Layout layout, long moved) {
    float[] point = array(weights);
    float[] values = new float[point.length];
    eachFilter(
        layout,
        moved,
        (from, to) -> Arrays.fill(values, from, to, (float) Math.sqrt(square(point, from, to))));
    return tensor(values, weights);
  }

  /** Weights of the largest filter; 1 where there is none. */
  static long largestFilter(Parameters.Layout layout, long moved) {
    return layout.entries().stream()
        .filter(entry -> filters(entry, moved))
        .mapToLong(entry -> entry.size() / entry.shape().get(0))
        .max()
        .orElse(1);
  }

  /** Whether a parameter is made of filters and lies among the first weights. */
  static boolean filters(Parameters.Entry entry, long moved) {
    return entry.shape().size() >= 2 && entry.offset() + entry.size() <= moved;
  }

  private interface Filter {
    void at(int from, int to);
  }

  /** Output channels lead in the storage, whatever the order of the rest. */
  private static void eachFilter(Parameters.Layout layout, long moved, Filter filter) {
    for (Parameters.Entry entry : layout.entries()) {
      if (filters(entry, moved)) {
        int size = (int) (entry.size() / entry.shape().get(0));
        int end = (int) (entry.offset() + entry.size());
        for (int from = (int) entry.offset(); from < end; from += size) {
          filter.at(from, from + size);
        }
      }
    }
  }

  private static double square(float[] values, int from, int to) {
    double sum = 0;
    for (int i = from; i < to; i++) {
      sum += (double) values[i] * values[i];
    }
    return sum;
  }

  private static float[] array(Tensor tensor) {
    float[] values = new float[Math.toIntExact(tensor.numel())];
    try (PointerScope scope = new PointerScope()) {
      tensor.detach().cpu().contiguous().data_ptr_float().get(values);
    }
    return values;
  }

  private static Tensor tensor(float[] values, Tensor like) {
    // The memory belongs to the caller's scope as well, so the copy comes first.
    try (FloatPointer memory = new FloatPointer(values);
        Tensor view = torch.from_blob(memory, new long[] {values.length})) {
      return view.clone().to(like.device(), torch.ScalarType.Float);
    }
  }
}
