package dev.millrace.report.numbers;

import dev.millrace.study.record.Cell;
import dev.millrace.study.record.Comparison;
import dev.millrace.study.record.Insight;
import dev.millrace.study.record.RunRecord;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;

/**
 * What insight into runs comes to, in words.
 *
 * @param sentence of one run what was found, of several how they compare
 * @param details one line per run where there are several
 */
public record InsightAnswer(String sentence, List<String> details) {
  /**
   * The answer that was found.
   *
   * @param study runs as rows, the data of each with the run's name
   * @param against what they were compared with by CKA
   */
  public static InsightAnswer of(Study study, String against) {
    Analyses analyses = new Analyses(study);
    List<Cell> runs = study.cells();
    List<String> details = runs.stream().map(run -> line(study, analyses, run, against)).toList();
    if (details.size() == 1) {
      return new InsightAnswer(details.get(0), List.of());
    }
    return new InsightAnswer(compared(study, analyses, runs), details);
  }

  private static String line(Study study, Analyses analyses, Cell run, String against) {
    List<String> said = new ArrayList<>();
    for (String task : analyses.forgettingTasks(run)) {
      said.add(forgetting(analyses, run, task));
    }
    for (RunRecord record : study.seeds(run).values()) {
      health(record.insight().health(), said);
      sharpness(record.insight().sharpness(), said);
      barrier(record.insight().landscape(), said);
      drift(record.insight().cka(), said);
    }
    List<Comparison.Likeness> likenesses = analyses.likenesses(run);
    if (!likenesses.isEmpty()) {
      Comparison.Likeness last = likenesses.get(likenesses.size() - 1);
      List<List<Double>> values = last.values();
      int layer = values.size() - 1;
      said.add(
          "its last layer is "
              + Wording.number(values.get(layer).get(values.get(layer).size() - 1), 2)
              + " like that of "
              + against
              + " (CKA, 1 is equal)");
    }
    return run.data()
        + ": "
        + (said.isEmpty() ? "nothing was measured" : String.join("; ", said))
        + ".";
  }

  private static String forgetting(Analyses analyses, Cell run, String task) {
    Spread end = analyses.averageAccuracy(run, task);
    Spread untrained = analyses.untrained(run, task);
    boolean alike = analyses.alike(run, task);
    String at =
        "ends at "
            + Wording.number(end.mean(), 1)
            + " %"
            + (alike ? " on the whole set" : "")
            + (untrained.measured()
                ? " (an untrained encoder " + Wording.number(untrained.mean(), 1) + " %)"
                : "");
    if (alike) {
      return "by " + Wording.task(task) + " it " + at;
    }
    double transfer = analyses.backwardTransfer(run, task).mean();
    return "by "
        + Wording.task(task)
        + " it forgot "
        + (transfer > -0.05 ? "nothing" : Wording.number(-transfer, 1) + " points")
        + " (backward transfer "
        + Wording.signed(transfer, 1)
        + ")"
        + " and "
        + at;
  }

  private static void health(List<Insight.Health> health, List<String> said) {
    health.stream()
        .filter(Insight.Health::collapsed)
        .findFirst()
        .ifPresentOrElse(
            bad -> said.add("its features collapsed after chunk " + (bad.chunk() + 1) + bad.how()),
            () -> {
              if (!health.isEmpty()) {
                said.add(
                    "its features are alive, effective rank "
                        + Wording.brief(value(health.get(health.size() - 1).effectiveRank())));
              }
            });
  }

  private static void sharpness(List<Insight.Sharpness> sharpness, List<String> said) {
    List<Insight.Adaptive> relative =
        sharpness.stream().map(Insight.Sharpness::adaptive).filter(Objects::nonNull).toList();
    if (relative.stream().anyMatch(one -> one.noise() != null)) {
      said.add(
          "under noise on its filters the "
              + relative.get(0).of()
              + (relative.get(0).comparable() ? "'s loss" : "")
              + " rises by "
              + String.join(
                  " → ",
                  relative.stream()
                      .map(one -> one.noise() == null ? "?" : Wording.brief(one.noise()))
                      .toList())
              + " %");
    } else if (!relative.isEmpty()) {
      said.add("its sharpness is left out: " + relative.get(0).leftOut());
    } else if (!sharpness.isEmpty()) {
      said.add(
          "Keskar's sharpness, which depends on the scale of weights, is "
              + String.join(
                  " → ", sharpness.stream().map(one -> Wording.brief(value(one.keskar()))).toList())
              + " %");
    }
  }

