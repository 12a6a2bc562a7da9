package dev.millrace.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
      LiveSettings settings =
          new LiveSettings(
              List.of("folder:in"),
              CloseRule.STANDARD,
              IngestSettings.standard(),
              given,
              null,
              null,
              null);
      assertThatIllegalArgumentException().isThrownBy(settings::begun);
      settings.write(live);
      assertThat(LiveSettings.read(live).difference(settings)).isEmpty();
    }
  }

  @Test
  void chunksSortByNameAsByNumber() {
    LiveFolder live = LiveFolder.of(temp);
    assertThat(live.chunk(9).getFileName()).isLessThan(live.chunk(10).getFileName());
  }
}
