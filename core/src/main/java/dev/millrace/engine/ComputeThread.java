package dev.millrace.engine;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A thread that computes natively. One that waits is taken again, the last one first, so that calls
 * one after another have one: each brings native threads along, and malloc keeps what a step took
 * for it alone. Ends when nobody has needed it for a while.
 */
final class ComputeThread extends Thread {
  /** Longer than most pauses between two chunks of a stream. */
  private static final long PATIENCE_SECONDS = 600;

  private static final Deque<ComputeThread> WAITING = new ArrayDeque<>();

  /** What is to be done, as on the thread of who asked. */
  private record Work(Runnable body, Runnable end, ClassLoader loader, int priority) {}

  private final LinkedBlockingQueue<Work> next = new LinkedBlockingQueue<>();

  private ComputeThread() {
    super("millrace");
    setDaemon(true);
  }

  /**
   * Runs something on a thread that waits, or on a new one.
   *
   * @param body throws nothing
   * @param end run when the thread waits again
   */
  static void run(Runnable body, Runnable end) {
    ComputeThread thread;
    synchronized (WAITING) {
      thread = WAITING.poll();
    }
    boolean made = thread == null;
    if (made) {
      thread = new ComputeThread();
    }
    Thread asks = Thread.currentThread();
    thread.next.add(new Work(body, end, asks.getContextClassLoader(), asks.getPriority()));
    if (made) {
      thread.start();
    }
  }

  @Override
  public void run() {
    while (true) {
      Work work;
      try {
        work = next.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        continue; // nobody's: callers' interrupts do not come here
      }
      if (work != null) {
        setContextClassLoader(work.loader());
        setPriority(work.priority());
        work.body().run();
        setContextClassLoader(null); // which may be let go before this thread is
        synchronized (WAITING) {
          WAITING.push(this);
        }
        work.end().run();
        continue;
      }
      synchronized (WAITING) {
        if (WAITING.remove(this)) {
          return;
        }
      }
    }
  }
}
