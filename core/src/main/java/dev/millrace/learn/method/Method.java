package dev.millrace.learn.method;

import dev.millrace.learn.network.Mode;
import dev.millrace.learn.network.Moment;
import dev.millrace.learn.network.Network;
import dev.millrace.learn.network.Outputs;
import dev.millrace.learn.network.Ranks;
import dev.millrace.learn.network.Views;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * A way to learn a network from batches of views. A step is: {@link #beforeStep}, {@link #outputs},
 * {@link #targets}, {@link #loss}, the update, {@link #afterStep}. The network is the caller's; a
 * method keeps only what it needs beside it, such as a momentum twin. Not thread-safe; close it to
 * free that.
 *
 * @param <T> what the outputs are compared with
 */
public interface Method<T extends Targets> extends AutoCloseable {
  /** Views it needs of each picture. */
  int views();

  /** Whether its batches need labels. */
  default boolean labels() {
    return false;
  }

  /**
   * Takes over what the network holds now, as a momentum twin must; called after weights were put
   * into the network, which may be done only before the first step.
   */
  default void takeOver() {}

  /**
   * Called before {@link #beginChunk} of every chunk but a stream's first, for a method that holds
   * on to what was learned.
   *
   * @param past the network as the chunk before left it, or as it was published, whichever a run
   *     holds on to; the caller's
   */
  default void holdOnTo(Network past) {}

  /**
   * Called once when a chunk begins; not called when a run resumes in the middle of a chunk.
   *
   * @param chunk counted from 0
   */
  default void beginChunk(int chunk) {}

  /** Called before the forward passes of a step. */
  default void beforeStep(Moment at) {}

  /**
   * What the network makes of the views, with its graph.
   *
   * @param views as many views as {@link #views()}
   * @return the caller's scope owns it
   */
  Outputs outputs(Views views, Mode mode);

  /**
   * What the outputs of a batch are compared with, without a graph. In {@link Mode#DIFFERENTIABLE}
   * nothing is changed by it, no running statistics either, and the tensors are in memory of their
   * own.
   *
   * @return the caller's scope owns it
   */
  T targets(Views views, Outputs made, Mode mode);

  /** The loss, a scalar float32 with the outputs' graph; changes nothing. */
  Tensor loss(Outputs made, T targets);

  /**
   * What the outputs of the whole batch are compared with, from what those of each rank's part are:
   * the same in all. Only asked where there are several.
   *
   * @param own as {@link #targets} made it
   * @return the caller's scope owns it
   */
  T gathered(T own, Ranks ranks);

  /**
   * Whether the loss is the mean over pictures of what each has by itself: ranks then need not see
   * each other's outputs, and {@link #gathered} is for what comes after the update.
   */
  default boolean ofSingles() {
    return false;
  }

  /** Called after the update of a step, with outputs and targets of the whole batch. */
  default void afterStep(Outputs made, T targets, Moment at) {}

  /** The network that follows the trained one slowly, where the method keeps one. */
  default Optional<Network> twin() {
    return Optional.empty();
  }

  /**
   * What is worth watching beside the loss of the last step, by name, each a finite number; empty
   * where a method has nothing to say.
   */
  default Map<String, Double> watched() {
    return Map.of();
  }

  /**
   * Everything beside the network that a later run needs to go on exactly, by name; live tensors,
   * owned by the method. Writing into them restores the method.
   */
  default Map<String, Tensor> state() {
    return Map.of();
  }

  @Override
  void close();
}
