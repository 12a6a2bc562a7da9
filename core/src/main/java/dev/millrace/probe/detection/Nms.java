package dev.millrace.probe.detection;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Greedy non-maximum suppression: by falling score, a box stays unless it overlaps one that stayed
 * by more than a threshold. Boxes of different groups do not suppress each other. Stateless.
 */
final class Nms {
  private Nms() {}

  /**
   * The boxes that stay, by falling score; of equal scores the lower index first.
   *
   * @param boxes {@code [N, 4]}
   * @param scores {@code [N]}
   * @param groups {@code [N]}: level or class of each
   * @param threshold overlap above which the weaker box goes
   * @param most that are returned
   */
  static int[] keep(float[] boxes, float[] scores, int[] groups, double threshold, int most) {
    Map<Integer, List<Integer>> kept = new HashMap<>();
    int[] result = new int[Math.min(most, scores.length)];
    int n = 0;
    for (int i : Boxes.byScore(scores, 0, scores.length)) {
      if (n == result.length) {
        break;
      }
      List<Integer> rivals = kept.computeIfAbsent(groups[i], g -> new ArrayList<>());
      if (stays(boxes, i, rivals, (float) threshold)) {
        rivals.add(i);
        result[n++] = i;
      }
    }
    return java.util.Arrays.copyOf(result, n);
  }

  private static boolean stays(float[] boxes, int i, List<Integer> rivals, float threshold) {
    for (int rival : rivals) {
      if (Boxes.iou(boxes, rival, boxes, i) > threshold) {
        return false;
      }
    }
    return true;
  }
}
