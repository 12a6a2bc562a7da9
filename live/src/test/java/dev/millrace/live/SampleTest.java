package dev.millrace.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.file.Sha256;
import dev.millrace.live.account.Account;
import dev.millrace.live.account.ChunkRecord;
import dev.millrace.live.account.Kept;
import dev.millrace.live.account.State;
import dev.millrace.live.source.Arrival;
import dev.millrace.live.source.FedSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What a full spool keeps of a stream, while another chunk waits for being learned. */
class SampleTest {
  private static final int WAITING = 2;
  private static final int KEPT = 20;
  private static final int ARRIVING = 400;

  /** The first chunk closes with two pictures, the next never. */
  private static final CloseRule RULE =
      new CloseRule() {
        @Override
        public String due(ChunkRecord open, Instant now) {
          return open.number() == 1 ? "count=2" : null;
        }

        @Override
        public long room(ChunkRecord open) {
          return open.number() == 1 ? WAITING : 7;
        }
      };

  private static byte[] picture(int run, int i, int size) {
    return ByteBuffer.allocate(size).putInt(run).putInt(i).array();
  }

  private static Ingest ingest(
      Account account, MemorySpool spool, FedSource source, IngestSettings settings)
      throws IOException {
    return ingest(account, spool, source, settings, RULE);
  }

  private static Ingest ingest(
      Account account, MemorySpool spool, FedSource source, IngestSettings settings, CloseRule rule)
      throws IOException {
    Ingest ingest =
        new Ingest(
            account,
            spool,
            new MemoryRun(spool),
            List.of(source),
            List.of(rule),
            settings,
            bytes -> new Look(null, null),
            () -> Instant.EPOCH,
            event -> {});
    ingest.begin();
    return ingest;
  }

  private static IngestSettings settings(long pictures, long bytes, long seed) {
    return new IngestSettings(
        pictures,
        bytes,
        IngestSettings.Overflow.SAMPLE,
        1_000_000,
        NearDuplicates.Rule.parse("off"),
        seed);
  }

  /** Which arrivals are kept, in order; a kill comes before a step with that probability. */
  private static List<Integer> kept(int run, IngestSettings settings, double kill, int size)
      throws IOException {
    try (Account account = Account.inMemory()) {
      MemorySpool spool = new MemorySpool();
      FedSource source = new FedSource("log");
      for (int i = -WAITING; i < ARRIVING; i++) {
        source.feed(Arrival.of("p" + i, picture(run, i, size)));
      }
      SplittableRandom random = new SplittableRandom(run);
      Ingest ingest = ingest(account, spool, source, settings);
      while (ingest.step()) {
        if (random.nextDouble() < kill) {
          ingest = ingest(account, spool, source, settings);
        }
      }
      assertThat(account.counts().offered()).isEqualTo(ARRIVING + WAITING);
      List<Integer> kept = new ArrayList<>();
      for (Kept one : account.pending()) {
        kept.add(ByteBuffer.wrap(spool.read(one.place().at(), one.place().length())).getInt(4));
      }
      assertThat(account.count(State.PENDING)).isEqualTo(kept.size() + WAITING);
      return kept;
    }
  }

  @Test
  void lateArrivalsAreKeptAsOftenAsEarlyOnes() throws IOException {
    int runs = 150;
    int bins = 20;
    int[] counts = new int[bins];
    for (int run = 0; run < runs; run++) {
      List<Integer> kept = kept(run, settings(KEPT + WAITING, 1 << 30, run % 3), 0, 8);
      assertThat(kept).hasSize(KEPT);
      kept.forEach(i -> counts[i * bins / ARRIVING]++);
    }
    double expected = (double) runs * KEPT / bins;
    double chi = 0;
    for (int count : counts) {
      chi += (count - expected) * (count - expected) / expected;
    }
    assertThat(chi).as("χ² of %d bins", bins).isLessThan(36.2); // its 99 % quantile for 19
  }

