package dev.millrace.recipe;

import dev.millrace.learn.method.MoCoV2;
import java.util.stream.IntStream;

/**
 * How many keys the queue of MoCo or NNCLR holds in a stream. A queue that outlasts a chunk makes
 * negatives of the past chunk's keys for a good part of the next, and of older views of a query's
 * own picture; so by itself it is no longer than a quarter of the smallest chunk, or one batch.
 */
final class QueueLength {
  /** {@code auto}, to be decided by the chunks. */
  static final int AUTO = MoCoV2.Settings.AUTO;

  /** The length in MoCo's published example for CIFAR. */
  private static final int MOST = 4096;

  private static final int QUARTER = 4;

  private QueueLength() {}

  /**
   * The largest multiple of the batch up to 4096 and up to a quarter of the smallest chunk; one
   * batch where that is none.
   *
   * @param smallest pictures of the smallest chunk that is learned, at least 1
   * @param batch pictures per step, at least 1
   */
  static int automatic(int smallest, int batch) {
    return Math.max(batch, Math.min(MOST, smallest / QUARTER) / batch * batch);
  }

  /** These settings with a number where the queue is {@code auto}. */
  static Settings decided(Settings settings, RunChunks chunks) {
    int batch = settings.training().batch();
    return settings.method().queue() == AUTO
        ? settings.with("queue", automatic(smallest(chunks, batch), batch))
        : settings;
  }

  /**
   * Pictures of the smallest chunk of a batch or more, since a handful that came first or last is
   * no measure of a stream; of the largest where none has as many.
   */
  static int smallest(RunChunks chunks, int batch) {
    return smallest(chunks.entries().stream().mapToInt(ChunkEntry::images).toArray(), batch);
  }

  static int smallest(int[] images, int batch) {
    return IntStream.of(images)
        .filter(n -> n >= batch)
        .min()
        .orElse(IntStream.of(images).max().orElse(1));
  }
}
