package dev.millrace.learn.remedy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.engine.Natives;
import dev.millrace.learn.network.Head;
import dev.millrace.learn.network.Mlp;
import dev.millrace.learn.network.Mode;
import dev.millrace.learn.network.Network;
import dev.millrace.learn.network.Outputs;
import dev.millrace.learn.network.Views;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What PNR keeps, and when it adds to a loss. */
class PnrTest {
  private static final int D = 4;
  private static final double TAU = 0.5;
  private static final Pnr.Settings SETTINGS = new Pnr.Settings(0.7, Double.NaN, 16);

  @BeforeAll
  static void natives() {
    Natives.load();
  }

  private static Network network() {
    List<Head> heads = new ArrayList<>();
    heads.add(Mlp.normalised("projector", 16, 8, D));
    heads.addAll(Pnr.heads(SETTINGS, D));
    return TinyNetwork.of(heads);
  }

  @Test
  void thePastIsTheNetworkOfTheLastLearnedChunksEndByItsRunningStatistics() {
    try (PointerScope scope = new PointerScope();
        Network net = network();
        Pnr pnr = new Pnr(SETTINGS, (now, p, past, weight) -> past.get(1).sum(), net, D)) {
      Views views = new Views(List.of(torch.randn(6, 3, 16, 16), torch.randn(6, 3, 16, 16)), null);
      pnr.endChunk(new Ended(net, List.of(), z -> z.sum(), false));
      assertThat(pnr.penalty(views, TinyNetwork.outputs(net, views))).isEmpty();
      assertThat(pnr.passes(views, TinyNetwork.outputs(net, views))).isEqualTo(Passes.NONE);
      double past =
          net.embed(net.features(views.view(1), Mode.EVALUATION), Mode.EVALUATION)
              .sum()
              .item_double();
      pnr.endChunk(Ended.of(net));
      net.weights().flat().mul_(new Scalar(1.1));
      Outputs made = TinyNetwork.outputs(net, views);
      assertThat(pnr.penalty(views, made).orElseThrow().item_double())
          .isCloseTo(past, within(1e-4));
      assertThat(pnr.passes(views, made)).isEqualTo(Passes.forwards(12));
    }
  }

  @Test
  void oneRestoredFromItsStateAddsTheSameAndItsGradientReachesEncoderAndPredictor() {
    try (PointerScope scope = new PointerScope();
        Network net = network();
        Pnr one = new Pnr(SETTINGS, PnrLoss.contrastive(TAU), net, D);
        Pnr two = new Pnr(SETTINGS, PnrLoss.contrastive(TAU), net, D)) {
      one.endChunk(Ended.of(net));
      net.weights().flat().mul_(new Scalar(1.1));
      two.state().forEach((name, tensor) -> tensor.copy_(one.state().get(name)));
      Views views = new Views(List.of(torch.randn(6, 3, 16, 16), torch.randn(6, 3, 16, 16)), null);
      Outputs made = TinyNetwork.outputs(net, views);
      Tensor added = two.penalty(views, made).orElseThrow();
      assertThat(added.item_double())
          .isEqualTo(one.penalty(views, made).orElseThrow().item_double());
      net.weights().zeroGradient();
      added.backward();
      for (String part : List.of("encoder.conv1", "projector.0", "pnr.0", "pnr.3")) {
        assertThat(net.weights().get(part + ".weight").grad().abs().sum().item_double())
            .as(part)
            .isPositive();
      }
    }
  }
}
