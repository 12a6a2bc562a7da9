package dev.millrace.probe;

import static org.bytedeco.pytorch.global.torch.from_blob;

import dev.millrace.engine.Compute;
import dev.millrace.engine.Device;
import dev.millrace.stream.ImageSet;
import dev.millrace.vision.encoder.FrozenEncoder;
import dev.millrace.vision.view.ViewMaker;
import java.util.List;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Frozen features batch after batch, in the set's order and in constant memory: what an encoder in
 * evaluation mode makes of pictures, shorter side to a size and centre crop. The views of the next
 * batch are made while the present one is computed. Not thread-safe; close it to stop the workers.
 */
public final class FeatureStream implements AutoCloseable {
  private static final int BATCH = 250;

  /** Numbers of a batch of large pictures at most: 32 MB, twice in memory. */
  private static final int FLOATS = 1 << 23;

  /** From views to features. */
  interface Extractor {
    /** {@code [B, 3, S, S]} to {@code [B, D] float32}, contiguous on the CPU. */
    Tensor of(Tensor batch);
  }

  private final Extractor extractor;
  private final ImageSet set;
  private final int from;
  private final int size;
  private final ViewQueue queue;

  /**
   * Starts on the first views.
   *
   * @param encoder not written to; stays the caller's, and open as long as this is
   * @param device where the encoder's weights are
   * @param from place of the first picture wanted, 0 … the set's size. Batches begin there:
   *     features are those of a stream from 0, to the bit, where it is a multiple of {@link #batch}
   * @param size side S of what the encoder sees, pixels, at least 1
   * @param views makes them
   * @param threads that compute, decode and make views, at least 1; sums depend on it in their last
   *     bits
   * @throws IllegalArgumentException if size or threads is below 1, or from outside the set
   */
  public FeatureStream(
      FrozenEncoder encoder,
      Device device,
      ImageSet set,
      int from,
      int size,
      ViewMaker views,
      int threads) {
    this(of(encoder, device, threads), set, from, size, views, threads);
  }

  FeatureStream(
      Extractor extractor, ImageSet set, int from, int size, ViewMaker views, int threads) {
    if (size < 1 || threads < 1 || from < 0 || from > set.size()) {
      throw new IllegalArgumentException(
          "found size %d, %d threads and place %d of %d; expected at least 1 pixel and thread, and a place of the set"
              .formatted(size, threads, from, set.size()));
    }
    this.extractor = extractor;
    this.set = set;
    this.from = from;
    this.size = size;
    queue =
        new ViewQueue(
            ViewQueue.plain(set, from, size, views), size, batch(set.size(), size), threads);
  }

  /** On whatever thread asks, which may be a program's own. */
  private static Extractor of(FrozenEncoder encoder, Device device, int threads) {
    Extractor features = of(encoder, device);
    return batch -> {
      Compute.within(threads);
      return features.of(batch);
    };
  }

  static Extractor of(FrozenEncoder encoder, Device device) {
    return batch ->
        encoder
            .forward(batch.to(device.torch(), ScalarType.Float))
            .to(new Device("cpu").torch(), ScalarType.Float)
            .contiguous();
  }

  /** How many pictures of a set go through an encoder together, except for the last ones. */
  public static int batch(int pictures, int size) {
    return Math.max(1, Math.min(Math.min(BATCH, pictures), FLOATS / (size * size * 3)));
  }

  /** Some pictures next to each other; valid until the stream is asked for the next. */
  public final class Batch {
    private final ViewQueue.Batch views;

    private Batch(ViewQueue.Batch views) {
      this.views = views;
    }

    /** Place of the first one in the set. */
    public int from() {
      return from + views.from();
    }

    /** How many there are, bad ones included. */
    public int count() {
      return views.count();
    }

    /** Those that cannot be decoded, ascending. */
    public List<BadPicture> bad() {
      return views.bad();
    }

    /**
     * Computes the features of the others: {@code [count − bad, D] float32}, a row after the other.
     *
     * @throws IllegalArgumentException if one is not finite, naming the picture
     */
    public float[] features() {
      try (PointerScope scope = new PointerScope()) {
        Tensor pictures =
            from_blob(
                views.views(),
                new long[] {views.count(), 3, size, size},
                new TensorOptions(ScalarType.Float));
        Tensor features = extractor.of(pictures);
        int dim = (int) features.size(1);
        float[] rows = new float[(views.count() - bad().size()) * dim];
        FloatPointer found = new FloatPointer(features.data_ptr_float());
        int skipped = 0;
        for (int i = 0; i < views.count(); i++) {
          if (skipped < bad().size() && bad().get(skipped).place() == from() + i) {
            skipped++;
          } else {
            found.position((long) i * dim).get(rows, (i - skipped) * dim, dim);
            requireFinite(rows, (i - skipped) * dim, dim, from() + i);
          }
        }
        return rows;
      }
    }

    private void requireFinite(float[] rows, int start, int dim, int place) {
      for (int d = start; d < start + dim; d++) {
        if (!Float.isFinite(rows[d])) {
          throw new IllegalArgumentException(
              "the encoder makes %s of %s, expected finite numbers: its weights are spoiled, or too large for bf16; give another encoder, or use fp32"
                  .formatted(rows[d], set.image(place).id()));
        }
      }
    }
  }

  /** The next pictures; null after the last. */
  public Batch take() {
    ViewQueue.Batch views = queue.take();
    return views == null ? null : new Batch(views);
  }

  @Override
  public void close() {
    queue.close();
  }
}
