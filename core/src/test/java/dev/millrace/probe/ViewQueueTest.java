package dev.millrace.probe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.engine.Natives;
import dev.millrace.vision.decode.BadPictureException;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ViewQueueTest {
  private static final int SIZE = 2;

  @BeforeAll
  static void natives() {
    Natives.load();
  }

  private interface Making {
    void view(int place, FloatBuffer out) throws BadPictureException;
  }

  private static ViewQueue.Source source(int size, Making making) {
    return new ViewQueue.Source() {
      @Override
      public int size() {
        return size;
      }

      @Override
      public void view(int place, FloatBuffer out) throws BadPictureException {
        making.view(place, out);
      }

      @Override
      public BadPicture bad(int place, String reason) {
        return new BadPicture(place, "picture " + place, reason);
      }
    };
  }

  @Test
  void viewsComeInTheirOrderEachInItsPlaceAndBadOnesAreZero() {
    int floats = 3 * SIZE * SIZE;
    ViewQueue.Source source =
        source(
            50,
            (place, out) -> {
              assertThat(out.remaining()).isEqualTo(floats);
              for (int i = 0; i < floats; i++) {
                out.put(i, place * 100 + i);
              }
              if (place == 45) {
                throw new BadPictureException("cut");
              }
            });
    List<Integer> seen = new ArrayList<>();
    try (ViewQueue queue = new ViewQueue(source, SIZE, 20, 3)) {
      for (ViewQueue.Batch batch = queue.take(); batch != null; batch = queue.take()) {
        float[] values = new float[batch.count() * floats];
        batch.views().get(values);
        for (int i = 0; i < values.length; i++) {
          int place = batch.from() + i / floats;
          assertThat(values[i]).isEqualTo(place == 45 ? 0 : place * 100 + i % floats);
        }
        batch.bad().forEach(bad -> seen.add(bad.place()));
      }
    }
    assertThat(seen).containsExactly(45);
  }

  @Test
  @Timeout(60)
  void aCloseWaitsForOneViewOfEachWorkerAndNoMore() throws InterruptedException {
    CountDownLatch known = new CountDownLatch(1);
    CountDownLatch begun = new CountDownLatch(1);
    AtomicInteger made = new AtomicInteger();
    AtomicReference<Thread> closing = new AtomicReference<>();
    // Each view is there only once somebody waits for the workers to stop.
    ViewQueue.Source slow =
        source(
            32,
            (place, out) -> {
              made.incrementAndGet();
              begun.countDown();
              try {
                known.await();
                while (closing.get().getState() != Thread.State.TIMED_WAITING) {
                  Thread.sleep(5);
                }
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    ViewQueue queue = new ViewQueue(slow, SIZE, 16, 1);
    closing.set(new Thread(queue::close));
    known.countDown();
    begun.await();
    closing.get().start();
    closing.get().join();
    assertThat(made).hasValue(1);
  }
}
