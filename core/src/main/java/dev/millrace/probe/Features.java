package dev.millrace.probe;

import static org.bytedeco.pytorch.global.torch.from_blob;

import dev.millrace.engine.Device;
import dev.millrace.engine.Precision;
import dev.millrace.stream.ImageSet;
import dev.millrace.vision.decode.BadPictureException;
import dev.millrace.vision.decode.Decoder;
import dev.millrace.vision.decode.Pixels;
import dev.millrace.vision.encoder.ResNet;
import dev.millrace.vision.view.ViewMaker;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Frozen features: what an encoder in evaluation mode makes of pictures, shorter side to the run's
 * size and centre crop. The encoder is not changed.
 */
public final class Features {
  private static final int BATCH = 250;

  private Features() {}

  /** The encoder's output, {@code [N, D] float32}; labels are those of the set. */
  public static FeatureMatrix extract(
      ResNet encoder, ImageSet set, int size, ViewMaker views, Device device, Precision precision)
      throws IOException {
    return each(
        set,
        size,
        views,
        (batch) -> {
          try (Precision.Autocast cast = precision.autocast(device)) {
            return encoder
                .forward(batch.to(device.torch(), ScalarType.Float), false)
                .to(new Device("cpu").torch(), ScalarType.Float)
                .contiguous();
          }
        });
  }

  /** The pixels themselves, normalised and flattened, {@code [N, 3·S·S] float32}. */
  public static FeatureMatrix pixels(ImageSet set, int size, ViewMaker views) throws IOException {
    return each(set, size, views, batch -> batch.reshape(batch.size(0), -1).contiguous());
  }

  private interface Extractor {
    Tensor of(Tensor batch);
  }

  private static FeatureMatrix each(ImageSet set, int size, ViewMaker views, Extractor extractor)
      throws IOException {
    int n = set.size();
    int[] labels = IntStream.range(0, n).map(i -> set.image(i).label()).toArray();
    float[] values = null;
    int dim = 0;
    int floats = size * size * 3;
    try (FloatPointer input = new FloatPointer((long) Math.min(BATCH, n) * floats);
        NoGradGuard frozen = new NoGradGuard()) {
      for (int from = 0; from < n; from += BATCH) {
        int begin = from;
        int count = Math.min(BATCH, n - from);
        FloatBuffer out = input.asBuffer();
        IntStream.range(0, count)
            .parallel()
            .forEach(i -> views.plain(decode(set, begin + i), size, out, i * floats));
        try (PointerScope scope = new PointerScope()) {
          Tensor nhwc =
              from_blob(
                  input, new long[] {count, size, size, 3}, new TensorOptions(ScalarType.Float));
          Tensor f = extractor.of(nhwc.permute(0, 3, 1, 2));
          if (values == null) {
            dim = (int) f.size(1);
            values = new float[Math.multiplyExact(n, dim)];
          }
          new FloatPointer(f.data_ptr_float()).get(values, from * dim, count * dim);
        }
      }
    }
    if (values == null) {
      throw new IllegalArgumentException(set.name() + " has no pictures to take features of");
    }
    return new FeatureMatrix(values, n, dim, labels);
  }

  private static Pixels decode(ImageSet set, int index) {
    try {
      return Decoder.decode(set.image(index).bytes());
    } catch (BadPictureException | IOException e) {
      throw new IllegalArgumentException(
          set.name()
              + ": picture "
              + set.image(index).id()
              + " cannot be used: "
              + e.getMessage()
              + "; mend it or take it out of the set",
          e);
    }
  }
}
