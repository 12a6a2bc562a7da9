package dev.millrace.app.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.live.CloseRule;
import dev.millrace.live.Live;
import dev.millrace.live.LiveFolder;
import dev.millrace.live.LiveStatus;
import dev.millrace.live.account.State;
import dev.millrace.live.source.Arrival;
import dev.millrace.live.source.FedSource;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.source.Catalogue;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
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
    assertThat(rows)
        .hasSameSizeAs(LiveStatus.chunks(LiveFolder.of(folder)))
        .hasSizeGreaterThanOrEqualTo(2);
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
    AtomicLong stopped = new AtomicLong();
    LiveDemo demo =
        new LiveDemo(
            plan,
            folder,
            () -> stopped.get() != 0,
            words -> {
              if (words.contains("closed by")) {
                stopped.compareAndSet(0, System.nanoTime()); // a chunk is to be learned
              }
            });
    assertThat(demo.rows()).isEmpty();
    assertThat(Duration.ofNanos(System.nanoTime() - stopped.get()))
        .isLessThan(Duration.ofSeconds(60));

    LiveStatus left = LiveStatus.of(LiveFolder.of(folder));
    assertThat(left.counts().of(State.LEARNED)).isZero();
    int closed = LiveStatus.chunks(LiveFolder.of(folder)).size();
    FedSource source = new FedSource("demo");
    ImageSet more = Catalogue.standard().open("generated:images=400,size=16,seed=9").train();
    for (int i = 0; i < 400; i++) { // its place in the source is kept, and those before are passed
      source.feed(Arrival.of("more-" + i, more.image(i).bytes()));
    }
    try (Live live =
        Live.in(folder)
            .source(source)
            .closeRule("drift", () -> CloseRule.parse("count=100000", Map.of()).get(0))
            .untilIdle(true)
            .start()) {
      live.await();
    }
    LiveStatus then = LiveStatus.of(LiveFolder.of(folder));
    assertThat(then.counts().of(State.LEARNED)).isGreaterThanOrEqualTo(plan.chunk());
    assertThat(LiveStatus.chunks(LiveFolder.of(folder))).hasSizeGreaterThanOrEqualTo(closed);
  }
}
