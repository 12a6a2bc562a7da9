package dev.millrace.learn.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Device;
import dev.millrace.engine.Natives;
import dev.millrace.engine.Parameters;
import dev.millrace.vision.encoder.ResNet;
import dev.millrace.vision.encoder.ResNetShape;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class MasTest {
  private static final Device CPU = new Device("cpu");
  private static final ResNetShape SHAPE = new ResNetShape("resnet18", 1, ResNetShape.Stem.SMALL);

  @BeforeAll
  static void natives() {
    Natives.load();
  }

  @Test
  void eachUpdatePullsToThePointThatThePenaltyAndTheStepAgreeOn() {
    try (PointerScope scope = new PointerScope()) {
      Tensor theta = torch.full(new long[] {3}, new Scalar(2.0));
      try (Mas mas = new Mas(Mas.Settings.of(5), theta)) {
        fill(mas.state().get("mas.importance"), 0, 1, 40);
        mas.state().get("mas.anchor").fill_(new Scalar(-1.0));
        mas.state().get("mas.chunks").fill_(new Scalar(1.0));
        double rate = 0.6;
        mas.afterUpdate(theta, rate);
        double[] omega = {0, 1, 40};
        for (int i = 0; i < 3; i++) {
          double kappa = 2 * rate * 0.01 * 5 * omega[i];
          assertThat(theta.select(0, i).item_double())
              .isCloseTo((2 + kappa * -1) / (1 + kappa), within(1e-6));
        }
        mas.afterUpdate(theta, 1e12);
        assertThat(theta.select(0, 2).item_double()).isCloseTo(-1, within(1e-5));
      }
    }
  }

  @Test
  void beforeTheFirstChunkIsLearnedNothingHappens() {
    try (PointerScope scope = new PointerScope()) {
      Tensor theta = torch.full(new long[] {3}, new Scalar(2.0));
      try (Mas mas = new Mas(Mas.Settings.of(5), theta)) {
        mas.afterUpdate(theta, 1);
        assertThat(theta.mean().item_double()).isEqualTo(2);
      }
    }
  }

  @Test
  void importanceHasMeanOneAndIsAveragedWithTheNextChunks() {
    Parameters.Layout.Builder layout = Parameters.Layout.builder();
    ResNet.layout(SHAPE, layout, "");
    Parameters.Layout.Builder statisticsLayout = Parameters.Layout.builder();
    ResNet.statisticsLayout(SHAPE, statisticsLayout, "");
    try (PointerScope scope = new PointerScope();
        Parameters weights = new Parameters(layout.build(), CPU, true);
        Parameters statistics = new Parameters(statisticsLayout.build(), CPU, false);
        Mas mas = new Mas(Mas.Settings.of(1), weights.flat())) {
      ResNet net = new ResNet(SHAPE, weights, "", statistics, "");
      net.initialise(Draw.of(1, "encoder"));
      Tensor importance = mas.state().get("mas.importance");
      Tensor x = torch.randn(4, 3, 16, 16);
      Tensor before = weights.flat().clone();
      mas.consolidate(
          x1 -> net.forward(x1, false), weights.flat(), weights.gradient(), List.of(x, x));
      Tensor first = importance.clone();
      assertThat(first.mean().item_double()).isCloseTo(1, within(1e-4));
      assertThat(first.min().item_double()).isGreaterThanOrEqualTo(0);
      assertThat(weights.gradient().abs().sum().item_double()).isZero();
      assertThat(weights.flat().equal(before)).isTrue();
      assertThat(mas.state().get("mas.anchor").equal(before)).isTrue();

      mas.consolidate(
          x1 -> net.forward(x1, false),
          weights.flat(),
          weights.gradient(),
          List.of(torch.randn(4, 3, 16, 16)));
      assertThat(importance.mean().item_double()).isCloseTo(1, within(1e-4));
      assertThat(importance.equal(first)).isFalse();
    }
  }

  @Test
  void theImportanceOfALinearMapIsItsGradientInClosedForm() {
    Parameters.Layout.Builder layout = Parameters.Layout.builder().add("w", 3, 5);
    try (PointerScope scope = new PointerScope();
        Parameters weights = new Parameters(layout.build(), CPU, true);
        Mas mas = new Mas(Mas.Settings.of(1), weights.flat())) {
      weights.flat().copy_(torch.randn(15));
      Tensor w = weights.get("w");
      Tensor x = torch.randn(7, 5);
      mas.consolidate(batch -> batch.matmul(w.t()), weights.flat(), weights.gradient(), List.of(x));
      // ∂/∂W of the mean of ‖W x‖² is 2/N Σ (W x) xᵀ
      Tensor omega = w.detach().matmul(x.t()).matmul(x).mul(new Scalar(2.0 / 7)).abs().flatten();
      Tensor expected = omega.div(omega.mean());
      Tensor found = mas.state().get("mas.importance");
      assertThat(found.sub(expected).abs().max().item_double()).isLessThan(1e-4);
    }
  }

  @Test
  void theImportanceOfAnEncoderAgreesWithFiniteDifferences() {
    Parameters.Layout.Builder layout = Parameters.Layout.builder();
    ResNet.layout(SHAPE, layout, "");
    Parameters.Layout.Builder statisticsLayout = Parameters.Layout.builder();
    ResNet.statisticsLayout(SHAPE, statisticsLayout, "");
    try (PointerScope scope = new PointerScope();
        Parameters weights = new Parameters(layout.build(), CPU, true);
        Parameters statistics = new Parameters(statisticsLayout.build(), CPU, false);
        Mas mas = new Mas(Mas.Settings.of(1), weights.flat())) {
      ResNet net = new ResNet(SHAPE, weights, "", statistics, "");
      net.initialise(Draw.of(1, "encoder"));
      Tensor x = torch.randn(4, 3, 16, 16);
      mas.consolidate(
          batch -> net.forward(batch, false), weights.flat(), weights.gradient(), List.of(x));
      Tensor omega = mas.state().get("mas.importance");
      Tensor order = omega.argsort(0, true);
      double[] ratio = new double[5];
      for (int i = 0; i < 5; i++) {
        long at = order.select(0, i * 3L).item_long();
        double step = 2e-3;
        double slope =
            (energy(net, weights, x, at, step) - energy(net, weights, x, at, -step)) / (2 * step);
        ratio[i] = Math.abs(slope) / omega.select(0, at).item_double();
      }
      // Ω is the slope up to one factor, the mean that it was divided by.
      for (double one : ratio) {
        assertThat(one / ratio[0]).isCloseTo(1, within(0.05));
      }
    }
  }

  private static double energy(ResNet net, Parameters weights, Tensor x, long at, double step) {
    Tensor place = weights.flat().select(0, at);
    double old = place.item_double();
    place.fill_(new Scalar(old + step));
    Tensor f = net.forward(x, false).detach();
    place.fill_(new Scalar(old));
    return f.square().sum().item_double() / x.size(0);
  }

  @Test
  void strengthsThatAreNoNumberOfAtLeastZeroAreRefused() {
    assertThatThrownBy(() -> Mas.Settings.of(-1)).hasMessageContaining("--mas -1.0");
    assertThatThrownBy(() -> Mas.Settings.of(Double.NaN)).hasMessageContaining("--mas NaN");
  }

  private static void fill(Tensor tensor, double... values) {
    for (int i = 0; i < values.length; i++) {
      tensor.select(0, i).fill_(new Scalar(values[i]));
    }
  }
}
