package dev.millrace.inference;

import static org.bytedeco.pytorch.global.torch.from_blob;

import dev.millrace.engine.Compute;
import dev.millrace.engine.Device;
import dev.millrace.engine.ProcessEnd;
import dev.millrace.file.Closing;
import dev.millrace.vision.encoder.FrozenEncoder;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A frozen network on one thread of its own, since each thread that computes would bring native
 * threads of its own along. Thread-safe; owns the network, and closing waits for calls under way.
 */
final class EncoderThread implements AutoCloseable {
  private final FrozenEncoder net;
  private final int threads;
  private final ExecutorService executor =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread thread = new Thread(task, "encoder");
            thread.setDaemon(true);
            return thread;
          });

  /**
   * @param threads that it computes with, at least 1
   */
  EncoderThread(FrozenEncoder net, int threads) {
    this.net = net;
    this.threads = threads;
  }

  FrozenEncoder net() {
    return net;
  }

  /**
   * The features of views.
   *
   * @param views {@code [n, 3, S, S] float32}
   * @return {@code [n, D]}
   * @throws IllegalStateException after {@link #close}
   * @throws CancellationException if the process is ending
   */
  float[] compute(FloatPointer views, int n, int size) {
    try {
      return get(executor.submit(() -> counted(views, n, size)));
    } catch (RejectedExecutionException e) {
      throw closed(e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof CancellationException stopped) {
        throw stopped;
      }
      throw new IllegalStateException("the encoder failed: " + e.getCause(), e.getCause());
    }
  }

  static IllegalStateException closed(RejectedExecutionException e) {
    return new IllegalStateException("this encoder is closed; load it again", e);
  }

  private float[] counted(FloatPointer views, int n, int size) {
    try (ProcessEnd.Work work = ProcessEnd.work()) {
      ProcessEnd.check();
      Compute.within(threads);
      return features(views, n, size);
    }
  }

  private float[] features(FloatPointer views, int n, int size) {
    try (PointerScope scope = new PointerScope()) {
      Tensor pictures =
          from_blob(views, new long[] {n, 3, size, size}, new TensorOptions(ScalarType.Float));
      Tensor features =
          net.forward(pictures).to(new Device("cpu").torch(), ScalarType.Float).contiguous();
      float[] rows = new float[n * net.spec().dim()];
      new FloatPointer(features.data_ptr_float()).get(rows);
      return rows;
    }
  }

  /** Waits whatever comes: somebody else works on memory that the caller would free. */
  static <T> T get(Future<T> future) throws ExecutionException {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return future.get();
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

  @Override
  public synchronized void close() {
    if (executor.isShutdown()) {
      return;
    }
    executor.shutdown();
    Closing.await(nanos -> executor.awaitTermination(nanos, TimeUnit.NANOSECONDS));
    net.close();
  }
}
