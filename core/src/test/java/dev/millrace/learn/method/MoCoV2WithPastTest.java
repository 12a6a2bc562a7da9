package dev.millrace.learn.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.engine.Device;
import dev.millrace.engine.Natives;
import dev.millrace.engine.Precision;
import dev.millrace.learn.network.Head;
import dev.millrace.learn.network.Mode;
import dev.millrace.learn.network.Moment;
import dev.millrace.learn.network.Network;
import dev.millrace.learn.network.Outputs;
import dev.millrace.learn.network.Views;
import dev.millrace.vision.encoder.resnet.ResNetShape;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MoCoV2WithPastTest {
  private static final double TAU = 0.5;

  @BeforeAll
  static void natives() {
    Natives.load();
  }

  private static MoCoV2.Settings settings(boolean symmetric) {
    return new MoCoV2.Settings(8, 0.9, TAU, 4, 1, symmetric);
  }

  private static Network network() {
    List<Head> heads = new ArrayList<>(MoCoV2.heads(settings(false), 16));
    heads.addAll(MoCoV2WithPast.heads(4, 8));
    return Network.of(
        new ResNetShape("resnet18", 2, ResNetShape.Stem.SMALL),
        heads,
        new Device("cpu"),
        Precision.FP32,
        1);
  }

  private static MoCoV2WithPast method(Network net, boolean symmetric, double weight) {
    MoCoV2.Settings settings = settings(symmetric);
    return new MoCoV2WithPast(new MoCoV2(settings, net, 1), settings, weight, 8, net, 1);
  }

  /** Three pictures of a chunk, numbered from a first one. */
  private static Views views(int chunk, int first) {
    Tensor pictures = torch.zeros(new long[] {3, 2}, new TensorOptions(ScalarType.Long));
    for (int i = 0; i < 3; i++) {
      pictures.select(0, i).select(0, 0).fill_(new Scalar((double) chunk));
      pictures.select(0, i).select(0, 1).fill_(new Scalar((double) first + i));
    }
    return new Views(List.of(torch.randn(3, 3, 16, 16), torch.randn(3, 3, 16, 16)), null, pictures);
  }

  private static void step(MoCoV2WithPast method, Views views, int chunk) {
    Outputs made = method.outputs(views, Mode.TRAINING);
    method.afterStep(
        made, method.targets(views, made, Mode.TRAINING), new Moment(chunk, 0, 0, 1, 0));
  }

  @Test
  void inTheFirstChunkItIsMoCo() {
    try (PointerScope scope = new PointerScope();
        Network net = network();
        MoCoV2WithPast method = method(net, false, 1);
        MoCoV2 moco = new MoCoV2(settings(false), net, 1)) {
      method.beginChunk(0);
      Views views = views(0, 0);
      Outputs made = method.outputs(views, Mode.TRAINING);
      assertThat(made.predictions()).isEmpty();
      double found = method.loss(made, method.targets(views, made, Mode.TRAINING)).item_double();
      double plain = moco.loss(made, moco.targets(views, made, Mode.TRAINING)).item_double();
      assertThat(found).isEqualTo(plain);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void queriesAndTheirPredictionsMeetTheNegativesOfBothModels(boolean symmetric) {
    try (PointerScope scope = new PointerScope();
        Network net = network();
        Network past = net.twin();
        MoCoV2WithPast method = method(net, symmetric, 0.7)) {
      method.beginChunk(0);
      step(method, views(0, 0), 0);
      method.holdOnTo(net);
      method.beginChunk(1);
      net.weights().flat().mul_(new Scalar(1.1)); // the past stays what it was
      Views earlier = views(1, 10);
      step(method, earlier, 1);
      Views views = new Views(views(1, 0).views(), null, views(1, 12).pictures()); // 12 is again
      Outputs made = method.outputs(views, Mode.TRAINING);
      double loss = method.loss(made, method.targets(views, made, Mode.TRAINING)).item_double();
      MoCoV2WithPast.BothModels against = method.targets(views, made, Mode.DIFFERENTIABLE);
      int ways = symmetric ? 2 : 1;
      double expected = 0;
      for (int way = 0; way < ways; way++) {
        Tensor query = made.embeddings().get(way);
        Tensor prediction =
            Tensors.unit(
                net.through(MoCoV2WithPast.heads(4, 8).get(0), query, Mode.DIFFERENTIABLE));
        Tensor then = against.past().get(way);
        for (int i = 0; i < 3; i++) {
          expected += share(against, query.select(0, i), against.now().keys().get(way), i);
          expected += 0.7 * share(against, prediction.select(0, i), then, i);
        }
      }
      assertThat(loss).isCloseTo(expected / (3 * ways), within(1e-4));
      // Only what a step has put there is a negative: one row a query of the earlier batch.
      for (int i = 0; i < 3; i++) {
        long left = against.left().select(0, i).sum().item_long();
        assertThat(left).isEqualTo(8 - 3L * ways + (i == 0 ? ways : 0));
      }
      try (NoGradGuard stop = new NoGradGuard()) {
        Tensor frozen = method.state().get("past.weights");
        assertThat(frozen.sub(past.weights().flat()).abs().max().item_double()).isZero();
      }
    }
  }

  private static double share(
      MoCoV2WithPast.BothModels against, Tensor from, Tensor positives, int i) {
    double positive = Math.exp(from.dot(positives.select(0, i)).item_double() / TAU);
    double all = positive;
    for (int k = 0; k < 8; k++) {
      if (!against.now().own().select(0, i).select(0, k).item_bool()) {
        all += Math.exp(from.dot(against.now().negatives().select(0, k)).item_double() / TAU);
      }
      if (!against.left().select(0, i).select(0, k).item_bool()) {
        all += Math.exp(from.dot(against.pastQueue().select(0, k)).item_double() / TAU);
      }
    }
    return -Math.log(positive / all);
  }
}
