package dev.millrace.probe.detection;

import dev.millrace.engine.NativeBuffers;
import dev.millrace.vision.decode.BadPictureException;
import dev.millrace.vision.decode.Decoded;
import dev.millrace.vision.decode.Decoder;
import dev.millrace.vision.decode.Pixels;
import dev.millrace.vision.view.ViewMaker;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Batches of whole pictures, shorter side to a size, side by side in places of one size that the
 * detector's strides divide; boxes move with them. Thread-safe.
 */
final class DetectionViews {
  /** Longer side at most, as a multiple of the shorter one: torchvision's 1333 / 800. */
  private static final double LONGEST = 1333.0 / 800;

  private final ViewMaker views;
  private final int multiple;

  DetectionViews(ViewMaker views, int multiple) {
    this.views = views;
    this.multiple = multiple;
  }

  /**
   * Makes a batch.
   *
   * @param size shorter side of every picture, pixels
   * @param flips whether each picture's left and right change places
   * @return its tensor belongs to the caller's scope
   * @throws IOException if a picture cannot be read, does not decode, or is not of the size that
   *     its annotation says
   */
  DetectionBatch of(List<AnnotatedPicture> pictures, int size, boolean[] flips) throws IOException {
    int n = pictures.size();
    int[][] sizes = new int[n][];
    int width = 1;
    int height = 1;
    for (int i = 0; i < n; i++) {
      sizes[i] = size(pictures.get(i), size);
      width = Math.max(width, sizes[i][0]);
      height = Math.max(height, sizes[i][1]);
    }
    width = (width + multiple - 1) / multiple * multiple;
    height = (height + multiple - 1) / multiple * multiple;
    Tensor canvas =
        torch.zeros(new long[] {n, 3, height, width}, new TensorOptions(ScalarType.Float));
    long floats = 3L * height * width;
    FloatPointer memory = canvas.data_ptr_float().capacity(n * floats);
    List<float[]> truths = new ArrayList<>();
    List<int[]> labels = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      AnnotatedPicture picture = pictures.get(i);
      views.whole(
          pixels(picture),
          sizes[i][0],
          sizes[i][1],
          flips[i],
          NativeBuffers.row(memory, i, floats),
          0,
          width,
          height * width);
      List<Truth> learned = picture.truths().stream().filter(truth -> !truth.ignored()).toList();
      truths.add(boxes(learned, picture, sizes[i], flips[i]));
      labels.add(learned.stream().mapToInt(Truth::label).toArray());
    }
    return new DetectionBatch(canvas, sizes, truths, labels);
  }

  private static int[] size(AnnotatedPicture picture, int size) {
    int shorter = Math.min(picture.width(), picture.height());
    int longer = Math.max(picture.width(), picture.height());
    double scale = Math.min((double) size / shorter, LONGEST * size / longer);
    return new int[] {
      (int) Math.max(1, picture.width() * scale + 1e-6),
      (int) Math.max(1, picture.height() * scale + 1e-6)
    };
  }

  private static float[] boxes(
      List<Truth> truths, AnnotatedPicture picture, int[] size, boolean flip) {
    double x = (double) size[0] / picture.width();
    double y = (double) size[1] / picture.height();
    float[] boxes = new float[4 * truths.size()];
    for (int i = 0; i < truths.size(); i++) {
      Box box = truths.get(i).box();
      boxes[4 * i] = (float) (flip ? size[0] - x * box.x2() : x * box.x1());
      boxes[4 * i + 1] = (float) (y * box.y1());
      boxes[4 * i + 2] = (float) (flip ? size[0] - x * box.x1() : x * box.x2());
      boxes[4 * i + 3] = (float) (y * box.y2());
    }
    return boxes;
  }

  /** A detection in a batch's pixels, as one in the picture's own. */
  static Detection restore(Detection found, AnnotatedPicture picture, int[] size) {
    double x = (double) picture.width() / size[0];
    double y = (double) picture.height() / size[1];
    Box box = found.box();
    return new Detection(
        new Box(x * box.x1(), y * box.y1(), x * box.x2(), y * box.y2()),
        found.label(),
        found.score());
  }

  /** The picture's pixels, of the size that its annotation says. */
  static Pixels pixels(AnnotatedPicture picture) throws IOException {
    try {
      Pixels pixels =
          Decoder.trusted(Decoder.read(picture.image()), Decoded.Reduction.NONE).pixels();
      if (pixels.width() != picture.width() || pixels.height() != picture.height()) {
        throw new IOException(
            "%s is %d×%d pixels, but its boxes are of a picture of %d×%d; mend its annotation or take it out"
                .formatted(
                    picture.image().id(),
                    pixels.width(),
                    pixels.height(),
                    picture.width(),
                    picture.height()));
      }
      return pixels;
    } catch (BadPictureException e) {
      throw new IOException(
          picture.image().id() + " cannot be decoded: " + e.reason() + "; mend it or take it out",
          e);
    }
  }
}
