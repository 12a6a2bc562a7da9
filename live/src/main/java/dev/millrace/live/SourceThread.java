package dev.millrace.live;

import dev.millrace.file.Closing;
import dev.millrace.file.Reason;
import dev.millrace.live.account.State;
import dev.millrace.live.source.Batch;
import dev.millrace.live.source.Source;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A source that works on a thread of its own, so that one that hangs, as before a broker that is
 * gone, delays no other. Each call waits a moment for its answer, in which a source that has its
 * pictures at hand is done; after that the source is late: until it has answered, calls end at once
 * and with nothing, and nothing else is asked of it. What it answers then is handed on by the next
 * {@link #poll}, which may be more pictures than that asks for; what fails is thrown by it. So the
 * source is asked by one thread, one thing after another, as it is without this. To be used by one
 * thread; {@link #close} may come from another.
 */
final class SourceThread implements Source {
  private static final Logger LOG = LoggerFactory.getLogger(SourceThread.class);

  /** So long is waited for an answer. */
  static final Duration PATIENCE = Duration.ofMillis(250);

  /** A source under way may end by itself so long after it is closed … */
  private static final Duration TO_END = Duration.ofSeconds(1);

  /** … and is given up so long after it was interrupted. */
  private static final Duration TO_BREAK_OFF = Duration.ofSeconds(10);

  private final Source source;
  private final Duration patience;
  private final ExecutorService thread;
  private volatile Thread worker;

  /** What the source was asked to do last; null where that is done with. */
  private Future<?> asked;

  private Memory memory;

  // Written by the source's thread before it answers, read by others after that.
  private volatile boolean opened;
  private volatile Batch ready;
  private volatile boolean drained;
  private volatile List<String> faults = List.of();
  private volatile Map<String, Long> ignored = Map.of();

  SourceThread(Source source) {
    this(source, PATIENCE);
  }

  SourceThread(Source source, Duration patience) {
    this.source = source;
    this.patience = patience;
    thread =
        Executors.newSingleThreadExecutor(
            work -> {
              Thread one = new Thread(work, "live-source " + source.name());
              one.setDaemon(true); // one that hangs keeps no process from ending
              worker = one;
              return one;
            });
  }

  /** What a source is asked to do. */
  private interface Work {
    void run() throws IOException;
  }

  private boolean done(Work work) throws IOException {
    asked =
        thread.submit(
            () -> {
              try {
                work.run();
              } finally {
                note();
              }
              return null;
            });
    return answered(patience);
  }

  /** What others may ask of it while it works on. */
  private void note() {
    List<String> all = new ArrayList<>(faults);
    all.addAll(source.faults());
    faults = List.copyOf(all);
    drained = opened && source.drained();
    ignored = source.ignored();
  }

  /** Whether it has answered what it was asked last; throws that it failed, once. */
  private boolean answered(Duration within) throws IOException {
    if (asked == null) {
      return true;
    }
    try {
      asked.get(within.toMillis(), TimeUnit.MILLISECONDS);
      asked = null;
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (ExecutionException e) {
      asked = null;
      Throwable cause = e.getCause();
      if (cause instanceof IOException io) {
        throw io;
      } else if (cause instanceof RuntimeException runtime) {
        throw runtime;
      } else if (cause instanceof Error error) {
        throw error;
      }
      throw new IllegalStateException("a source throws what it may not: " + cause, cause);
    }
  }

  @Override
  public String name() {
    return source.name();
  }

  /** Begins; what fails after the moment of waiting is thrown by {@link #poll}, and tried again. */
  @Override
  public void open(Memory remembered) throws IOException {
    memory = remembered;
    done(this::openNow);
  }

  private void openNow() throws IOException {
    source.open(memory);
    opened = true;
  }

  @Override
  public Batch poll(int most) throws IOException {
    if (!answered(Duration.ZERO)) {
      return Batch.none();
    }
    if (!opened && !done(this::openNow)) {
      return Batch.none();
    }
    if (ready == null && !done(() -> ready = source.poll(most))) {
      return Batch.none();
    }
    Batch batch = ready;
    ready = null;
    return batch == null ? Batch.none() : batch;
  }

  @Override
  public void committed(Batch batch, List<State> states) throws IOException {
    // Nothing else is under way but what was said of a full disk, which may wait.
    done(() -> source.committed(batch, states));
  }

  @Override
  public void full() throws IOException {
    if (answered(Duration.ZERO) && opened) {
      done(source::full);
    }
  }

  @Override
  public void noSpace(String why) throws IOException {
    if (answered(Duration.ZERO) && opened) {
      done(() -> source.noSpace(why));
    }
  }

  @Override
  public boolean drained() {
    return asked == null && ready == null && drained;
  }

  @Override
  public List<String> faults() {
    if (asked != null) {
      return List.of(); // it may be adding some
    }
    List<String> all = faults;
    faults = List.of();
    return all;
  }

  @Override
  public Map<String, Long> ignored() {
    return ignored;
  }

  /** Ends it on its own thread; one that hangs is interrupted, and given up in the end. */
  @Override
  public void close() throws IOException {
    if (thread.isShutdown()) {
      return; // closed before
    }
    Future<?> end =
        thread.submit(
            () -> {
              source.close();
              return null;
            });
    thread.shutdown();
    try {
      if (!ends(TO_END)) {
        Thread hangs = worker;
        if (hangs != null) {
          hangs.interrupt();
        }
        if (!ends(TO_BREAK_OFF)) {
          LOG.warn("{} does not end, and is left alone", source.name());
          return;
        }
      }
      end.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException io) {
        throw new IOException(Reason.whole(io), io);
      }
      throw new IllegalStateException("a source cannot be closed: " + e.getCause(), e.getCause());
    }
  }

  private boolean ends(Duration within) {
    return Closing.within(
        within.toNanos(), nanos -> thread.awaitTermination(nanos, TimeUnit.NANOSECONDS));
  }
}
