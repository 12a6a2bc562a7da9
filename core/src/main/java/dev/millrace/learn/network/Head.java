package dev.millrace.learn.network;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Parameters;
import dev.millrace.vision.encoder.RowSharers;
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

  /**
   * {@link #forward} in {@link Mode#TRAINING}, with normalisations over the rows of all processes.
   * Here it is for heads that normalise no batch.
   *
   * @param with who has the other rows, as many each
   * @return {@code [N, out]}; the caller's scope owns it
   */
  default Tensor forward(Parameters weights, Parameters statistics, Tensor x, RowSharers with) {
    return forward(weights, statistics, x, Mode.TRAINING);
  }
}
