package dev.millrace.engine;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.BooleanSupplier;

/**
 * A call of the Java API that computes natively, on a thread that no caller knows. An interrupt of
 * the caller reaches no native call and closes no file that is being read or written: it is
 * remembered, asked for between steps like a stop, and given back to the caller at the end. The end
 * of the process waits for it. What it reports to the caller is run by the caller's thread.
 */
public final class NativeCall {
  private static final ThreadLocal<NativeCall> CURRENT = new ThreadLocal<>();
  private static final Runnable END = () -> {};

  private final BlockingQueue<Runnable> reports = new LinkedBlockingQueue<>();
  private volatile boolean interrupted;

  private NativeCall() {}

  /** What is computed. */
  @FunctionalInterface
  public interface Body<T> {
    /** Computes; asks the call between its steps whether to go on. */
    T run(NativeCall call) throws IOException;
  }

  /**
   * Computes and waits for it; within another call it is a part of that one.
   *
   * @throws CancellationException if the process is ending already, or as the body threw it
   */
  public static <T> T run(Body<T> body) throws IOException {
    NativeCall outer = CURRENT.get();
    if (outer != null) {
      return body.run(outer);
    }
    NativeCall call = new NativeCall();
    FutureTask<T> result = new FutureTask<>(() -> call.compute(body));
    try (ProcessEnd.Work work = ProcessEnd.work()) {
      // Counted before it is asked, so that an end that does not see this call is seen by it.
      ProcessEnd.check();
      ComputeThread.run(result, () -> call.reports.add(END));
      call.serve();
    }
    return outcome(result);
  }

  private <T> T compute(Body<T> body) throws IOException {
    CURRENT.set(this);
    Natives.follow();
    try {
      return body.run(this);
    } finally {
      CURRENT.remove();
    }
  }

  /** Runs what is reported until the end. */
  private void serve() {
    try {
      while (true) {
        try {
          Runnable next = reports.take();
          if (next == END) {
            return;
          }
          next.run();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Whether to end between two steps: the caller was interrupted, or the process is ending. */
  public boolean ending() {
    return interrupted || ProcessEnd.asked();
  }

  /** Asked to end by this call, or by its caller. */
  public BooleanSupplier or(BooleanSupplier stop) {
    return () -> ending() || stop.getAsBoolean();
  }

  /**
   * Goes on, or does not.
   *
   * @throws CancellationException if it is to end
   */
  public void check() {
    if (ending()) {
      throw new CancellationException("stopped");
    }
  }

  /** Runs something on the caller's thread and waits for it; its exceptions come back. */
  public void report(Runnable what) {
    FutureTask<Void> task = new FutureTask<>(what, null);
    reports.add(task);
    try {
      outcome(task);
    } catch (IOException e) {
      throw new IllegalStateException("a runnable throws no checked exception", e);
    }
  }

  /**
   * A listener that reports to another on the caller's thread. Its questions, the methods that
   * return a boolean, are whether to stop: they are asked on the calling thread, and answered yes
   * as well when this call is to end.
   *
   * @param type an interface whose methods return nothing or a boolean
   * @param listener the caller's
   */
  public <L> L reporting(Class<L> type, L listener) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> {
              if (method.getReturnType() == boolean.class
                  && method.getDeclaringClass() != Object.class) {
                return ending() || (boolean) invoke(method, listener, arguments);
              }
              if (method.getReturnType() != void.class) {
                return invoke(method, listener, arguments);
              }
              report(() -> invoke(method, listener, arguments));
              return null;
            }));
  }

  private static Object invoke(Method method, Object listener, Object[] arguments) {
    try {
      return method.invoke(listener, arguments);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof RuntimeException failed) {
        throw failed;
      } else if (e.getCause() instanceof Error failed) {
        throw failed;
      }
      throw new IllegalStateException("a listener throws no checked exception", e.getCause());
    } catch (IllegalAccessException e) {
      throw new IllegalArgumentException(
          method + " of a listener may not be called: its interface is not public", e);
    }
  }

  private static <T> T outcome(FutureTask<T> task) throws IOException {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return task.get();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof IOException failed) {
        throw failed;
      } else if (cause instanceof RuntimeException failed) {
        throw failed;
      } else if (cause instanceof Error failed) {
        throw failed;
      }
      throw new IllegalStateException(cause);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
