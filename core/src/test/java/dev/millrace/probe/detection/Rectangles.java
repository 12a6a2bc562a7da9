package dev.millrace.probe.detection;

import dev.millrace.draw.Draw;
import dev.millrace.stream.Image;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Generated pictures of red and of blue rectangles on a noisy ground. */
public final class Rectangles {
  public static final List<String> CLASSES = List.of("blue", "red");

  private Rectangles() {}

  /** Two objects each; the same for equal seeds. */
  public static List<AnnotatedPicture> pictures(int n, int width, int height, long seed) {
    List<AnnotatedPicture> pictures = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      pictures.add(picture(width, height, i, Draw.of(seed, "rectangles", i)));
    }
    return pictures;
  }

  private static AnnotatedPicture picture(int width, int height, int index, Draw draw) {
    byte[] rgb = new byte[3 * width * height];
    for (int p = 0; p < rgb.length; p++) {
      rgb[p] = (byte) (90 + draw.at(0).at(p).below(50));
    }
    List<Truth> truths = new ArrayList<>();
    // One in each half, so that none hides another.
    for (int half = 0; half < 2; half++) {
      Draw here = draw.at(1).at(half);
      int w = 8 + here.at(0).below(width / 2 - 10);
      int h = 8 + here.at(1).below(height - 10);
      int x = half * width / 2 + here.at(2).below(width / 2 - w + 1);
      int y = here.at(3).below(height - h + 1);
      int label = here.at(4).below(2);
      for (int row = y; row < y + h; row++) {
        for (int column = x; column < x + w; column++) {
          int p = 3 * (row * width + column);
          rgb[p] = (byte) (label == 1 ? 230 : 20);
          rgb[p + 1] = 20;
          rgb[p + 2] = (byte) (label == 0 ? 230 : 20);
        }
      }
      truths.add(new Truth(new Box(x, y, x + w, y + h), label));
    }
    return new AnnotatedPicture(
        new Image(index + ".ppm", Image.NONE, Image.NONE, () -> ppm(width, height, rgb)),
        width,
        height,
        truths);
  }

  /** A picture of one grey. */
  static byte[] grey(int width, int height) {
    byte[] rgb = new byte[3 * width * height];
    java.util.Arrays.fill(rgb, (byte) 128);
    return ppm(width, height, rgb);
  }

  private static byte[] ppm(int width, int height, byte[] rgb) {
    byte[] head = "P6\n%d %d\n255\n".formatted(width, height).getBytes(StandardCharsets.US_ASCII);
    byte[] file = java.util.Arrays.copyOf(head, head.length + rgb.length);
    System.arraycopy(rgb, 0, file, head.length, rgb.length);
    return file;
  }
}
