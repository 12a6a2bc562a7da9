package dev.millrace.vision.decode;

import java.util.concurrent.Semaphore;

/**
 * Memory that large pictures share: as many are decoded at once as fit into as much memory as the
 * Java heap may have, the others wait; one that is larger by itself is decoded alone. Thread-safe.
 */
final class Memory {
  private static final long MEGABYTE = 1 << 20;

  /** What ordinary pictures need is not counted, so they never wait. */
  private static final long COUNTED = 64 * MEGABYTE;

  private static final int ALL = (int) Math.min(Integer.MAX_VALUE, Math.max(1, heap() / MEGABYTE));
  private static final Semaphore LEFT = new Semaphore(ALL, true);

  /** A part of the memory, until it is closed. */
  record Share(int megabytes) implements AutoCloseable {
    @Override
    public void close() {
      LEFT.release(megabytes);
    }
  }

  private Memory() {}

  static long heap() {
    return Runtime.getRuntime().maxMemory();
  }

  /**
   * Waits for memory.
   *
   * @param bytes estimated, in the heap and outside
   */
  static Share take(long bytes) {
    int megabytes = bytes < COUNTED ? 0 : (int) Math.min(ALL, bytes / MEGABYTE);
    LEFT.acquireUninterruptibly(megabytes);
    return new Share(megabytes);
  }

  /**
   * Refuses pixels that would take more than a third of the heap.
   *
   * @param width of what is decoded
   * @param height of what is decoded
   */
  static void requireHeap(long width, long height) throws BadPictureException {
    long bytes = 3 * width * height;
    if (bytes > COUNTED && bytes > heap() / 3) {
      throw tooSmall(width, height);
    }
  }

  /** That the heap cannot hold a picture, and what can be done. */
  static BadPictureException tooSmall(long width, long height) {
    long bytes = 3 * width * height;
    return new BadPictureException(
        "too large for the Java heap of %d MB: its %d×%d pixels take %d MB; start with MILLRACE_JAVA_OPTIONS=-Xmx%dm, or scale it down"
            .formatted(
                heap() / MEGABYTE,
                width,
                height,
                bytes / MEGABYTE,
                Math.max(2 * heap(), 4 * bytes) / MEGABYTE));
  }
}
