package dev.millrace.insight;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Parameters;
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
    float[] point = array(weights);
    float[] values = new float[point.length];
    for (Parameters.Entry entry : layout.entries()) {
      if (entry.shape().size() < 2) {
        continue;
      }
      // Output channels lead in the storage, whatever the order of the rest.
      int filter = (int) (entry.size() / entry.shape().get(0));
      int end = (int) (entry.offset() + entry.size());
      for (int from = (int) entry.offset(); from < end; from += filter) {
        double mine = 0;
        double theirs = 0;
        for (int i = from; i < from + filter; i++) {
          values[i] = (float) draw.at(i).gaussian();
          mine += (double) values[i] * values[i];
          theirs += (double) point[i] * point[i];
        }
        float scale = (float) Math.sqrt(theirs / Math.max(mine, Float.MIN_NORMAL));
        for (int i = from; i < from + filter; i++) {
          values[i] *= scale;
        }
      }
    }
    return tensor(values, weights);
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
