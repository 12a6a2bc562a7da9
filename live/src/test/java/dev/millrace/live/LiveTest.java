package dev.millrace.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.file.AtomicFiles;
import dev.millrace.live.account.State;
import dev.millrace.live.learn.ChunkLearning;
import dev.millrace.live.learn.Learner;
import dev.millrace.live.source.Arrival;
import dev.millrace.live.source.Batch;
import dev.millrace.live.source.FedSource;
import dev.millrace.live.source.Source;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class LiveTest {
  @TempDir private Path temp;
  private final FedSource source = new FedSource("camera");
  private final List<Integer> taken = Collections.synchronizedList(new ArrayList<>());
  private final List<LiveEvent> events = Collections.synchronizedList(new ArrayList<>());

  private void feed(int from, int to) {
    for (int i = from; i < to; i++) {
      BufferedImage picture = new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB);
      picture.setRGB(i % 8, i / 8, 0xFFFFFF);
      ByteArrayOutputStream png = new ByteArrayOutputStream();
      try {
        ImageIO.write(picture, "png", png);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      source.feed(Arrival.of("p" + i, png.toByteArray()));
    }
  }

  /** Chunks of two; whoever learns is a stand-in that leaves a file for the encoder. */
  private LiveBuilder live(Learner learner) {
    return Live.in(temp)
        .source(source)
        .close("count=2")
        .untilIdle(true)
        .learner(learner)
        .taker(candidate -> taken.add(candidate.chunk()))
        .listener(events::add);
  }

  private void encoder(int chunk) throws IOException {
    AtomicFiles.write(
        LiveFolder.of(temp).run().encoder(), ("e" + chunk).getBytes(StandardCharsets.UTF_8));
  }

  private abstract class Stub implements Learner {
    @Override
    public void close() {
      // Nothing runs.
    }
  }

  @Test
  void learningThatFailsInAnyWayIsTriedAgainWhilePicturesArrive() throws Exception {
    feed(0, 4);
    CountDownLatch arrived = new CountDownLatch(1);
    List<Integer> asked = Collections.synchronizedList(new ArrayList<>());
    Learner learner =
        new Stub() {
          @Override
          public boolean learn(int chunk) throws IOException {
            asked.add(chunk);
            if (asked.size() == 1) {
              feed(4, 6);
              assertThat(wait(arrived)).as("pictures arrive while a chunk is learned").isTrue();
              throw new IllegalStateException("the graphics card fell out");
            }
            encoder(chunk);
            return true;
          }

          private boolean wait(CountDownLatch latch) {
            try {
              return latch.await(30, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
          }
        };
    LiveBuilder builder =
        live(learner)
            .listener(
                event -> {
                  events.add(event);
                  if (event instanceof LiveEvent.ChunkClosed closed && closed.chunk() == 3) {
                    arrived.countDown();
                  }
                })
            .taker(
                candidate -> {
                  boolean first = taken.isEmpty();
                  taken.add(candidate.chunk());
                  if (first) {
                    throw new IllegalArgumentException("no judge");
                  }
                });
    try (Live live = builder.start()) {
      live.await();
    }
    assertThat(asked).containsExactly(1, 1, 1, 2, 3);
    assertThat(taken).as("each is judged until a judgement holds").containsExactly(1, 1, 2, 3);
    assertThat(
            events.stream()
                .filter(LiveEvent.LearningFailed.class::isInstance)
                .map(event -> ((LiveEvent.LearningFailed) event).words()))
        .containsExactly("the graphics card fell out", "no judge");
    assertThat(LiveStatus.of(LiveFolder.of(temp)).counts().of(State.LEARNED)).isEqualTo(6);
  }

  private Learner willing() {
    return new Stub() {
      @Override
      public boolean learn(int chunk) throws IOException {
        encoder(chunk);
        return true;
      }
    };
  }

  @Test
  void aFullDiskKeepsNothingFromBeingLetGoOfNorFromBeingLearned() throws Exception {
    feed(0, 10);
    AtomicBoolean full = new AtomicBoolean();
    CountDownLatch third = new CountDownLatch(1);
    CountDownLatch noted = new CountDownLatch(1);
    Learner learner =
        new Stub() {
          @Override
          public boolean learn(int chunk) throws IOException {
            if (chunk == 3) {
              third.countDown();
              try {
                noted.await();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            }
            encoder(chunk);
            return true;
          }
        };
    LiveBuilder builder =
        live(learner)
            .untilIdle(false)
            .retention(new Retention(1, "")) // the last learned chunk alone
            .closeRule(
                "disk",
                () ->
                    (open, now) -> {
                      if (full.get()) {
                        throw new IOException("No space left on device");
                      }
                      return null;
                    })
            .close("disk,count=2");
    try (Live live = builder.start()) {
      third.await();
      await(() -> LiveStatus.of(LiveFolder.of(temp)).counts().chunksLearned() == 2);
      await(() -> LiveStatus.of(LiveFolder.of(temp)).counts().chunksClosed() == 5);
      feed(10, 12);
      full.set(true);
      await(() -> events.stream().anyMatch(LiveEvent.NoSpace.class::isInstance));
      assertThat(events).doesNotContain(new LiveEvent.ChunkLetGo(1));
      noted.countDown();
      await(() -> events.contains(new LiveEvent.ChunkLetGo(4)));
      assertThat(events)
          .contains(new LiveEvent.ChunkLetGo(1), new LiveEvent.ChunkLearned(5))
          .doesNotContain(new LiveEvent.ChunkLetGo(5));
      assertThat(LiveFolder.of(temp).chunk(1)).doesNotExist();
      full.set(false);
      await(() -> events.contains(new LiveEvent.ChunkLearned(6)));
    }
  }

  /** What a test waits for; it fails by its time limit. */
  private interface Asked {
    boolean is() throws IOException;
  }

  private static void await(Asked asked) throws Exception {
    while (!asked.is()) {
      Thread.sleep(20);
    }
  }

  @Test
  void aSourceThatThrowsAnythingIsTriedAgain() throws Exception {
    feed(0, 4);
    List<String> polls = new ArrayList<>();
    Source camera =
        new Source() {
          @Override
          public String name() {
            return "other";
          }

          @Override
          public void open(Memory memory) throws IOException {
            source.open(memory);
          }

          @Override
          public Batch poll(int most) {
            polls.add("poll");
            if (polls.size() == 1) {
              throw new IllegalStateException("the cable is out");
            }
            return source.poll(most);
          }

          @Override
          public void committed(Batch batch, List<State> states) {
            source.committed(batch, states);
          }

          @Override
          public boolean drained() {
            return polls.size() > 1 && source.drained();
          }

          @Override
          public void close() {
            source.close();
          }
        };
    LiveBuilder builder =
        Live.in(temp)
            .source(camera)
            .close("count=2")
            .untilIdle(true)
            .learner(willing())
            .taker(candidate -> taken.add(candidate.chunk()))
            .listener(events::add);
    try (Live live = builder.start()) {
      live.await();
    }
    assertThat(taken).containsExactly(1, 2);
    assertThat(events)
        .anyMatch(
            event ->
                event instanceof LiveEvent.SourceFailed failed
                    && failed.words().contains("the cable is out"));
  }

  /** A source that says when it is closed; the one called stuck cannot be. */
  private record Ending(String name, FedSource fed, Runnable closing) implements Source {
    @Override
    public void open(Memory memory) throws IOException {
      fed.open(memory);
    }

    @Override
    public Batch poll(int most) {
      return fed.poll(most);
    }

    @Override
    public void committed(Batch batch, List<State> states) {
      fed.committed(batch, states);
    }

    @Override
    public boolean drained() {
      return fed.drained();
    }

    @Override
    public void close() {
      closing.run();
      if (name.equals("stuck")) {
        throw new IllegalStateException("the driver is gone");
      }
    }
  }

  @Test
  void aSourceThatCannotBeClosedLeavesNothingElseOpen() throws Exception {
    feed(0, 4);
    List<String> ends = Collections.synchronizedList(new ArrayList<>());
    LiveBuilder builder =
        Live.in(temp)
            .source(new Ending("stuck", source, () -> ends.add("stuck")))
            .source(new Ending("other", new FedSource("other"), () -> ends.add("other")))
            .close("count=2")
            .untilIdle(true)
            .learner(willing())
            .listener(events::add);
    Live live = builder.start();
    live.await();
    ends.clear();
    assertThatIllegalStateException()
        .isThrownBy(live::close)
        .withMessageContaining("the driver is gone");
    assertThat(ends).containsExactly("stuck", "other");
    live(willing()).start().close(); // its lock is free, as are account and spool
    assertThat(LiveStatus.of(LiveFolder.of(temp)).counts().of(State.LEARNED)).isEqualTo(4);
  }

  @Test
  void anInterruptPullsNothingFromUnderWhatIsAtWork() throws Exception {
    feed(0, 2);
    CountDownLatch learns = new CountDownLatch(1);
    CountDownLatch asked = new CountDownLatch(1);
    AtomicBoolean done = new AtomicBoolean();
    Learner slow =
        new Learner() {
          @Override
          public boolean learn(int chunk) {
            learns.countDown();
            try {
              asked.await();
              Thread.sleep(300); // as long as a checkpoint takes
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
            done.set(true);
            return false;
          }

          @Override
          public void close() {
            asked.countDown();
          }
        };
    Live live = live(slow).start();
    learns.await();
    Thread.currentThread().interrupt();
    live.close();
    assertThat(Thread.interrupted()).as("the flag stays").isTrue();
    assertThat(done).as("the checkpoint is written before the lock is given back").isTrue();
  }

  @Test
  void aLearnerThatCannotBeClosedLeavesNothingElseOpen() throws Exception {
    feed(0, 2);
    Learner broken =
        new Learner() {
          @Override
          public boolean learn(int chunk) throws IOException {
            encoder(chunk);
            return true;
          }

          @Override
          public void close() throws IOException {
            throw new IOException("the pipe is broken");
          }
        };
    Live live = live(broken).untilIdle(false).start();
    while (taken.isEmpty()) {
      Thread.sleep(20);
    }
    assertThatThrownBy(live::close).isInstanceOf(IOException.class).hasMessageContaining("pipe");
    assertThat(live.ended()).isTrue();
    live(willing()).start().close(); // its lock is free
  }

  @Test
  void twoSourcesOfOneNameAreRefusedBeforeAnythingIsKept() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> live(willing()).source(new FedSource("camera")).start())
        .withMessageContaining("gives camera twice");
    assertThat(LiveFolder.of(temp).isLive()).isFalse();
  }

  @Test
  void afterAKillTheLastLearnedChunkIsHandedOnAndNoneBeforeIt() throws Exception {
    feed(0, 8);
    Learner dies =
        new Stub() {
          @Override
          public boolean learn(int chunk) {
            return false; // closed before anything is learned
          }
        };
    try (Live live = live(dies).untilIdle(false).start()) {
      while (LiveStatus.of(LiveFolder.of(temp)).counts().chunksClosed() < 4) {
        Thread.sleep(20);
      }
      live.stop();
    }
    // The run has learned three chunks, and a kill came before the account had a line of it.
    String data =
        IntStream.rangeClosed(1, 3)
            .mapToObj(i -> "  - " + LiveFolder.of(temp).chunk(i))
            .collect(Collectors.joining("\n"));
    Files.createDirectories(LiveFolder.of(temp).run().root());
    Files.writeString(
        LiveFolder.of(temp).run().settings(), "stream: given\nchunks: 3\ndata:\n" + data + "\n");
    encoder(3);
    assertThat(ChunkLearning.learned(LiveFolder.of(temp))).isEqualTo(3);
    assertThat(LiveStatus.of(LiveFolder.of(temp)).counts().chunksLearned()).isZero();

    List<Integer> asked = Collections.synchronizedList(new ArrayList<>());
    Learner learner =
        new Stub() {
          @Override
          public boolean learn(int chunk) throws IOException {
            asked.add(chunk);
            encoder(chunk);
            return true;
          }
        };
    try (Live live = live(learner).start()) {
      live.await();
    }
    assertThat(asked).containsExactly(4);
    assertThat(taken).containsExactly(3, 4);
    assertThat(LiveStatus.of(LiveFolder.of(temp)).counts().chunksLearned()).isEqualTo(4);
  }

  @Test
  void aRuleHasANameOfItsOwn() {
    LiveBuilder builder = Live.in(temp).closeRule("drift", () -> (open, now) -> null);
    for (String name : List.of("drift", "count", "time", "", "a,b", "a=b")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> builder.closeRule(name, () -> (open, now) -> null))
          .withMessageContaining("--close");
    }
    builder.closeRule("night-2", () -> (open, now) -> null);
  }
}
