package dev.millrace.learn.remedy;

import static org.bytedeco.pytorch.global.torch.zeros;

import dev.millrace.learn.network.Mode;
import dev.millrace.learn.network.Network;
import dev.millrace.learn.network.Prototypes;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The network as the last chunk that was learned left it, which remedies that distil compare with.
 * It is part of a checkpoint: a chunk that is resumed continues with the past that it began with.
 * Not thread-safe; close it to free the copy.
 */
final class FrozenPast implements AutoCloseable {
  private final Network frozen;
  private final Mode mode;

  /** {@code [1] float32}: how many chunks were learned; without one there is nothing to keep. */
  private final Tensor chunks;

  /**
   * Of a network that has learned nothing yet.
   *
   * @param network stays the caller's
   * @param mode TRAINING to normalise by the batch, EVALUATION to normalise by what was learned
   */
  FrozenPast(Network network, Mode mode) {
    frozen = network.twin();
    this.mode = mode;
    try (PointerScope scope = new PointerScope()) {
      chunks = zeros(1).retainReference();
    }
  }

  /** Whether a chunk was learned. */
  boolean has() {
    return chunks.item_float() != 0;
  }

  /** What its encoder makes of a view, {@code [N, D] float32}, without a graph. */
  Tensor features(Tensor view) {
    try (NoGradGuard stop = new NoGradGuard()) {
      return frozen.features(view, mode).to(ScalarType.Float);
    }
  }

  /** What its first head makes of that, {@code [N, d] float32}, without a graph. */
  Tensor embeddings(Tensor view) {
    try (NoGradGuard stop = new NoGradGuard()) {
      return frozen.embed(frozen.features(view, mode), mode).to(ScalarType.Float);
    }
  }

  /** What its embeddings score against its prototypes, {@code [N, K] float32}, without a graph. */
  Tensor scores(Prototypes prototypes, Tensor embeddings) {
    try (NoGradGuard stop = new NoGradGuard()) {
      return prototypes.scores(frozen, embeddings);
    }
  }

  /** Takes the network as a chunk left it, if the chunk was learned. */
  void endChunk(EndOfChunk end) {
    if (end.learned()) {
      frozen.copyFrom(end.network());
      chunks.add_(new Scalar(1.0));
    }
  }

  /** Its weights, and its running statistics where it computes with them. */
  Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    state.put("frozen", frozen.weights().flat());
    if (mode == Mode.EVALUATION) {
      state.put("frozen.statistics", frozen.statistics().flat());
    }
    state.put("chunks", chunks);
    return state;
  }

  @Override
  public void close() {
    frozen.close();
    chunks.releaseReference();
  }
}
