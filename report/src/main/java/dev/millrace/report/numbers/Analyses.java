package dev.millrace.report.numbers;

import dev.millrace.study.record.Cell;
import dev.millrace.study.record.Comparison;
import dev.millrace.study.record.Insight;
import dev.millrace.study.record.Replicate;
import dev.millrace.study.record.RunRecord;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;

/** Forgetting, sharpness and likeness of a study's runs, as means over seeds. */
public final class Analyses {
  private final Study study;

  /** The analyses of a study. */
  public Analyses(Study study) {
    this.study = study;
  }

  /** Tasks for which a row's forgetting was measured. */
  public List<String> forgettingTasks(Cell cell) {
    return study.seeds(cell).values().stream()
        .flatMap(run -> run.insight().forgetting().stream())
        .map(Insight.Forgetting::task)
        .distinct()
        .sorted()
        .toList();
  }

  /**
   * All measures over whose mean a row's forgetting is judged: the primary ones that were measured,
   * else linear, else the first that there is; none if none was measured.
   */
  List<String> mainTasks(Cell cell) {
    List<String> tasks = forgettingTasks(cell);
    List<String> primary =
        new Endpoint(study).measures(cell.data()).stream().filter(tasks::contains).toList();
    return !primary.isEmpty() || tasks.isEmpty()
        ? primary
        : List.of(tasks.contains("linear") ? "linear" : tasks.get(0));
  }

  /** Whether forgetting was measured, on parts that are not all the same pictures. */
  boolean canForget(Cell cell) {
    List<String> tasks = mainTasks(cell);
    return !tasks.isEmpty() && !alike(cell, tasks.get(0));
  }

  /** A number of a run's forgetting, mean over tasks; null where one of them was not measured. */
  static Double forgetting(
      RunRecord run, List<String> tasks, Function<Insight.Forgetting, Double> number) {
    double sum = 0;
    for (String task : tasks) {
      Double one = of(run, task).map(number).orElse(null);
      if (one == null) {
        return null;
      }
      sum += one;
    }
    return tasks.isEmpty() ? null : sum / tasks.size();
  }

  /** Forgetting in percentage points over seeds. */
  public Spread forgetting(Cell cell, String task) {
    return forgetting(cell, task, Insight.Forgetting::forgetting);
  }

  /** Average accuracy in percent over seeds. */
  public Spread averageAccuracy(Cell cell, String task) {
    return forgetting(cell, task, Insight.Forgetting::averageAccuracy);
  }

  /** By how many points a row's average accuracy is above the untrained encoder's, over seeds. */
  public Spread learned(Cell cell, String task) {
    return forgetting(
        cell,
        task,
        one -> {
          Double untrained = untrained(one);
          return one.averageAccuracy() == null || untrained == null
              ? null
              : one.averageAccuracy() - untrained;
        });
  }

  /**
   * By how many points a row is above the untrained encoder on each part right after the part's own
   * chunk, mean over parts, over seeds.
   */
  Spread learnedAtOnce(Cell cell, String task) {
    return forgetting(
        cell,
        task,
        one -> {
          Double untrained = untrained(one);
          double sum = 0;
          int parts = one.accuracy().size();
          for (int c = 0; c < parts; c++) {
            if (c >= one.accuracy().get(c).size()) {
              return null;
            }
            sum += one.accuracy().get(c).get(c);
          }
          return untrained == null || parts == 0 ? null : sum / parts - untrained;
        });
  }

  /** Accuracy of an untrained encoder on the same parts, percent, over seeds. */
  public Spread untrained(Cell cell, String task) {
    return forgetting(cell, task, Analyses::untrained);
  }

  static Double untrained(Insight.Forgetting one) {
    Spread parts = Spread.of(one.untrained());
    return parts.measured() ? parts.mean() : null;
  }

  /** Any number of the forgetting of a task over seeds. */
  public Spread forgetting(Cell cell, String task, Function<Insight.Forgetting, Double> number) {
    return study.spread(cell, run -> of(run, task).map(number).orElse(null));
  }

  /** Backward transfer over seeds, the mean over what a row's forgetting is judged by. */
  Spread backwardTransfer(Cell cell) {
    List<String> tasks = mainTasks(cell);
    return study.spread(cell, run -> forgetting(run, tasks, Insight.Forgetting::backwardTransfer));
  }

  /** Backward transfer in percentage points over seeds; below 0 where something was forgotten. */
  public Spread backwardTransfer(Cell cell, String task) {
    return forgetting(cell, task, Insight.Forgetting::backwardTransfer);
  }

  /** A row's matrix of accuracies, mean over seeds; NaN where no seed measured. */
  public Matrix accuracies(Cell cell, String task) {
    List<Insight.Forgetting> all =
        study.seeds(cell).values().stream().flatMap(run -> of(run, task).stream()).toList();
    return Matrix.mean(
        all.isEmpty() ? List.of() : all.get(0).parts(),
        all.stream().map(Insight.Forgetting::accuracy).toList());
  }

