package dev.millrace.learn.run;

import static org.bytedeco.pytorch.global.torch.empty;
import static org.bytedeco.pytorch.global.torch.from_blob;

import dev.millrace.engine.Device;
import dev.millrace.engine.NativeBuffers;
import dev.millrace.file.Reason;
import dev.millrace.learn.network.Views;
import dev.millrace.stream.SourceException;
import dev.millrace.vision.decode.BadPictureException;
import dev.millrace.vision.decode.Decoded;
import dev.millrace.vision.decode.PictureCheck;
import dev.millrace.vision.view.Place;
import dev.millrace.vision.view.ViewMaker;
import dev.millrace.vision.view.ViewWorkers;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Batches of views, made by worker threads a few steps ahead. Each view is a function of its place,
 * so neither the number of workers nor a resume changes a pixel. Native memory is a ring that is
 * written over; not thread-safe for its caller; close it to stop the workers and free the ring.
 */
final class Feed implements AutoCloseable {
  private static final int AHEAD = 2;

  /** More than are made to find a good picture. */
  private static final int TRIES = 2 * MetPictures.TRIES;

  private final class Slot {
    final List<FloatPointer> views = new ArrayList<>();
    final List<Tensor> pinned = new ArrayList<>();
    final LongPointer labels = new LongPointer(batch);
    final LongPointer pictures = new LongPointer(2L * batch);
    final List<Future<?>> parts = new ArrayList<>();

    /** Bad pictures by their place in the batch; of a chunk that was not checked before. */
    final Map<Integer, PictureCheck.Bad> bad = new ConcurrentSkipListMap<>();

    ViewMaker maker;

    Slot() {
      for (int v = 0; v < viewCount; v++) {
        long side = largest.size(v);
        views.add(floats(batch * side * side * 3));
      }
    }

    /** In memory that a card reads by itself where there is one: twice as fast and more. */
    private FloatPointer floats(long count) {
      if (!device.cuda()) {
        return new FloatPointer(count);
      }
      try (PointerScope scope = new PointerScope()) {
        Tensor memory = empty(count).to(ScalarType.Float).pin_memory();
        memory.retainReference();
        pinned.add(memory);
        FloatPointer floats = memory.data_ptr_float().capacity(count);
        floats.retainReference();
        return floats;
      }
    }

    void free() {
      views.forEach(FloatPointer::close);
      pinned.forEach(Tensor::releaseReference);
      labels.close();
      pictures.close();
    }
  }

  private final Pool pool;

  /** Null where all pictures were checked before. */
  private final MetPictures met;

  private final Device device;
  private final ViewMaker largest;
  private final int batch;
  private final int viewCount;
  private final long seed;
  private final int workers;
  private final ViewWorkers threads;
  private final List<Slot> slots = new ArrayList<>();
  private final ArrayDeque<Slot> free = new ArrayDeque<>();
  private final ArrayDeque<Slot> filling = new ArrayDeque<>();

  /**
   * @param met what becomes of bad pictures of the chunk; null where it was checked before
   * @param largest makes the largest views that will be asked for
   */
  Feed(
      Pool pool,
      MetPictures met,
      Device device,
      ViewMaker largest,
      int batch,
      int viewCount,
      long seed,
      int workers) {
    this.pool = pool;
    this.met = met;
    this.device = device;
    this.largest = largest;
    this.batch = batch;
    this.viewCount = viewCount;
    this.seed = seed;
    this.workers = workers;
    threads = new ViewWorkers(workers);
    for (int i = 0; i <= AHEAD; i++) {
      Slot slot = new Slot();
      slots.add(slot);
      free.add(slot);
    }
  }

  /** Whether another batch may be asked for before one is taken. */
  boolean hasRoom() {
    return filling.size() < AHEAD;
  }

  /**
   * Starts to make the batch of these pool indices, the first at the given position of its epoch.
   */
  void ask(ViewSchedule.Stage views, int chunk, int epoch, int position, int[] indices) {
    Slot slot = free.remove();
    slot.maker = views.maker();
    int part = (batch + workers - 1) / workers;
    for (int from = 0; from < batch; from += part) {
      int begin = from;
      int end = Math.min(batch, from + part);
      slot.parts.add(
          threads.submit(
              () -> {
                fill(slot, views.maker(), chunk, epoch, position, indices, begin, end);
                return null;
              }));
    }
    filling.add(slot);
  }

