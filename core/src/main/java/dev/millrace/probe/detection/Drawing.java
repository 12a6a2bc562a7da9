package dev.millrace.probe.detection;

import dev.millrace.engine.NativeCache;
import dev.millrace.vision.decode.Pixels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.global.opencv_imgproc;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Point;
import org.bytedeco.opencv.opencv_core.Scalar;

/**
 * A picture with boxes, as a PNG: what is there in white with a black rim, what was found in its
 * class's colour with name and score. Stateless.
 */
public final class Drawing {
  /** Blue, green, red of the classes, in turn. */
  private static final int[][] COLOURS = {
    {0, 140, 255}, {60, 180, 0}, {200, 40, 160}, {255, 150, 0}, {0, 0, 220}, {160, 160, 0}
  };

  private Drawing() {}

  /**
   * Writes the PNG.
   *
   * @param found in the picture's own pixels
   * @param score below which a detection is not drawn, 0 … 1
   * @param classes names that labels index
   * @throws IOException if the picture cannot be read or the file not be written
   */
  public static void write(
      Path file,
      AnnotatedPicture picture,
      List<Detection> found,
      double score,
      List<String> classes)
      throws IOException {
    Pixels pixels = DetectionViews.pixels(picture);
    byte[] bgr = pixels.rgb().clone();
    for (int i = 0; i < bgr.length; i += 3) {
      byte red = bgr[i];
      bgr[i] = bgr[i + 2];
      bgr[i + 2] = red;
    }
    Files.createDirectories(file.toAbsolutePath().getParent());
    NativeCache.ready();
    try (PointerScope scope = new PointerScope()) {
      Mat canvas =
          new Mat(pixels.height(), pixels.width(), opencv_core.CV_8UC3, new BytePointer(bgr));
      for (Truth truth : picture.truths()) {
        box(canvas, truth.box(), new Scalar(0, 0, 0, 0), 5);
        box(canvas, truth.box(), new Scalar(255, 255, 255, 0), 2);
      }
      for (Detection detection : found) {
        if (detection.score() >= score) {
          int[] c = COLOURS[detection.label() % COLOURS.length];
          Scalar colour = new Scalar(c[0], c[1], c[2], 0);
          box(canvas, detection.box(), colour, 2);
          label(
              canvas,
              String.format(
                  Locale.ROOT, "%s %.2f", classes.get(detection.label()), detection.score()),
              detection.box(),
              colour);
        }
      }
      if (!opencv_imgcodecs.imwrite(file.toString(), canvas)) {
        throw new IOException(file + " cannot be written; is there room, and may you write there?");
      }
    }
  }

  private static void box(Mat canvas, Box box, Scalar colour, int thickness) {
    opencv_imgproc.rectangle(
        canvas,
        new Point((int) Math.round(box.x1()), (int) Math.round(box.y1())),
        new Point((int) Math.round(box.x2()) - 1, (int) Math.round(box.y2()) - 1),
        colour,
        thickness,
        opencv_imgproc.LINE_8,
        0);
  }

  private static void label(Mat canvas, String text, Box box, Scalar colour) {
    int x = (int) Math.round(box.x1()) + 3;
    int y = (int) Math.round(box.y1()) + 14;
    for (int pass = 0; pass < 2; pass++) {
      opencv_imgproc.putText(
          canvas,
          text,
          new Point(x, y),
          opencv_imgproc.FONT_HERSHEY_SIMPLEX,
          0.42,
          pass == 0 ? new Scalar(255, 255, 255, 0) : colour,
          pass == 0 ? 4 : 1,
          opencv_imgproc.LINE_AA,
          false);
    }
  }
}
