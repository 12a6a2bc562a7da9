package dev.millrace.probe.detection;

import java.util.Arrays;

/**
 * Assigns to each anchor or proposal the true box that it overlaps most (Ren et al., "Faster
 * R-CNN", NeurIPS 2015, §3.1.2), as torchvision does. Immutable.
 *
 * @param foreground overlap from which on a box is matched, in (0, 1]
 * @param background overlap below which a box is background, 0 … foreground; between both it counts
 *     for nothing
 * @param best whether the boxes that overlap a true box most of all are matched at any overlap, so
 *     that no true box goes without
 */
public record Matcher(double foreground, double background, boolean best) {
  /** The match of a box that is background. */
  static final int BACKGROUND = -1;

  /** The match of a box that is neither. */
  static final int BETWEEN = -2;

  /** Refuses thresholds that leave no order. */
  public Matcher {
    if (!(foreground > 0 && foreground <= 1 && background >= 0 && background <= foreground)) {
      throw new IllegalArgumentException(
          "found overlaps %s for foreground and %s for background, expected 0 ≤ background ≤ foreground ≤ 1: try 0.7 and 0.3"
              .formatted(foreground, background));
    }
  }

  /** The true box of each box, or {@link #BACKGROUND} or {@link #BETWEEN}. */
  int[] match(float[] truths, float[] boxes) {
    int n = Boxes.count(boxes);
    int m = Boxes.count(truths);
    int[] match = new int[n];
    if (m == 0) {
      Arrays.fill(match, BACKGROUND);
      return match;
    }
    float[] most = new float[m];
    for (int i = 0; i < n; i++) {
      float overlap = -1;
      for (int t = 0; t < m; t++) {
        float iou = Boxes.iou(truths, t, boxes, i);
        most[t] = Math.max(most[t], iou);
        if (iou > overlap) {
          overlap = iou;
          match[i] = t;
        }
      }
      if (overlap < (float) background) {
        match[i] = BACKGROUND;
      } else if (overlap < (float) foreground) {
        match[i] = BETWEEN;
      }
    }
    if (best) {
      restoreBest(truths, boxes, most, match);
    }
    return match;
  }

  private static void restoreBest(float[] truths, float[] boxes, float[] most, int[] match) {
    for (int i = 0; i < match.length; i++) {
      if (match[i] >= 0) {
        continue;
      }
      int nearest = 0;
      float overlap = -1;
      boolean chosen = false;
      for (int t = 0; t < most.length; t++) {
        float iou = Boxes.iou(truths, t, boxes, i);
        // A true box that no box overlaps would otherwise match every one of them.
        chosen |= iou > 0 && iou == most[t];
        if (iou > overlap) {
          overlap = iou;
          nearest = t;
        }
      }
      if (chosen) {
        match[i] = nearest;
      }
    }
  }
}
