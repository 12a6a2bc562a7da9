package dev.millrace.live;

import dev.millrace.file.Reason;
import dev.millrace.live.account.Account;
import dev.millrace.live.account.State;
import dev.millrace.live.source.Backoff;
import dev.millrace.live.source.Batch;
import dev.millrace.live.source.Source;
import dev.millrace.live.source.SourceGoneException;
import dev.millrace.live.source.Wait;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;

/**
 * A source, when it is asked again, and what it has brought that there was no room for. A failure
 * of the source is reported and ends here: it is asked again later, and no longer once it is gone
 * for good. Not thread-safe.
 */
final class Port {

  private final Source source;
  private final String name;
  private final Account account;
  private final InstantSource clock;
  private final LiveEvent.Listener listener;
  private boolean open;
  private boolean gone;

  /** What was polled and could not be accepted; else null. */
  private Batch held;

  /** When it answered with more than the chunk has room for now; null if it did not. */
  private Instant late;

  private final Backoff backoff = new Backoff();
  private Wait wait = Wait.NONE;

  /** The source is closed by whoever made it. */
  Port(Source source, Account account, InstantSource clock, LiveEvent.Listener listener)
      throws IOException {
    this.source = source;
    name = SourceNames.kept(account, source.name());
    this.account = account;
    this.clock = clock;
    this.listener = listener;
  }

  /** The name under which the account has it. */
  String name() {
    return name;
  }

  /** Whether it is asked now, and not only after a failure's wait. */
  boolean ready() {
    return !gone && wait.isOver(clock.instant());
  }

  /** What was polled and could not be accepted; else null. */
  Batch held() {
    return held;
  }

  /** Keeps what was polled until it is {@link #accepted}. */
  void hold(Batch batch) {
    held = batch;
  }

  /** Since when it holds more than the chunk had room for; null if it does not. */
  Instant late() {
    return late;
  }

  /**
   * What it has, opening it if need be; nothing if it fails.
   *
   * @param most for how many there is room; 0 tells the source that it is full
   */
  Batch poll(int most) {
    try {
      if (!open) {
        source.open(memory());
        open = true;
      }
      if (most == 0) {
        source.full();
        return Batch.none();
      }
      Batch batch = source.poll(most);
      // A slow source answers by what it was asked for when there was more room.
      late = batch.arrivals().size() > most ? clock.instant() : null;
      for (String fault : source.faults()) {
        listener.on(new LiveEvent.PartFailed(name(), fault));
      }
      backoff.succeeded();
      return batch;
    } catch (IOException | RuntimeException e) { // a program's own source may throw any
      failed(e);
      return Batch.none();
    }
  }

  /** There is room for what it holds after all. */
  void inTime() {
    late = null;
  }

  /** Tells the source what became of a batch. */
  void accepted(Batch batch, List<State> states) {
    held = null;
    told(() -> source.committed(batch, states));
  }

  /** Tells the source that there is no room. */
  void full() {
    told(source::full);
  }

  /** Tells a source that is read that nothing can be put on disk. */
  void noSpace(String why) {
    if (open && !gone) {
      told(() -> source.noSpace(why));
    }
  }

  /** Whether nothing is left of it now, as far as it can be read. */
  boolean drained() {
    return held == null && (gone || (open && source.drained()));
  }

  private interface Telling {
    void tell() throws IOException;
  }

  private void told(Telling telling) {
    try {
      telling.tell();
    } catch (IOException | RuntimeException e) {
      failed(e);
    }
  }

  private Source.Memory memory() {
    return new Source.Memory() {
      @Override
      public String place() throws IOException {
        return account.place(name());
      }

      @Override
      public String stamp(String key) throws IOException {
        return account.stamp(name(), key);
      }

      @Override
      public boolean stored(String key) throws IOException {
        return account.stored(name(), key);
      }
    };
  }

  private void failed(Exception failure) {
    String words = failure instanceof IOException ? Reason.whole(failure) : failure.toString();
    if (failure instanceof SourceGoneException) {
      gone = true;
      listener.on(new LiveEvent.SourceStopped(name(), words));
      return;
    }
    long waitSeconds = backoff.failed();
    wait = Wait.ofSeconds(clock.instant(), waitSeconds);
    listener.on(new LiveEvent.SourceFailed(name(), words, waitSeconds));
  }
}
