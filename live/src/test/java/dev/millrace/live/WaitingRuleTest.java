package dev.millrace.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.live.account.Account;
import dev.millrace.live.account.ChunkRecord;
import dev.millrace.live.account.State;
import dev.millrace.live.source.Arrival;
import dev.millrace.live.source.FedSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A rule that has held once, as drift does, and whose chunk waits for room. */
class WaitingRuleTest {
  private final MemorySpool spool = new MemorySpool();
  private final FedSource source = new FedSource("camera");
  private final List<String> closed = new ArrayList<>();
  private boolean alarm;

  private Ingest ingest(Account account) throws IOException {
    Ingest ingest =
        new Ingest(
            account,
            spool,
            new MemoryRun(spool),
            List.of(source),
            List.of((open, now) -> alarm ? "drift" : null),
            new IngestSettings(
                12,
                1 << 20,
                IngestSettings.Overflow.SAMPLE,
                1000,
                NearDuplicates.Rule.parse("off"),
                3),
            bytes -> new Look(null, null),
            () -> Instant.EPOCH,
            event -> {
              if (event instanceof LiveEvent.ChunkClosed chunk) {
                closed.add(chunk.rule());
              }
            });
    ingest.begin();
    return ingest;
  }

  private void feed(int from, int to) {
    for (int i = from; i < to; i++) {
      source.feed(Arrival.of("p" + i, ByteBuffer.allocate(4).putInt(i).array()));
    }
  }

  @Test
  void outlivesTheProcess() throws IOException {
    try (Account account = Account.inMemory()) {
      Ingest ingest = ingest(account);
      feed(0, 7);
      alarm = true;
      ingest.step();
      assertThat(closed).containsExactly("drift");
      alarm = false;
      feed(7, 12);
      ingest.step();
      alarm = true; // said once, while the first chunk is not learned
      ingest.step();
      alarm = false;
      assertThat(closed).as("there is no room for another chunk").hasSize(1);
      assertThat(account.chunks().open().phase()).isEqualTo(ChunkRecord.Phase.OPEN);

      ingest = ingest(account);
      ingest.step();
      assertThat(closed).hasSize(1);
      account.chunks().learned(1);
      ingest.step();
      assertThat(closed).containsExactly("drift", "drift");
      assertThat(account.count(State.PENDING)).isEqualTo(6);
    }
  }
}
