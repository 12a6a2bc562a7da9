package dev.millrace.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
  void chunksSortByNameAsByNumber() {
    LiveFolder live = LiveFolder.of(temp);
    assertThat(live.chunk(9).getFileName()).isLessThan(live.chunk(10).getFileName());
  }
}
