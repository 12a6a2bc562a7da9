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
import dev.millrace.vision.encoder.EncoderSpec;
import dev.millrace.vision.encoder.resnet.ResNetShape;
import dev.millrace.vision.encoder.vit.ViTShape;
import java.util.List;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class DinoTest {
  private static final int PICTURES = 8;
  private static final Dino.Settings SETTINGS =
      new Dino.Settings(6, 0.9, 0.1, 0.08, 0.04, 2, 0.75, 1, 16, 4);
  private static final EncoderSpec RESNET = new ResNetShape("resnet18", 2, ResNetShape.Stem.SMALL);

  @BeforeAll
  static void natives() {
    Natives.load();
    Natives.threads(1);
  }

  private static Network network(EncoderSpec spec) {
    return Network.of(spec, Dino.heads(SETTINGS, spec.dim()), new Device("cpu"), Precision.FP32, 1);
  }

  private static Views views() {
    return new Views(List.of(pictures("one"), pictures("two")), null);
  }

  private static Tensor pictures(String purpose) {
    float[] values = new float[PICTURES * 3 * 16 * 16];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) Draw.of(1, purpose, i).gaussian();
    }
    return torch.from_blob(new FloatPointer(values), PICTURES, 3, 16, 16).clone();
  }

  private static Dino.Teaching step(Dino method, Moment at) {
    method.beforeStep(at);
    Views views = views();
    Outputs made = method.outputs(views, Mode.TRAINING);
    Dino.Teaching targets = method.targets(views, made, Mode.TRAINING);
    method.loss(made, targets).backward();
    method.afterStep(made, targets, at);
    return targets;
  }

  private static Moment at(int chunk, int epoch) {
    return new Moment(chunk, epoch, 0, 1, 0);
  }

  @Test
  void theTeachersTemperatureRisesOverTheFirstEpochsOfTheFirstChunk() {
    try (PointerScope scope = new PointerScope();
        Network network = network(RESNET);
        Dino method = new Dino(SETTINGS, network, 0)) {
      Tensor temperature = method.state().get("teacher.temperature");
      assertThat(temperature.item_double()).isEqualTo(0.04);
      double[] wanted = {0.04, 0.06, 0.08, 0.08};
      for (int epoch = 0; epoch < wanted.length; epoch++) {
        method.beforeStep(at(0, epoch));
        assertThat(temperature.item_double()).isCloseTo(wanted[epoch], within(1e-12));
      }
      method.beforeStep(at(1, 0));
      assertThat(temperature.item_double()).isEqualTo(0.08);
    }
  }

  @Test
  void theCentreFollowsTheMeanOfWhatTheTeacherScores() {
    try (PointerScope scope = new PointerScope();
        Network network = network(RESNET);
        Dino method = new Dino(SETTINGS, network, 0)) {
      Tensor centre = method.state().get("centre");
      Tensor first = step(method, at(0, 0)).mean();
      assertThat(centre.sub(first.mul(new org.bytedeco.pytorch.Scalar(0.25))).abs().max())
          .satisfies(off -> assertThat(off.item_double()).isLessThan(1e-6));
    }
  }

  @Test
  void prototypesGetNoGradientInTheFirstEpochOfTheFirstChunk() {
    try (PointerScope scope = new PointerScope();
        Network network = network(RESNET);
        Dino method = new Dino(SETTINGS, network, 0)) {
      Tensor gradient = network.weights().get("prototypes.weight").grad();
      step(method, at(0, 0));
      assertThat(gradient.abs().max().item_double()).isZero();
      step(method, at(0, 1));
      assertThat(gradient.abs().max().item_double()).isPositive();
    }
  }

  @Test
  void aTransformerLearnsByItToo() {
    try (PointerScope scope = new PointerScope();
        Network network = network(new ViTShape("vit-tiny", 12, 2, 3, 4, 16));
        Dino method = new Dino(SETTINGS, network, 0)) {
      step(method, at(0, 0));
      assertThat(network.encoderGradient().abs().max().item_double()).isPositive();
    }
  }
}
