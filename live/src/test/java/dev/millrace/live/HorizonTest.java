package dev.millrace.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.live.account.Account;
import dev.millrace.live.account.State;
import dev.millrace.live.source.Arrival;
import dev.millrace.live.source.FedSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** How far back equal bytes are known, where one batch is longer than that. */
class HorizonTest {
  private static final int HORIZON = 10;
  private static final int BATCH = 25;

  private final List<Map<State, Integer>> batches = new ArrayList<>();

  private Ingest ingest(Account account, FedSource source) throws IOException {
    MemorySpool spool = new MemorySpool();
    Ingest ingest =
        new Ingest(
            account,
            spool,
            new MemoryRun(spool),
            List.of(source),
            List.of(CloseRule.count(1000)),
            new IngestSettings(
                1000,
                1 << 20,
                IngestSettings.Overflow.BLOCK,
                HORIZON,
                NearDuplicates.Rule.parse("off"),
                1),
            bytes -> new Look(null, null),
            () -> Instant.EPOCH,
            event -> {
              if (event instanceof LiveEvent.Accepted accepted) {
                batches.add(accepted.states());
              }
            });
    ingest.begin();
    return ingest;
  }

  /** Feeds pictures 0 … 24 under ids that begin so. */
  private static void feed(FedSource source, String ids) {
    for (int i = 0; i < BATCH; i++) {
      source.feed(Arrival.of(ids + i, ByteBuffer.allocate(4).putInt(i).array()));
    }
  }

  @Test
  void ofABatchLongerThanTheHorizonOnlyTheLastPicturesAreKnownUnderOtherIds() throws IOException {
    try (Account account = Account.inMemory()) {
      FedSource source = new FedSource("log");
      Ingest ingest = ingest(account, source);
      feed(source, "a");
      ingest.step();
      assertThat(batches).containsExactly(Map.of(State.PENDING, 25));
      assertThat(account.counts().evicted()).isEqualTo(15);

      feed(source, "b");
      ingest.step();
      assertThat(batches.get(1)).isEqualTo(known(15, 10));
      assertThat(account.counts().evicted()).as("all but the last ten of 40").isEqualTo(30);

      feed(source, "a"); // known under these ids, however far back
      ingest.step();
      assertThat(batches.get(2)).isEqualTo(Map.of(State.DUPLICATE, 25));
      assertThat(account.counts().evicted()).isEqualTo(30);

      assertThat(account.count(State.PENDING)).isEqualTo(40);
      assertThat(account.rows(State.PENDING)).isEqualTo(40);
      assertThat(account.count(State.DUPLICATE)).isEqualTo(35);
      assertThat(account.counts().offered()).isEqualTo(75);
      assertThat(account.counts().versions()).isZero();
    }
  }

  @Test
  void equalBytesInOneBatchAreKnownBeyondTheHorizon() throws IOException {
    try (Account account = Account.inMemory()) {
      FedSource source = new FedSource("log");
      Ingest ingest = ingest(account, source);
      feed(source, "a");
      feed(source, "b");
      ingest.step();
      assertThat(batches).containsExactly(known(25, 25));
      assertThat(account.counts().evicted()).isEqualTo(15);
    }
  }

  private static Map<State, Integer> known(int pending, int duplicate) {
    return Map.of(State.PENDING, pending, State.DUPLICATE, duplicate);
  }
}
