package dev.millrace.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.live.account.Account;
import dev.millrace.live.account.Kept;
import dev.millrace.live.learn.Learner;
import dev.millrace.live.source.Arrival;
import dev.millrace.live.source.FedSource;
import dev.millrace.live.spool.FileSpool;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Chunks have their turns one after another, and none while pictures are being forgotten. */
class TurnsTest {
  private static final int CHUNK = 4;

  @TempDir private Path folder;

  private final List<Integer> learned = new ArrayList<>();
  private Account account;
  private Turns turns;
  private boolean failing;

  private final Learner learner =
      new Learner() {
        @Override
        public boolean learn(int chunk) {
          learned.add(chunk);
          return false; // as one that is stopped at once
        }

        @Override
        public void close() {}
      };

  @BeforeEach
  void threeClosedChunksOfWhichNoneIsLearned() throws IOException {
    LiveFolder live = LiveFolder.of(folder);
    FedSource source = new FedSource("camera");
    for (int i = 0; i < 3 * CHUNK; i++) {
      source.feed(Arrival.of("p" + i, new byte[] {(byte) (i + 1)}));
    }
    LiveBuilder given = Live.in(folder).source(source).taker(candidate -> {});
    account = Account.open(live.account());
    Ingest ingest =
        new Ingest(
            account,
            new FileSpool(live),
            run(new FolderRun(live, given.clock())),
            List.of(source),
            CloseRule.parse("count=" + CHUNK, Map.of()),
            IngestSettings.standard(),
            bytes -> new Look(null, null),
            Clock.systemUTC(),
            event -> {});
    ingest.begin();
    turns = new Turns(given, account, ingest, Retention.ALL);
    turns.begin();
    while (ingest.step()) {
      // Everything that was fed.
    }
    turns.forget();
  }

  /** A run whose vectors cannot be dropped while {@link #failing}. */
  private LearnedRun run(LearnedRun run) {
    return new LearnedRun() {
      @Override
      public Held hold() throws IOException {
        return run.hold();
      }

      @Override
      public void dropVectors() throws IOException {
        if (failing) {
          throw new IOException("vectors");
        }
        run.dropVectors();
      }
    };
  }

  @AfterEach
  void close() throws IOException {
    account.close();
  }

  private void ask(String... keys) throws IOException {
    for (String key : keys) {
      account.forgotten().ask(account.named("camera", key).stream().map(Kept::number).toList(), 5);
    }
  }

  @Test
  void aChunkHasNoTurnWhileSomeArePartlyForgotten() throws IOException {
    ask("p4", "p0");
    assertThat(turns.forgets()).as("what a learner saw before").isFalse();
    turns.forget();
    assertThat(turns.forgets()).as("chunk 2 is still to be written anew").isTrue();
    assertThat(turns.take(1, learner)).as("not stopped").isTrue();
    assertThat(learned).isEmpty();
    assertThat(turns.handed()).isZero();
    while (turns.forgets()) {
      turns.forget();
    }
    assertThat(account.forgotten().waiting()).isEmpty();
    turns.take(1, learner);
    assertThat(learned).containsExactly(1);
  }

  @Test
  void aChunkHasNoTurnWhereForgettingFailedMidway() throws IOException {
    ask("p0"); // of one chunk, so that one call does all
    failing = true;
    assertThatThrownBy(turns::forget).hasMessage("vectors");
    assertThat(turns.take(1, learner)).isTrue();
    assertThat(learned).isEmpty();
    failing = false;
    turns.forget();
    turns.take(1, learner);
    assertThat(learned).containsExactly(1);
  }
}
