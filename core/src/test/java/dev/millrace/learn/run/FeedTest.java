package dev.millrace.learn.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.engine.Device;
import dev.millrace.engine.Natives;
import dev.millrace.stream.Image;
import dev.millrace.stream.ImageSet;
import dev.millrace.vision.view.Augmentation;
import dev.millrace.vision.view.Normalisation;
import dev.millrace.vision.view.ViewMaker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class FeedTest {
  private static final int PICTURES = 32;

  private final CountDownLatch begun = new CountDownLatch(1);
  private final Set<String> read = ConcurrentHashMap.newKeySet();
  private Thread closing;

  @BeforeAll
  static void natives() {
    Natives.load();
  }

  /** Pictures of which each is there only once somebody waits for the workers to stop. */
  private final class Slow implements ImageSet {
    @Override
    public String name() {
      return "slow";
    }

    @Override
    public int size() {
      return PICTURES;
    }

    @Override
    public Image image(int index) {
      String id = index + ".ppm";
      return new Image(id, Image.NONE, Image.NONE, () -> bytes(id));
    }

    private byte[] bytes(String id) throws IOException {
      read.add(id);
      begun.countDown();
      try {
        while (closing.getState() != Thread.State.TIMED_WAITING) {
          Thread.sleep(5);
        }
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
      byte[] head = "P6 16 16 255\n".getBytes(StandardCharsets.US_ASCII);
      return Arrays.copyOf(head, head.length + 3 * 16 * 16);
    }

    @Override
    public List<String> classes() {
      return List.of();
    }

    @Override
    public List<String> domains() {
      return List.of();
    }
  }

  @Test
  @Timeout(60)
  void aStopWaitsForOnePictureOfEachWorkerAndNoMore() throws Exception {
    ViewMaker maker =
        new ViewMaker(
            Augmentation.mocoV2(16), new Normalisation(new float[3], new float[] {1, 1, 1}));
    Pool pool = new Pool(0, new Slow(), List.of(), Map.of(), 16, 1 << 20, true);
    Feed feed = new Feed(pool, null, new Device("cpu"), maker, PICTURES, 2, 1, 1);
    closing = new Thread(feed::close);
    int[] all = IntStream.range(0, PICTURES).toArray();
    feed.ask(new ViewSchedule.Stage(maker, 16), 0, 0, 0, all);
    begun.await();
    closing.start();
    closing.join();
    assertThat(read).containsExactly("0.ppm");
  }
}
