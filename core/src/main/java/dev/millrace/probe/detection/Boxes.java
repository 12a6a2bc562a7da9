package dev.millrace.probe.detection;

/**
 * Many boxes as one array, {@code [N, 4] float32} row-major: x1, y1, x2, y2 in pixels. What a
 * network proposes by the thousand; {@link Box} is for single ones. Stateless.
 */
final class Boxes {
  private Boxes() {}

  static int count(float[] boxes) {
    return boxes.length / 4;
  }

  /** Intersection over union of box i of a and box j of b, in float32 as torchvision does. */
  static float iou(float[] a, int i, float[] b, int j) {
    int p = 4 * i;
    int q = 4 * j;
    float w = Math.min(a[p + 2], b[q + 2]) - Math.max(a[p], b[q]);
    float h = Math.min(a[p + 3], b[q + 3]) - Math.max(a[p + 1], b[q + 1]);
    if (w <= 0 || h <= 0) {
      return 0;
    }
    float both = w * h;
    float areaA = (a[p + 2] - a[p]) * (a[p + 3] - a[p + 1]);
    float areaB = (b[q + 2] - b[q]) * (b[q + 3] - b[q + 1]);
    return both / (areaA + areaB - both);
  }

  /** Moves a box's edges into a picture, in place. */
  static void clip(float[] boxes, int i, float width, float height) {
    int p = 4 * i;
    boxes[p] = Math.min(Math.max(boxes[p], 0), width);
    boxes[p + 1] = Math.min(Math.max(boxes[p + 1], 0), height);
    boxes[p + 2] = Math.min(Math.max(boxes[p + 2], 0), width);
    boxes[p + 3] = Math.min(Math.max(boxes[p + 3], 0), height);
  }

  /** Whether both sides of a box are at least so long. */
  static boolean atLeast(float[] boxes, int i, double side) {
    return boxes[4 * i + 2] - boxes[4 * i] >= side && boxes[4 * i + 3] - boxes[4 * i + 1] >= side;
  }

  /** The boxes of these numbers, in their order, copied. */
  static float[] rows(float[] boxes, int[] rows) {
    float[] some = new float[4 * rows.length];
    for (int i = 0; i < rows.length; i++) {
      System.arraycopy(boxes, 4 * rows[i], some, 4 * i, 4);
    }
    return some;
  }

  /** These boxes, then those. */
  static float[] join(float[] a, float[] b) {
    float[] both = java.util.Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }

  /** Indices by falling score, the lower index first where scores are equal. */
  static int[] byScore(float[] scores, int from, int to) {
    long[] keys = new long[to - from];
    for (int i = from; i < to; i++) {
      int bits = Float.floatToIntBits(scores[i]);
      // Makes the order of the bits that of the numbers, then turns it round.
      int ordered = bits ^ bits >> 31 & Integer.MAX_VALUE;
      keys[i - from] = (long) ~ordered << 32 | i;
    }
    java.util.Arrays.sort(keys);
    int[] order = new int[keys.length];
    for (int i = 0; i < order.length; i++) {
      order[i] = (int) keys[i];
    }
    return order;
  }
}
