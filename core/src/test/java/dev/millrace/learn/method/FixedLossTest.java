package dev.millrace.learn.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Natives;
import dev.millrace.engine.Precision;
import dev.millrace.insight.MeanLoss;
import dev.millrace.learn.network.Views;
import dev.millrace.vision.encoder.resnet.ResNetShape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FixedLossTest {
  @BeforeAll
  static void natives() {
    Natives.load();
  }

  private static Learner method(String name, int width) {
    ResNetShape shape = new ResNetShape("resnet18", width, ResNetShape.Stem.SMALL);
    return name.equals("supervised")
        ? Steps.supervised(
            new Supervised.Settings(3, true, Supervised.Span.FULL, List.of()),
            shape,
            Precision.FP32,
            1)
        : Steps.moco(
            new MoCoV2.Settings(
                20, 1, 0.2, 8, name.contains("splits") ? 2 : 1, name.contains("symmetric")),
            shape,
            Precision.FP32,
            1);
  }

  private static Tensor pictures(String purpose) {
    float[] values = new float[8 * 3 * 16 * 16];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) Draw.of(1, purpose, i).gaussian();
    }
    return torch.from_blob(new FloatPointer(values), 8, 3, 16, 16).clone();
  }

  private static Views batch() {
    Tensor labels =
        torch
            .from_blob(
                new LongPointer(0, 1, 2, 0, 1, 2, 0, 1),
                new long[] {8},
                new TensorOptions(ScalarType.Long))
            .clone();
    return new Views(List.of(pictures("one"), pictures("two")), labels);
  }

  private static Map<String, Tensor> copy(Learner method) {
    Map<String, Tensor> copies = new LinkedHashMap<>();
    method.state().forEach((name, tensor) -> copies.put(name, tensor.clone()));
    return copies;
  }

  @ParameterizedTest
  @ValueSource(strings = {"moco", "moco-splits", "moco-symmetric", "supervised"})
  void itIsTheLossOfAStepAndTheMethodStaysAsItWas(String name) {
    for (int width : new int[] {2, 16}) { // width 16 trains through oneDNN
      try (PointerScope scope = new PointerScope();
          Learner method = method(name, width)) {
        Map<String, Tensor> before = copy(method);
        double fixed;
        try (FixedLoss loss = FixedLoss.of(method.method(), batch())) {
          fixed = loss.get().item_double();
          assertThat(loss.get().item_double()).isEqualTo(fixed);
        }
        method.state().forEach((n, t) -> assertThat(torch.equal(t, before.get(n))).as(n).isTrue());
        assertThat(Steps.of(method, batch())).isCloseTo(fixed, within(1e-4));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"moco-symmetric", "supervised"})
  void laterStatesOfQueueAndKeyEncoderDoNotTouchIt(String name) {
    try (PointerScope scope = new PointerScope();
        Learner method = method(name, 2);
        FixedLoss loss = FixedLoss.of(method.method(), batch())) {
      double before = loss.get().item_double();
      method
          .state()
          .forEach(
              (n, t) -> {
                if (!n.equals("method.weights") && t.is_floating_point()) {
                  t.mul_(new Scalar(0.5));
                }
              });
      assertThat(loss.get().item_double()).isEqualTo(before);
      method.network().weights().flat().mul_(new Scalar(0.5));
      assertThat(loss.get().item_double()).isNotEqualTo(before);
    }
  }

  private static Tensor drawn(String purpose, long size) {
    float[] values = new float[(int) size];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) Draw.of(1, purpose, i).gaussian();
    }
    return torch.from_blob(new FloatPointer(values), new long[] {size}).clone();
  }

  @ParameterizedTest
  @ValueSource(strings = {"moco", "supervised"})
  void gradientAndCurvatureAreTheSlopesOfLossAndGradient(String name) {
    try (PointerScope scope = new PointerScope();
        Learner method = method(name, 2);
        FixedLoss loss = FixedLoss.of(method.method(), batch())) {
      MeanLoss surface = new MeanLoss(method.network().weights(), List.of(loss));
      Tensor w = surface.weights();
      Tensor centre = w.clone();
      Tensor gradient = torch.zeros(w.numel());
      assertThat(surface.gradient(gradient)).isEqualTo(surface.loss());
      assertThat(method.network().weights().gradient().abs().sum().item_double()).isZero();
      // Along the last layer no ReLU comes to its kink, where differences see what derivatives do
      // not.
      Tensor v = torch.zeros(w.numel());
      long last = 8L * (name.equals("moco") ? 16 : 6);
      v.narrow(0, v.numel() - last, last).copy_(drawn("last layer", last));
      v.div_(v.norm());
      Tensor product = torch.zeros(w.numel());
      surface.curvature(v, product);
      double h = 1e-2;
      Tensor ahead = torch.zeros(w.numel());
      Tensor behind = torch.zeros(w.numel());
      w.copy_(centre.add(v.mul(new Scalar(h))));
      double up = surface.gradient(ahead);
      w.copy_(centre.sub(v.mul(new Scalar(h))));
      double down = surface.gradient(behind);
      w.copy_(centre);
      assertThat((up - down) / (2 * h)).isCloseTo(gradient.dot(v).item_double(), within(2e-4));
      Tensor difference = ahead.sub(behind).div(new Scalar(2 * h));
      assertThat(product.narrow(0, 0, method.network().encoderSize()).norm().item_double())
          .isPositive();
      assertThat(product.sub(difference).norm().item_double())
          .isLessThan(0.02 * difference.norm().item_double());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"moco-symmetric", "supervised"})
  void theHessianIsSymmetricThroughTheWholeNet(String name) {
    for (int width : new int[] {2, 16}) {
      try (PointerScope scope = new PointerScope();
          Learner method = method(name, width);
          FixedLoss loss = FixedLoss.of(method.method(), batch())) {
        MeanLoss surface = new MeanLoss(method.network().weights(), List.of(loss));
        long size = method.network().weights().flat().numel();
        Tensor u = drawn("u", size);
        Tensor v = drawn("v", size);
        Tensor hu = torch.zeros(size);
        Tensor hv = torch.zeros(size);
        surface.curvature(u, hu);
        surface.curvature(v, hv);
        double scale = u.norm().item_double() * hv.norm().item_double();
        assertThat(hv.norm().item_double()).isPositive();
        assertThat(u.dot(hv).item_double())
            .isCloseTo(v.dot(hu).item_double(), within(1e-5 * scale));
      }
    }
  }
}
