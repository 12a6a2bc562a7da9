package dev.millrace.inference;

import dev.millrace.engine.NativeBuffers;
import dev.millrace.vision.decode.BadPictureException;
import dev.millrace.vision.decode.Pixels;
import dev.millrace.vision.view.ViewMaker;
import dev.millrace.vision.view.ViewWorkers;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import org.bytedeco.javacpp.FloatPointer;

/**
 * Lists of pictures through an encoder, block after block: worker threads make the views of the
 * next block while the present one is computed. Thread-safe; close it after the last call.
 */
final class PictureLists implements AutoCloseable {
  /** A program of the network is kept for each number of pictures, so there are few. */
  private static final int BLOCK = 64;

  private static final int SMALL_BLOCK = 8;

  /** Makes a picture's pixels, on any thread. */
  interface Source {
    Pixels pixels(int index) throws IOException, BadPictureException;
  }

  private final EncoderThread net;
  private final ViewMaker maker;
  private final int size;
  private final ViewWorkers workers;

  PictureLists(EncoderThread net, ViewMaker maker, int size, int threads) {
    this.net = net;
    this.maker = maker;
    this.size = size;
    workers = new ViewWorkers(threads);
  }

  /** Views on their way; close it to wait for them and free their memory. */
  private record Block(int from, int count, int rows, FloatPointer views, List<Future<?>> made)
      implements AutoCloseable {
    /** Waits for every view, then hands the first failure on. */
    void finish() throws IOException, BadPictureException {
      Throwable failure = await();
      if (failure instanceof IOException e) {
        throw e;
      } else if (failure instanceof BadPictureException e) {
        throw e;
      } else if (failure != null) {
        throw new IllegalStateException("views could not be made: " + failure, failure);
      }
    }

    private Throwable await() {
      Throwable first = null;
      for (Future<?> one : made) {
        try {
          EncoderThread.get(one);
        } catch (ExecutionException e) {
          first = first == null ? e.getCause() : first;
        }
      }
      return first;
    }

    @Override
    public void close() {
      await();
      views.close();
    }
  }

  /**
   * The vectors of n pictures, all or none.
   *
   * @throws CancellationException if the caller was interrupted; its flag stays set
   */
  float[][] embed(int n, Source source) throws IOException, BadPictureException {
    float[][] vectors = new float[n][];
    Block next = start(source, 0, n);
    try {
      while (next != null) {
        try (Block block = next) {
          next = null;
          if (Thread.currentThread().isInterrupted()) {
            throw new CancellationException("interrupted while embedding a list of pictures");
          }
          next = start(source, block.from() + block.count(), n);
          block.finish();
          float[] found = net.compute(block.views(), block.rows(), size);
          int dim = found.length / block.rows();
          for (int i = 0; i < block.count(); i++) {
            vectors[block.from() + i] =
                Encoder.finite(Arrays.copyOfRange(found, i * dim, (i + 1) * dim));
          }
        }
      }
      return vectors;
    } finally {
      if (next != null) {
        next.close();
      }
    }
  }

  /** Begins to make views; null when there are no more. */
  private Block start(Source source, int from, int n) {
    int left = n - from;
    if (left == 0) {
      return null;
    }
    int count = left >= BLOCK ? BLOCK : Math.min(left, SMALL_BLOCK);
    int rows = count == 1 || count == BLOCK ? count : SMALL_BLOCK;
    int floats = 3 * size * size;
    Block block =
        new Block(
            from, count, rows, new FloatPointer((long) rows * floats), new ArrayList<>(count));
    for (int i = count; i < rows; i++) {
      NativeBuffers.row(block.views(), i, floats).put(new float[floats]);
    }
    try {
      for (int i = 0; i < count; i++) {
        int at = from + i;
        FloatBuffer out = NativeBuffers.row(block.views(), i, floats);
        block
            .made()
            .add(
                workers.submit(
                    () -> {
                      maker.plain(source.pixels(at), size, out, 0);
                      return null;
                    }));
      }
    } catch (RejectedExecutionException e) {
      block.close();
      throw EncoderThread.closed(e);
    }
    return block;
  }

  @Override
  public void close() {
    workers.stop(List.of());
  }
}
