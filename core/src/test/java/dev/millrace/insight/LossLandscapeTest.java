package dev.millrace.insight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Device;
import dev.millrace.engine.Natives;
import dev.millrace.engine.Parameters;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class LossLandscapeTest {
  private static final Draw RIGHT = Draw.of(1, "right");
  private static final Draw UP = Draw.of(1, "up");

  private Parameters parameters;

  @BeforeAll
  static void natives() {
    Natives.load();
  }

  /** A small net's weights, and half their squared norm as the loss. */
  private MeanLoss bowl() {
    Parameters.Layout.Builder layout = Parameters.Layout.builder();
    layout.add("conv", 4, 3, 2, 2).add("norm", 4).add("head", 2, 4).add("bias", 2);
    parameters = new Parameters(layout.build(), new Device("cpu"), true);
    try (NoGradGuard guard = new NoGradGuard()) {
      for (int i = 0; i < parameters.flat().numel(); i++) {
        parameters.flat().select(0, i).fill_(new Scalar(0.1 * i - 1));
      }
    }
    return new MeanLoss(
        parameters,
        List.of(
            () -> {
              Tensor sum = null;
              for (Parameters.Entry entry : parameters.layout().entries()) {
                Tensor one = parameters.get(entry.name()).square().sum();
                sum = sum == null ? one : sum.add(one);
              }
              return sum.mul(new Scalar(0.5));
            }));
  }

  @Test
  void everyFilterOfADirectionHasTheNormOfTheWeightsAndTheRestStandsStill() {
    try (PointerScope scope = new PointerScope()) {
      MeanLoss surface = bowl();
      Tensor direction = Directions.filterNormalised(surface.weights(), parameters.layout(), RIGHT);
      for (Parameters.Entry entry : parameters.layout().entries()) {
        Tensor mine = Parameters.view(direction, entry);
        for (int filter = 0; filter < entry.shape().get(0); filter++) {
          double expected =
              entry.shape().size() > 1
                  ? parameters.get(entry.name()).select(0, filter).norm().item_double()
                  : 0;
          assertThat(mine.select(0, filter).norm().item_double())
              .as(entry.name() + " " + filter)
              .isCloseTo(expected, within(1e-5));
        }
      }
      parameters.close();
    }
  }

  @Test
  void aLineThroughABowlIsTheParabolaThatItsDirectionSays() {
    try (PointerScope scope = new PointerScope()) {
      MeanLoss surface = bowl();
      Tensor before = surface.weights().clone();
      Tensor d = Directions.filterNormalised(before, parameters.layout(), RIGHT);
      double[] alphas = LossLandscape.spaced(-1, 1, 5);
      assertThat(alphas).containsExactly(-1, -0.5, 0, 0.5, 1);
      double[] line = LossLandscape.line(surface, parameters.layout(), RIGHT, alphas);
      double w = before.square().sum().item_double();
      double cross = before.dot(d).item_double();
      double square = d.square().sum().item_double();
      for (int a = 0; a < alphas.length; a++) {
        double expected = 0.5 * (w + 2 * alphas[a] * cross + alphas[a] * alphas[a] * square);
        assertThat(line[a]).isCloseTo(expected, within(1e-3));
      }
      assertThat(torch.equal(surface.weights(), before)).isTrue();
      parameters.close();
    }
  }

  @Test
  void aPlaneHoldsTheLinesOfItsDirections() {
    try (PointerScope scope = new PointerScope()) {
      MeanLoss surface = bowl();
      double[] alphas = {-1, 0, 2};
      double[] betas = {0, 0.5};
      double[][] plane =
          LossLandscape.plane(surface, parameters.layout(), RIGHT, UP, alphas, betas);
      assertThat(plane).hasDimensions(2, 3);
      assertThat(plane[0])
          .isEqualTo(LossLandscape.line(surface, parameters.layout(), RIGHT, alphas));
      assertThat(plane[1][1])
          .isEqualTo(LossLandscape.line(surface, parameters.layout(), UP, new double[] {0.5})[0]);
      parameters.close();
    }
  }

  @Test
  void aPathLeadsStraightToTheOtherEnd() {
    try (PointerScope scope = new PointerScope()) {
      MeanLoss surface = bowl();
      double here = surface.loss();
      Tensor before = surface.weights().clone();
      Tensor there = before.mul(new Scalar(-3.0));
      double[] path = LossLandscape.path(surface, there, new double[] {0, 0.25, 1});
      assertThat(path[0]).isCloseTo(here, within(1e-4));
      assertThat(path[1]).isCloseTo(0, within(1e-4)); // a quarter of the way lies the origin
      assertThat(path[2]).isCloseTo(9 * here, within(1e-2));
      assertThat(torch.equal(surface.weights(), before)).isTrue();
      parameters.close();
    }
  }

  @Test
  void aLossThatFailsLeavesTheWeightsWhereTheyWere() {
    try (PointerScope scope = new PointerScope()) {
      bowl();
      Tensor before = parameters.flat().clone();
      MeanLoss broken =
          new MeanLoss(
              parameters,
              List.of(
                  () -> {
                    throw new IllegalStateException("broken");
                  }));
      assertThatThrownBy(
              () -> LossLandscape.line(broken, parameters.layout(), RIGHT, new double[] {1, 2}))
          .hasMessage("broken");
      assertThat(torch.equal(parameters.flat(), before)).isTrue();
      parameters.close();
    }
  }

  @Test
  void settingsOutsideTheirRangesAreRefusedByTheirFlag() {
    assertThatThrownBy(() -> new LossLandscape.Settings(0, 3, 3, 2, 1))
        .hasMessageContaining("--directions 0");
    assertThatThrownBy(() -> new LossLandscape.Settings(1, 4, 3, 2, 1))
        .hasMessageContaining("--points 4");
    assertThatThrownBy(() -> new LossLandscape.Settings(1, 3, 2, 2, 1))
        .hasMessageContaining("--plane 2");
    assertThatThrownBy(() -> new LossLandscape.Settings(1, 3, 0, 1, 1))
        .hasMessageContaining("--path 1");
    assertThatThrownBy(() -> new LossLandscape.Settings(1, 3, 0, 2, 0))
        .hasMessageContaining("--radius 0.0");
  }
}
