package dev.millrace.probe.detection;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Average precision as COCO counts it: pycocotools' {@code COCOeval} for boxes, ten overlaps 0.50 …
 * 0.95, precision at 101 recalls, at most 100 detections a picture and class. Values are shares 0 …
 * 1; −1 where there is no truth. Stateless.
 */
public final class CocoEvaluation {
  /**
   * What came out.
   *
   * @param ap mean over classes and overlaps
   * @param ap50 at overlap 0.5
   * @param ap75 at overlap 0.75
   * @param small of truths up to 32² square pixels
   * @param medium up to 96²
   * @param large of the others
   * @param recall1 mean recall over classes and overlaps with one detection a picture and class
   * @param recall10 with ten
   * @param recall100 with a hundred
   * @param perClass {@code ap} of each class
   * @param perClass50 {@code ap50} of each class
   */
  public record Result(
      double ap,
      double ap50,
      double ap75,
      double small,
      double medium,
      double large,
      double recall1,
      double recall10,
      double recall100,
      double recallSmall,
      double recallMedium,
      double recallLarge,
      List<Double> perClass,
      List<Double> perClass50) {}

  private static final int OVERLAPS = 10;
  private static final int RECALLS = 101;
  private static final int[] MOST = {1, 10, 100};
  private static final double[][] AREAS = {
    {0, 1e10}, {0, 32 * 32}, {32 * 32, 96 * 96}, {96 * 96, 1e10}
  };

  /**
   * One class, size and picture.
   *
   * @param scores by falling score
   * @param matched whether each detection found a truth, by overlap
   * @param ignored whether it counts for nothing, by overlap
   * @param truths that count
   */
  @SuppressWarnings("ArrayRecordComponent") // read once, compared by nobody
  private record Matched(double[] scores, boolean[][] matched, boolean[][] ignored, int truths) {}

  /** Precision by overlap and recall, and the recall reached by overlap; null without truths. */
  @SuppressWarnings("ArrayRecordComponent") // read once, compared by nobody
  private record Curve(double[][] precision, double[] recall) {}

  private CocoEvaluation() {}

  /**
   * Compares detections with the truth.
   *
   * @param truths of each picture
   * @param found in each picture, in any order; of equal scores the earlier counts as the better
   * @param classes number of classes
   * @throws IllegalArgumentException if the lists are not as long
   */
  public static Result of(List<List<Truth>> truths, List<List<Detection>> found, int classes) {
    if (truths.size() != found.size()) {
      throw new IllegalArgumentException(
          "found detections of %d pictures and truths of %d, expected as many"
              .formatted(found.size(), truths.size()));
    }
    Curve[][][] curves = new Curve[classes][AREAS.length][MOST.length];
    for (int c = 0; c < classes; c++) {
      for (int a = 0; a < AREAS.length; a++) {
        List<Matched> pictures = new ArrayList<>();
        for (int i = 0; i < truths.size(); i++) {
          pictures.add(match(truths.get(i), found.get(i), c, AREAS[a]));
        }
        for (int m = 0; m < MOST.length; m++) {
          curves[c][a][m] = curve(pictures, MOST[m]);
        }
      }
    }
    List<Double> perClass = new ArrayList<>();
    List<Double> perClass50 = new ArrayList<>();
    for (int c = 0; c < classes; c++) {
      Curve[][][] one = {curves[c]};
      perClass.add(precision(one, 0, 0, OVERLAPS));
      perClass50.add(precision(one, 0, 0, 1));
    }
    return new Result(
        precision(curves, 0, 0, OVERLAPS),
        precision(curves, 0, 0, 1),
        precision(curves, 0, 5, 6),
        precision(curves, 1, 0, OVERLAPS),
        precision(curves, 2, 0, OVERLAPS),
        precision(curves, 3, 0, OVERLAPS),
        recall(curves, 0, 0),
        recall(curves, 0, 1),
        recall(curves, 0, 2),
        recall(curves, 1, 2),
        recall(curves, 2, 2),
        recall(curves, 3, 2),
        perClass,
        perClass50);
  }

  /** The whole score of a part of a set: what was found in its pictures. */
  public static Result of(
      List<AnnotatedPicture> pictures, List<List<Detection>> found, List<String> classes) {
    return of(pictures.stream().map(AnnotatedPicture::truths).toList(), found, classes.size());
  }

  /** As numpy.linspace(0.5, 0.95, 10) rounds: an overlap of 0.85 counts at 0.85. */
  private static double overlap(int t) {
    return 0.5 + t * ((0.95 - 0.5) / (OVERLAPS - 1));
  }

