package dev.millrace.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.live.account.Account;
import dev.millrace.live.account.ChunkRecord;
import dev.millrace.live.account.Kept;
import dev.millrace.live.account.State;
import dev.millrace.live.source.Arrival;
import dev.millrace.live.source.FedSource;
import dev.millrace.live.spool.ChunkNames;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ForgettingTest {
  private static final int CHUNK = 4;
  private static final int CALLS = 40;

  private final FedSource source = new FedSource("camera");
  private final MemorySpool spool = new MemorySpool();
  private final MemoryRun run = new MemoryRun(spool);

  private Ingest ingest(Account account) throws IOException {
    return new Ingest(
        account,
        spool,
        run,
        List.of(source),
        CloseRule.parse("count=" + CHUNK, Map.of()),
        IngestSettings.standard(),
        bytes -> new Look(null, null),
        () -> Instant.ofEpochSecond(9),
        event -> {});
  }

  private void feed(int from, int to) {
    for (int i = from; i < to; i++) {
      source.feed(Arrival.of("p" + i, new byte[] {(byte) (i + 1)}));
    }
  }

  private static void ask(Account account, String... keys) throws IOException {
    for (String key : keys) {
      account.forgotten().ask(account.named("camera", key).stream().map(Kept::number).toList(), 5);
    }
  }

  /** In as many calls as there are chunks; answers whether some wait for a chunk's learning. */
  private static boolean forget(Ingest ingest, int busy) throws IOException {
    boolean more = true;
    for (int call = 0; call < 5 && more; call++) {
      more = ingest.forget(busy);
    }
    return more;
  }

  private static void drain(Ingest ingest) throws IOException {
    while (ingest.step()) {
      // Everything that was fed.
    }
  }

  /** The pictures whose bytes are anywhere, by number. */
  private Set<Long> there(Account account) throws IOException {
    Set<Long> there = new HashSet<>();
    spool.chunks.values().forEach(c -> c.keySet().forEach(n -> there.add(ChunkNames.number(n))));
    run.memory.forEach(name -> there.add(ChunkNames.number(name)));
    for (int at = 0; at < spool.length(); at++) {
      long number = spool.read(at, 1)[0]; // pictures arrive in order
      if (number > 0) {
        there.add(number);
      }
    }
    assertThat(there.size()).isLessThanOrEqualTo((int) account.last());
    return there;
  }

  @Test
  void aKillBetweenAnyTwoStepsLosesNoRequestAndNoOtherPicture() throws IOException {
    for (int kill = 0; kill < CALLS; kill++) {
      ForgettingTest one = new ForgettingTest();
      one.killed(kill);
    }
  }

  /** Chunk 1 is learned, chunk 2 waits, chunk 3 is open: one picture of each goes. */
  private void killed(int kill) throws IOException {
    try (Account account = Account.inMemory()) {
      Ingest ingest = ingest(account);
      ingest.begin();
      feed(0, 2 * CHUNK + 3);
      drain(ingest);
      run.begin(1);
      run.end();
      account.chunks().learned(1);
      ask(account, "p1", "p5", "p9");
      spool.crashIn = kill;
      try {
        forget(ingest, 0);
      } catch (MemorySpool.Crash e) {
        check(account);
      }
      spool.crashIn = -1;
      Ingest next = ingest(account);
      next.begin();
      forget(next, 0);
      check(account);
      assertThat(account.forgotten().waiting()).isEmpty();
      assertThat(there(account)).hasSize(2 * CHUNK).doesNotContain(2L, 6L, 10L);
      assertThat(account.chunks().closed().get(0).pictures())
          .as("learned ones stay counted")
          .isEqualTo(4);
      assertThat(account.chunks().closed().get(1).pictures()).isEqualTo(3);
      assertThat(account.chunks().open().pictures()).isEqualTo(2);
      assertThat(account.forgotten().at(2)).isEqualTo(9000);
    }
  }

  /** What is called forgotten is nowhere, and all others are where they were. */
  private void check(Account account) throws IOException {
    Set<Long> there = there(account);
    long number = 0;
    for (String key : Arrays.asList("p0", "p1", "p4", "p5", "p8", "p9", "p10")) {
      Kept one = account.named("camera", key).get(0);
      if (one.state() == State.FORGOTTEN) {
        assertThat(there).doesNotContain(one.number());
        number++;
      } else if (account.forgotten().waiting().isEmpty()
          || !account.forgotten().waiting().contains(one)) {
        assertThat(there).contains(one.number());
      }
    }
    assertThat(account.count(State.FORGOTTEN)).isEqualTo(number);
    assertThat(account.counts().offered()).isEqualTo(2L * CHUNK + 3);
  }

  @Test
  void aChunkThatClosesWhileAProcessDiesIsWrittenWithoutWhatWasForgotten() throws IOException {
    for (int kill = 0; kill < CALLS; kill++) {
      ForgettingTest one = new ForgettingTest();
      one.killedWhileClosing(kill);
    }
  }

  private void killedWhileClosing(int kill) throws IOException {
    try (Account account = Account.inMemory()) {
      Ingest ingest = ingest(account);
      ingest.begin();
      feed(0, CHUNK);
      spool.crashIn = kill;
      try {
        drain(ingest);
      } catch (MemorySpool.Crash e) {
        spool.lose(0);
      }
      spool.crashIn = -1;
      List<Kept> second = account.named("camera", "p1");
      ask(account, "p0", "p1", "p2", "p3");
      for (int again = 0; again < 8; again++) {
        spool.crashIn = again;
        try {
          Ingest next = ingest(account);
          next.begin();
          forget(next, 0);
        } catch (MemorySpool.Crash e) {
          Set<Long> there = there(account);
          for (Kept one : second) {
            boolean gone = account.named("camera", "p1").get(0).state() == State.FORGOTTEN;
            assertThat(gone && there.contains(one.number())).as("kill %d", kill).isFalse();
          }
        }
      }
      spool.crashIn = -1;
      Ingest last = ingest(account);
      last.begin();
      forget(last, 0);
      assertThat(account.forgotten().waiting()).isEmpty();
      assertThat(second.isEmpty() || !there(account).contains(2L)).isTrue();
    }
  }

  @Test
  void whatIsBeingLearnedOrIsHalfLearnedStaysUntilItIsLearned() throws IOException {
    try (Account account = Account.inMemory()) {
      Ingest ingest = ingest(account);
      ingest.begin();
      feed(0, 3 * CHUNK);
      drain(ingest);
      run.begin(1);
      run.end();
      account.chunks().learned(1);
      run.begin(2);
      ask(account, "p0", "p5", "p9");
      assertThat(forget(ingest, 2)).as("more goes later").isTrue();
      assertThat(there(account)).contains(1L, 6L).doesNotContain(10L);
      assertThat(forget(ingest, 0)).as("nobody learns, so nothing is waited for").isFalse();
      assertThat(there(account)).contains(1L, 6L);
      run.end();
      assertThat(forget(ingest, 0)).isFalse();
      assertThat(there(account)).hasSize(3 * CHUNK - 3).doesNotContain(1L, 6L, 10L);
      assertThat(run.memory).hasSize(2 * CHUNK - 2);
    }
  }

  @Test
  void picturesAreTakenInBetweenTheChunksThatLoseSome() throws IOException {
    try (Account account = Account.inMemory()) {
      Ingest ingest = ingest(account);
      ingest.begin();
      feed(0, 3 * CHUNK);
      drain(ingest);
      ask(account, "p0", "p5", "p9");
      for (int taken = 3 * CHUNK; taken < 3 * CHUNK + 2; taken++) {
        assertThat(ingest.forget(0)).isTrue();
        assertThat(there(account)).as("one goes, and one comes").hasSize(3 * CHUNK - 1);
        assertThat(account.count(State.FORGOTTEN)).as("said when all is done").isZero();
        feed(taken, taken + 1);
        drain(ingest);
      }
      assertThat(ingest.forget(0)).isFalse();
      assertThat(there(account)).hasSize(3 * CHUNK - 1).doesNotContain(1L, 6L, 10L);
      assertThat(account.count(State.FORGOTTEN)).isEqualTo(3);
    }
  }

  @Test
  void aChunkWithTooFewPicturesLeftIsPassedOver() throws IOException {
    try (Account account = Account.inMemory()) {
      Ingest ingest = ingest(account);
      ingest.begin();
      feed(0, 2 * CHUNK);
      drain(ingest);
      ask(account, "p0", "p1", "p2", "p4", "p5", "p6", "p7");
      forget(ingest, 0);
      assertThat(ingest.passed()).containsExactly(1, 2);
      assertThat(spool.chunks)
          .as("one picture is left of the first, none of the second")
          .containsOnlyKeys(1);
      account.chunks().learned(2);
      assertThat(account.chunks().closed()).allMatch(ChunkRecord::isPassedOver);
    }
  }

  @Test
  void aChunkThatLosesItsPicturesWhileAFullDiskKeepsItFromClosingIsPassedOver() throws IOException {
    int closing = 0;
    for (int full = 0; full < CALLS; full++) {
      ForgettingTest one = new ForgettingTest();
      closing += one.fullWhileClosing(full) ? 1 : 0;
    }
    assertThat(closing).as("times that the disk was full while a chunk closed").isPositive();
  }

  private boolean fullWhileClosing(int full) throws IOException {
    try (Account account = Account.inMemory()) {
      Ingest ingest = ingest(account);
      ingest.begin();
      feed(0, CHUNK);
      spool.fullIn = full;
      try {
        drain(ingest);
      } catch (IOException e) {
        assertThat(e).hasMessageContaining("No space left");
      }
      boolean closing = account.chunks().open().phase() == ChunkRecord.Phase.CLOSING;
      ask(account, "p0", "p1", "p2", "p3");
      ingest.takeBack();
      forget(ingest, 0);
      spool.fullIn = -1;
      drain(ingest);
      forget(ingest, 0);
      assertThat(ingest.passed()).as("full %d", full).isEqualTo(account.chunks().passedOver());
      assertThat(account.forgotten().waiting()).isEmpty();
      return closing;
    }
  }

  @Test
  void whatWasForgottenIsNotTakenInAgain() throws IOException {
    try (Account account = Account.inMemory()) {
      Ingest ingest = ingest(account);
      ingest.begin();
      feed(0, 1);
      drain(ingest);
      ask(account, "p0");
      forget(ingest, 0);
      feed(0, 1);
      drain(ingest);
      assertThat(account.counts().states())
          .containsEntry(State.FORGOTTEN, 1L)
          .containsEntry(State.DUPLICATE, 1L)
          .containsEntry(State.PENDING, 0L);
      assertThat(account.chunks().open().began()).as("the chunk has not begun").isZero();
    }
  }

  @Test
  void theOldestLearnedChunksGoAlsoAfterAKillAndNoneThatIsToBeLearned() throws IOException {
    for (int kill = 0; kill < 8; kill++) {
      ForgettingTest one = new ForgettingTest();
      one.killedWhileLettingGo(kill);
    }
  }

  private void killedWhileLettingGo(int kill) throws IOException {
    try (Account account = Account.inMemory()) {
      Ingest ingest = ingest(account);
      ingest.begin();
      feed(0, 5 * CHUNK);
      drain(ingest);
      account.chunks().learned(4);
      Retention two = new Retention(2 * CHUNK, "");
      assertThat(ingest.letGo(two, 5)).as("a judge may be reading").isTrue();
      assertThat(spool.chunks).hasSize(5);
      spool.crashIn = kill;
      try {
        ingest.letGo(two, 0);
      } catch (MemorySpool.Crash e) {
        assertThat(spool.chunks).containsKeys(3, 4, 5);
      }
      spool.crashIn = -1;
      Ingest next = ingest(account);
      next.begin();
      assertThat(next.letGo(two, 0)).isFalse();
      assertThat(spool.chunks).containsOnlyKeys(3, 4, 5);
      assertThat(account.count(State.LEARNED)).isEqualTo(4 * CHUNK);
      next.letGo(new Retention(1, ""), 0);
      assertThat(spool.chunks).as("the last learned one stays").containsOnlyKeys(4, 5);
    }
  }

  @Test
  void learnedChunksGoByAge() throws IOException {
    try (Account account = Account.inMemory()) {
      Ingest ingest = ingest(account);
      ingest.begin();
      feed(0, 3 * CHUNK);
      drain(ingest);
      account.chunks().learned(3);
      Retention day = new Retention(0, "1d");
      Instant closed = Instant.ofEpochSecond(9);
      Duration still = Duration.ofDays(1);
      assertThat(day.due(account.chunks().closed(), closed.plus(still))).isEmpty();
      assertThat(day.due(account.chunks().closed(), closed.plus(still).plusSeconds(1))).hasSize(2);
      assertThat(Retention.ALL.due(account.chunks().closed(), Instant.MAX)).isEmpty();
    }
  }
}
