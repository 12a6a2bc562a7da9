package dev.millrace.probe;

import dev.millrace.engine.NativeBuffers;
import dev.millrace.file.Reason;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.SourceException;
import dev.millrace.vision.decode.BadPictureException;
import dev.millrace.vision.decode.Decoder;
import dev.millrace.vision.view.ViewMaker;
import dev.millrace.vision.view.ViewWorkers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.bytedeco.javacpp.FloatPointer;

/**
 * Views in their order, made by worker threads one batch ahead of the caller. Native memory is a
 * ring that is written over. The number of workers changes no value. Not thread-safe for its
 * caller; close it to stop the workers and free the ring.
 */
final class ViewQueue implements AutoCloseable {
  private static final int SLOTS = 2;

  /** Views a task: few enough that a slow one holds up no other worker for long. */
  private static final int PART = 16;

  /** What the views are of, by their place 0 … size − 1 in the queue; thread-safe. */
  interface Source {
    /** How many views there are. */
    int size();

    /** The view at a place, {@code [3, S, S] float32}, into a buffer of its own. */
    void view(int place, FloatBuffer out) throws IOException, BadPictureException;

    /** The picture that could not be viewed at a place. */
    BadPicture bad(int place, String reason);
  }

  /** The plain views of a set's pictures from a place on, in the set's order. */
  static Source plain(ImageSet set, int from, int size, ViewMaker maker) {
    return new Source() {
      @Override
      public int size() {
        return set.size() - from;
      }

      @Override
      public void view(int place, FloatBuffer out) throws IOException, BadPictureException {
        maker.plain(Decoder.forView(set.image(from + place), size), size, out, 0);
      }

      @Override
      public BadPicture bad(int place, String reason) {
        return new BadPicture(from + place, set.image(from + place).id(), reason);
      }
    };
  }

  /**
   * The views from … from + count − 1.
   *
   * @param views {@code [batch, 3, S, S] float32}, of which count are filled; a bad one is zero
   * @param bad the bad ones among them, ascending
   */
  record Batch(int from, int count, FloatPointer views, List<BadPicture> bad) {}

  private record Slot(FloatPointer views, List<Future<List<BadPicture>>> parts) {}

  private final Source source;
  private final int size;
  private final int batch;
  private final ViewWorkers threads;
  private final ArrayDeque<Slot> filling = new ArrayDeque<>();
  private Slot taken;
  private int asked;
  private int given;

  /**
   * Starts on the first batches.
   *
   * @param size side of the views
   * @param batch views per batch, at least 1
   * @param workers threads, at least 1
   */
  ViewQueue(Source source, int size, int batch, int workers) {
    this.source = source;
    this.size = size;
    this.batch = batch;
    threads = new ViewWorkers(workers);
    for (int i = 0; i < SLOTS && asked < source.size(); i++) {
      ask(new Slot(new FloatPointer((long) batch * size * size * 3), new ArrayList<>()));
    }
  }

  /** The next batch, valid until the next call; null after the last. */
  Batch take() {
    if (taken != null) {
      if (asked < source.size()) {
        ask(taken);
      } else {
        taken.views().close();
      }
      taken = null;
    }
    if (given == source.size()) {
      return null;
    }
    taken = filling.remove();
    List<BadPicture> bad = new ArrayList<>();
    try {
      for (Future<List<BadPicture>> part : taken.parts()) {
        bad.addAll(part.get());
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UncheckedIOException source) {
        throw new UncheckedIOException(Reason.whole(source.getCause()), source.getCause());
      }
      throw new IllegalStateException("views could not be made: " + e.getCause(), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while views were made", e);
    }
    taken.parts().clear();
    int from = given;
    given = Math.min(source.size(), from + batch);
    return new Batch(from, given - from, taken.views(), bad);
  }

  private void ask(Slot slot) {
    int first = asked;
    asked = Math.min(source.size(), asked + batch);
    for (int from = first; from < asked; from += PART) {
      int begin = from;
      int end = Math.min(asked, from + PART);
      slot.parts().add(threads.submit(() -> fill(slot.views(), first, begin, end)));
    }
    filling.add(slot);
  }

  private List<BadPicture> fill(FloatPointer views, int first, int begin, int end) {
    int floats = size * size * 3;
    List<BadPicture> bad = new ArrayList<>();
    for (int i = begin; i < end; i++) {
      threads.requireGoingOn();
      FloatBuffer out = NativeBuffers.row(views, i - first, floats);
      String reason;
      try {
        source.view(i, out);
        continue;
      } catch (BadPictureException e) {
        reason = e.reason();
      } catch (SourceException e) {
        throw new UncheckedIOException(e);
      } catch (IOException | OutOfMemoryError e) {
        reason = "cannot be read: " + Reason.of(e);
      }
      // What lay in the ring before is no picture either, and might be no number.
      out.put(0, new float[floats]);
      bad.add(source.bad(i, reason));
    }
    return bad;
  }

  @Override
  public void close() {
    if (!threads.stop(filling.stream().flatMap(slot -> slot.parts().stream()).toList())) {
      return; // rather a leak than workers that write to freed memory
    }
    filling.forEach(slot -> slot.views().close());
    if (taken != null) {
      taken.views().close();
    }
  }
}
