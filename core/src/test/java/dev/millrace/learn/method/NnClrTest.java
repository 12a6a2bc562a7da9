package dev.millrace.learn.method;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.engine.Device;
import dev.millrace.engine.Natives;
import dev.millrace.engine.Precision;
import dev.millrace.learn.network.Mode;
import dev.millrace.learn.network.Network;
import dev.millrace.learn.network.Outputs;
import dev.millrace.learn.network.Views;
import dev.millrace.vision.encoder.resnet.ResNetShape;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class NnClrTest {
  private static final NnClr.Settings SETTINGS = new NnClr.Settings(4, 0.2, 8, 4);

  @BeforeAll
  static void natives() {
    Natives.load();
  }

  private static Network network() {
    ResNetShape shape = new ResNetShape("resnet18", 2, ResNetShape.Stem.SMALL);
    return Network.of(
        shape, NnClr.heads(SETTINGS, shape.dim()), new Device("cpu"), Precision.FP32, 1);
  }

  /** Two pictures of a chunk, numbered from a first one, each in two views. */
  private static Views views(int first) {
    Tensor pictures = torch.zeros(new long[] {2, 2}, new TensorOptions(ScalarType.Long));
    for (int i = 0; i < 2; i++) {
      pictures.select(0, i).select(0, 1).fill_(new Scalar((double) first + i));
    }
    return new Views(List.of(torch.randn(2, 3, 16, 16), torch.randn(2, 3, 16, 16)), null, pictures);
  }

  /** A queue of 4 rows: an older view of each picture, and two rows of nothing. */
  @Test
  void aNeighbourIsOfAnotherPictureHoweverNearAnOlderViewOfTheSameIs() {
    try (PointerScope scope = new PointerScope();
        Network net = network();
        NnClr method = new NnClr(SETTINGS, net, 1)) {
      Views views = views(10);
      Outputs made = method.outputs(views, Mode.DIFFERENTIABLE);
      NnClr.Neighbours first = method.targets(views, made, Mode.DIFFERENTIABLE);
      method.afterStep(made, first, null);
      // The same view again is as near to its own row as anything can be.
      NnClr.Neighbours again = method.targets(views, made, Mode.DIFFERENTIABLE);
      Views strangers = new Views(views.views(), null, views(20).pictures());
      NnClr.Neighbours others = method.targets(strangers, made, Mode.DIFFERENTIABLE);
      for (int row = 0; row < 2; row++) {
        Tensor own = first.first().select(0, row);
        assertThat(others.nearest().get(0).select(0, row).sub(own).norm().item_double()).isZero();
        assertThat(again.nearest().get(0).select(0, row).sub(own).norm().item_double())
            .isGreaterThan(1e-3);
      }
    }
  }
}
