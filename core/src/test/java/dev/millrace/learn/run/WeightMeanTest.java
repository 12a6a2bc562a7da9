package dev.millrace.learn.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.engine.Natives;
import dev.millrace.engine.Precision;
import dev.millrace.learn.method.Learner;
import dev.millrace.learn.method.MoCoV2;
import dev.millrace.learn.method.Steps;
import dev.millrace.learn.network.Mode;
import dev.millrace.learn.network.Views;
import dev.millrace.learn.remedy.Passes;
import dev.millrace.vision.encoder.resnet.ResNetShape;
import dev.millrace.vision.encoder.vit.ViTShape;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WeightMeanTest {
  @BeforeAll
  static void natives() {
    Natives.load();
  }

  private static Learner learner(int width) {
    return Steps.moco(
        new MoCoV2.Settings(64, 0.9, 0.2, 16, 1),
        new ResNetShape("resnet18", width, ResNetShape.Stem.SMALL),
        Precision.FP32,
        1);
  }

  /** Ends at the mean of weights that were all n after step n, counted from 0. */
  private static double of(Course.Merge merge, int steps) {
    try (Learner learner = learner(2);
        WeightMean mean = new WeightMean(learner.network());
        PointerScope scope = new PointerScope();
        NoGradGuard stop = new NoGradGuard()) {
      for (int step = 0; step < steps; step++) {
        learner.network().weights().flat().fill_(new Scalar((double) step));
        mean.add(learner.network(), merge.weight(step, steps));
      }
      return mean.state().get("trunk.mean").mean().item_float();
    }
  }

  @Test
  void aUniformMeanIsThatOfTheLastSteps() {
    assertThat(of(new Course.Merge(0.25, false), 20)).isCloseTo(17, within(1e-5)); // 15 … 19
    assertThat(of(new Course.Merge(1, false), 20)).isCloseTo(9.5, within(1e-5));
    assertThat(of(new Course.Merge(0.01, false), 20)).isEqualTo(19);
  }

  @Test
  void anExponentialMeanIsUniformAtFirstAndThenForgets() {
    double expected = IntStream.range(0, 5).average().orElseThrow();
    for (int step = 5; step < 20; step++) {
      expected += (step - expected) / 5;
    }
    assertThat(of(new Course.Merge(0.25, true), 20)).isCloseTo(expected, within(1e-4));
  }

  @Test
  void statisticsAreTheMeansOfWhatBatchesHaveUnderTheMeanWeights() throws Exception {
    for (int width : new int[] {4, 16}) { // 16 runs through oneDNN
      try (Learner learner = learner(width);
          Learner other = learner(width);
          WeightMean mean = new WeightMean(learner.network());
          PointerScope scope = new PointerScope();
          NoGradGuard stop = new NoGradGuard()) {
        mean.add(learner.network(), 1);
        learner.network().weights().flat().fill_(new Scalar(0.5)); // the trunk has gone on
        List<Views> views = IntStream.range(0, 3).mapToObj(b -> views()).toList();
        into(learner, mean, 3, views::get);
        assertThat(learner.network().weights().flat().equal(other.network().weights().flat()))
            .isTrue();
        // Running statistics that begin at 0 end at 0.1 (b₃ + 0.9 b₂ + 0.81 b₁): taken singly.
        Tensor sum = torch.zeros_like(other.network().statistics().flat());
        for (Views batch : views) {
          other.network().statistics().flat().zero_();
          other.method().outputs(batch, Mode.TRAINING);
          sum.add_(other.network().statistics().flat(), new Scalar(10.0 / 3));
        }
        double off = learner.network().statistics().flat().sub(sum).abs().max().item_float();
        assertThat(off).isLessThan(1e-4);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"simclr", "byol", "moco-v2", "moco-v2 symmetric"})
  void statisticsAreThoseOfBatchesHoweverManyViewsAMethodShows(String method) throws Exception {
    ResNetShape shape = new ResNetShape("resnet18", 4, ResNetShape.Stem.SMALL);
    try (Learner learner = Steps.of(method, shape);
        WeightMean mean = new WeightMean(learner.network());
        PointerScope scope = new PointerScope();
        NoGradGuard stop = new NoGradGuard()) {
      mean.add(learner.network(), 1);
      List<Views> batches = IntStream.range(0, 2).mapToObj(b -> twice()).toList();
      // Running statistics of one batch shown again and again end at the batch's own.
      Tensor running = learner.network().statistics().flat();
      Tensor plain = torch.zeros_like(running);
      for (Views batch : batches) {
        for (int i = 0; i < 80; i++) {
          try (PointerScope pass = new PointerScope()) {
            learner.method().outputs(batch, Mode.TRAINING);
          }
        }
        plain.add_(running, new Scalar(1.0 / batches.size()));
      }
      into(learner, mean, batches.size(), batches::get);
      Tensor off = running.sub(plain).abs().div(plain.abs().add(new Scalar(0.01)));
      assertThat(off.max().item_float()).isLessThan(0.02f);
    }
  }

  private static void into(
      Learner learner, WeightMean mean, int batches, FreshStatistics.Taken views)
      throws IOException {
    mean.into(learner.network());
    Optional<Passes> passed = new FreshStatistics(learner, false).take(batches, views, () -> false);
    assertThat(passed).contains(Passes.forwards(8L * batches * shown(learner, views)));
  }

  private static int shown(Learner learner, FreshStatistics.Taken views) throws IOException {
    try (Tensor before = learner.network().statistics().flat().clone()) {
      int shown = learner.method().outputs(views.take(0), Mode.TRAINING).features().size();
      learner.network().statistics().flat().copy_(before);
      return shown;
    }
  }

  @Test
  void aStopLeavesNoMoreBatchToBePassed() throws Exception {
    try (Learner learner = learner(4);
        PointerScope scope = new PointerScope();
        NoGradGuard stop = new NoGradGuard()) {
      int[] taken = {0};
      Optional<Passes> passed =
          new FreshStatistics(learner, false)
              .take(
                  9,
                  batch -> {
                    taken[0]++;
                    return views();
                  },
                  () -> taken[0] == 2);
      assertThat(passed).isEmpty();
      assertThat(taken[0]).isEqualTo(2);
    }
  }

  @Test
  void aNetWithoutNormalisationsOverBatchesAsksForNoViews() throws Exception {
    try (Learner learner = Steps.of("simclr", ViTShape.of("vit-tiny", 8, 16))) {
      Optional<Passes> passed =
          new FreshStatistics(learner, false)
              .take(
                  9,
                  batch -> {
                    throw new AssertionError("asked for views");
                  },
                  () -> false);
      assertThat(passed).contains(Passes.NONE);
    }
  }

  /** Two views that are the same. */
  private static Views twice() {
    Tensor view = torch.randn(8, 3, 16, 16);
    return new Views(List.of(view, view), null);
  }

  private static Views views() {
    return new Views(List.of(torch.randn(8, 3, 16, 16), torch.randn(8, 3, 16, 16)), null);
  }

  @Test
  void whatIsNoShareIsRefused() {
    assertThatThrownBy(() -> new Course.Merge(0, false)).hasMessageContaining("--merge-window 0.0");
    assertThatThrownBy(() -> new Course.Branch(1.5)).hasMessageContaining("--decay 1.5");
  }
}
