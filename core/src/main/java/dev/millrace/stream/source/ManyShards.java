package dev.millrace.stream.source;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/** Shards that are listed several at a time and taken in their order. */
final class ManyShards {
  /** Of another machine, which is mostly waited for. */
  private static final int FAR = 8;

  private static final int AHEAD = 4;

  /** So many win more than is lost. */
  private static final int CORES = 4;

  /** Takes what a shard holds. */
  interface Taker {
    void take(OneShard shard, PackedFile listed) throws IOException;
  }

  private ManyShards() {}

  /**
   * Whether shards are listed so: what they hold is then written and read once more, a third of the
   * processor's time where they are here.
   */
  static boolean pays(List<OneShard> shards) {
    return shards.size() > 1
        && (shards.get(0).file().remote()
            || Runtime.getRuntime().availableProcessors() >= CORES
            || shards.stream().anyMatch(OneShard::isWorth));
  }

  /**
   * Lists all.
   *
   * @param stop asked by several threads
   * @param taker called on this thread, in the order of the shards
   */
  static void each(List<OneShard> shards, BooleanSupplier stop, Taker taker) throws IOException {
    int cores = Runtime.getRuntime().availableProcessors();
    int threads = Math.min(shards.size(), shards.get(0).file().remote() ? FAR + cores : cores);
    AtomicBoolean ended = new AtomicBoolean();
    BooleanSupplier either = () -> ended.get() || stop.getAsBoolean();
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      Deque<Future<PackedFile>> asked = new ArrayDeque<>();
      int next = 0;
      for (OneShard shard : shards) {
        while (next < shards.size() && asked.size() < AHEAD * threads) {
          OneShard ahead = shards.get(next++);
          asked.add(pool.submit(() -> ahead.listed(either)));
        }
        taker.take(shard, listed(asked.remove()));
      }
    } finally {
      ended.set(true);
      pool.shutdown();
      await(pool);
    }
  }

  private static PackedFile listed(Future<PackedFile> shard) throws IOException {
    try {
      return shard.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException given) {
        throw given;
      }
      if (e.getCause() instanceof RuntimeException given) {
        throw given;
      }
      if (e.getCause() instanceof Error given) {
        throw given;
      }
      throw new IOException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while shards were listed");
    }
  }

  /** Those at work take their folders away. */
  private static void await(ExecutorService pool) {
    try {
      if (!pool.awaitTermination(1, TimeUnit.MINUTES)) {
        pool.shutdownNow();
      }
    } catch (InterruptedException e) {
      pool.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
