package dev.millrace.learn.run;

import static dev.millrace.learn.run.TinyRuns.classStream;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.engine.Device;
import dev.millrace.engine.Safetensors;
import dev.millrace.learn.remedy.Passes;
import dev.millrace.recipe.Millrace;
import dev.millrace.recipe.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What a run tells of its remedies' cost: two chunks of 64 pictures, 40 of which are remembered.
 */
class RemedyPassesTest {
  @TempDir Path folder;

  private record Told(List<RunEvent.TakenIn> ends, List<RunEvent.Stepped> steps) {
    Passes inSteps() {
      return steps.stream().map(RunEvent.Stepped::beside).reduce(Passes.NONE, Passes::plus);
    }
  }

  private Told told(String... words) throws IOException {
    Map<String, Object> all = new HashMap<>(Map.of("replay", 0, "mas", 0, "epochs", 1, "dim", 16));
    all.put("memory-images", 40);
    for (String word : words) {
      String[] pair = word.split("=", 2);
      all.put(pair[0], pair[1]);
    }
    Settings settings = classStream().with(all);
    Told told = new Told(new ArrayList<>(), new ArrayList<>());
    RunEvent.Listener listener =
        event -> {
          if (event instanceof RunEvent.TakenIn end) {
            told.ends().add(end);
          } else if (event instanceof RunEvent.Stepped step) {
            told.steps().add(step);
          }
        };
    Millrace.pretrain(settings, folder.resolve("run"), listener, () -> false);
    return told;
  }

  @ParameterizedTest
  @CsvSource({
    "mas=1, 0, 64", // a view of each picture
    "mas=1 mas-images=40, 0, 40",
    "ewc=1, 64, 64", // MoCo's keys go through its twin alone
    "ewc=1 method=simclr, 0, 128",
    "si=1, 0, 0",
    "der=1, 40, 0",
    "cla=1 cla-form=r, 80, 0", // the mean over views
    "memory=minred, 80, 0",
    "cassle=1, 0, 0",
  })
  void whatIsLookedAtAtAChunksEndIsCounted(String words, long forwards, long backwards)
      throws IOException {
    Told told = told(words.split(" ", -1));
    assertThat(told.ends()).hasSize(2);
    assertThat(told.ends().get(0).passes()).isEqualTo(new Passes(forwards, backwards));
  }

  @Test
  void aPassThatLearnsIsToldFromOneThroughAFrozenNetwork() throws IOException {
    assertThat(told("osiris=1").inSteps()).isEqualTo(Passes.backwards(64));
  }

  @Test
  void aFrozenNetworkMakesForwardsAlone() throws IOException {
    assertThat(told("cassle=1").inSteps()).isEqualTo(Passes.forwards(64));
  }

  @Test
  void whatIsKeptBesidePicturesIsToldInBytes() throws IOException {
    long plain = told().ends().get(0).stateBytes();
    assertThat(plain).as("a memory has files, no tensors").isZero();
  }

  @Test
  void anImportanceIsAsLargeAsTheEncoderAndSoIsItsAnchor() throws IOException {
    RunEvent.TakenIn end = told("mas=1").ends().get(1);
    Path state = TinyRuns.only(folder.resolve("run/checkpoints"), ".safetensors");
    try (PointerScope scope = new PointerScope()) {
      long weights =
          Safetensors.read(state, new Device("cpu"))
              .tensors()
              .get("retention.mas.importance")
              .numel();
      assertThat(end.stateBytes()).isEqualTo(2 * 4 * weights + 4);
    }
  }

  @Test
  void whatCanBeReplayedIsToldInBytesAndLessThanLiesOnDisk() throws IOException {
    RunEvent.TakenIn end = told("memory=fifo").ends().get(1);
    assertThat(end.rememberedBytes()).isPositive();
    try (Stream<Path> files = Files.list(folder.resolve("run/memory"))) {
      long onDisk = files.mapToLong(file -> file.toFile().length()).sum();
      assertThat(end.rememberedBytes()).isLessThan(onDisk / 2 + 8000).isLessThan(onDisk);
    }
  }
}
