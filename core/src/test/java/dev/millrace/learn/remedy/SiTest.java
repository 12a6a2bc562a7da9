package dev.millrace.learn.remedy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.engine.Device;
import dev.millrace.engine.Natives;
import dev.millrace.engine.Precision;
import dev.millrace.learn.network.Mlp;
import dev.millrace.learn.network.Network;
import dev.millrace.vision.encoder.resnet.ResNetShape;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class SiTest {
  @BeforeAll
  static void natives() {
    Natives.load();
  }

  private static Network network() {
    return Network.of(
        new ResNetShape("resnet18", 2, ResNetShape.Stem.SMALL),
        List.of(Mlp.of("projector", 16, 4)),
        new Device("cpu"),
        Precision.FP32,
        1);
  }

  /** One step: this gradient, then this change of the weights. */
  private static void step(Si si, Network net, Tensor gradient, Tensor change) {
    net.encoderGradient().copy_(gradient);
    si.beforeUpdate(net.weights());
    net.encoderWeights().add_(change);
    si.afterUpdate(net.encoderWeights(), 0.1);
  }

  @Test
  void importanceIsTheLossThatEachWeightTookAwayOverItsSquaredWay() {
    try (PointerScope scope = new PointerScope();
        Network net = network();
        Si si = new Si(new Si.Settings(1, 0.5, 0.01), net)) {
      long n = net.encoderSize();
      si.beginChunk(0);
      Tensor g1 = torch.randn(n);
      Tensor d1 = torch.randn(n);
      Tensor g2 = torch.randn(n);
      Tensor d2 = torch.randn(n);
      step(si, net, g1, d1);
      step(si, net, g2, d2);
      Tensor path = g1.mul(d1).add(g2.mul(d2)).neg();
      assertThat(si.state().get("path").sub(path).abs().max().item_double()).isLessThan(1e-4);
      si.endChunk(Ended.of(net));
      Tensor way = d1.add(d2).square().add(new Scalar(0.01));
      Tensor raw = path.clamp_min(new Scalar(0.0)).div(way);
      Tensor expected = raw.div(raw.mean());
      assertThat(
              si.state().get("importance").sub(expected).abs().max().item_double()
                  / expected.max().item_double())
          .isLessThan(1e-3);
      assertThat(si.state().get("anchor").equal(net.encoderWeights())).isTrue();
    }
  }

  @Test
  void aChunksPathBeginsWithTheChunkAndTheNextOneIsPulledBack() {
    try (PointerScope scope = new PointerScope();
        Network net = network();
        Si si = new Si(Si.Settings.of(5), net)) {
      Tensor ones = torch.ones(net.encoderSize());
      si.beginChunk(0);
      step(si, net, ones, ones.mul(new Scalar(-0.5)));
      si.endChunk(Ended.of(net));
      si.beginChunk(1);
      assertThat(si.state().get("path").abs().max().item_double()).isZero();
      Tensor anchor = net.encoderWeights().clone();
      step(si, net, ones, ones);
      // Every weight has the importance 1: (anchor + 1 + κ·anchor)/(1 + κ), κ = 2·0.1·0.01·5.
      assertThat(net.encoderWeights().sub(anchor).select(0, 3).item_double())
          .isCloseTo(1 / 1.01, within(1e-4));
    }
  }

  @Test
  void aChunkThatWasNotLearnedLeavesNoTrace() {
    try (PointerScope scope = new PointerScope();
        Network net = network();
        Si si = new Si(Si.Settings.of(1), net)) {
      si.endChunk(new Ended(net, List.of(), z -> z.sum(), false));
      assertThat(si.state().get("chunks").item_float()).isZero();
    }
  }
}
