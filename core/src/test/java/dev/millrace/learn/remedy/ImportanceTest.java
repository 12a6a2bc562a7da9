package dev.millrace.learn.remedy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.engine.Device;
import dev.millrace.engine.Natives;
import dev.millrace.engine.Parameters;
import dev.millrace.engine.Precision;
import dev.millrace.learn.network.Mlp;
import dev.millrace.learn.network.Network;
import dev.millrace.learn.optim.AdamW;
import dev.millrace.learn.optim.Lars;
import dev.millrace.learn.optim.Optimiser;
import dev.millrace.learn.optim.Sgd;
import dev.millrace.vision.encoder.resnet.ResNetShape;
import java.io.IOException;
import java.util.List;
import java.util.function.BiFunction;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The remedies that hold weights by their importance. */
class ImportanceTest {
  private static final ResNetShape SHAPE = new ResNetShape("resnet18", 1, ResNetShape.Stem.SMALL);

  @BeforeAll
  static void natives() {
    Natives.load();
  }

  private static Network network() {
    return Network.of(
        SHAPE, List.of(Mlp.of("projector", 8, 4)), new Device("cpu"), Precision.FP32, 1);
  }

  private static Remedy remedy(String name, double strength, Tensor encoder) {
    BiFunction<Double, Tensor, Remedy> made =
        name.equals("mas")
            ? (s, e) -> new Mas(Mas.Settings.of(s), e)
            : (s, e) -> new Ewc(Ewc.Settings.of(s), e);
    return made.apply(strength, encoder);
  }

  @ParameterizedTest
  @ValueSource(strings = {"mas", "ewc"})
  void eachUpdatePullsToThePointThatThePenaltyAndTheStepAgreeOn(String name) throws IOException {
    try (PointerScope scope = new PointerScope()) {
      Tensor theta = torch.full(new long[] {3}, new Scalar(2.0));
      try (Remedy remedy = remedy(name, 5, theta)) {
        fill(remedy.state().get("importance"), 0, 1, 40);
        remedy.state().get("anchor").fill_(new Scalar(-1.0));
        remedy.state().get("chunks").fill_(new Scalar(1.0));
        double unitStep = 0.6;
        remedy.afterUpdate(theta, unitStep);
        double[] omega = {0, 1, 40};
        for (int i = 0; i < 3; i++) {
          double kappa = 2 * unitStep * 0.01 * 5 * omega[i];
          assertThat(theta.select(0, i).item_double())
              .isCloseTo((2 + kappa * -1) / (1 + kappa), within(1e-6));
        }
        remedy.afterUpdate(theta, 1e12);
        assertThat(theta.select(0, 2).item_double()).isCloseTo(-1, within(1e-5));
      }
    }
  }

  @Test
  void atStepsOfOneLengthAStrengthPullsAlikeUnderEveryOptimiser() throws IOException {
    double gradient = 1e-3;
    double[] rates = {0.03, 3e-4, 30}; // each makes steps of 3e-4; LARS's are held to that
    double[] pulls = new double[rates.length];
    for (int i = 0; i < rates.length; i++) {
      try (PointerScope scope = new PointerScope();
          Parameters weights =
              new Parameters(
                  Parameters.Layout.builder().add("w.weight", 4, 4).build(),
                  new Device("cpu"),
                  true);
          Optimiser optimiser =
              List.<Optimiser>of(
                      new Sgd(new Sgd.Settings(0.9, 0), weights),
                      new AdamW(AdamW.Settings.standard(0), weights, Optimiser.LAYERS),
                      new Lars(new Lars.Settings(0.9, 0, 1.5e-5), weights, Optimiser.LAYERS))
                  .get(i);
          Remedy mas = remedy("mas", 1, weights.flat())) {
        mas.state().get("importance").fill_(new Scalar(1.0));
        mas.state().get("chunks").fill_(new Scalar(1.0));
        weights.gradient().fill_(new Scalar(gradient));
        for (int step = 0; step < 120; step++) {
          weights.flat().fill_(new Scalar(2.0));
          optimiser.step(rates[i]);
        }
        double stepped = weights.flat().mean().item_double();
        assertThat(2 - stepped).isCloseTo(3e-4, within(5e-6));
        mas.afterUpdate(weights.flat(), optimiser.unitStep(rates[i], 16));
        pulls[i] = stepped - weights.flat().mean().item_double();
      }
    }
    assertThat(pulls[0]).isCloseTo(2 * 0.3 * 0.01 * 2, within(1e-4));
    assertThat(pulls[1] / pulls[0]).isCloseTo(1, within(0.05));
    assertThat(pulls[2] / pulls[0]).isCloseTo(1, within(0.05));
  }

