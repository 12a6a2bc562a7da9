package dev.millrace.learn.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.engine.Device;
import dev.millrace.engine.Natives;
import dev.millrace.engine.Precision;
import dev.millrace.learn.network.Mode;
import dev.millrace.learn.network.Network;
import dev.millrace.learn.network.Outputs;
import dev.millrace.learn.network.Views;
import dev.millrace.learn.objective.SigReg;
import dev.millrace.vision.encoder.resnet.ResNetShape;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

class LeJepaTest {
  private static final LeJepa.Settings SETTINGS = new LeJepa.Settings(0.1, 8, 16, 4);

  @Test
  void smallCropsAreDrawnToTheMeanOfTheWholeViewsAndAreGaussianAsThey() {
    Natives.load();
    ResNetShape shape = new ResNetShape("resnet18", 2, ResNetShape.Stem.SMALL);
    try (PointerScope scope = new PointerScope();
        Network network =
            Network.of(
                shape, LeJepa.heads(SETTINGS, shape.dim()), new Device("cpu"), Precision.FP32, 1)) {
      LeJepa method = new LeJepa(SETTINGS, network, 1, 2);
      assertThat(method.views()).isEqualTo(4);
      Views views =
          new Views(
              List.of(
                  torch.randn(6, 3, 16, 16),
                  torch.randn(6, 3, 16, 16),
                  torch.randn(6, 3, 8, 8),
                  torch.randn(6, 3, 8, 8)),
              null);
      Outputs made = method.outputs(views, Mode.TRAINING);
      LeJepa.Sketch sketch = method.targets(views, made, Mode.TRAINING);
      List<Tensor> z = made.embeddings();
      Tensor centre = z.get(0).add(z.get(1)).mul(new Scalar(0.5));
      double apart = 0;
      for (Tensor view : z) {
        apart += view.sub(centre).square().mean().item_double() / 4;
      }
      Tensor all = torch.stack(new TensorVector(z.toArray(Tensor[]::new)));
      double gaussian = SigReg.loss(all, sketch.directions()).item_double();
      assertThat(method.loss(made, sketch).item_double())
          .isCloseTo(0.1 * gaussian + 0.9 * apart, within(1e-5));
      method.loss(made, sketch).backward();
      assertThat(network.weights().gradient().abs().sum().item_double()).isPositive();
    }
  }
}
