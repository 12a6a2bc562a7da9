package dev.millrace.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.millrace.live.account.ChunkRecord;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CloseRuleTest {
  private static ChunkRecord open(long pictures) {
    return new ChunkRecord(1, ChunkRecord.Phase.OPEN, 1, null, 1000, 0, pictures, 0);
  }

  @Test
  void theRuleThatHoldsNamesItself() throws IOException {
    List<CloseRule> rules = CloseRule.parse("count=500,time=6h", Map.of());
    Instant soon = Instant.ofEpochMilli(2000);
    assertThat(rules.get(0).due(open(499), soon)).isNull();
    assertThat(rules.get(0).due(open(500), soon)).isEqualTo("count=500");
    assertThat(rules.get(1).due(open(2), soon)).isNull();
    assertThat(rules.get(1).due(open(2), Instant.ofEpochMilli(1000).plus(Duration.ofHours(6))))
        .isEqualTo("time=6h");
  }

  @Test
  void rulesOfOthersAreNamedAndAllElseIsRefused() {
    CloseRule drift = (open, now) -> "drift";
    assertThat(CloseRule.parse("count=5,drift", Map.of("drift", () -> drift))).contains(drift);
    for (String wrong :
        List.of("", "count", "count=1", "count=x", "time=soon", "time=0s", "drft")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> CloseRule.parse(wrong, Map.of("drift", () -> drift)))
          .withMessageContaining("--close");
    }
  }
}
