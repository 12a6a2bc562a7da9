package dev.millrace.learn.remedy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.engine.Device;
import dev.millrace.engine.Natives;
import dev.millrace.engine.Precision;
import dev.millrace.learn.network.Head;
import dev.millrace.learn.network.Mlp;
import dev.millrace.learn.network.Mode;
import dev.millrace.learn.network.Network;
import dev.millrace.learn.network.Outputs;
import dev.millrace.learn.network.Views;
import dev.millrace.vision.encoder.resnet.ResNetShape;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PfrTest {
  @BeforeAll
  static void natives() {
    Natives.load();
  }

  private static Network network(Pfr.Settings settings) {
    List<Head> heads = new ArrayList<>();
    heads.add(Mlp.of("projector", 16, 4));
    heads.addAll(Pfr.heads(settings, 16));
    return Network.of(
        new ResNetShape("resnet18", 2, ResNetShape.Stem.SMALL),
        heads,
        new Device("cpu"),
        Precision.FP32,
        1);
  }

  private static Outputs outputs(Network net, Views views) {
    return new Outputs(
        views.views().stream().map(view -> net.features(view, Mode.TRAINING)).toList(), List.of());
  }

  private static double cosine(Tensor a, Tensor b) {
    return torch.cosine_similarity(a, b).mean().item_double();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 8})
  void featuresMustFindThoseOfTheEncoderOfTheLastChunksEnd(int hidden) {
    Pfr.Settings settings = new Pfr.Settings(3, hidden);
    try (PointerScope scope = new PointerScope();
        Network net = network(settings);
        Pfr pfr = new Pfr(settings, net)) {
      Views views = new Views(List.of(torch.randn(6, 3, 16, 16), torch.randn(6, 3, 16, 16)), null);
      assertThat(pfr.penalty(views, outputs(net, views))).isEmpty();
      List<Tensor> past =
          views.views().stream().map(view -> net.features(view, Mode.EVALUATION)).toList();
      List<Tensor> kept = past.stream().map(tensor -> tensor.detach().clone()).toList();
      pfr.endChunk(Ended.of(net));
      net.weights().flat().mul_(new Scalar(1.1));
      Outputs made = outputs(net, views);
      double expected = 0;
      for (int v = 0; v < 2; v++) {
        Tensor predicted = made.features().get(v);
        for (Head head : Pfr.heads(settings, 16)) {
          predicted = net.through(head, predicted, Mode.DIFFERENTIABLE);
        }
        expected += 3 * 0.5 * (1 - cosine(predicted, kept.get(v)));
      }
      Tensor penalty = pfr.penalty(views, made).orElseThrow();
      assertThat(penalty.item_double()).isCloseTo(expected, within(1e-4));
      Tensor frozen = pfr.state().get("frozen").clone();
      net.weights().zeroGradient();
      penalty.backward();
      assertThat(net.encoderGradient().abs().sum().item_double()).isPositive();
      assertThat(pfr.state().get("frozen").equal(frozen)).isTrue();
      try (Pfr again = new Pfr(settings, net)) {
        again.state().forEach((name, tensor) -> tensor.copy_(pfr.state().get(name)));
        assertThat(again.penalty(views, made).orElseThrow().item_double())
            .isEqualTo(pfr.penalty(views, made).orElseThrow().item_double());
      }
    }
  }
}
