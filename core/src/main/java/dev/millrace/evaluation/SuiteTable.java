package dev.millrace.evaluation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * A suite's answers, encoders beside each other.
 *
 * @param encoders the columns
 * @param rows a set, a split and a task each; grouped by task
 * @param summaries averages and mean ranks over sets
 */
public record SuiteTable(List<String> encoders, List<Row> rows, List<Summary> summaries) {
  /** Makes the lists immutable. */
  public SuiteTable {
    encoders = List.copyOf(encoders);
    rows = List.copyOf(rows);
    summaries = List.copyOf(summaries);
  }

  /**
   * One line.
   *
   * @param data the set
   * @param split {@code test}, {@code all} or {@code left-out}; of domains the mean is given
   * @param task what was asked
   * @param shots examples per class; null but for few-shot
   * @param metric {@code top1}, {@code mean_per_class}; null where nothing was judged
   * @param values percent, a column each; null where it is not known
   * @param ci95 half the 95 % interval, percent, a column each; null where there is none
   * @param chance percent that guessing would reach; of domains the mean; null where it is not
   *     known
   * @param conditions of the answers, by the set's name or its domains'; without those of older
   *     versions, which did not note them
   * @param missing why nothing was judged; null where it was
   */
  public record Row(
      String data,
      String split,
      String task,
      Integer shots,
      String metric,
      List<Double> values,
      List<Double> ci95,
      Double chance,
      Map<String, Conditions> conditions,
      String missing) {
    /** One line without conditions. */
    public Row(
        String data,
        String split,
        String task,
        Integer shots,
        String metric,
        List<Double> values,
        List<Double> ci95,
        String missing) {
      this(data, split, task, shots, metric, values, ci95, null, Map.of(), missing);
    }
  }

  /**
   * Over the sets that every column has a value of.
   *
   * @param what a task, or {@link #OWN}
   * @param sets how many these are
   * @param averages percent, a column each
   * @param meanRanks 1 is the best of the columns; equal values share the mean of their ranks
   */
  public record Summary(String what, int sets, List<Double> averages, List<Double> meanRanks) {}

  /** Each set by its own task; several splits or shots of a set count as their mean. */
  public static final String OWN = "each set's own task";

  /** Ranks of values, 1 for the largest; equal ones share the mean of their ranks. */
  static double[] ranks(double... values) {
    return Arrays.stream(values)
        .map(
            v -> {
              long better = Arrays.stream(values).filter(other -> other > v).count();
              long equal = Arrays.stream(values).filter(other -> other == v).count();
              return better + (equal + 1) / 2.0;
            })
        .toArray();
  }

  /**
   * The table of rows whose summaries are still to be made.
   *
   * @param own each set's own task
   */
  static SuiteTable of(List<String> encoders, List<Row> rows, Map<String, String> own) {
    List<Summary> summaries = new ArrayList<>();
    Map<String, List<Row>> groups = new LinkedHashMap<>();
    for (Row row : rows) {
      if (row.missing() == null) {
        groups.computeIfAbsent(title(row), k -> new ArrayList<>()).add(row);
      }
    }
    groups.forEach((title, group) -> add(summaries, title, group, encoders.size()));
    add(
        summaries,
        OWN,
        rows.stream().filter(row -> row.task().equals(own.get(row.data()))).toList(),
        encoders.size());
    return new SuiteTable(encoders, rows, summaries);
  }

  /** A task with its shots. */
  public static String title(Row row) {
    return row.shots() == null ? row.task() : row.task() + ", " + row.shots() + "-shot";
  }

  private static void add(List<Summary> summaries, String what, List<Row> rows, int columns) {
    Map<String, List<Row>> sets = new LinkedHashMap<>();
    for (Row row : rows) {
      if (row.missing() == null && row.values().stream().noneMatch(Objects::isNull)) {
        sets.computeIfAbsent(row.data(), k -> new ArrayList<>()).add(row);
      }
    }
    if (sets.isEmpty()) {
      return;
    }
    double[] averages = new double[columns];
    double[] ranks = new double[columns];
    for (List<Row> set : sets.values()) {
      double[] values = new double[columns];
      for (int c = 0; c < columns; c++) {
        int column = c;
        values[c] = set.stream().mapToDouble(r -> r.values().get(column)).average().orElseThrow();
      }
      double[] places = ranks(values);
      for (int c = 0; c < columns; c++) {
        averages[c] += values[c] / sets.size();
        ranks[c] += places[c] / sets.size();
      }
    }
    summaries.add(new Summary(what, sets.size(), list(averages), list(ranks)));
  }

  private static List<Double> list(double[] values) {
    return DoubleStream.of(values).boxed().toList();
  }

  /** One row of several results of a column each: of a set, or of its domains. */
  static Row row(String data, List<List<ProbeResult>> columns) {
    ProbeResult any = columns.stream().flatMap(List::stream).findFirst().orElseThrow();
    int full = columns.stream().mapToInt(List::size).max().orElseThrow();
    List<Double> values = new ArrayList<>();
    List<Double> intervals = new ArrayList<>();
    IntStream.range(0, columns.size())
        .forEach(
            c -> {
              List<ProbeResult> column = columns.get(c);
              // Some domains of a set say nothing of the others.
              values.add(
                  column.size() < full
                      ? null
                      : column.stream().mapToDouble(ProbeResult::value).average().orElseThrow());
              intervals.add(column.size() == 1 && full == 1 ? column.get(0).ci95() : null);
            });
    Map<String, Conditions> conditions = new LinkedHashMap<>();
    for (List<ProbeResult> column : columns) {
      for (ProbeResult result : column) {
        if (result.conditions() != null) {
          conditions.putIfAbsent(result.data(), result.conditions());
        }
      }
    }
    List<Double> chances =
        conditions.values().stream().map(Conditions::chance).filter(Objects::nonNull).toList();
    return new Row(
        data,
        any.split(),
        any.task(),
        any.shots(),
        any.metric(),
        values,
        intervals,
        chances.isEmpty()
            ? null
            : chances.stream().mapToDouble(Double::doubleValue).average().orElseThrow(),
        conditions,
        null);
  }
}
