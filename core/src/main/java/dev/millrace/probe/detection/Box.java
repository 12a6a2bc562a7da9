package dev.millrace.probe.detection;

/**
 * A rectangle in a picture, in pixels: the upper left pixel covers 0 … 1 on both axes, so a box
 * over the whole of a W × H picture is (0, 0, W, H).
 *
 * @param x1 left edge, finite
 * @param y1 upper edge
 * @param x2 right edge, at least x1
 * @param y2 lower edge, at least y1
 */
public record Box(double x1, double y1, double x2, double y2) {
  /** Refuses edges that are no numbers or stand the wrong way round. */
  public Box {
    if (!(x1 <= x2) || !(y1 <= y2) || !Double.isFinite(x2 - x1 + y2 - y1)) {
      throw new IllegalArgumentException(
          "(%s, %s, %s, %s) is no box; expected finite x1 ≤ x2 and y1 ≤ y2"
              .formatted(x1, y1, x2, y2));
    }
  }

  /** Columns, not rounded. */
  public double width() {
    return x2 - x1;
  }

  /** Rows, not rounded. */
  public double height() {
    return y2 - y1;
  }

  /** Square pixels. */
  public double area() {
    return width() * height();
  }

  /** What both cover, square pixels. */
  public double intersection(Box other) {
    double w = Math.min(x2, other.x2) - Math.max(x1, other.x1);
    double h = Math.min(y2, other.y2) - Math.max(y1, other.y1);
    return w <= 0 || h <= 0 ? 0 : w * h;
  }

  /** Intersection over union, 0 … 1; 0 for two boxes without area. */
  public double iou(Box other) {
    double both = intersection(other);
    double union = area() + other.area() - both;
    return union > 0 ? both / union : 0;
  }

  /** The part within a picture of this size; without area when the box lies outside. */
  public Box clipped(double width, double height) {
    return new Box(
        Math.min(Math.max(x1, 0), width),
        Math.min(Math.max(y1, 0), height),
        Math.min(Math.max(x2, 0), width),
        Math.min(Math.max(y2, 0), height));
  }
}
