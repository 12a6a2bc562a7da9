package dev.millrace.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.live.account.ChunkRecord;
import dev.millrace.live.account.ChunkRecord.Phase;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class RetentionTest {
  private static ChunkRecord chunk(int number, Phase phase) {
    return new ChunkRecord(number, phase, 10L * number, "count", 0, 0, 10, 100);
  }

  private static List<Integer> due(long bytes, ChunkRecord... closed) {
    return new Retention(bytes, "")
        .due(List.of(closed), Instant.EPOCH).stream().map(ChunkRecord::number).toList();
  }

  @Test
  void chunksSetAsideGoBeforeLearnedOnesAlsoWhereNoneFollows() {
    ChunkRecord[] closed = {
      chunk(1, Phase.LEARNED),
      chunk(2, Phase.LEARNED),
      chunk(3, Phase.SET_ASIDE),
      chunk(4, Phase.SET_ASIDE)
    };
    assertThat(due(250, closed)).containsExactly(3, 4);
    assertThat(due(1, closed)).as("the trunk may need the last").containsExactly(3, 4, 1);
  }
}
