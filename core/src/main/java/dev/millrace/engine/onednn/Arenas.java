package dev.millrace.engine.onednn;

import java.util.ArrayDeque;
import java.util.Deque;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;

/**
 * Memory that programs run in, kept from run to run: the system would give new pages of zeros each
 * time, and filling them costs more than a normalisation. Thread-safe; close it to free what is not
 * lent, the rest is freed when it comes back.
 */
public final class Arenas implements AutoCloseable {
  private static final long ALIGNMENT = 64;

  private final Deque<BytePointer> free = new ArrayDeque<>();
  private boolean closed;

  /** Memory lent, aligned to 64 bytes, until this is closed or the scope it was made in is. */
  public static final class Lease extends Pointer {
    private Lease(BytePointer memory, Arenas owner) {
      address = (memory.address() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
      deallocator(
          new Deallocator() {
            private boolean back;

            @Override
            public synchronized void deallocate() {
              if (!back) {
                back = true;
                owner.takeBack(memory);
              }
            }
          });
    }
  }

  /** Lends memory of at least this many bytes, with whatever is in it. */
  public Lease lend(long size) {
    BytePointer memory = null;
    synchronized (this) {
      while (memory == null && !free.isEmpty()) {
        memory = free.pop();
        if (memory.capacity() < size + ALIGNMENT) {
          memory.releaseReference(); // of an earlier, smaller program
          memory = null;
        }
      }
    }
    if (memory == null) {
      memory = new BytePointer(size + ALIGNMENT);
      memory.retainReference();
    }
    return new Lease(memory, this);
  }

  private synchronized void takeBack(BytePointer memory) {
    if (closed) {
      memory.releaseReference();
    } else {
      free.push(memory);
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    free.forEach(BytePointer::releaseReference);
    free.clear();
  }
}
