package dev.millrace.learn.method;

import dev.millrace.learn.network.Mode;
import dev.millrace.learn.network.Moment;
import dev.millrace.learn.network.Network;
import dev.millrace.learn.network.Outputs;
import dev.millrace.learn.network.Prototypes;
import dev.millrace.learn.network.Views;
import org.bytedeco.pytorch.Tensor;

/**
 * A network's embeddings scored against prototypes, which stay as they were drawn for the first
 * epochs of the first chunk. Not thread-safe.
 */
final class Scoring {
  private final Network network;
  private final Prototypes prototypes;
  private final Prototypes fixed;
  private final int frozenEpochs;
  private boolean frozen;

  Scoring(Network network, Prototypes prototypes, int frozenEpochs) {
    this.network = network;
    this.prototypes = prototypes;
    this.frozenEpochs = frozenEpochs;
    fixed = prototypes.fixed();
  }

  void beforeStep(Moment at) {
    frozen = at.first() && at.epoch() < frozenEpochs;
  }

  /** Features, embeddings and, as predictions, their scores, {@code [N, K] float32} per view. */
  Outputs outputs(Views views, Mode mode) {
    Outputs made = Passes.embedded(network, views, mode);
    Prototypes asked = frozen && mode == Mode.TRAINING ? fixed : prototypes;
    return new Outputs(
        made.features(),
        made.embeddings(),
        made.embeddings().stream().map(z -> asked.scores(network, z)).toList());
  }

  /** The scores of rows against the prototypes that a network has. */
  Tensor scores(Network of, Tensor rows) {
    return prototypes.scores(of, rows);
  }
}
