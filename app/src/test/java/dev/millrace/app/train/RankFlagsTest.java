package dev.millrace.app.train;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.learn.network.LostRankException;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class RankFlagsTest {
  private static void lose(boolean begun) throws IOException {
    new RankFlags()
        .learn(
            1,
            () -> begun,
            Path.of("runs/photos"),
            (ranks, stop) -> {
              throw new LostRankException("rank 1 was killed (signal 9)", null);
            });
  }

  @Test
  void aLostRankOfARunThatHasNotBegunIsMendedByTheSameCommandAndNotByResume() {
    assertThatThrownBy(() -> lose(false))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "rank 1 was killed (signal 9); all ranks have ended; nothing has begun: give the same command again");
    assertThatThrownBy(() -> lose(true))
        .hasMessageContaining("all ranks have ended; go on with ")
        .hasMessageContaining("resume runs/photos");
  }
}
