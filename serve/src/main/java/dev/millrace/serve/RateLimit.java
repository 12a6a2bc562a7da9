package dev.millrace.serve;

import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How many requests an address may make: a bucket of a few seconds' requests that fills steadily.
 * Remembers the last addresses only. Thread-safe.
 */
final class RateLimit {
  private static final int BURST_SECONDS = 3;
  private static final int ADDRESSES = 10_000;

  private final int rate;
  private final InstantSource clock;
  private final Map<String, double[]> buckets =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, double[]> eldest) {
          return size() > ADDRESSES;
        }
      };

  /**
   * @param rate requests per second; 0 for any number
   */
  RateLimit(int rate, InstantSource clock) {
    this.rate = rate;
    this.clock = clock;
  }

  /** Whether one more may be answered now. */
  synchronized boolean allows(String address) {
    if (rate == 0) {
      return true;
    }
    double now = clock.millis() / 1000.0;
    double most = (double) rate * BURST_SECONDS;
    double[] bucket = buckets.computeIfAbsent(address, a -> new double[] {most, now});
    bucket[0] = Math.min(most, bucket[0] + rate * Math.max(0, now - bucket[1]));
    bucket[1] = now;
    if (bucket[0] < 1) {
      return false;
    }
    bucket[0]--;
    return true;
  }
}
