package dev.millrace.app.data;

import dev.millrace.engine.ProcessEnd;
import dev.millrace.vision.decode.PictureCheck;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The smallest and the largest picture met, by pixels, then by width; the same in whatever order
 * they come; the end of the process ends the check that tells them. Thread-safe.
 */
final class PictureSizes implements PictureCheck.SizeListener {
  /** Columns and rows of a picture. */
  private record Size(int width, int height) {
    @Override
    public String toString() {
      return width + "x" + height;
    }
  }

  private static final Comparator<Size> BY_PIXELS =
      Comparator.comparingLong((Size s) -> (long) s.width * s.height)
          .thenComparingInt(s -> s.width);

  private final List<Integer> shortSides = new ArrayList<>();
  private Size smallest;
  private Size largest;

  @Override
  public synchronized void on(int index, int width, int height, int bytes) {
    ProcessEnd.check();
    Size size = new Size(width, height);
    shortSides.add(Math.min(width, height));
    smallest = smallest == null || BY_PIXELS.compare(size, smallest) < 0 ? size : smallest;
    largest = largest == null || BY_PIXELS.compare(size, largest) > 0 ? size : largest;
  }

  /** The shorter side of each picture, pixels. */
  synchronized int[] shortSides() {
    return shortSides.stream().mapToInt(Integer::intValue).toArray();
  }

  /** Both as objects; null each where no picture was good. */
  synchronized Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("smallest", json(smallest));
    json.put("largest", json(largest));
    return json;
  }

  private static Map<String, Integer> json(Size size) {
    if (size == null) {
      return null;
    }
    Map<String, Integer> json = new LinkedHashMap<>();
    json.put("width", size.width);
    json.put("height", size.height);
    return json;
  }

  @Override
  public synchronized String toString() {
    if (smallest == null) {
      return "unknown";
    }
    return smallest.equals(largest)
        ? smallest + " (width x height)"
        : smallest + " to " + largest + " (width x height)";
  }
}