  private void fill(
      Slot slot,
      ViewMaker maker,
      int chunk,
      int epoch,
      int position,
      int[] indices,
      int begin,
      int end)
      throws IOException {
    for (int i = begin; i < end; i++) {
      Place[] places = new Place[viewCount];
      for (int v = 0; v < viewCount; v++) {
        places[v] = new Place(seed, chunk, epoch, position + i, v);
      }
      view(slot, maker, epoch, position + i, indices, i, places);
    }
    for (int i = begin; i < end; i++) {
      slot.labels.put(i, pool.label(indices[i]));
      slot.pictures.put(2L * i, pool.chunk(indices[i]));
      slot.pictures.put(2L * i + 1, pool.name(indices[i]));
    }
  }

  /**
   * Makes the views of one picture. Where it is a bad one of a chunk that was not checked before,
   * another takes its place, in the array too.
   */
  private void view(
      Slot slot, ViewMaker maker, int epoch, int position, int[] indices, int i, Place[] places)
      throws IOException {
    for (int attempt = 0; ; attempt++) {
      threads.requireGoingOn();
      boolean open = met != null && pool.isOwn(indices[i]); // whether it was not checked before
      String reason = open && !met.isEmpty() ? met.reason(pool.id(indices[i])) : null;
      if (reason == null) {
        reason = views(slot, maker, indices[i], i, places, open);
      }
      if (reason == null) {
        return;
      }
      slot.bad.put(TRIES * i + attempt, new PictureCheck.Bad(pool.id(indices[i]), reason));
      indices[i] = met.instead(epoch, position, attempt);
    }
  }

  /** Null once the views are made; else why the picture, which was not checked before, is bad. */
  private String views(Slot slot, ViewMaker maker, int index, int i, Place[] places, boolean open)
      throws IOException {
    try {
      Decoded picture =
          pool.picture(index, (width, height) -> maker.reduction(width, height, places));
      for (int v = 0; v < viewCount; v++) {
        long side = maker.size(v);
        FloatBuffer out = NativeBuffers.row(slot.views.get(v), i, 3 * side * side);
        maker.augment(picture, places[v], out, 0);
      }
      return null;
    } catch (SourceException e) {
      throw e;
    } catch (IOException | BadPictureException | RuntimeException | OutOfMemoryError e) {
      // What a check says is bad, too, and nothing else: a run is no judge of its own faults.
      String bad = open ? PictureCheck.reason(pool.image(index)) : null;
      if (bad != null) {
        return bad;
      }
      throw new IOException(
          "%s %s: %s; see whether it changed meanwhile, then resume the run"
              .formatted(
                  pool.id(index),
                  open
                      ? "failed, but decodes when it is looked at again"
                      : "passed the check at the chunk's start, but failed now",
                  Reason.of(e)),
          e);
    }
  }

  /**
   * The batch asked for first; valid until the next call. Tensors belong to the caller's scope.
   *
   * @throws IOException if a picture cannot be read, or no longer decodes
   */
  Views take(boolean withLabels) throws IOException {
    Slot slot = filling.remove();
    try {
      for (Future<?> part : slot.parts) {
        part.get();
      }
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException named
          ? named
          : new IOException("views cannot be made: " + Reason.of(e.getCause()), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while views were made", e);
    } finally {
      slot.parts.clear();
      free.add(slot);
    }
    if (!slot.bad.isEmpty()) {
      List<PictureCheck.Bad> bad = List.copyOf(slot.bad.values());
      slot.bad.clear();
      met.met(bad);
    }
    List<Tensor> views = new ArrayList<>();
    for (int v = 0; v < viewCount; v++) {
      long side = slot.maker.size(v);
      Tensor pictures =
          from_blob(
              slot.views.get(v),
              new long[] {batch, 3, side, side},
              new TensorOptions(ScalarType.Float));
      views.add(pictures.to(device.torch(), ScalarType.Float));
    }
    Tensor labels =
        withLabels
            ? from_blob(slot.labels, new long[] {batch}, new TensorOptions(ScalarType.Long))
                .to(device.torch(), ScalarType.Long)
            : null;
    Tensor pictures =
        from_blob(slot.pictures, new long[] {batch, 2}, new TensorOptions(ScalarType.Long))
            .to(device.torch(), ScalarType.Long);
    return new Views(views, labels, pictures);
  }

  @Override
  public void close() {
    List<Future<?>> asked = filling.stream().flatMap(slot -> slot.parts.stream()).toList();
    if (threads.stop(asked)) {
      slots.forEach(Slot::free);
    }
  }
}
