package dev.millrace.learn.run;

import static dev.millrace.learn.run.TinyRuns.set;
import static dev.millrace.learn.run.TinyRuns.tiny;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.recipe.Millrace;
import dev.millrace.recipe.Settings;
import dev.millrace.stream.Image;
import dev.millrace.stream.ImageList;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.Sampler;
import dev.millrace.stream.source.Catalogue;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Epochs of a given length: chunks of all sizes have equal steps. */
class EqualStepsTest {
  private static final String LARGE = "generated:images=160;test=8;classes=4;size=16;seed=2";

  @TempDir Path folder;

  private static Settings equal() {
    return tiny(set(1), LARGE)
        .with(Map.of("stream", "given", "epoch-images", 96, "replay-draw", "half"));
  }

  /** Of each of two chunks, beside their run's outcome. */
  private Millrace.Outcome pretrain(Settings settings, int[] steps) throws IOException {
    return Millrace.pretrain(
        settings,
        folder.resolve("run"),
        event -> {
          if (event instanceof RunEvent.ChunkOpened opened) {
            steps[opened.chunk().index()] = opened.epochs() * opened.stepsPerEpoch();
          }
        },
        () -> false);
  }

  @Test
  void chunksOfTwoSizesHaveTheSameSteps() throws IOException {
    int[] steps = new int[2];
    Millrace.Outcome outcome = pretrain(equal(), steps);
    assertThat(steps).containsExactly(6, 6);
    assertThat(outcome.imagePasses()).isEqualTo(2 * 6 * 32);
  }

  @Test
  void aChunkSmallerThanABatchHasAsManyStepsToo() throws IOException {
    int[] steps = new int[2];
    pretrain(
        equal().with("data", List.of("generated:images=20;test=8;classes=4;size=16", LARGE)),
        steps);
    assertThat(steps).containsExactly(6, 6);
  }

  @Test
  void stoppedInAnyEpochAndResumedItEndsWithTheSameBytes() throws IOException {
    Millrace.Outcome whole = Millrace.pretrain(equal(), folder.resolve("whole"));
    Path run = folder.resolve("stopped");
    StopAfter stop = new StopAfter(1);
    Millrace.Outcome outcome = Millrace.pretrain(equal(), run, stop, stop);
    while (outcome.stopped()) {
      outcome = Millrace.resume(run, stop.again(), stop);
    }
    assertThat(outcome.encoderSha256()).isEqualTo(whole.encoderSha256());
    assertThat(stop.all()).isEqualTo(12);
  }

  @Test
  void aChunkThatComesLaterHasTheStepsThatItHadFromTheStart() throws IOException {
    Path run = folder.resolve("grown");
    Millrace.pretrain(equal().with("data", List.of(set(1))), run);
    Millrace.Outcome grown = Millrace.extend(run, LARGE, event -> {}, () -> false);
    assertThat(grown.encoderSha256())
        .isEqualTo(Millrace.pretrain(equal(), folder.resolve("whole")).encoderSha256());
  }

  @Test
  void anEpochShorterThanAChunkGoesOnWhereTheOneBeforeStopped() throws IOException {
    ImageSet set = Catalogue.standard().open(set(1)).train();
    Set<String> read = ConcurrentHashMap.newKeySet();
    Plan plan =
        new Plan(
            1,
            2,
            32,
            32,
            1,
            false,
            0.1,
            0,
            new Course.Restart(),
            Sampler.Mix.BALANCED,
            0,
            100,
            1e9,
            1,
            1,
            0,
            WhenChecked.AUTO,
            0);
    TinyRuns.pretrain(folder.resolve("run"), counted(set, read), plan, read::clear);
    assertThat(read).hasSize(64);
  }

  /** The set, whose pictures tell when they are read. */
  private static ImageSet counted(ImageSet set, Set<String> read) {
    return new ImageList(
        set.name(),
        IntStream.range(0, set.size())
            .mapToObj(set::image)
            .map(image -> counted(image, read))
            .toList());
  }

  private static Image counted(Image image, Set<String> read) {
    return new Image(
        image.id(),
        Image.NONE,
        Image.NONE,
        () -> {
          read.add(image.id());
          return image.content().read();
        });
  }
}
