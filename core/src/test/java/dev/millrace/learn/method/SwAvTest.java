package dev.millrace.learn.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Device;
import dev.millrace.engine.Natives;
import dev.millrace.engine.Precision;
import dev.millrace.learn.network.Mode;
import dev.millrace.learn.network.Moment;
import dev.millrace.learn.network.Network;
import dev.millrace.learn.network.Outputs;
import dev.millrace.learn.network.Views;
import dev.millrace.vision.encoder.resnet.ResNetShape;
import java.util.List;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class SwAvTest {
  private static final int PICTURES = 8;
  private static final SwAv.Settings SETTINGS =
      new SwAv.Settings(6, 0.1, 0.05, 3, 2 * PICTURES, 1, 2, 16, 4);

  @BeforeAll
  static void natives() {
    Natives.load();
    Natives.threads(1);
  }

  private static Network network() {
    ResNetShape shape = new ResNetShape("resnet18", 2, ResNetShape.Stem.SMALL);
    return Network.of(
        shape, SwAv.heads(SETTINGS, shape.dim()), new Device("cpu"), Precision.FP32, 1);
  }

  private static Views views(int batch) {
    long[] numbers = new long[2 * PICTURES];
    for (int i = 0; i < PICTURES; i++) {
      numbers[2 * i + 1] = (long) batch * PICTURES + i;
    }
    return new Views(
        List.of(pictures("one", batch), pictures("two", batch)),
        null,
        Tensor.create(numbers).view(PICTURES, 2));
  }

  private static Tensor pictures(String purpose, int batch) {
    float[] values = new float[PICTURES * 3 * 16 * 16];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) Draw.of(1, purpose, batch, i).gaussian();
    }
    return torch.from_blob(new FloatPointer(values), PICTURES, 3, 16, 16).clone();
  }

  private static SwAv.Assigned step(SwAv method, Views views, Moment at) {
    method.beforeStep(at);
    Outputs made = method.outputs(views, Mode.TRAINING);
    SwAv.Assigned targets = method.targets(views, made, Mode.TRAINING);
    method.loss(made, targets).backward();
    method.afterStep(made, targets, at);
    return targets;
  }

  private static Moment at(int chunk, int epoch) {
    return new Moment(chunk, epoch, 0, 1, 0);
  }

  @Test
  void prototypesGetNoGradientInTheirFrozenEpochsOfTheFirstChunkOnly() {
    try (PointerScope scope = new PointerScope();
        Network network = network();
        SwAv method = new SwAv(SETTINGS, network, 1, 0)) {
      Tensor gradient = network.weights().get("prototypes.weight").grad();
      for (int epoch = 0; epoch < 2; epoch++) {
        step(method, views(0), at(0, epoch));
        assertThat(gradient.abs().max().item_double()).isZero();
      }
      step(method, views(0), at(0, 2));
      assertThat(gradient.abs().max().item_double()).isPositive();
      network.weights().zeroGradient();
      step(method, views(0), at(1, 0));
      assertThat(gradient.abs().max().item_double()).isPositive();
    }
  }

  @Test
  void smallCropsAreAskedAndNotAssigned() {
    try (PointerScope scope = new PointerScope();
        Network network = network();
        SwAv method = new SwAv(SETTINGS, network, 1, 2)) {
      assertThat(method.views()).isEqualTo(4);
      Views whole = views(0);
      Views all =
          new Views(
              List.of(whole.view(0), whole.view(1), small(whole, 0), small(whole, 1)),
              null,
              whole.pictures());
      Outputs made = method.outputs(all, Mode.TRAINING);
      SwAv.Assigned targets = method.targets(all, made, Mode.TRAINING);
      assertThat(targets.assignments()).hasSize(2);
      assertThat(made.predictions()).hasSize(4);
      double sum = 0;
      for (int a = 0; a < 2; a++) {
        for (int b = 0; b < 4; b++) {
          if (a != b) {
            Tensor said = torch.log_softmax(made.predictions().get(b).div(new Scalar(0.1)), 1);
            sum -= targets.assignments().get(a).mul(said).sum(1).mean().item_double();
          }
        }
      }
      assertThat(method.loss(made, targets).item_double()).isCloseTo(sum / 6, within(1e-5));
      try (FixedLoss fixed = FixedLoss.of(method, all)) {
        assertThat(fixed.get().item_double()).isCloseTo(sum / 6, within(1e-4));
      }
    }
  }

  private static Tensor small(Views of, int view) {
    return of.view(view).narrow(2, 0, 8).narrow(3, 0, 8).contiguous();
  }

  @Test
  void theQueueFillsFromItsEpochOnAndIsUsedOnceItIsFull() {
    try (PointerScope scope = new PointerScope();
        Network network = network();
        Network same = network();
        SwAv queued = new SwAv(SETTINGS, network, 1, 0);
        SwAv never = new SwAv(SETTINGS.queue(1000), same, 1, 0)) {
      int[] epochs = {0, 0, 0, 1, 1, 1};
      for (int i = 0; i < epochs.length; i++) {
        Tensor with = step(queued, views(i), at(0, epochs[i])).assignments().get(0);
        Tensor without = step(never, views(i), at(0, epochs[i])).assignments().get(0);
        assertThat(with.equal(without)).as("step " + i).isEqualTo(i < 5);
        assertThat(with.size(0)).isEqualTo(PICTURES);
      }
    }
  }
}
