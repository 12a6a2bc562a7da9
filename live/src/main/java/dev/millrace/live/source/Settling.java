package dev.millrace.live.source;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/** Files that were seen and may still be written. Not thread-safe. */
final class Settling {
  /** A file's stamp, and since when it is that. */
  private record Seen(String stamp, Instant since) {}

  private final InstantSource clock;
  private final Duration settle;
  private final Map<String, Seen> files = new HashMap<>();

  Settling(InstantSource clock, Duration settle) {
    this.clock = clock;
    this.settle = settle;
  }

  /**
   * Whether a file is whole.
   *
   * @param changed when it was changed by its own account; a time in the future says nothing
   * @return null if it is; else when it is if it does not change until then
   */
  Instant whole(String key, String stamp, Instant changed) {
    Instant now = clock.instant();
    Seen before = files.get(key);
    boolean same = before != null && before.stamp().equals(stamp);
    // A clock that was set back makes it a time in the future.
    Instant since = same && !before.since().isAfter(now) ? before.since() : now;
    Instant whole = (changed.isBefore(since) ? changed : since).plus(settle);
    if (!whole.isAfter(now)) {
      files.remove(key);
      return null;
    }
    files.put(key, new Seen(stamp, since));
    return whole;
  }

  /** A file changed just now. */
  void changed(String key, String stamp) {
    files.put(key, new Seen(stamp, clock.instant()));
  }

  /** Forgets what is there no more. */
  void retain(Collection<String> there) {
    files.keySet().retainAll(there);
  }

  boolean isEmpty() {
    return files.isEmpty();
  }
}