  @ParameterizedTest
  @ValueSource(strings = {"mas", "ewc"})
  void beforeTheFirstChunkIsLearnedNothingHappens(String name) throws IOException {
    try (PointerScope scope = new PointerScope();
        Network net = network()) {
      Tensor before = net.weights().flat().clone();
      try (Remedy remedy = remedy(name, 5, net.encoderWeights())) {
        remedy.afterUpdate(net.encoderWeights(), 1);
        remedy.endChunk(new Ended(net, List.of(), z -> z.sum(), false));
        net.weights().flat().add_(new Scalar(1.0));
        remedy.afterUpdate(net.encoderWeights(), 1);
        assertThat(net.weights().flat().sub(before).sub(new Scalar(1)).abs().max().item_double())
            .isLessThan(1e-6);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"mas", "ewc"})
  void importanceHasMeanOneAndIsAveragedWithTheNextChunks(String name) throws IOException {
    try (PointerScope scope = new PointerScope();
        Network net = network();
        Remedy remedy = remedy(name, 1, net.encoderWeights())) {
      Tensor importance = remedy.state().get("importance");
      Tensor x = torch.randn(4, 3, 16, 16);
      Tensor before = net.weights().flat().clone();
      Tensor running = net.statistics().flat().clone();
      remedy.endChunk(Ended.of(net, x, x));
      Tensor first = importance.clone();
      assertThat(first.mean().item_double()).isCloseTo(1, within(1e-4));
      assertThat(first.min().item_double()).isGreaterThanOrEqualTo(0);
      assertThat(net.weights().gradient().abs().sum().item_double()).isZero();
      assertThat(net.weights().flat().equal(before)).isTrue();
      assertThat(net.statistics().flat().equal(running)).isTrue();
      assertThat(remedy.state().get("anchor").equal(before.narrow(0, 0, net.encoderSize())))
          .isTrue();

      remedy.endChunk(Ended.of(net, torch.randn(4, 3, 16, 16)));
      assertThat(importance.mean().item_double()).isCloseTo(1, within(1e-4));
      assertThat(importance.equal(first)).isFalse();
    }
  }

  @Test
  void theFisherIsTheSquareOfTheGradientOfTheMethodsLoss() throws IOException {
    try (PointerScope scope = new PointerScope();
        Network net = network();
        Ewc ewc = new Ewc(Ewc.Settings.of(1), net.encoderWeights())) {
      Ended end = Ended.of(net, torch.randn(4, 3, 16, 16), torch.randn(4, 3, 16, 16));
      Tensor squares = torch.zeros(net.encoderSize());
      for (Tensor batch : end.batches()) {
        net.weights().zeroGradient();
        end.loss(new dev.millrace.learn.network.Views(List.of(batch), null)).backward();
        squares.add_(net.encoderGradient().square());
      }
      ewc.endChunk(end);
      Tensor expected = squares.div(squares.mean());
      Tensor found = ewc.state().get("importance");
      assertThat(found.sub(expected).abs().max().item_double())
          .isLessThan(1e-4 * expected.max().item_double());
    }
  }

  @ParameterizedTest
  @EnumSource(Mas.Statistics.class)
  void theImportanceOfAnEncoderAgreesWithFiniteDifferences(Mas.Statistics statistics)
      throws IOException {
    Mas.Settings settings = Mas.Settings.of(1).statistics(statistics);
    try (PointerScope scope = new PointerScope();
        Network net = network();
        Mas mas = new Mas(settings, net.encoderWeights())) {
      torch.manual_seed(1);
      Tensor x = torch.randn(16, 3, 16, 16);
      mas.endChunk(Ended.of(net, x));
      Tensor omega = mas.state().get("importance");
      Tensor order = omega.argsort(0, true);
      double[] ratio = new double[5];
      for (int i = 0; i < 5; i++) {
        long at = order.select(0, i * 3L).item_long();
        double step = 1e-3;
        double slope =
            (energy(net, x, at, step, statistics) - energy(net, x, at, -step, statistics))
                / (2 * step);
        ratio[i] = Math.abs(slope) / omega.select(0, at).item_double();
      }
      // Ω is the slope up to one factor, the mean that it was divided by.
      for (double one : ratio) {
        assertThat(one / ratio[0]).isCloseTo(1, within(0.1)); // curved where a batch is normalised
      }
    }
  }

  @Test
  void runningStatisticsWhichNoStepOfLearningGoesByChangeNoImportance() throws IOException {
    for (Mas.Statistics statistics : Mas.Statistics.values()) {
      try (PointerScope scope = new PointerScope();
          Network net = network()) {
        Tensor x = torch.randn(8, 3, 16, 16);
        Tensor before = importance(net, x, statistics);
        net.statistics().flat().mul_(new Scalar(3.0));
        Tensor after = importance(net, x, statistics);
        assertThat(after.allclose(before)).isEqualTo(statistics == Mas.Statistics.BATCH);
      }
    }
  }

  private static Tensor importance(Network net, Tensor x, Mas.Statistics statistics)
      throws IOException {
    try (Mas mas = new Mas(Mas.Settings.of(1).statistics(statistics), net.encoderWeights())) {
      mas.endChunk(Ended.of(net, x));
      return mas.state().get("importance").clone();
    }
  }

  private static double energy(
      Network net, Tensor x, long at, double step, Mas.Statistics statistics) {
    Tensor place = net.weights().flat().select(0, at);
    double old = place.item_double();
    place.fill_(new Scalar(old + step));
    Tensor f =
        statistics == Mas.Statistics.BATCH
            ? net.encoder().differentiable(x).detach()
            : net.encoder().forward(x, false).detach();
    place.fill_(new Scalar(old));
    return f.square().sum().item_double() / x.size(0);
  }

  @Test
  void strengthsThatAreNoNumberOfAtLeastZeroAreRefused() {
    assertThatThrownBy(() -> Mas.Settings.of(-1)).hasMessageContaining("strength -1.0");
    assertThatThrownBy(() -> Mas.Settings.of(Double.NaN)).hasMessageContaining("strength NaN");
    assertThatThrownBy(() -> Ewc.Settings.of(-1)).hasMessageContaining("strength -1.0");
    assertThatThrownBy(() -> Cassle.Settings.of(-1)).hasMessageContaining("weight -1.0");
  }

  private static void fill(Tensor tensor, double... values) {
    for (int i = 0; i < values.length; i++) {
      tensor.select(0, i).fill_(new Scalar(values[i]));
    }
  }
}
