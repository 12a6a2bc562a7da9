package dev.millrace.probe.detection;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Average precision as Pascal VOC counted it until 2007: at one overlap, the mean of the highest
 * precision at or beyond the recalls 0, 0.1 … 1 (Everingham et al., "The Pascal Visual Object
 * Classes Challenge", IJCV 2010, §4.2). A detection is judged by the truth it overlaps most, taken
 * or not; finding a difficult or crowd truth is neither right nor wrong. Stateless.
 */
public final class Voc2007Evaluation {
  private static final int POINTS = 11;

  private record Ranked(int picture, Detection detection) {}

  private Voc2007Evaluation() {}

  /**
   * Average precision of each class, 0 … 1; −1 where there is no truth.
   *
   * @param truths of each picture
   * @param found in each picture, in any order
   * @param classes number of classes
   * @param overlap from which on a detection may be right; VOC's is 0.5
   */
  public static double[] of(
      List<List<Truth>> truths, List<List<Detection>> found, int classes, double overlap) {
    double[] all = new double[classes];
    for (int c = 0; c < classes; c++) {
      all[c] = one(truths, found, c, overlap);
    }
    return all;
  }

  /** Mean over the classes that have a truth; −1 for none. */
  public static double mean(double[] perClass) {
    return java.util.Arrays.stream(perClass).filter(ap -> ap >= 0).average().orElse(-1);
  }

  private static double one(
      List<List<Truth>> truths, List<List<Detection>> found, int label, double overlap) {
    List<List<Truth>> own = new ArrayList<>();
    List<boolean[]> taken = new ArrayList<>();
    List<Ranked> ranked = new ArrayList<>();
    int count = 0;
    for (int i = 0; i < truths.size(); i++) {
      int picture = i;
      List<Truth> of = truths.get(i).stream().filter(t -> t.label() == label).toList();
      own.add(of);
      taken.add(new boolean[of.size()]);
      count += (int) of.stream().filter(t -> !t.ignored()).count();
      found.get(i).stream()
          .filter(d -> d.label() == label)
          .forEach(d -> ranked.add(new Ranked(picture, d)));
    }
    if (count == 0) {
      return -1;
    }
    ranked.sort(Comparator.comparingDouble((Ranked r) -> r.detection().score()).reversed());
    double[] best = new double[POINTS];
    int hits = 0;
    int misses = 0;
    for (Ranked r : ranked) {
      List<Truth> of = own.get(r.picture());
      int most = most(of, r.detection().box(), overlap);
      if (most >= 0 && of.get(most).ignored()) {
        continue;
      }
      if (most >= 0 && !taken.get(r.picture())[most]) {
        taken.get(r.picture())[most] = true;
        hits++;
      } else {
        misses++;
      }
      for (int p = 0; p < POINTS; p++) {
        if (10L * hits >= (long) p * count) {
          best[p] = Math.max(best[p], (double) hits / (hits + misses));
        }
      }
    }
    double sum = 0;
    for (double precision : best) {
      sum += precision;
    }
    return sum / POINTS;
  }

  /** The truth most overlapped, if by enough; else −1. */
  private static int most(List<Truth> truths, Box box, double overlap) {
    int most = -1;
    double iou = overlap;
    for (int g = 0; g < truths.size(); g++) {
      double here = truths.get(g).box().iou(box);
      if (here >= iou) {
        iou = here;
        most = g;
      }
    }
    return most;
  }
}
