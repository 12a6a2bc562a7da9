package dev.millrace.report.numbers;

import dev.millrace.study.record.Cell;
import dev.millrace.study.record.Insight;
import dev.millrace.study.record.RunRecord;
import java.util.ArrayList;
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
 * noise with the points that the chunk's own part loses until the end, the mean over the primary
 * measures. It is taken twice, over the same encoders. Each seed counts the rows that it has.
 *
 * <p>Pooled, a difference between methods, remedies or early and late chunks looks like a
 * correlation, so it is taken within each method, remedy and chunk as well, where encoders differ
 * by the seed alone.
 *
 * <p>Who did not learn is flat and forgets nothing, and a full head loses by its head's shock: such
 * rows, and single runs that did not learn a chunk, are left out.
 */
public final class SharpnessAndForgetting {
  /** What the correlations over the encoders of all streams are called. */
  static final String ALL = "all streams together";

  /** Fewer encoders of a seed have no rank correlation worth a number. */
  private static final int LEAST = 6;

  /** Two seeds have no rank correlation but one or minus one. */
  private static final int SEEDS = 3;

  /**
   * The correlations of a stream; each is −1 to 1 over seeds, above 0 where the sharper forget
   * more, and not measured where there are too few encoders.
   *
   * @param place data and stream, and by what forgetting is judged, in words
   * @param rows how many methods with a remedy are pooled
   * @param chunks at the ends of how many chunks
   * @param encoders how many they are taken over, of all seeds
   * @param pooled over all encoders of a seed, one correlation a seed
   * @param within each row and chunk over seeds, the mean of all; a seed is one contribution
   */
  public record Correlation(
      String place, int rows, int chunks, int encoders, Spread pooled, Spread within) {}

  /** An encoder: how much its loss rises, and what its part loses until the end. */
  record Encoder(double rise, double loss) {}

  /** The encoders of a method with a remedy, by seed and chunk; of several orders of a seed all. */
  record Row(Map<Long, Map<Integer, List<Encoder>>> seeds) {}

  private SharpnessAndForgetting() {}

  /**
   * Those of every stream that has enough encoders and, of several, of all together. Streams whose
   * chunks are all judged on the same pictures have nothing that could be forgotten and are left
   * out.
   */
  public static List<Correlation> of(Study study) {
    Analyses analyses = new Analyses(study);
    Learning learning = new Learning(study);
    Map<String, List<Row>> places = new LinkedHashMap<>();
    for (Cell cell : study.cells()) {
      if (!cell.joint()
          && !cell.baseline()
          && !Claims.FULL.contains(cell.method())
          && analyses.canForget(cell)
          && learning.faultOfForgetting(cell).isEmpty()) {
        List<String> tasks = analyses.mainTasks(cell);
        Row row = row(study, cell, tasks);
        if (!row.seeds.isEmpty()) {
          places
              .computeIfAbsent(
                  Wording.place(cell) + ", by " + Wording.measures(tasks),
                  place -> new ArrayList<>())
              .add(row);
        }
      }
    }
    List<Correlation> all = new ArrayList<>();
    places.forEach((place, rows) -> of(place, rows).ifPresent(all::add));
    if (places.size() > 1) {
      of(ALL, places.values().stream().flatMap(List::stream).toList()).ifPresent(all::add);
    }
    return all;
  }

  private static Row row(Study study, Cell cell, List<String> tasks) {
    boolean byOrder = study.unit().equals("order");
    Map<Long, Map<Integer, List<Encoder>>> seeds = new TreeMap<>();
    for (RunRecord run : study.seeds(cell).values()) {
      if (ChunkEnd.learned(run)) {
        encoders(run, tasks)
            .forEach(
                (chunk, encoder) ->
                    seeds
                        .computeIfAbsent(
                            byOrder ? run.replicate().order() : run.seed(), seed -> new TreeMap<>())
                        .computeIfAbsent(chunk, c -> new ArrayList<>())
                        .add(encoder));
      }
    }
    return new Row(seeds);
  }

