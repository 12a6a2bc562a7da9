package dev.millrace.learn.remedy;

import dev.millrace.engine.Device;
import dev.millrace.engine.Precision;
import dev.millrace.learn.network.Head;
import dev.millrace.learn.network.Mode;
import dev.millrace.learn.network.Network;
import dev.millrace.learn.network.Outputs;
import dev.millrace.learn.network.Views;
import dev.millrace.vision.encoder.resnet.ResNetShape;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** A net of a few channels with heads, as remedies are tried on it. */
final class TinyNetwork {
  private TinyNetwork() {}

  /** The net; the caller closes it. */
  static Network of(List<Head> heads) {
    return Network.of(
        new ResNetShape("resnet18", 2, ResNetShape.Stem.SMALL),
        heads,
        new Device("cpu"),
        Precision.FP32,
        1);
  }

  /** Features and embeddings of all views, in training. */
  static Outputs outputs(Network net, Views views) {
    List<Tensor> features =
        views.views().stream().map(view -> net.features(view, Mode.TRAINING)).toList();
    return new Outputs(features, features.stream().map(f -> net.embed(f, Mode.TRAINING)).toList());
  }
}
