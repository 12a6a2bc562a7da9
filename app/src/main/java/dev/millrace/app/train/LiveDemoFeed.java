package dev.millrace.app.train;

import dev.millrace.live.source.Arrival;
import dev.millrace.live.source.FedSource;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.source.Catalogue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Makes pictures up at a steady rate, one style after another, as a camera would send them. */
final class LiveDemoFeed implements AutoCloseable {
  /** In their order. */
  static final List<String> STYLES = List.of("flat", "shaded", "speckled");

  private static final long PAUSE_MILLIS = 50;

  /** How many times as long as planned a style may take. */
  private static final int LONGEST = 3;

  /** Pictures that a drift detector has seen when its next windows can tell. */
  private static final int LOOKED_AT = 160;

  private final LiveDemo.Plan plan;
  private final FedSource source = FedSource.untilEnd("demo");
  private final Consumer<String> say;
  private final Thread thread = new Thread(this::feed, "demo-feed");
  private final List<Integer> starts = new CopyOnWriteArrayList<>();
  private volatile int fed;
  private volatile int fedThen;
  private volatile int closedChunks;
  private volatile int learnedChunks;
  private volatile boolean closed;

  LiveDemoFeed(LiveDemo.Plan plan, Consumer<String> say) {
    this.plan = plan;
    this.say = say;
  }

  void start() {
    thread.setDaemon(true);
    thread.start();
  }

  /** The source, which is drained when the last picture is fed and taken, and not before. */
  FedSource source() {
    return source;
  }

  /** A chunk is closed; an encoder of it follows. */
  void closed(int chunk) {
    closedChunks = chunk;
  }

  /** An encoder of a chunk was judged. */
  void learned(int chunk) {
    learnedChunks = chunk;
    fedThen = fed;
  }

  private void feed() {
    try {
      ImageSet all =
          Catalogue.standard()
              .open(
                  "generated:figures=clear,size=16,domains=3,images=%d,seed=%d"
                      .formatted(3 * LONGEST * plan.perStyle(), plan.seed() + 1))
              .learnable();
      long began = System.nanoTime();
      for (int style = 0; style < STYLES.size() && !closed; style++) {
        starts.add(fed);
        say.accept(
            "pictures are %s now, %d a second".formatted(STYLES.get(style), plan.perSecond()));
        int before = closedChunks;
        for (int index : of(all, style)) {
          source.feed(Arrival.of(STYLES.get(style) + "-" + fed, all.image(index).bytes()));
          fed++;
          long due = began + fed * (1_000_000_000L / plan.perSecond());
          while (!closed && System.nanoTime() < due) {
            pause();
          }
          if (closed || over(style, before)) {
            break;
          }
        }
      }
      say.accept("no more pictures come");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      source.end();
    }
  }

  /**
   * A style ends when an encoder has looked at enough of it to notice the next one, whatever the
   * machine's pace; the last, when a chunk of it alone is closed.
   */
  private boolean over(int style, int closedBefore) {
    if (style == STYLES.size() - 1) {
      return closedChunks >= closedBefore + 2;
    }
    return fed - starts.get(style) >= plan.perStyle()
        && learnedChunks > 0
        && learnedChunks == closedChunks
        && fed - fedThen >= LOOKED_AT;
  }

  private List<Integer> of(ImageSet all, int style) {
    List<Integer> chosen = new ArrayList<>();
    for (int i = 0; i < all.size() && chosen.size() < LONGEST * plan.perStyle(); i++) {
      if (all.domains().get(all.image(i).domain()).equals(STYLES.get(style))) {
        chosen.add(i);
      }
    }
    return chosen;
  }

  /** Of which styles the pictures are from one place of the stream to another. */
  String styles(long from, long to) {
    List<String> styles = new ArrayList<>();
    for (int style = 0; style < starts.size(); style++) {
      long end = style + 1 < starts.size() ? starts.get(style + 1) : Long.MAX_VALUE;
      if (starts.get(style) < to && end > from) {
        styles.add(STYLES.get(style));
      }
    }
    return String.join(", ", styles);
  }

  static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }
}
