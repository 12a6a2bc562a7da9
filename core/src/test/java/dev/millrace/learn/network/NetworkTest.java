package dev.millrace.learn.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.engine.Device;
import dev.millrace.engine.Natives;
import dev.millrace.engine.Parameters;
import dev.millrace.engine.Precision;
import dev.millrace.vision.encoder.resnet.ResNetShape;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class NetworkTest {
  private static final Mlp PROJECTOR = Mlp.normalised("projector", 16, 8, 4);
  private static final Mlp PREDICTOR = Mlp.of("predictor", 4, 4);

  @BeforeAll
  static void natives() {
    Natives.load();
  }

  private static Network network(long seed) {
    return Network.of(
        new ResNetShape("resnet18", 2, ResNetShape.Stem.SMALL),
        List.of(PROJECTOR, PREDICTOR),
        new Device("cpu"),
        Precision.FP32,
        seed);
  }

  @Test
  void theEncoderComesFirstAndHeadsFollowUnderTheirNamesOfASequential() {
    try (Network net = network(1)) {
      List<Parameters.Entry> entries = net.weights().layout().entries();
      List<String> heads =
          entries.stream()
              .filter(entry -> entry.offset() >= net.encoderSize())
              .map(Parameters.Entry::name)
              .toList();
      assertThat(heads)
          .containsExactly(
              "projector.0.weight",
              "projector.0.bias",
              "projector.1.weight",
              "projector.1.bias",
              "projector.3.weight",
              "projector.3.bias",
              "predictor.0.weight",
              "predictor.0.bias");
      assertThat(entries.get(0).name()).isEqualTo("encoder.conv1.weight");
      assertThat(net.statistics().layout().entries())
          .extracting(Parameters.Entry::name)
          .endsWith("projector.1.running_mean", "projector.1.running_var");
    }
  }

  @Test
  void aSeedAlwaysDrawsTheSameAndAnotherNot() {
    try (PointerScope scope = new PointerScope();
        Network one = network(1);
        Network same = network(1);
        Network other = network(2)) {
      assertThat(same.weights().flat().equal(one.weights().flat())).isTrue();
      assertThat(other.weights().flat().equal(one.weights().flat())).isFalse();
    }
  }

  @Test
  void followingIsTheMeanByMomentum() {
    try (PointerScope scope = new PointerScope();
        Network net = network(1);
        Network twin = net.twin()) {
      Tensor before = twin.weights().flat().clone();
      twin.follow(net, 0.9);
      assertThat(twin.weights().flat().sub(before).abs().max().item_double()).isLessThan(1e-6);
      net.weights().flat().add_(new Scalar(1.0));
      twin.follow(net, 0.9);
      assertThat(twin.weights().flat().sub(before).mean().item_double())
          .isCloseTo(0.1, within(1e-5));
      twin.follow(net, 1);
      assertThat(twin.weights().flat().sub(before).mean().item_double())
          .isCloseTo(0.1, within(1e-5));
      twin.follow(net, 0);
      assertThat(twin.weights().flat().sub(net.weights().flat()).abs().max().item_double())
          .isLessThan(1e-6);
      assertThat(twin.weights().gradient()).isNull();
    }
  }

  @Test
  void aTwinComputesTheSameAndIsNotMovedByItsOriginal() {
    try (PointerScope scope = new PointerScope();
        Network net = network(1);
        Network twin = net.twin()) {
      Tensor x = torch.randn(4, 3, 16, 16);
      Tensor mine = net.embed(net.features(x, Mode.EVALUATION), Mode.EVALUATION).detach();
      net.embed(net.features(torch.randn(4, 3, 16, 16), Mode.TRAINING), Mode.TRAINING);
      Tensor theirs = twin.embed(twin.features(x, Mode.EVALUATION), Mode.EVALUATION);
      assertThat(theirs.sub(mine).abs().max().item_double()).isLessThan(1e-6);
    }
  }

  @Test
  void onlyTrainingMovesTheStatisticsOfEncoderAndHeads() {
    try (PointerScope scope = new PointerScope();
        Network net = network(1)) {
      Tensor x = torch.randn(6, 3, 16, 16);
      Tensor before = net.statistics().flat().clone();
      for (Mode mode : List.of(Mode.EVALUATION, Mode.DIFFERENTIABLE)) {
        net.embed(net.features(x, mode), mode);
        assertThat(net.statistics().flat().equal(before)).as(mode.name()).isTrue();
      }
      Tensor features = net.features(x, Mode.TRAINING);
      net.embed(features, Mode.TRAINING);
      Tensor hidden =
          torch.linear(
              features,
              net.weights().get("projector.0.weight"),
              new org.bytedeco.pytorch.TensorOptional(net.weights().get("projector.0.bias")));
      // A tenth of the batch's mean, from zero.
      Tensor expected = hidden.mean(0).mul(new Scalar(0.1));
      assertThat(
              net.statistics()
                  .get("projector.1.running_mean")
                  .sub(expected)
                  .abs()
                  .max()
                  .item_double())
          .isLessThan(1e-5);
    }
  }

  @Test
  void withABatchsStatisticsTheHiddenLayerHasMeanZeroAndVarianceOne() {
    try (PointerScope scope = new PointerScope();
        Network net = network(1)) {
      // The last layer lets the hidden one through.
      Mlp head = Mlp.normalised("projector", 16, 8, 4);
      net.weights().get("projector.3.weight").detach().copy_(torch.eye(8).narrow(0, 0, 4));
      net.weights().get("projector.3.bias").detach().zero_();
      net.weights().get("projector.1.bias").detach().fill_(new Scalar(100.0)); // above ReLU's kink
      Tensor out = net.through(head, torch.randn(64, 16), Mode.DIFFERENTIABLE).detach();
      assertThat(out.mean(0).sub(new Scalar(100)).abs().max().item_double()).isLessThan(1e-3);
      assertThat(out.std(new long[] {0}, false).sub(new Scalar(1)).abs().max().item_double())
          .isLessThan(1e-2);
    }
  }

  @Test
  void aHeadThatTheNetworkHasNotIsNamed() {
    try (PointerScope scope = new PointerScope();
        Network net = network(1)) {
      assertThatThrownBy(
              () -> net.through(Mlp.of("other", 4, 4), torch.randn(2, 4), Mode.EVALUATION))
          .hasMessageContaining("no head other; there are [projector, predictor]");
    }
  }
}
