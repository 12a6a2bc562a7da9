package dev.millrace.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.file.Closing;
import dev.millrace.live.account.Account;
import dev.millrace.live.account.State;
import dev.millrace.live.source.Arrival;
import dev.millrace.live.source.Batch;
import dev.millrace.live.source.FedSource;
import dev.millrace.live.source.Source;
import dev.millrace.live.source.SourceGoneException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class SourceThreadTest {
  private static final Duration MOMENT = Duration.ofMillis(20);

  private final List<String> closed = new ArrayList<>();
  private final List<LiveEvent> events = new ArrayList<>();
  private Instant now = Instant.EPOCH;

  private static Arrival picture(String key) {
    byte[] bytes = ByteBuffer.allocate(4).putInt(key.hashCode()).array();
    return Arrival.of(key, bytes);
  }

  /** A source that answers when it is let, and notes which threads ask it. */
  private static class Slow implements Source {
    private final Semaphore lets = new Semaphore(0);
    private final Set<Thread> threads = Collections.synchronizedSet(new HashSet<>());
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile IOException failure;
    private volatile int given;

    void let() {
      lets.release();
    }

    @Override
    public String name() {
      return "slow";
    }

    @Override
    public void open(Memory memory) throws IOException {
      threads.add(Thread.currentThread());
    }

    @Override
    public Batch poll(int most) throws IOException {
      threads.add(Thread.currentThread());
      try {
        lets.acquire();
      } catch (InterruptedException e) {
        throw new IOException("broken off", e);
      }
      if (failure != null) {
        throw failure;
      }
      List<Arrival> arrivals = new ArrayList<>();
      for (int i = 0; i < Math.min(most, 8); i++) {
        arrivals.add(picture("slow" + given++));
      }
      return Batch.of(arrivals, Integer.toString(given));
    }

    @Override
    public void committed(Batch batch, List<State> states) {
      threads.add(Thread.currentThread());
    }

    @Override
    public boolean drained() {
      return false;
    }

    @Override
    public void close() {
      threads.add(Thread.currentThread());
      closed.set(true);
    }
  }

  private Ingest ingest(Account account, long count, Source... sources) throws IOException {
    return ingest(account, count, 1000, 1 << 20, sources);
  }

  private Ingest ingest(
      Account account, long count, long spoolPictures, long spoolBytes, Source... sources)
      throws IOException {
    return ingest(
        account, count, spoolPictures, spoolBytes, IngestSettings.Overflow.BLOCK, sources);
  }

  private Ingest ingest(
      Account account,
      long count,
      long spoolPictures,
      long spoolBytes,
      IngestSettings.Overflow overflow,
      Source... sources)
      throws IOException {
    MemorySpool spool = new MemorySpool();
    InstantSource clock = () -> now;
    Ingest ingest =
        new Ingest(
            account,
            spool,
            new MemoryRun(spool),
            List.of(sources),
            List.of(CloseRule.count(count)),
            new IngestSettings(
                spoolPictures, spoolBytes, overflow, 1000, NearDuplicates.Rule.parse("off"), 3),
            bytes -> new Look(null, null),
            clock,
            event -> {
              events.add(event);
              if (event instanceof LiveEvent.ChunkClosed chunk) {
                closed.add(chunk.rule() + ":" + chunk.pictures());
              }
            });
    ingest.begin();
    return ingest;
  }

  private static void feed(FedSource camera, int from, int to) throws Exception {
    for (int i = from; i < to; i++) {
      camera.feed(picture("camera" + i));
    }
  }

  private static void stepUntil(Ingest ingest, java.util.concurrent.Callable<Boolean> done)
      throws Exception {
    while (!done.call()) {
      ingest.step();
      TimeUnit.MILLISECONDS.sleep(1);
    }
  }

  @Test
  void aSourceThatHangsDelaysNoOtherAndIsAskedByOneThreadAlone() throws Exception {
    Slow hangs = new Slow();
    FedSource camera = new FedSource("camera");
    try (Account account = Account.inMemory();
        SourceThread slow = new SourceThread(hangs, MOMENT);
        SourceThread other = new SourceThread(camera, Duration.ofSeconds(10))) {
      Ingest ingest = ingest(account, 10, slow, other);
      feed(camera, 0, 100);
      stepUntil(ingest, () -> account.count(State.PENDING) == 100);
      assertThat(closed).hasSize(10).allMatch("count=10:10"::equals);
      assertThat(ingest.drained()).isFalse();

      hangs.let();
      stepUntil(ingest, () -> account.count(State.PENDING) == 108);
      assertThat(account.place("slow")).isEqualTo("8");
      assertThat(hangs.threads).hasSize(1).doesNotContain(Thread.currentThread());
    }
    assertThat(hangs.threads).hasSize(1);
    assertThat(hangs.closed).isTrue();
  }

  @Test
  void whatComesLateIsTheFirstOfTheNextChunkWhereThisOneIsFilledByOthers() throws Exception {
    Slow late = new Slow();
    FedSource camera = new FedSource("camera");
    try (Account account = Account.inMemory();
        SourceThread slow = new SourceThread(late, MOMENT);
        SourceThread other = new SourceThread(camera, Duration.ofSeconds(10))) {
      Ingest ingest = ingest(account, 10, slow, other);
      feed(camera, 0, 6);
      stepUntil(ingest, () -> account.count(State.PENDING) == 6);
      late.let(); // eight, and there is room for four
      TimeUnit.MILLISECONDS.sleep(200);
      ingest.step();
      assertThat(account.count(State.PENDING)).isEqualTo(6);
      feed(camera, 6, 10);
      stepUntil(ingest, () -> account.count(State.PENDING) == 18);
      assertThat(closed).containsExactly("count=10:10");
      assertThat(account.chunks().open().pictures()).isEqualTo(8);
    }
  }

  @Test
  void whatComesLateClosesAChunkThatNothingElseFills() throws Exception {
    Slow late = new Slow();
    FedSource camera = new FedSource("camera");
    try (Account account = Account.inMemory();
        SourceThread slow = new SourceThread(late, MOMENT);
        SourceThread other = new SourceThread(camera, Duration.ofSeconds(10))) {
      Ingest ingest = ingest(account, 10, slow, other);
      feed(camera, 0, 6);
      stepUntil(ingest, () -> account.count(State.PENDING) == 6);
      late.let();
      TimeUnit.MILLISECONDS.sleep(200);
      ingest.step();
      ingest.step();
      assertThat(closed).isEmpty();
      now = now.plusSeconds(3);
      stepUntil(ingest, () -> account.count(State.PENDING) == 14);
      assertThat(closed).containsExactly("late:6");
      assertThat(account.counts().offered()).isEqualTo(14);
    }
  }

  @Test
  void whatComesLateClosesNoChunkThatOthersStillFill() throws Exception {
    Slow late = new Slow();
    FedSource camera = new FedSource("camera");
    try (Account account = Account.inMemory();
        SourceThread slow = new SourceThread(late, MOMENT);
        SourceThread other = new SourceThread(camera, Duration.ofSeconds(10))) {
      Ingest ingest = ingest(account, 10, slow, other);
      feed(camera, 0, 6);
      stepUntil(ingest, () -> account.count(State.PENDING) == 6);
      late.let();
      TimeUnit.MILLISECONDS.sleep(200);
      ingest.step();
      for (int i = 6; i < 9; i++) {
        now = now.plusMillis(1500);
        feed(camera, i, i + 1);
        stepUntil(ingest, () -> camera.drained());
        ingest.step(); // in which nothing comes
      }
      assertThat(closed).isEmpty();
      assertThat(account.count(State.PENDING)).isEqualTo(9);
      now = now.plusSeconds(3);
      stepUntil(ingest, () -> account.count(State.PENDING) == 17);
      assertThat(closed).containsExactly("late:9");
    }
  }

  /** In a full spool that samples, each new picture displaces another or is left out. */
  @Test
  void whatComesLateDoesNotWaitForPicturesThatOnlyDisplaceOthers() throws Exception {
    Slow late = new Slow();
    FedSource camera = new FedSource("camera");
    try (Account account = Account.inMemory();
        SourceThread slow = new SourceThread(late, MOMENT);
        SourceThread other = new SourceThread(camera, Duration.ofSeconds(10))) {
      Ingest ingest = ingest(account, 10, 16, 1 << 20, IngestSettings.Overflow.SAMPLE, slow, other);
      ingest.step(); // it is asked for eight
      feed(camera, 0, 16);
      stepUntil(ingest, () -> account.count(State.PENDING) == 16);
      assertThat(closed).containsExactly("full:8");
      late.let(); // eight, and there is room for two
      TimeUnit.MILLISECONDS.sleep(200);
      ingest.step();
      assertThat(account.counts().offered()).isEqualTo(16);
      for (int i = 16; i < 22; i += 2) {
        now = now.plusMillis(1500);
        events.clear();
        feed(camera, i, i + 2);
        stepUntil(ingest, () -> camera.drained());
        assertThat(events)
            .as("one that displaces another")
            .anyMatch(
                event ->
                    event instanceof LiveEvent.Accepted accepted
                        && accepted.states().containsKey(State.PENDING));
      }
      ingest.step(); // in which nothing comes
      ingest.step();
      assertThat(account.counts().offered()).isEqualTo(16 + 6 + 8);
      assertThat(account.count(State.PENDING)).isEqualTo(16);
      assertThat(account.chunks().open().rule()).as("as soon as there is room").isEqualTo("late");
      account.chunks().learned(1);
      ingest.step();
      assertThat(closed).containsExactly("full:8", "late:8");
    }
  }

  @Test
  void whatComesLateIsTakenWhereOnePictureIsAllThatFillsASmallSpool() throws Exception {
    Slow late = new Slow();
    FedSource camera = new FedSource("camera");
    try (Account account = Account.inMemory();
        SourceThread slow = new SourceThread(late, MOMENT);
        SourceThread other = new SourceThread(camera, Duration.ofSeconds(10))) {
      Ingest ingest = ingest(account, 10, 8, 1 << 20, slow, other);
      ingest.step(); // it is asked for eight
      feed(camera, 0, 1);
      stepUntil(ingest, () -> account.count(State.PENDING) == 1);
      late.let();
      stepUntil(ingest, () -> account.count(State.PENDING) == 9);
      assertThat(closed).containsExactly("full:9");
    }
  }

  @Test
  void aSpoolOfFewerBytesThanAPictureTakesWhatAChunkNeeds() throws Exception {
    FedSource camera = new FedSource("camera");
    try (Account account = Account.inMemory();
        SourceThread source = new SourceThread(camera, Duration.ofSeconds(10))) {
      Ingest ingest = ingest(account, 10, 1000, 1, source);
      feed(camera, 0, 1);
      stepUntil(ingest, () -> account.count(State.PENDING) == 1);
      feed(camera, 1, 2);
      stepUntil(ingest, () -> account.count(State.PENDING) == 2);
      assertThat(closed).containsExactly("full:2");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {11, 12})
  void whoeverComesAfterWhatWaitsForRoomIsToldThatTheSpoolIsFull(int before) throws Exception {
    AtomicBoolean told = new AtomicBoolean();
    Slow late =
        new Slow() {
          @Override
          public void full() {
            told.set(true);
          }
        };
    FedSource camera = new FedSource("camera");
    try (Account account = Account.inMemory();
        SourceThread slow = new SourceThread(late, MOMENT);
        SourceThread other = new SourceThread(camera, Duration.ofSeconds(10))) {
      Ingest ingest = ingest(account, 10, 12, 1 << 20, slow, other);
      ingest.step(); // it is asked for ten
      feed(camera, 0, before);
      stepUntil(ingest, () -> account.count(State.PENDING) == before);
      late.let(); // eight, which come before the spool is full, or after
      TimeUnit.MILLISECONDS.sleep(200);
      ingest.step();
      feed(camera, before, 12);
      stepUntil(ingest, told::get);
      assertThat(closed).containsExactly("count=10:10");
      account.chunks().learned(1);
      stepUntil(ingest, () -> account.count(State.PENDING) == 10);
    }
  }

  @Test
  void aFailureThatComesLateIsSaidAndTheSourceAskedAgain() throws Exception {
    Slow fails = new Slow();
    try (Account account = Account.inMemory();
        SourceThread slow = new SourceThread(fails, MOMENT)) {
      Ingest ingest = ingest(account, 10, slow);
      ingest.step();
      assertThat(events).isEmpty();
      fails.failure = new IOException("the broker is gone");
      fails.let();
      stepUntil(ingest, () -> !events.isEmpty());
      assertThat(events)
          .singleElement()
          .isInstanceOfSatisfying(
              LiveEvent.SourceFailed.class,
              failed -> assertThat(failed.words()).contains("the broker is gone"));
      fails.failure = null;
      now = now.plusSeconds(2);
      fails.let();
      stepUntil(ingest, () -> account.count(State.PENDING) == 8);

      fails.failure = new SourceGoneException("expired");
      fails.let();
      stepUntil(ingest, () -> events.stream().anyMatch(LiveEvent.SourceStopped.class::isInstance));
      assertThat(ingest.drained()).isTrue();
    }
  }

  @Test
  void anOpeningThatFailsLateIsTriedAgain() throws Exception {
    CountDownLatch let = new CountDownLatch(1);
    AtomicBoolean failed = new AtomicBoolean();
    Slow camera =
        new Slow() {
          @Override
          public void open(Memory memory) throws IOException {
            if (failed.get()) {
              return;
            }
            try {
              let.await();
            } catch (InterruptedException e) {
              throw new IOException("broken off", e);
            }
            failed.set(true);
            throw new IOException("no route");
          }
        };
    camera.let();
    try (SourceThread source = new SourceThread(camera, MOMENT)) {
      source.open(
          new Source.Memory() {
            @Override
            public String place() {
              return null;
            }

            @Override
            public String stamp(String key) {
              return null;
            }
          });
      assertThat(source.poll(5).isEmpty()).isTrue();
      let.countDown();
      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 1000; i++) {
                  source.poll(5);
                  TimeUnit.MILLISECONDS.sleep(1);
                }
              })
          .hasMessageContaining("no route");
      Batch batch = Batch.none();
      while (batch.isEmpty()) {
        batch = source.poll(5);
      }
      assertThat(batch.arrivals()).hasSize(5);
    }
  }

  @Test
  void aSourceThatCannotBeClosedKeepsNothingElseOpenAndIsClosedOnce() {
    SourceThread source =
        new SourceThread(
            new Slow() {
              @Override
              public void close() {
                throw new IllegalStateException("cannot");
              }
            },
            MOMENT);
    AtomicBoolean other = new AtomicBoolean();
    List<AutoCloseable> all = List.of(source, () -> other.set(true));
    assertThatThrownBy(() -> Closing.all(all)).hasMessageContaining("cannot");
    assertThat(other).isTrue();
    assertThatCode(source::close).doesNotThrowAnyException();
  }
}
