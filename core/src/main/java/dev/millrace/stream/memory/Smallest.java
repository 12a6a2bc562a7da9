package dev.millrace.stream.memory;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;

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

  /**
   * Chooses the members among these bundles' records, then some more, in that order.
   *
   * @param length bytes of one of those
   */
  static Smallest members(Keep keep, List<Bundle> bundles, IntToLongFunction length, long... more) {
    List<Bundle.Entry> kept =
        bundles.stream().flatMap(bundle -> bundle.entries().stream()).toList();
    int total = Math.addExact(kept.size(), more.length);
    boolean bounded = keep.bytes() < Long.MAX_VALUE;
    if (total <= keep.overall() && !bounded) {
      return of(new long[0], keep.overall());
    }
    long[] all = new long[total];
    for (int i = 0; i < kept.size(); i++) {
      all[i] = kept.get(i).priority();
    }
    System.arraycopy(more, 0, all, kept.size(), more.length);
    int many = keep.overall();
    if (bounded) {
      IntToLongFunction bytes =
          i -> i < kept.size() ? kept.get(i).length() : length.applyAsLong(i - kept.size());
      many = Math.min(many, within(all, bytes, keep.bytes()));
    }
    return of(all, many);
  }

  /**
   * How many of the smallest have no more bytes together, apart from those that have more each;
   * only so many are asked for theirs.
   */
  private static int within(long[] priorities, IntToLongFunction length, long bytes) {
    int[] order =
        IntStream.range(0, priorities.length)
            .boxed()
            .sorted(Comparator.comparingLong(i -> priorities[i]))
            .mapToInt(Integer::intValue)
            .toArray();
    long sum = 0;
    int count = 0;
    for (int i : order) {
      long own = length.applyAsLong(i);
      if (own > bytes) {
        continue;
      }
      sum += own;
      if (sum > bytes) {
        break;
      }
      count++;
    }
    return count;
  }

  /** Whether the next one stays. */
  boolean takes(long priority) {
    return priority < limit || priority == limit && ties-- > 0;
  }
}
