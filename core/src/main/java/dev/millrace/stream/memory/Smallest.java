package dev.millrace.stream.memory;

import java.util.Arrays;

/**
 * Takes the n smallest of some priorities, offered one by one in their order; of equals, all but
 * impossible, the earlier. Numbers only: a chunk may have 10⁸ pictures.
 */
final class Smallest {
  private final long limit;
  private int ties;

  private Smallest(long limit, int ties) {
    this.limit = limit;
    this.ties = ties;
  }

  /** Of all of these; the array is sorted. */
  static Smallest of(long[] priorities, int n) {
    if (n >= priorities.length) {
      return new Smallest(Long.MAX_VALUE, Integer.MAX_VALUE);
    }
    if (n == 0) {
      return new Smallest(Long.MIN_VALUE, 0);
    }
    Arrays.sort(priorities);
    long limit = priorities[n - 1];
    int ties = 0;
    for (int i = n - 1; i >= 0 && priorities[i] == limit; i--) {
      ties++;
    }
    return new Smallest(limit, ties);
  }

  /** Whether the next one stays. */
  boolean takes(long priority) {
    return priority < limit || priority == limit && ties-- > 0;
  }
}
