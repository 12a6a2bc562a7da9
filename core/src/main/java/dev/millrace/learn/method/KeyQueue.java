package dev.millrace.learn.method;

import static org.bytedeco.pytorch.global.torch.empty;
import static org.bytedeco.pytorch.global.torch.zeros;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Device;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * MoCo's queue: the keys of the last batches, the negatives of the next, each with the picture that
 * it is of. A ring; not thread-safe; close it to free its tensors. What its methods return belongs
 * to the caller's scope.
 */
final class KeyQueue implements AutoCloseable {
  private static final long UNKNOWN = -1;

  private final int length;

  /** {@code [K, d] float32}, rows of norm 1. */
  private final Tensor keys;

  /**
   * {@code [K, 2] int64}, see {@link dev.millrace.learn.network.Views#pictures}; {@link #UNKNOWN}
   * where nobody knows.
   */
  private final Tensor pictures;

  /** {@code [1] int64}, where the next key goes. */
  private final Tensor cursor;

  /**
   * Full of random directions, which are of no picture.
   *
   * @param length K, at least 1
   * @param dim width of a key
   * @param draw of the directions
   */
  KeyQueue(int length, int dim, Device device, Draw draw) {
    this.length = length;
    try (PointerScope scope = new PointerScope()) {
      keys = empty(length, dim).to(device.torch(), ScalarType.Float);
      float[] values = new float[length * dim];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) draw.at(i).gaussian();
      }
      Tensors.fill(keys, values);
      keys.copy_(Tensors.unit(keys));
      keys.retainReference();
      pictures = empty(length, 2).to(device.torch(), ScalarType.Long);
      pictures.fill_(new Scalar(UNKNOWN));
      pictures.retainReference();
      cursor = zeros(1).to(ScalarType.Long);
      cursor.retainReference();
    }
  }

  /** The keys, {@code [K, d] float32}: live, owned by the queue. */
  Tensor keys() {
    return keys;
  }

  /**
   * Which keys are of a query's own picture.
   *
   * @param of the queries' pictures, {@code [N, 2] int64}; null where nobody knows
   * @return {@code [N, K] bool}; null where nobody knows
   */
  Tensor own(Tensor of) {
    if (of == null) {
      return null;
    }
    Tensor chunk = of.select(1, 0).unsqueeze(1).eq(pictures.select(1, 0).unsqueeze(0));
    return chunk.logical_and_(of.select(1, 1).unsqueeze(1).eq(pictures.select(1, 1).unsqueeze(0)));
  }

  /**
   * Which keys are of pictures that came with an earlier chunk.
   *
   * @param chunk that is being learned
   * @return {@code [K] bool}
   */
  Tensor past(int chunk) {
    Tensor chunks = pictures.select(1, 0);
    return chunks.lt(new Scalar(chunk)).logical_and_(chunks.ge(new Scalar(0)));
  }

  /** Which places have a direction that was drawn, or a key of nobody knows which picture. */
  Tensor unknown() {
    return pictures.select(1, 0).lt(new Scalar(0.0));
  }

  /**
   * Replaces the oldest keys; a batch goes round the end, and one longer than the queue leaves its
   * first keys.
   *
   * @param fresh {@code [N, d] float32}, rows of norm 1
   * @param of their pictures, {@code [N, 2] int64}; null where nobody knows
   */
  void add(Tensor fresh, Tensor of) {
    try (NoGradGuard stop = new NoGradGuard()) {
      long count = Math.min(fresh.size(0), length);
      long at = cursor.item_long();
      Tensor known =
          of == null ? pictures.new_full(new long[] {count, 2}, new Scalar(UNKNOWN)) : of;
      replace(keys, at, fresh.narrow(0, 0, count));
      replace(pictures, at, known.narrow(0, 0, count));
      cursor.fill_(new Scalar((double) ((at + count) % length)));
    }
  }

  private void replace(Tensor ring, long at, Tensor rows) {
    long count = rows.size(0);
    long first = Math.min(count, length - at);
    ring.narrow(0, at, first).copy_(rows.narrow(0, 0, first));
    if (first < count) {
      ring.narrow(0, 0, count - first).copy_(rows.narrow(0, first, count - first));
    }
  }

  /** Everything that is needed to go on exactly, by name; live tensors, owned by the queue. */
  Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    state.put("queue", keys);
    state.put("queue.pictures", pictures);
    state.put("queue.cursor", cursor);
    return state;
  }

  @Override
  public void close() {
    keys.releaseReference();
    pictures.releaseReference();
    cursor.releaseReference();
  }
}