  private static void barrier(Insight.Landscape landscape, List<String> said) {
    landscape.paths().stream()
        .filter(path -> path.loss().size() > 1 && !path.loss().contains(null))
        .map(
            path ->
                path.loss().stream().mapToDouble(x -> x).max().orElse(0)
                    - Math.max(path.loss().get(0), path.loss().get(path.loss().size() - 1)))
        .max(Comparator.naturalOrder())
        .ifPresent(
            rise ->
                said.add(
                    rise <= 0
                        ? "no barrier lies between the solutions of its chunks"
                        : "between the solutions of its chunks the loss rises by "
                            + Wording.brief(rise)
                            + " at most"));
  }

  private static void drift(List<Insight.ChunkCka> pairs, List<String> said) {
    pairs.stream()
        .filter(pair -> !pair.values().isEmpty() && pair.b() == pair.a() + 1)
        .map(pair -> value(pair.values().get(pair.values().size() - 1)))
        .min(Comparator.naturalOrder())
        .ifPresent(
            least ->
                said.add(
                    "from chunk to chunk its last layer stays at least "
                        + Wording.number(least, 2)
                        + " like itself"));
  }

  private static double value(Double number) {
    return number == null ? Double.NaN : number;
  }

  private static String compared(Study study, Analyses analyses, List<Cell> runs) {
    for (String task :
        runs.stream().flatMap(c -> analyses.forgettingTasks(c).stream()).distinct().toList()) {
      String by = " by " + Wording.task(task);
      if (runs.stream().noneMatch(run -> analyses.alike(run, task))) {
        return ends(
            runs,
            run -> -analyses.backwardTransfer(run, task).mean(),
            "forgot least" + by,
            "most",
            " points");
      }
      return ends(
          runs,
          run -> -analyses.averageAccuracy(run, task).mean(),
          "knows most at the end" + by,
          "least",
          " %");
    }
    Function<Cell, Double> noise = run -> analyses.sharpness(run, Insight.Sharpness::noise).mean();
    if (runs.stream().anyMatch(run -> Double.isFinite(noise.apply(run)))) {
      return ends(runs, noise, "has the flattest minima under noise", "the sharpest", " %");
    }
    if (runs.stream().anyMatch(run -> analyses.keskar(run).measured())) {
      return ends(
          runs,
          run -> analyses.keskar(run).mean(),
          "has the flattest minima by Keskar's measure, which depends on the scale of weights",
          "the sharpest",
          " %");
    }
    return ends(runs, run -> -rank(study, run), "uses most directions", "fewest", "");
  }

  private static double rank(Study study, Cell run) {
    return study
        .spread(
            run,
            record -> {
              List<Insight.Health> health = record.insight().health();
              return health.isEmpty() ? null : health.get(health.size() - 1).effectiveRank();
            })
        .mean();
  }

  /** The runs at both ends of a number; negated numbers are shown as they are. */
  private static String ends(
      List<Cell> runs, Function<Cell, Double> number, String first, String last, String unit) {
    List<Cell> sorted =
        runs.stream()
            .filter(run -> Double.isFinite(number.apply(run)))
            .sorted(Comparator.comparing(number))
            .toList();
    if (sorted.size() < 2) {
      return Wording.count(runs.size(), "run")
          + ", side by side; no number is there of two of them.";
    }
    boolean negated = !last.equals("most") && !last.equals("the sharpest");
    Cell least = sorted.get(0);
    Cell most = sorted.get(sorted.size() - 1);
    double sign = negated ? -1 : 1;
    return "Of "
        + Wording.count(runs.size(), "run")
        + " "
        + least.data()
        + " "
        + first
        + " ("
        + Wording.brief(sign * number.apply(least))
        + unit
        + "), "
        + most.data()
        + " "
        + last
        + " ("
        + Wording.brief(sign * number.apply(most))
        + unit
        + ").";
  }
}
