package dev.millrace.report.numbers;

import dev.millrace.study.record.Cell;
import dev.millrace.study.record.Insight;
import dev.millrace.study.record.RunRecord;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.commons.statistics.ranking.NaturalRanking;

/**
 * What the sharpness of an encoder says of what is forgotten later: Spearman's rank correlation,
 * over encoders at the ends of all chunks but the last, of the rise of the logistic loss under
 * noise with the points that the chunk's own part loses until the end. It is taken twice, over the
 * same encoders: of the seeds that have every row, so that each seed counts the same methods and
 * remedies.
 *
 * <p>Pooled, a difference between methods, remedies or early and late chunks looks like a
 * correlation, so it is taken within each method, remedy and chunk as well, where encoders differ
 * by the seed alone.
 */
public final class SharpnessAndForgetting {
  /** Fewer encoders of a seed have no rank correlation worth a number. */
  private static final int LEAST = 6;

  /** Two seeds have no rank correlation but one or minus one. */
  private static final int SEEDS = 3;

  /**
   * The correlations of a stream; each is −1 to 1 over seeds, above 0 where the sharper forget
   * more, and not measured where there are too few encoders.
   *
   * @param place data and stream, in words
   * @param rows how many methods with a remedy are pooled
   * @param chunks at the ends of how many chunks
   * @param encoders how many they are taken over, of all seeds
   * @param pooled over all encoders of a seed, one correlation a seed
   * @param within each row and chunk over seeds, the mean of all; a seed is one contribution
   */
  public record Correlation(
      String place, int rows, int chunks, int encoders, Spread pooled, Spread within) {}

  /** An encoder: how much its loss rises, and what its part loses until the end. */
  private record Encoder(double rise, double loss) {}

  private SharpnessAndForgetting() {}

  /**
   * Those of every stream that has enough encoders. Streams whose chunks are all judged on the same
   * pictures have nothing that could be forgotten and are left out.
   */
  public static List<Correlation> of(Study study) {
    Analyses analyses = new Analyses(study);
    boolean byOrder = study.unit().equals("order");
    Map<String, Map<Cell, Map<Long, Map<Integer, List<Encoder>>>>> places = new LinkedHashMap<>();
    for (Cell cell : study.cells()) {
      String task = analyses.mainTask(cell);
      if (!cell.joint() && !cell.baseline() && !analyses.alike(cell, task)) {
        Map<Long, Map<Integer, List<Encoder>>> seeds = new TreeMap<>();
        for (RunRecord run : study.seeds(cell).values()) {
          encoders(run, task)
              .forEach(
                  (chunk, encoder) ->
                      seeds
                          .computeIfAbsent(
                              byOrder ? run.replicate().order() : run.seed(),
                              seed -> new TreeMap<>())
                          .computeIfAbsent(chunk, c -> new ArrayList<>())
                          .add(encoder));
        }
        if (!seeds.isEmpty()) {
          places
              .computeIfAbsent(Wording.place(cell), place -> new LinkedHashMap<>())
              .put(cell, seeds);
        }
      }
    }
    List<Correlation> all = new ArrayList<>();
    places.forEach((place, rows) -> of(place, rows.values()).ifPresent(all::add));
    return all;
  }

  private static Optional<Correlation> of(
      String place, Collection<Map<Long, Map<Integer, List<Encoder>>>> rows) {
    Set<Long> seeds = new TreeSet<>(rows.iterator().next().keySet());
    rows.forEach(row -> seeds.retainAll(row.keySet()));
    Set<Integer> chunks = new TreeSet<>();
    List<Double> pooled = new ArrayList<>();
    int encoders = 0;
    for (long seed : seeds) {
      List<Encoder> all = new ArrayList<>();
      for (Map<Long, Map<Integer, List<Encoder>>> row : rows) {
        chunks.addAll(row.get(seed).keySet());
        row.get(seed).values().forEach(all::addAll);
      }
      encoders += all.size();
      pooled.add(all.size() < LEAST ? null : spearman(all));
    }
    Spread over = Spread.of(pooled);
    Spread within = within(rows, seeds, chunks);
    return over.measured() || within.measured()
        ? Optional.of(new Correlation(place, rows.size(), chunks.size(), encoders, over, within))
        : Optional.empty();
  }

  /**
   * The mean of the rank correlations within a row and chunk, over seeds. It is a sum over seeds,
   * so each seed's contribution, times how many there are, is one number of the spread: chunks and
   * rows of one seed depend on each other, seeds do not.
   */
  private static Spread within(
      Collection<Map<Long, Map<Integer, List<Encoder>>>> rows,
      Set<Long> seeds,
      Set<Integer> chunks) {
    int n = seeds.size();
    double[] contributions = new double[n];
    double rises = 0;
    double losses = 0;
    for (Map<Long, Map<Integer, List<Encoder>>> row : rows) {
      for (int chunk : chunks) {
        if (n >= SEEDS && seeds.stream().allMatch(seed -> row.get(seed).containsKey(chunk))) {
          List<Encoder> means = seeds.stream().map(seed -> mean(row.get(seed).get(chunk))).toList();
          double[] a = ranks(means.stream().mapToDouble(Encoder::rise).toArray());
          double[] b = ranks(means.stream().mapToDouble(Encoder::loss).toArray());
          for (int i = 0; i < n; i++) {
            contributions[i] += n * a[i] * b[i];
          }
          rises += product(a, a);
          losses += product(b, b);
        }
      }
    }
    List<Double> ofSeeds = new ArrayList<>();
    for (double contribution : contributions) {
      ofSeeds.add(rises == 0 || losses == 0 ? null : contribution / Math.sqrt(rises * losses));
    }
    return Spread.of(ofSeeds);
  }

  /** Several orders of a seed are one encoder, their mean. */
  private static Encoder mean(List<Encoder> orders) {
    return new Encoder(
        Spread.of(orders.stream().map(Encoder::rise).toList()).mean(),
        Spread.of(orders.stream().map(Encoder::loss).toList()).mean());
  }

  /** Of each chunk but the last: the rise of the loss, and what its part loses afterwards. */
  private static Map<Integer, Encoder> encoders(RunRecord run, String task) {
    Map<Integer, Encoder> encoders = new TreeMap<>();
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
          encoders.put(chunk, new Encoder(rise, then - atEnd));
        }
      }
    }
    return encoders;
  }

  private static Double at(List<List<Double>> accuracy, int row, int column) {
    return column < accuracy.get(row).size() ? accuracy.get(row).get(column) : null;
  }

  private static Double spearman(List<Encoder> encoders) {
    return spearman(
        encoders.stream().mapToDouble(Encoder::rise).toArray(),
        encoders.stream().mapToDouble(Encoder::loss).toArray());
  }

  /**
   * Spearman's rank correlation of pairs, ties by their mean rank; null where one side is equal.
   */
  static Double spearman(double[] first, double[] second) {
    double[] a = ranks(first);
    double[] b = ranks(second);
    double sizes = Math.sqrt(product(a, a) * product(b, b));
    return sizes == 0 ? null : product(a, b) / sizes;
  }

  /** Ranks less their mean, ties by their mean rank. */
  private static double[] ranks(double[] numbers) {
    double[] ranks = new NaturalRanking().apply(numbers);
    for (int i = 0; i < ranks.length; i++) {
      ranks[i] -= (ranks.length + 1) / 2.0;
    }
    return ranks;
  }

  private static double product(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