  private static Optional<Correlation> of(String place, List<Row> rows) {
    Map<Long, List<Encoder>> seeds = new TreeMap<>();
    Set<Integer> chunks = new TreeSet<>();
    for (Row row : rows) {
      row.seeds.forEach(
          (seed, ends) -> {
            chunks.addAll(ends.keySet());
            ends.values().forEach(seeds.computeIfAbsent(seed, s -> new ArrayList<>())::addAll);
          });
    }
    Spread pooled =
        Spread.of(
            seeds.values().stream().map(all -> all.size() < LEAST ? null : spearman(all)).toList());
    Spread within = within(rows);
    return pooled.measured() || within.measured()
        ? Optional.of(
            new Correlation(
                place,
                rows.size(),
                chunks.size(),
                seeds.values().stream().mapToInt(List::size).sum(),
                pooled,
                within))
        : Optional.empty();
  }

  /**
   * The mean of the rank correlations within a row and chunk, over the seeds that it has. It is a
   * sum over seeds, so each seed's contribution, times how many there are, is one number of the
   * spread: chunks and rows of one seed depend on each other, seeds do not. But ranks of n seeds
   * about their mean go against each other by 1/(n − 1), in both numbers, so that contributions lie
   * less far apart than their sum does from study to study: by (n − 2)/(n − 1) in the variance
   * where all rows have n seeds. The deviation is widened by what their expectations say.
   */
  static Spread within(List<Row> rows) {
    Map<Long, Double> contributions = new TreeMap<>();
    double rises = 0;
    double losses = 0;
    double ofSum = 0; // expected square of the sum of all contributions where nothing goes together
    double ofEach = 0; // and of their squares' sum
    for (Row row : rows) {
      Set<Integer> chunks = new TreeSet<>();
      row.seeds.values().forEach(ends -> chunks.addAll(ends.keySet()));
      for (int chunk : chunks) {
        List<Long> seeds =
            row.seeds.keySet().stream()
                .filter(seed -> row.seeds.get(seed).containsKey(chunk))
                .toList();
        int n = seeds.size();
        if (n >= SEEDS) {
          List<Encoder> means =
              seeds.stream().map(seed -> mean(row.seeds.get(seed).get(chunk))).toList();
          double[] a = ranks(means.stream().mapToDouble(Encoder::rise).toArray());
          double[] b = ranks(means.stream().mapToDouble(Encoder::loss).toArray());
          for (int i = 0; i < n; i++) {
            contributions.merge(seeds.get(i), a[i] * b[i], Double::sum);
          }
          double both = product(a, a) * product(b, b);
          rises += product(a, a);
          losses += product(b, b);
          ofSum += both / (n - 1);
          ofEach += both / n;
        }
      }
    }
    int all = contributions.size();
    if (rises == 0 || losses == 0) {
      return Spread.NONE;
    }
    double size = Math.sqrt(rises * losses);
    Spread plain = Spread.of(contributions.values().stream().map(one -> all * one / size).toList());
    double shown = (ofEach - ofSum / all) * all / (all - 1);
    // Of equal contributions, as four ranks in some orders give, nobody knows how far they vary.
    return new Spread(
        plain.n(),
        plain.mean(),
        plain.deviation() < 1e-9 || shown <= 0
            ? Double.NaN
            : plain.deviation() * Math.sqrt(ofSum / shown));
  }

  /** Several orders of a seed are one encoder, their mean. */
  private static Encoder mean(List<Encoder> orders) {
    return new Encoder(
        Spread.of(orders.stream().map(Encoder::rise).toList()).mean(),
        Spread.of(orders.stream().map(Encoder::loss).toList()).mean());
  }

  /** Of each chunk but the last: the rise of the loss, and what its part loses afterwards. */
  private static Map<Integer, Encoder> encoders(RunRecord run, List<String> tasks) {
    Map<Integer, Encoder> encoders = new TreeMap<>();
    for (Insight.Sharpness sharpness : run.insight().sharpness()) {
      Double rise = sharpness.noise();
      Double loss = Analyses.forgetting(run, tasks, one -> lost(one, sharpness.chunk()));
      if (rise != null && loss != null) {
        encoders.put(sharpness.chunk(), new Encoder(rise, loss));
      }
    }
    return encoders;
  }

  /** What a chunk's own part loses until the end; null for the last, and where not measured. */
  private static Double lost(Insight.Forgetting one, int chunk) {
    int last = one.accuracy().size() - 1;
    if (chunk >= last) {
      return null;
    }
    Double then = at(one.accuracy(), chunk, chunk);
    Double atEnd = at(one.accuracy(), last, chunk);
    return then == null || atEnd == null ? null : then - atEnd;
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
