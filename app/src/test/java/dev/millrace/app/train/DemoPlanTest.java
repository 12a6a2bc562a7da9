package dev.millrace.app.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.recipe.Settings;
import org.junit.jupiter.api.Test;

class DemoPlanTest {
  @Test
  void everyRunHasOneThreadAndSinglePrecisionWhateverTheMachineIs() {
    for (String run : DemoPlan.RUNS) {
      Settings settings = DemoPlan.of("class", 3, "cpu").settings(run);
      assertThat(settings.machine().threads()).isEqualTo(1);
      assertThat(settings.asMap()).containsEntry("precision", "fp32");
      assertThat(settings.stream().seed()).isEqualTo(3);
    }
  }

  @Test
  void replayIsSequentialTrainingWithNothingButReplay() {
    DemoPlan plan = DemoPlan.of("class", 0, "cpu");
    assertThat(plan.settings("replay").with("replay", 0.0).with("replay-draw", "balanced"))
        .isEqualTo(plan.settings("sequential"));
    assertThat(plan.settings("joint").with("stream", "class").with("chunks", 4))
        .isEqualTo(plan.settings("sequential"));
  }

  @Test
  void whatOtherSeedsGaveIsThereForEveryRowOfTheDefaultStreamInItsOrder() {
    assertThat(DemoPlan.STREAMS.get(0)).isEqualTo("class");
    assertThat(DemoSeeds.of("class").keySet())
        .containsExactly("raw_pixels", "untrained", "sequential", "replay", "joint");
    assertThat(DemoSeeds.of("class").values())
        .allSatisfy(
            spread -> {
              assertThat(spread.mean()).isBetween(spread.least(), spread.most());
              assertThat(spread.most()).isLessThanOrEqualTo(100);
            });
    assertThat(DemoSeeds.of("instance")).isEmpty();
  }
}
