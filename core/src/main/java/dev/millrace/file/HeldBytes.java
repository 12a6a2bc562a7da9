package dev.millrace.file;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.Semaphore;

/**
 * Reads streams whose sender is not known into memory, with a bound on what all of them hold
 * together: bytes count before they are read. A slow sender, which has sent little, holds little.
 * Thread-safe.
 */
public final class HeldBytes {
  private static final int BLOCK = 1 << 16;
  private static final long DISCARDING_NANOS = 10_000_000_000L;

  private final Semaphore blocks;

  /**
   * @param most bytes that all hold together, in blocks of 64 KiB
   * @param largest bytes of one stream, for which there is always room when no other is read
   */
  public HeldBytes(long most, long largest) {
    long count = Math.max(most / BLOCK, largest / BLOCK + 2);
    blocks = new Semaphore((int) Math.min(Integer.MAX_VALUE, count));
  }

  /** A stream is longer than it may be. */
  public static final class TooLargeException extends IOException {
    private static final long serialVersionUID = 1;

    TooLargeException(long limit) {
      this("it is above %d bytes".formatted(limit));
    }

    /** Of what is too large in other ways. */
    public TooLargeException(String words) {
      super(words);
    }
  }

  /** Others hold too much at the moment. */
  public static final class NoRoomException extends IOException {
    private static final long serialVersionUID = 1;

    NoRoomException() {
      super("others send too much at the same time");
    }
  }

  /** What one request holds, until this is closed. Used by one thread after another. */
  public final class Held implements AutoCloseable {
    private int held;

    private Held() {}

    /**
     * Reads a stream to its end.
     *
     * @param length what its sender says of it, in bytes; below 0 for nothing
     * @param limit bytes that it may have
     * @throws TooLargeException if it has, or claims to have, more
     * @throws NoRoomException if all together would hold too much
     */
    public byte[] read(InputStream in, long length, long limit) throws IOException {
      if (length > limit) {
        throw new TooLargeException(limit);
      }
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      int some;
      do {
        if (!blocks.tryAcquire()) {
          throw new NoRoomException();
        }
        held++;
        byte[] block = in.readNBytes(BLOCK);
        some = block.length;
        if (all.size() + (long) some > limit) {
          throw new TooLargeException(limit); // also one that claims no length
        }
        all.writeBytes(block);
      } while (some == BLOCK);
      return all.toByteArray();
    }

    @Override
    public void close() {
      blocks.release(held);
      held = 0;
    }
  }

  /**
   * Reads on and keeps nothing. A server that answers before it has read what it is sent, and ends
   * the connection, cuts its sender off: that hears of a broken pipe, and not the answer.
   *
   * @param most bytes that are read; who sends more, or for longer than some seconds, is cut off
   */
  public static void discard(InputStream in, long most) {
    byte[] block = new byte[BLOCK];
    long began = System.nanoTime();
    try {
      long left = most;
      int some = 0;
      while (left > 0 && some >= 0 && System.nanoTime() - began < DISCARDING_NANOS) {
        some = in.read(block);
        left -= some;
      }
    } catch (IOException e) {
      return; // its sender is gone, and hears no answer
    }
  }

  /** Room for one request, which holds nothing yet; the caller's to close. */
  public Held hold() {
    return new Held();
  }
}
