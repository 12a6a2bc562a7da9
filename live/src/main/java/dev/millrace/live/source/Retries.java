package dev.millrace.live.source;

import dev.millrace.file.Reason;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What could not be read or moved, and when it is tried again: after 1, 2, 4 … 300 seconds. Each is
 * said once. Not thread-safe.
 */
public final class Retries {
  private static final long LONGEST_SECONDS = 300;

  private record Retry(Backoff backoff, Wait rest) {}

  private final InstantSource clock;
  private final Map<String, Retry> waiting = new HashMap<>();
  private final List<String> said = new ArrayList<>();

  /** Nothing has failed yet. */
  public Retries(InstantSource clock) {
    this.clock = clock;
  }

  /** Whether it is not yet time to try it again. */
  public boolean waits(String key) {
    Retry retry = waiting.get(key);
    return retry != null && !retry.rest().isOver(clock.instant());
  }

  /** It failed now. */
  public void failed(String key, IOException failure) {
    Retry before = waiting.get(key);
    if (before == null) {
      said.add(key + ": " + Reason.of(failure));
    }
    Backoff backoff = before == null ? new Backoff(LONGEST_SECONDS) : before.backoff();
    waiting.put(key, new Retry(backoff, Wait.ofSeconds(clock.instant(), backoff.failed())));
  }

  /** It succeeded. */
  public void succeeded(String key) {
    waiting.remove(key);
  }

  /** Forgets what is there no more. */
  public void retain(Collection<String> there) {
    waiting.keySet().retainAll(there);
  }

  int count() {
    return waiting.size();
  }

  /** What failed since the last call and had not failed before. */
  public List<String> said() {
    List<String> all = List.copyOf(said);
    said.clear();
    return all;
  }
}
