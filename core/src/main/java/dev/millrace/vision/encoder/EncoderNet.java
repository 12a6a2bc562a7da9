package dev.millrace.vision.encoder;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Device;
import dev.millrace.engine.Parameters;
import dev.millrace.engine.Precision;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * An encoder as a network over storage of the caller's, which heads can share: what methods,
 * probes, insight and files know of ResNets, transformers and those to come. Not thread-safe while
 * training; forward passes in evaluation mode may run side by side. Close it to free what passes
 * were prepared.
 */
public interface EncoderNet extends AutoCloseable {
  /** Which network this is. */
  EncoderSpec spec();

  /** Device of the weights. */
  Device device();

  /**
   * Fresh weights and statistics by the family's own scheme.
   *
   * @param draw where the weights come from; nothing else is random
   */
  void initialise(Draw draw);

  /**
   * The features of a batch, with gradients for the weights where these have any.
   *
   * @param x {@code [N, 3, S, S] float32}, of any size that it sees, small crops' among them
   * @param training whether normalisations use the batch's statistics and update the running ones
   * @return {@code [N, D] float32}; the caller's scope owns it
   * @throws IllegalArgumentException if the pictures are of a size that the encoder cannot see
   */
  Tensor forward(Tensor x, boolean training);

  /**
   * {@link #forward} in training mode, with normalisations over the rows of all processes: what one
   * process makes of the whole batch, to rounding. Here it is for encoders that normalise no batch.
   *
   * @param x this process's pictures, {@code [N, 3, S, S] float32}, as many in each
   * @param with who has the others; all make the backward pass, too
   * @return {@code [N, D] float32}; the caller's scope owns it
   */
  default Tensor forward(Tensor x, RowSharers with) {
    return forward(x, true);
  }

  /**
   * The features of a batch as a smooth function of weights and pictures: by libtorch's operators,
   * which can be derived any number of times, and by the batch's own statistics, the running ones
   * neither read nor written.
   *
   * @param x {@code [N, 3, S, S] float32}
   * @return {@code [N, D] float32}; the caller's scope owns it
   */
  Tensor differentiable(Tensor x);

  /**
   * The tokens of some patches after the last normalisation, as if there were no others, with
   * gradients for the weights where these have any.
   *
   * @param x {@code [N, 3, S, S] float32}
   * @param kept which patches of each picture, {@code [N, V] int64}, of {@link EncoderSpec#patches}
   * @param smooth whether by operators that can be derived any number of times
   * @return {@code [N, 1 + V, D] float32}, the class token's first; the caller's scope owns it
   * @throws UnsupportedOperationException if it has no patches
   */
  default Tensor tokens(Tensor x, Tensor kept, boolean smooth) {
    throw new UnsupportedOperationException(
        spec().words() + " has no patches to leave out; use a vision transformer");
  }

  /**
   * What the layers make of a batch in evaluation mode, in the order of {@link EncoderSpec#layers}:
   * float32, pictures first.
   *
   * @param x {@code [N, 3, S, S] float32}
   * @return the caller's scope owns them
   */
  List<Tensor> layers(Tensor x);

  /** Weights and running statistics under the names of the family's usual library; live views. */
  Map<String, Tensor> state();

  /**
   * Takes over weights by the names of {@link #state}; other names, such as a classifier's, are
   * ignored.
   *
   * @throws IllegalArgumentException if one is missing or has another shape
   */
  default void load(Map<String, Tensor> tensors) {
    Parameters.Layout.Builder own = Parameters.Layout.builder();
    spec().layout(own, "");
    spec().statisticsLayout(own, "");
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Map<String, Tensor> state = state();
      for (Parameters.Entry entry : own.build().entries()) {
        Tensor theirs = tensors.get(entry.name());
        List<Long> sizes =
            theirs == null
                ? null
                : LongStream.range(0, theirs.dim()).mapToObj(theirs::size).toList();
        if (!entry.shape().equals(sizes)) {
          throw new IllegalArgumentException(
              "the weights do not fit %s: %s is %s, expected %s"
                  .formatted(
                      spec().words(),
                      entry.name(),
                      sizes == null ? "missing" : sizes,
                      entry.shape()));
        }
        state.get(entry.name()).detach().copy_(theirs);
      }
    }
  }

  /**
   * The encoder in evaluation mode as it stands, a copy; the caller closes it.
   *
   * @param precision in which forward passes compute
   */
  FrozenEncoder freeze(Precision precision);

  @Override
  void close();
}
