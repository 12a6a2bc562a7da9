package dev.millrace.report.numbers;

import dev.millrace.study.record.Cell;
import dev.millrace.study.record.Insight;
import dev.millrace.study.record.RunRecord;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.commons.statistics.ranking.NaturalRanking;

/**
 * What the sharpness of an encoder says of what is forgotten later: Spearman's rank correlation
 * over all encoders at chunks' ends, of every method and remedy, but the last, of the rise of the
 * logistic loss under noise with the points that the chunk's own part loses until the end. Encoders
 * of one run depend on each other, so each seed gives one correlation.
 */
public final class SharpnessAndForgetting {
  /** Fewer encoders of a seed have no rank correlation worth a number. */
  private static final int LEAST = 6;

  /**
   * The correlation of a stream.
   *
   * @param place data and stream, in words
   * @param encoders how many it is taken over, of all seeds
   * @param rank −1 to 1 over seeds; above 0 where the sharper forget more
   */
  public record Correlation(String place, int encoders, Spread rank) {}

  private SharpnessAndForgetting() {}

  /** Those of every stream that has enough encoders. */
  public static List<Correlation> of(Study study) {
    Analyses analyses = new Analyses(study);
    Map<String, Map<Long, List<double[]>>> places = new LinkedHashMap<>();
    for (Cell cell : study.cells()) {
      if (!cell.joint() && !cell.baseline()) {
        String task = analyses.mainTask(cell);
        for (RunRecord run : study.seeds(cell).values()) {
          places
              .computeIfAbsent(Wording.place(cell), place -> new TreeMap<>())
              .computeIfAbsent(run.seed(), seed -> new ArrayList<>())
              .addAll(encoders(run, task));
        }
      }
    }
    List<Correlation> all = new ArrayList<>();
    places.forEach(
        (place, seeds) -> {
          List<List<double[]>> enough =
              seeds.values().stream().filter(encoders -> encoders.size() >= LEAST).toList();
          Spread rank = Spread.of(enough.stream().map(SharpnessAndForgetting::spearman).toList());
          if (rank.measured()) {
            all.add(new Correlation(place, enough.stream().mapToInt(List::size).sum(), rank));
          }
        });
    return all;
  }

  /** Of each chunk but the last: the rise of the loss, and what its part loses afterwards. */
  private static List<double[]> encoders(RunRecord run, String task) {
    List<double[]> encoders = new ArrayList<>();
    Optional<Insight.Forgetting> forgetting =
        run.insight().forgetting().stream().filter(one -> task.equals(one.task())).findFirst();
    if (forgetting.isEmpty()) {
      return encoders;
    }
    List<List<Double>> accuracy = forgetting.get().accuracy();
    for (Insight.Sharpness sharpness : run.insight().sharpness()) {
      int chunk = sharpness.chunk();
      Double rise = sharpness.noise();
      if (rise != null && chunk < accuracy.size() - 1) {
        Double then = at(accuracy, chunk, chunk);
        Double atEnd = at(accuracy, accuracy.size() - 1, chunk);
        if (then != null && atEnd != null) {
          encoders.add(new double[] {rise, then - atEnd});
        }
      }
    }
    return encoders;
  }

  private static Double at(List<List<Double>> accuracy, int row, int column) {
    return column < accuracy.get(row).size() ? accuracy.get(row).get(column) : null;
  }

  /**
   * Spearman's rank correlation of pairs, ties by their mean rank; null where one side is equal.
   */
  static Double spearman(List<double[]> pairs) {
    NaturalRanking ranking = new NaturalRanking();
    double[] a = ranking.apply(pairs.stream().mapToDouble(pair -> pair[0]).toArray());
    double[] b = ranking.apply(pairs.stream().mapToDouble(pair -> pair[1]).toArray());
    double mean = (pairs.size() + 1) / 2.0;
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (int i = 0; i < a.length; i++) {
      ab += (a[i] - mean) * (b[i] - mean);
      aa += (a[i] - mean) * (a[i] - mean);
      bb += (b[i] - mean) * (b[i] - mean);
    }
    return aa == 0 || bb == 0 ? null : ab / Math.sqrt(aa * bb);
  }
}
