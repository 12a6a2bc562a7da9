package dev.millrace.learn.remedy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.engine.Device;
import dev.millrace.engine.Natives;
import dev.millrace.engine.Parameters;
import dev.millrace.learn.network.Mlp;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class OrthogonalTest {
  @BeforeAll
  static void natives() {
    Natives.load();
  }

  private static Parameters weights() {
    Parameters.Layout.Builder layout = Parameters.Layout.builder();
    Mlp.of("head", 6, 3).weights(layout);
    return new Parameters(layout.build(), new Device("cpu"), true);
  }

  private static Tensor step(Orthogonal remedy, Parameters weights, Tensor gradient) {
    weights.gradient().copy_(gradient);
    remedy.beforeUpdate(weights);
    return weights.gradient().clone();
  }

  @Test
  void whatIsLeftOfAGradientIsOrthogonalToTheMeanOfThoseBefore() {
    try (PointerScope scope = new PointerScope();
        Parameters weights = weights();
        Orthogonal remedy = new Orthogonal(Orthogonal.Settings.of(1), weights)) {
      Tensor g1 = torch.randn(weights.flat().size(0));
      Tensor g2 = torch.randn(weights.flat().size(0)).add(g1);
      Tensor g3 = torch.randn(weights.flat().size(0)).add(g1);
      assertThat(step(remedy, weights, g1).equal(g1)).isTrue();
      Tensor left = step(remedy, weights, g2);
      assertThat(left.dot(g1).item_double()).isCloseTo(0, within(1e-4));
      Tensor mean = g1.mul(new Scalar(0.9)).add(g2.mul(new Scalar(0.1)));
      assertThat(remedy.state().get("mean").sub(mean).abs().max().item_double()).isLessThan(1e-6);
      assertThat(step(remedy, weights, g3).dot(mean).item_double()).isCloseTo(0, within(1e-4));
    }
  }

  @Test
  void aShareTakesOutSoMuchOfTheComponent() {
    try (PointerScope scope = new PointerScope();
        Parameters weights = weights();
        Orthogonal remedy = new Orthogonal(Orthogonal.Settings.of(0.25), weights)) {
      Tensor g1 = torch.randn(weights.flat().size(0));
      step(remedy, weights, g1);
      Tensor left = step(remedy, weights, g1);
      assertThat(left.sub(g1.mul(new Scalar(0.75))).abs().max().item_double()).isLessThan(1e-5);
    }
  }

  @Test
  void aGradientThatVanishesSpoilsNothing() {
    try (PointerScope scope = new PointerScope();
        Parameters weights = weights();
        Orthogonal remedy = new Orthogonal(Orthogonal.Settings.of(1), weights)) {
      Tensor zero = torch.zeros(weights.flat().size(0));
      Tensor g = torch.randn(weights.flat().size(0));
      step(remedy, weights, zero);
      assertThat(step(remedy, weights, g).equal(g)).isTrue();
    }
  }
}
