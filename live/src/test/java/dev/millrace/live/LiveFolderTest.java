package dev.millrace.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LiveFolderTest {
  @TempDir private Path temp;

  @Test
  void aFolderIsALiveRunOnceItHasSettings() throws IOException {
    LiveFolder live = LiveFolder.of(temp);
    assertThatIllegalArgumentException()
        .isThrownBy(live::require)
        .withMessageContaining("--source");
    Files.createFile(live.settings());
    assertThat(live.require()).isEqualTo(live);
  }

  @Test
  void anOrdinaryRunIsNoLiveOne() throws IOException {
    Files.createFile(temp.resolve("run.yaml"));
    assertThatIllegalArgumentException()
        .isThrownBy(LiveFolder.of(temp)::require)
        .withMessageContaining("not a live one");
  }

  @Test
  void whatNothingLooksAtIsRefusedAsALiveRunBeginsAndReadWhereOneBeganSo() throws IOException {
    LiveFolder live = LiveFolder.of(temp);
    for (Map<String, Object> given :
        List.<Map<String, Object>>of(
            Map.of("lump", 0.4, "memory-images", 100, "replay-draw", "half"),
            Map.of("schedule", "wsd", "publish", "merge", "decay", 0.2),
            Map.of("schedule", "restart", "decay", 0.2),
            Map.of("method", "mae", "encoder", "vit-tiny", "pfr", 1.0))) {
      LiveSettings settings = learning(given);
      assertThatIllegalArgumentException().isThrownBy(settings::begun);
      settings.write(live);
      assertThat(LiveSettings.read(live).difference(settings)).isEmpty();
    }
  }

  private static LiveSettings learning(Map<String, Object> given) {
    return new LiveSettings(
        List.of("folder:in"),
        CloseRule.STANDARD,
        IngestSettings.standard(),
        given,
        null,
        null,
        null);
  }

  @ParameterizedTest
  @CsvSource({
    "'', restart, branch, 0.03",
    "lr=0.01, restart, branch, 0.01",
    "schedule=wsd, wsd, branch, 0.03",
    "schedule=cosine, cosine, branch, 0.03",
    "schedule=wsd decay=0.2, wsd, branch, 0.03",
    "schedule=wsd publish=merge, wsd, merge, 0.03",
    "encoder=vit-tiny, restart, branch, 5.0E-4"
  })
  void aRunOfAVersionWithOtherDefaultsIsLearnedAsItBegan(
      String given, String schedule, String publish, String lr) throws IOException {
    Map<String, Object> words = new LinkedHashMap<>();
    for (String pair : given.split(" ")) {
      if (!pair.isEmpty()) {
        words.put(pair.split("=")[0], pair.split("=")[1]);
      }
    }
    LiveFolder live = LiveFolder.of(temp);
    learning(words).write(live);
    LiveSettings read = LiveSettings.read(live);
    assertThat(read.pretrain())
        .containsEntry("schedule", schedule)
        .containsEntry("publish", publish);
    assertThat(String.valueOf(read.pretrain().get("lr"))).isEqualTo(lr);
    assertThat(read.begun()).isEqualTo(read);
  }

  @Test
  void theScheduleThatIsTheDefaultIsKeptByNameAndWhatAnOlderRunDidNotKnowIsNoDifference()
      throws IOException {
    LiveFolder live = LiveFolder.of(temp);
    Map<String, Object> kept = LiveSettings.scheduled(Map.of("width", 8));
    assertThat(kept)
        .isEqualTo(Map.of("width", 8, "schedule", "wsd", "publish", "merge", "lr", 0.015));
    learning(kept).write(live);
    LiveSettings read = LiveSettings.read(live);
    assertThat(read.pretrain()).isEqualTo(kept);
    assertThat(read.difference(learning(Map.of("order-square", false)))).isEmpty();
    assertThat(read.difference(learning(Map.of("schedule", "restart"))))
        .isEqualTo("--schedule restart, expected wsd");
    assertThat(read.difference(learning(Map.of("width", 4)))).isEqualTo("--width 4, expected 8");
    LiveSettings transformer = learning(LiveSettings.scheduled(Map.of("encoder", "vit-tiny")));
    assertThat(transformer.difference(learning(Map.of("optimiser", "sgd"))))
        .isEqualTo("--optimiser sgd, expected adamw");
    assertThat(transformer.difference(learning(Map.of("optimiser", "adamw")))).isEmpty();
  }

  @Test
  void anOrderThatIsDrawnIsRefusedWherePicturesArrive() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> learning(Map.of("order-square", true)).begun())
        .withMessageContaining("--stream given has that of --data");
  }

  @Test
  void chunksSortByNameAsByNumber() {
    LiveFolder live = LiveFolder.of(temp);
    assertThat(live.chunk(9).getFileName()).isLessThan(live.chunk(10).getFileName());
  }
}
