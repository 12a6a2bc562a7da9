package dev.millrace.learn.method;

import dev.millrace.learn.network.Head;
import dev.millrace.learn.network.Mode;
import dev.millrace.learn.network.Network;
import dev.millrace.learn.network.Outputs;
import dev.millrace.learn.network.Views;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The forward passes of methods that show a network every view. */
final class Passes {
  private Passes() {}

  /** Features, and embeddings as float32, of every view. */
  static Outputs embedded(Network network, Views views, Mode mode) {
    List<Tensor> features =
        views.views().stream().map(view -> network.features(view, mode)).toList();
    return new Outputs(
        features,
        features.stream().map(of -> network.embed(of, mode).to(ScalarType.Float)).toList());
  }

  /** Features, embeddings, and what a predictor makes of them as float32, of every view. */
  static Outputs predicted(Network network, Head predictor, Views views, Mode mode) {
    List<Tensor> features =
        views.views().stream().map(view -> network.features(view, mode)).toList();
    List<Tensor> embeddings = features.stream().map(of -> network.embed(of, mode)).toList();
    return new Outputs(
        features,
        embeddings,
        embeddings.stream()
            .map(of -> network.through(predictor, of, mode).to(ScalarType.Float))
            .toList());
  }

  /** Embeddings of every view as float32, without a graph and in memory of their own. */
  static List<Tensor> detached(Outputs made) {
    return made.embeddings().stream().map(z -> z.detach().to(ScalarType.Float).clone()).toList();
  }
}
