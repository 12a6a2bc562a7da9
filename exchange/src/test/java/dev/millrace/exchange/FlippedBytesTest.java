package dev.millrace.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.engine.Natives;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FlippedBytesTest {
  /**
   * More of them: {@code -Dmillrace.flips=2000}, another place to begin: {@code -Dmillrace.seed=1}.
   */
  private static final int FLIPS = Integer.getInteger("millrace.flips", 200);

  @TempDir Path shared;

  @Test
  void noSpoiledFileChangesAResultWithoutBeingNamed() throws IOException {
    Natives.load();
    Flips flips = new Flips(shared);
    long seed = Long.getLong("millrace.seed", 18);
    List<String> wrong = new ArrayList<>();
    for (int i = 0; i < FLIPS; i++) {
      String found = flips.trial(seed, i);
      if (found != null) {
        wrong.add(i + ": " + found);
      }
    }
    assertThat(wrong).isEmpty();
  }
}
