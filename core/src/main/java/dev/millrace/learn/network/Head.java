package dev.millrace.learn.network;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Parameters;
import org.bytedeco.pytorch.Tensor;

/**
 * A part on top of the encoder: a projector, a predictor, a classifier. It says which tensors it
 * has and how they compute; the numbers lie in the storage of a {@link Network}. Immutable.
 */
public interface Head {
  /** What it is called within its network; its tensors' names begin with this and a dot. */
  String name();

  /** Adds its weights to a layout. */
  void weights(Parameters.Layout.Builder into);

  /** Adds the running statistics of its normalisations to a layout. */
  void statistics(Parameters.Layout.Builder into);

  /** Draws fresh weights and resets the statistics. */
  void initialise(Parameters weights, Parameters statistics, Draw draw);

  /**
   * {@code [N, in] → [N, out]}, in the precision of the surrounding autocast.
   *
   * @return the caller's scope owns it
   */
  Tensor forward(Parameters weights, Parameters statistics, Tensor x, Mode mode);
}