  /** Accuracy after a chunk on the part of a chunk, percent, over seeds. */
  public Spread accuracy(Cell cell, String task, int after, int part) {
    return forgetting(
        cell,
        task,
        one ->
            after < one.accuracy().size() && part < one.accuracy().get(after).size()
                ? one.accuracy().get(after).get(part)
                : null);
  }

  /** What the parts of a row's forgetting are, by seed. */
  public Map<Replicate, List<String>> parts(Cell cell, String task) {
    Map<Replicate, List<String>> parts = new LinkedHashMap<>();
    study
        .seeds(cell)
        .forEach((seed, run) -> of(run, task).ifPresent(one -> parts.put(seed, one.parts())));
    return parts;
  }

  /**
   * Whether every chunk of a row is judged on the same part, as those of an instance stream are:
   * then there is one accuracy after each chunk and nothing that could be forgotten.
   */
  public boolean alike(Cell cell, String task) {
    List<String> parts = accuracies(cell, task).columns();
    return parts.size() > 1 && parts.stream().distinct().count() == 1;
  }

  /** Keskar's sharpness, which depends on the scale of weights; mean over chunks, over seeds. */
  public Spread keskar(Cell cell) {
    return sharpness(cell, Insight.Sharpness::keskar);
  }

  /** Any measure of sharpness, mean over chunks, over seeds. */
  public Spread sharpness(Cell cell, Function<Insight.Sharpness, Double> number) {
    return study.spread(cell, run -> sharpness(run, number));
  }

  /**
   * By how much a measure of sharpness of a row is below another's, paired by seed and chunk: only
   * chunks count after which both have a number.
   */
  public Spread flatter(Cell cell, Cell other, Function<Insight.Sharpness, Double> number) {
    return study.paired(
        cell,
        study.partners(other),
        (run, partner) -> {
          Double a = sharpness(run, partner, number);
          Double b = sharpness(partner, run, number);
          return a == null || b == null ? null : b - a;
        });
  }

  /** A measure of sharpness of a row over seeds, mean over the chunks that another has as well. */
  Spread sharpnessBeside(Cell cell, Cell other, Function<Insight.Sharpness, Double> number) {
    return study.paired(
        cell, study.partners(other), (run, partner) -> sharpness(run, partner, number));
  }

  /** A number at the end of a chunk over seeds, whatever list of the insight it stands in. */
  public <T> Spread atChunk(
      Cell cell,
      int chunk,
      Function<Insight, List<T>> list,
      ToIntFunction<T> chunkOf,
      Function<T, Double> number) {
    List<Double> numbers = new ArrayList<>();
    for (RunRecord run : study.seeds(cell).values()) {
      list.apply(run.insight()).stream()
          .filter(one -> chunkOf.applyAsInt(one) == chunk)
          .map(number)
          .filter(Objects::nonNull)
          .forEach(numbers::add);
    }
    return Spread.of(numbers);
  }

  /** Likeness of a row's layers to the joint run's after a chunk, mean over seeds. */
  public Matrix toJoint(Cell cell, int chunk) {
    List<Comparison.Likeness> all =
        likenesses(cell).stream().filter(l -> l.chunk() == chunk).toList();
    return Matrix.mean(
        all.isEmpty() ? List.of() : all.get(0).referenceLayers(),
        all.stream().map(Comparison.Likeness::values).toList());
  }

  /** All likenesses of a row to its joint run. */
  public List<Comparison.Likeness> likenesses(Cell cell) {
    return study.comparisons().stream()
        .filter(comparison -> comparison.cell().equals(cell) && study.shown(comparison))
        .flatMap(comparison -> comparison.cka().stream())
        .toList();
  }

  private static Optional<Insight.Forgetting> of(RunRecord run, String task) {
    return run.insight().forgetting().stream()
        .filter(forgetting -> task.equals(forgetting.task()))
        .findFirst();
  }

  private static Double sharpness(RunRecord run, Function<Insight.Sharpness, Double> number) {
    Spread chunks = Spread.of(run.insight().sharpness().stream().map(number).toList());
    return chunks.measured() ? chunks.mean() : null;
  }

  /** Mean over the chunks after which another run has that number too. */
  private static Double sharpness(
      RunRecord run, RunRecord other, Function<Insight.Sharpness, Double> number) {
    Set<Integer> both =
        other.insight().sharpness().stream()
            .filter(one -> number.apply(one) != null && Double.isFinite(number.apply(one)))
            .map(Insight.Sharpness::chunk)
            .collect(Collectors.toSet());
    Spread chunks =
        Spread.of(
            run.insight().sharpness().stream()
                .filter(one -> both.contains(one.chunk()))
                .map(number)
                .toList());
    return chunks.measured() ? chunks.mean() : null;
  }
}
