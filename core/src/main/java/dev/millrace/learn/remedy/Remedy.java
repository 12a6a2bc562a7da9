package dev.millrace.learn.remedy;

import dev.millrace.engine.Parameters;
import dev.millrace.learn.network.Moment;
import dev.millrace.learn.network.Outputs;
import dev.millrace.learn.network.Views;
import dev.millrace.stream.ImageSet;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * A way to hold on to what past chunks taught. Where several act, each hook is called in their
 * order. Not thread-safe; close it to free what it keeps.
 */
public interface Remedy extends AutoCloseable {
  /** What it is called in checkpoints: {@code mas}. */
  String name();

  /**
   * Called once when a chunk begins; not called when a run resumes in the middle of a chunk.
   *
   * @param chunk counted from 0
   */
  default void beginChunk(int chunk) {}

  /**
   * Pictures of chunks before that are drawn beside the chunk's own; one set per chunk.
   *
   * @param chunk that is to be learned, counted from 0
   */
  default List<ImageSet> replayed(int chunk) throws IOException {
    return List.of();
  }

  /**
   * Pictures of chunks before that are not drawn into batches, but shown beside them: every step
   * has as many of them as its batch, each alike likely, for {@link #mix}; one set per chunk.
   *
   * @param chunk that is to be learned, counted from 0
   */
  default List<ImageSet> remembered(int chunk) throws IOException {
    return List.of();
  }

  /**
   * What the step learns from in place of its batch, before the forward pass.
   *
   * @param now the batch, as remedies before left it
   * @param remembered as many pictures of chunks before, in as many views; empty where there are
   *     none
   * @return as many rows as the batch has; the caller's scope owns them
   */
  default Views mix(Views now, Optional<Views> remembered, Moment at) {
    return now;
  }

  /**
   * A term to add to the loss, a scalar float32 that shares the outputs' graph.
   *
   * @return the caller's scope owns it
   */
  default Optional<Tensor> penalty(Views views, Outputs made) {
    return Optional.empty();
  }

  /**
   * Pictures that {@link #penalty} sent through an encoder for this step, beyond those that the
   * method sends: what law 4's equal passes leave out.
   */
  default Passes passes(Views views, Outputs made) {
    return Passes.NONE;
  }

  /** Called when the gradient is complete and before it is followed. */
  default void beforeUpdate(Parameters weights) {}

  /**
   * Called after each update of the optimiser.
   *
   * @param encoder the encoder's weights, {@code [P] float32}, a live view
   * @param unitStep how far the optimiser moves the encoder per step for each unit of a constant
   *     gradient, on average over its weights
   */
  default void afterUpdate(Tensor encoder, double unitStep) {}

  /**
   * Called at the end of every chunk, of one too small to be learned as well. What it sends through
   * an encoder there it tells {@link EndOfChunk#passed}.
   */
  default void endChunk(EndOfChunk end) throws IOException {}

  /**
   * Bytes of encoded pictures that it remembers, without those that lie on disk for earlier
   * checkpoints only.
   *
   * @param chunk that is to be learned next, counted from 0
   */
  default long rememberedBytes(int chunk) throws IOException {
    return 0;
  }

  /**
   * Called after a checkpoint between chunks: nobody asks again for what was remembered before a
   * chunk, so what was driven out by then may go from disk. What is remembered stays as it is.
   *
   * @param chunk the first that a run may still go back to, counted from 0
   */
  default void letGo(int chunk) throws IOException {}

  /**
   * Everything a later run needs to go on exactly, by name; live tensors, owned by the remedy.
   * Writing into them restores it.
   */
  default Map<String, Tensor> state() {
    return Map.of();
  }

  @Override
  default void close() throws IOException {}
}
