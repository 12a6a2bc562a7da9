package dev.millrace.learn.run;

import static dev.millrace.learn.run.TinyRuns.classStream;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.recipe.Millrace;
import dev.millrace.recipe.Settings;
import dev.millrace.vision.view.Augmentation;
import dev.millrace.vision.view.Normalisation;
import dev.millrace.vision.view.ViewMaker;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ViewScheduleTest {
  @TempDir Path folder;

  private static ViewSchedule schedule(Integer... sizes) {
    return new ViewSchedule(
        Stream.of(sizes)
            .map(
                size ->
                    new ViewSchedule.Stage(
                        new ViewMaker(Augmentation.mocoV2(size), Normalisation.imagenet()), size))
            .toList());
  }

  private static List<Integer> sizes(ViewSchedule schedule, int epochs) {
    return IntStream.range(0, epochs).mapToObj(e -> schedule.at(e, epochs).size()).toList();
  }

  @Test
  void eachSizeGetsAnEqualPartOfTheEpochs() {
    assertThat(sizes(schedule(16, 24, 32), 6)).containsExactly(16, 16, 24, 24, 32, 32);
    assertThat(sizes(schedule(32), 3)).containsExactly(32, 32, 32);
  }

  @Test
  void laterSizesGetTheEpochsThatDoNotDivide() {
    assertThat(sizes(schedule(16, 24, 32), 5)).containsExactly(16, 24, 24, 32, 32);
    assertThat(sizes(schedule(16, 24, 32), 3)).containsExactly(16, 24, 32);
  }

  @Test
  void theFullSizeStaysAfterTheLastEpoch() {
    assertThat(schedule(16, 32).at(4, 4).size()).isEqualTo(32);
    assertThat(schedule(16, 32).full().size()).isEqualTo(32);
  }

  @Test
  void sizesThatDoNotRiseAreRefused() {
    assertThatThrownBy(() -> schedule(32, 16)).hasMessageContaining("expected rising sizes");
    assertThatThrownBy(ViewScheduleTest::schedule).hasMessageContaining("at least one");
  }

  private static Settings growing() {
    return classStream().with(Map.of("progressive-size", List.of(8, 16), "epochs", 3));
  }

  @Test
  void aRunOfGrowingViewsStoppedAfterEveryStepAndResumedEndsWithTheSameBytes() throws IOException {
    Millrace.Outcome whole = Millrace.pretrain(growing(), folder.resolve("whole"));
    Path run = folder.resolve("stopped");
    StopAfter stop = new StopAfter(1);
    Millrace.Outcome outcome = Millrace.pretrain(growing(), run, stop, stop);
    while (outcome.stopped()) {
      outcome = Millrace.resume(run, stop.again(), stop);
    }
    assertThat(outcome.encoderSha256()).isEqualTo(whole.encoderSha256());
    assertThat(stop.all()).isEqualTo(12);
  }

  @Test
  void growingViewsChangeTheEncoderButNeitherStepsNorPasses() throws IOException {
    Millrace.Outcome grown = Millrace.pretrain(growing(), folder.resolve("grown"));
    Millrace.Outcome full =
        Millrace.pretrain(growing().with("progressive-size", List.of()), folder.resolve("full"));
    assertThat(grown.steps()).isEqualTo(full.steps());
    assertThat(grown.imagePasses()).isEqualTo(full.imagePasses());
    assertThat(grown.encoderSha256()).isNotEqualTo(full.encoderSha256());
  }
}
