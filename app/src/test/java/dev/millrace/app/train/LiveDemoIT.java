package dev.millrace.app.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.live.LiveFolder;
import dev.millrace.live.LiveStatus;
import dev.millrace.live.account.State;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The live demo, at a pace that takes seconds. */
class LiveDemoIT {
  @TempDir private Path folder;

  @Test
  void everyClosedChunkIsLearnedJudgedAndInTheTable() throws Exception {
    List<String> said = new CopyOnWriteArrayList<>();
    LiveDemo.Plan plan = new LiveDemo.Plan(60, 60, 120, 1, 100, 0);
    List<LiveDemo.Row> rows = new LiveDemo(plan, folder, () -> false, said::add).rows();
    LiveStatus status = LiveStatus.of(LiveFolder.of(folder));
    assertThat(rows).hasSameSizeAs(status.chunks()).hasSizeGreaterThanOrEqualTo(2);
    assertThat(rows.stream().mapToInt(LiveDemo.Row::pictures).sum())
        .isEqualTo((int) status.counts().of(State.LEARNED));
    assertThat(rows).allSatisfy(row -> assertThat(row.gate()).isIn("served", "held"));
    assertThat(rows.get(0).styles()).startsWith("flat");
    assertThat(rows.get(rows.size() - 1).styles()).endsWith("speckled");
    assertThat(said).anyMatch(words -> words.contains("the page: http://127.0.0.1:"));
    assertThat(said).anyMatch(words -> words.contains("no more pictures come"));
  }

  @Test
  void aStopEndsItSoonAndLeavesALiveRunThatGoesOn() throws Exception {
    LiveDemo.Plan plan = new LiveDemo.Plan(60, 60, 120, 1, 100, 0);
    long stopAt = System.nanoTime() + 2_000_000_000L;
    LiveDemo demo = new LiveDemo(plan, folder, () -> System.nanoTime() > stopAt, words -> {});
    assertThat(demo.rows()).isEmpty();
    assertThat(LiveFolder.of(folder).isLive()).isTrue();
  }
}
