package dev.millrace.probe.detection;

/**
 * Boxes as offsets from other boxes: the centre's shift in units of the other's sides, and the
 * logarithm of the sides' ratio, each times a weight (Girshick et al., "Rich Feature Hierarchies",
 * CVPR 2014, appendix C). Immutable.
 *
 * @param x weight of the centre's shift, above 0
 * @param side weight of the sides' logarithm, above 0
 */
public record BoxCoder(float x, float side) {
  /** A side grows at most to 1000/16 of the other's: a wild logarithm must not overflow. */
  private static final float MOST = (float) Math.log(1000.0 / 16);

  /** Refuses weights that are not above 0. */
  public BoxCoder {
    if (!(x > 0) || !(side > 0)) {
      throw new IllegalArgumentException(
          "found weights %s and %s of a box coder, expected both above 0: try 10 and 5"
              .formatted(x, side));
    }
  }

  /** Weights 1: for proposals. */
  public static BoxCoder proposals() {
    return new BoxCoder(1, 1);
  }

  /** Weights 10, 10, 5, 5: for the second stage. */
  public static BoxCoder detections() {
    return new BoxCoder(10, 5);
  }

  /**
   * The offsets that lead from references to boxes.
   *
   * @param boxes {@code [N, 4]}, with area
   * @param references {@code [N, 4]}, with area
   * @return {@code [N, 4]}: dx, dy, dw, dh
   */
  float[] encode(float[] boxes, float[] references) {
    float[] offsets = new float[boxes.length];
    for (int i = 0; i < boxes.length; i += 4) {
      float width = references[i + 2] - references[i];
      float height = references[i + 3] - references[i + 1];
      float w = boxes[i + 2] - boxes[i];
      float h = boxes[i + 3] - boxes[i + 1];
      offsets[i] = x * (boxes[i] + w / 2 - references[i] - width / 2) / width;
      offsets[i + 1] = x * (boxes[i + 1] + h / 2 - references[i + 1] - height / 2) / height;
      offsets[i + 2] = side * (float) Math.log(w / width);
      offsets[i + 3] = side * (float) Math.log(h / height);
    }
    return offsets;
  }

  /**
   * Follows offsets from one reference to a box.
   *
   * @param offsets {@code [M, 4]}, of which row o is meant
   * @param references {@code [N, 4]}, of which row r is meant
   * @param into receives the box as row i
   */
  void decode(float[] offsets, int o, float[] references, int r, float[] into, int i) {
    int p = 4 * r;
    int q = 4 * o;
    float width = references[p + 2] - references[p];
    float height = references[p + 3] - references[p + 1];
    float centreX = references[p] + width / 2 + offsets[q] / x * width;
    float centreY = references[p + 1] + height / 2 + offsets[q + 1] / x * height;
    float w = (float) Math.exp(Math.min(offsets[q + 2] / side, MOST)) * width;
    float h = (float) Math.exp(Math.min(offsets[q + 3] / side, MOST)) * height;
    into[4 * i] = centreX - w / 2;
    into[4 * i + 1] = centreY - h / 2;
    into[4 * i + 2] = centreX + w / 2;
    into[4 * i + 3] = centreY + h / 2;
  }
}