  /** Of a spool that holds two chunks, the second stays open while the first is learned. */
  @Test
  void aSpoolOfWholeChunksSamplesToo() throws IOException {
    int runs = 60;
    int bins = 10;
    int[] counts = new int[bins];
    for (int run = 0; run < runs; run++) {
      try (Account account = Account.inMemory()) {
        MemorySpool spool = new MemorySpool();
        FedSource source = new FedSource("log");
        for (int i = 0; i < KEPT + ARRIVING; i++) {
          source.feed(Arrival.of("p" + i, picture(run, i, 8)));
        }
        IngestSettings settings = settings(2 * KEPT, 1 << 30, run);
        Ingest ingest = ingest(account, spool, source, settings, CloseRule.count(KEPT));
        while (ingest.step()) {
          if (run % 2 == 0) {
            ingest = ingest(account, spool, source, settings, CloseRule.count(KEPT));
          }
          assertThat(account.count(State.PENDING)).isLessThanOrEqualTo(2 * KEPT);
        }
        assertThat(account.chunks().closed()).hasSize(1);
        account.chunks().learned(1);
        ingest.step();
        assertThat(account.chunks().closed()).hasSize(2);
        assertThat(account.chunks().closed().get(1).rule()).isEqualTo("count=" + KEPT);
        assertThat(spool.chunks.get(2)).hasSize(KEPT);
        spool
            .chunks
            .get(2)
            .values()
            .forEach(p -> counts[(ByteBuffer.wrap(p).getInt(4) - KEPT) * bins / ARRIVING]++);
      }
    }
    double expected = (double) runs * KEPT / bins;
    double chi = 0;
    for (int count : counts) {
      chi += (count - expected) * (count - expected) / expected;
    }
    assertThat(chi).as("χ² of %d bins", bins).isLessThan(21.7); // its 99 % quantile for 9
  }

  @Test
  void aChunkThatAloneFillsHalfOfASamplingSpoolLeavesTheOtherHalfForTheNext() throws IOException {
    try (Account account = Account.inMemory()) {
      FedSource source = new FedSource("log");
      for (int i = 0; i < ARRIVING; i++) {
        source.feed(Arrival.of("p" + i, picture(0, i, 8)));
      }
      Ingest ingest =
          ingest(account, new MemorySpool(), source, settings(20, 1 << 30, 1), (open, now) -> null);
      while (ingest.step()) {
        // until all have come
      }
      assertThat(account.chunks().closed())
          .singleElement()
          .extracting(ChunkRecord::rule)
          .isEqualTo("full");
      assertThat(account.chunks().open().pictures()).isPositive();
      assertThat(account.count(State.PENDING)).isEqualTo(20);
    }
  }

  @Test
  void aKillInTheMiddleChangesNothing() throws IOException {
    for (int run = 0; run < 20; run++) {
      IngestSettings settings = settings(KEPT + WAITING, 1 << 30, 5);
      assertThat(kept(run, settings, 0.5, 8)).isEqualTo(kept(run, settings, 0, 8));
    }
  }

  @Test
  void aSampleByBytesHoldsAsManyAsFitHoweverManyGaveWay() throws IOException {
    for (int run = 0; run < 10; run++) {
      List<Integer> kept = kept(run, settings(1000, (KEPT + WAITING) * 100L, 5), 0.2, 100);
      assertThat(kept).hasSize(KEPT);
      assertThat(kept.get(KEPT - 1)).as("one of the late ones").isGreaterThan(ARRIVING / 2);
    }
  }

  @Test
  void aLargePictureTakesThePlaceOfSeveralSmallOnes() {
    List<String> shas = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      shas.add(Sha256.of("picture " + i));
    }
    // Room for 40 of 10 bytes and no more, so 11 give way, or the new one does.
    int displacing = 0;
    for (int i = 100; i < 200; i++) {
      Sample full = new Sample(1);
      for (int j = 0; j < 50; j++) {
        full.add(j, shas.get(j), 10);
      }
      List<Long> out = full.displacedBy(Sha256.of("picture " + i), (fewer, bytes) -> bytes >= 400);
      if (out != null) {
        displacing++;
        assertThat(out).hasSize(11);
        assertThat(full.bytes()).isEqualTo(390);
      }
    }
    assertThat(displacing).as("about 39 in 50").isBetween(65, 92);
  }
}