  private static Matched match(
      List<Truth> allTruths, List<Detection> allFound, int label, double[] area) {
    // Those that count come first, so that a detection takes one of them if it can.
    List<Truth> truths =
        allTruths.stream()
            .filter(t -> t.label() == label)
            .sorted(Comparator.comparing((Truth t) -> ignored(t, area)))
            .toList();
    List<Detection> found =
        allFound.stream()
            .filter(d -> d.label() == label)
            .sorted(Comparator.comparingDouble(Detection::score).reversed())
            .limit(MOST[MOST.length - 1])
            .toList();
    double[][] overlaps = new double[found.size()][truths.size()];
    for (int d = 0; d < found.size(); d++) {
      for (int g = 0; g < truths.size(); g++) {
        overlaps[d][g] = overlap(found.get(d).box(), truths.get(g));
      }
    }
    boolean[][] matched = new boolean[OVERLAPS][found.size()];
    boolean[][] ignored = new boolean[OVERLAPS][found.size()];
    for (int t = 0; t < OVERLAPS; t++) {
      boolean[] taken = new boolean[truths.size()];
      for (int d = 0; d < found.size(); d++) {
        int best = best(overlaps[d], truths, taken, area, overlap(t));
        if (best >= 0) {
          taken[best] = true;
          matched[t][d] = true;
          ignored[t][d] = ignored(truths.get(best), area);
        } else {
          ignored[t][d] = outside(found.get(d).box().area(), area);
        }
      }
    }
    return new Matched(
        found.stream().mapToDouble(Detection::score).toArray(),
        matched,
        ignored,
        (int) truths.stream().filter(t -> !ignored(t, area)).count());
  }

  /** The truth that a detection takes: the most overlapped free one; −1 for none. */
  private static int best(
      double[] overlaps, List<Truth> truths, boolean[] taken, double[] area, double threshold) {
    int best = -1;
    double most = threshold;
    for (int g = 0; g < overlaps.length; g++) {
      Truth truth = truths.get(g);
      if (taken[g] && !truth.crowd()) {
        continue;
      }
      if (best >= 0 && !ignored(truths.get(best), area) && ignored(truth, area)) {
        break;
      }
      if (overlaps[g] >= most) {
        most = overlaps[g];
        best = g;
      }
    }
    return best;
  }

  /** With a crowd, what counts is how much of the detection lies within. */
  private static double overlap(Box found, Truth truth) {
    if (!truth.crowd()) {
      return found.iou(truth.box());
    }
    return found.area() > 0 ? found.intersection(truth.box()) / found.area() : 0;
  }

  private static boolean ignored(Truth truth, double[] area) {
    return truth.ignored() || outside(truth.area(), area);
  }

  private static boolean outside(double area, double[] range) {
    return area < range[0] || area > range[1];
  }

  private record Place(double score, int picture, int detection) {}

  private static Curve curve(List<Matched> pictures, int most) {
    int truths = pictures.stream().mapToInt(Matched::truths).sum();
    if (truths == 0) {
      return null;
    }
    List<Place> order = new ArrayList<>();
    for (int i = 0; i < pictures.size(); i++) {
      for (int d = 0; d < Math.min(most, pictures.get(i).scores().length); d++) {
        order.add(new Place(pictures.get(i).scores()[d], i, d));
      }
    }
    order.sort(Comparator.comparingDouble(Place::score).reversed());
    double[][] precision = new double[OVERLAPS][RECALLS];
    double[] reached = new double[OVERLAPS];
    for (int t = 0; t < OVERLAPS; t++) {
      double[] right = new double[order.size()];
      double[] recall = new double[order.size()];
      int hits = 0;
      int misses = 0;
      for (int k = 0; k < order.size(); k++) {
        Matched of = pictures.get(order.get(k).picture());
        int d = order.get(k).detection();
        if (!of.ignored()[t][d]) {
          hits += of.matched()[t][d] ? 1 : 0;
          misses += of.matched()[t][d] ? 0 : 1;
        }
        recall[k] = (double) hits / truths;
        right[k] = hits / (hits + misses + Math.ulp(1.0));
      }
      precision[t] = sampled(right, recall);
      reached[t] = order.isEmpty() ? 0 : recall[order.size() - 1];
    }
    return new Curve(precision, reached);
  }

  /** The highest precision at or beyond each of the recalls 0, 0.01 … 1; 0 where none is. */
  private static double[] sampled(double[] precision, double[] recall) {
    double[] best = precision.clone();
    for (int k = best.length - 2; k >= 0; k--) {
      best[k] = Math.max(best[k], best[k + 1]);
    }
    double[] sampled = new double[RECALLS];
    int k = 0;
    for (int r = 0; r < RECALLS; r++) {
      while (k < recall.length && recall[k] < r * 0.01) {
        k++;
      }
      sampled[r] = k < best.length ? best[k] : 0;
    }
    return sampled;
  }

  private static double precision(Curve[][][] curves, int area, int from, int to) {
    return Arrays.stream(curves)
        .map(of -> of[area][MOST.length - 1])
        .filter(curve -> curve != null)
        .flatMapToDouble(
            curve -> Arrays.stream(curve.precision(), from, to).flatMapToDouble(Arrays::stream))
        .average()
        .orElse(-1);
  }

  private static double recall(Curve[][][] curves, int area, int most) {
    return Arrays.stream(curves)
        .map(of -> of[area][most])
        .filter(curve -> curve != null)
        .flatMapToDouble(curve -> Arrays.stream(curve.recall()))
        .average()
        .orElse(-1);
  }
}
