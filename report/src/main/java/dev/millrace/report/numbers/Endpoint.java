package dev.millrace.report.numbers;

import dev.millrace.study.record.Cell;
import dev.millrace.study.record.Primary;
import dev.millrace.study.record.RunRecord;
import dev.millrace.study.record.Task;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The primary endpoint of a study's data: one number per run, the mean of its tasks. The tasks that
 * a study's file names count the same, since they were named before their noise was known. Where
 * the file names none, each is weighted by the inverse variance that equal runs show from seed to
 * seed, so that a noisy task does not drown the others; but none weighs more than a task of median
 * noise would, since one near chance is quiet for having nothing to say. Where too few runs were
 * repeated to know the noise, tasks weigh the same.
 */
public final class Endpoint {
  /** Below so many degrees of freedom a variance says too little to weigh by. */
  private static final int KNOWN = 4;

  /** Percentage points: no task is trusted beyond this, however alike two runs came out. */
  private static final double LEAST = 0.1;

  private static final List<String> MEASURES = List.of("linear", "knn", "few-shot", "finetune");

  private final Study study;
  private final Primary primary;
  private final Map<String, List<Task>> tasks = new LinkedHashMap<>();
  private final Map<Task, Noise> noise = new LinkedHashMap<>();

  /**
   * How far equal runs lie apart in a task.
   *
   * @param deviation of one run, percentage points, pooled over rows and orders; NaN if unknown
   * @param freedom degrees of freedom: runs less their groups
   */
  public record Noise(double deviation, int freedom) {
    private boolean known() {
      return freedom >= KNOWN;
    }
  }

  /** The endpoint of a study. */
  public Endpoint(Study study) {
    this.study = study;
    primary = study.primary();
  }

  /** The tasks that are judged by after pre-training on a set; none if none was measured. */
  public List<Task> tasks(String data) {
    return tasks.computeIfAbsent(data, this::find);
  }

  private List<Task> find(String data) {
    List<Task> all = study.tasks(data);
    List<String> measures = measures(all);
    return all.stream()
        .filter(task -> measures.contains(task.task()))
        .filter(
            task ->
                primary.sets().isEmpty()
                    || primary.sets().contains(task.data())
                    || (task.of(data) && primary.sets().contains(Primary.OWN))
                    || study.set(data, task).filter(primary.sets()::contains).isPresent())
        .toList();
  }

  private List<String> measures(List<Task> all) {
    if (!primary.measures().isEmpty()) {
      return primary.measures();
    }
    TreeSet<String> there =
        all.stream().map(Task::task).collect(Collectors.toCollection(TreeSet::new));
    return List.of(
        MEASURES.stream()
            .filter(there::contains)
            .findFirst()
            .orElse(there.isEmpty() ? "linear" : there.first()));
  }

  /** The ways of judging that are primary after pre-training on a set, at least one. */
  public List<String> measures(String data) {
    return measures(study.tasks(data));
  }

  /**
   * The noise of a task after pre-training on a set, from runs that share everything but the seed:
   * joint training, which has no order, and streams of one order.
   */
  public Noise noise(String data, Task task) {
    return noise.computeIfAbsent(
        new Task(
            task.task(), data + " > " + task.data(), task.split(), task.shots(), task.metric()),
        key -> pooled(data, task));
  }

  private Noise pooled(String data, Task task) {
    double squares = 0;
    int freedom = 0;
    for (Cell cell : study.cells()) {
      if (cell.data().equals(data) && !cell.baseline()) {
        Map<Long, List<Double>> orders = new LinkedHashMap<>();
        study
            .seeds(cell)
            .forEach(
                (replicate, run) ->
                    orders
                        .computeIfAbsent(
                            cell.joint() ? 0 : replicate.order(), order -> new ArrayList<>())
                        .add(Accuracy.value(run, task)));
        for (List<Double> equal : orders.values()) {
          Spread runs = Spread.of(equal);
          if (runs.n() > 1) {
            squares += runs.deviation() * runs.deviation() * (runs.n() - 1);
            freedom += runs.n() - 1;
          }
        }
      }
    }
    return new Noise(freedom == 0 ? Double.NaN : Math.sqrt(squares / freedom), freedom);
  }

  /** The share of a task in the endpoint of a set, 0 to 1; 0 for a task that is not in it. */
  public double weight(String data, Task task) {
    List<Task> of = tasks(data);
    if (!of.contains(task)) {
      return 0;
    }
    double sum = 0;
    for (Task one : of) {
      sum += certainty(data, one);
    }
    return certainty(data, task) / sum;
  }

  private double certainty(String data, Task task) {
    if (primary.named() || !tasks(data).stream().allMatch(one -> noise(data, one).known())) {
      return 1;
    }
    double[] sorted =
        tasks(data).stream().mapToDouble(one -> noise(data, one).deviation()).sorted().toArray();
    double median = (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    double deviation = Math.max(Math.max(LEAST, median), noise(data, task).deviation());
    return 1 / (deviation * deviation);
  }

  /** A run's number, percent; null if it lacks a task. */
  public Double value(RunRecord run) {
    double sum = 0;
    for (Task task : tasks(run.data())) {
      Double value = Accuracy.value(run, task);
      if (value == null) {
        return null;
      }
      sum += weight(run.data(), task) * value;
    }
    return tasks(run.data()).isEmpty() ? null : sum;
  }

  /** A row's number over seeds. */
  public Spread of(Cell cell) {
    return study.spread(cell, this::value);
  }

  /** A row's gap to joint training over seeds, percentage points. */
  public Spread gap(Cell cell) {
    return study.paired(
        cell, run -> study.joint(cell, run), (run, joint) -> minus(value(run), value(joint)));
  }

  /** What a row adds to plain sequential training over seeds, percentage points. */
  public Spread gain(Cell cell) {
    return study.paired(
        cell,
        study.partners(cell.with(Cell.SEQUENTIAL)),
        (run, other) -> minus(value(run), value(other)));
  }

  private static Double minus(Double a, Double b) {
    return a == null || b == null ? null : a - b;
  }

  /** What is judged by, in words: "linear on tiny-imagenet 61 %, cifar10 39 %". */
  public String words(String data) {
    List<Task> of = tasks(data);
    if (of.isEmpty()) {
      return measures(data).stream().map(Wording::task).collect(Collectors.joining(" and "))
          + " on nothing that was measured";
    }
    Map<String, List<Task>> by =
        of.stream()
            .collect(Collectors.groupingBy(Task::task, LinkedHashMap::new, Collectors.toList()));
    return by.entrySet().stream()
        .map(
            measure ->
                Wording.task(measure.getKey())
                    + " on "
                    + measure.getValue().stream()
                        .map(task -> words(data, task, of.size() == 1))
                        .collect(Collectors.joining(", ")))
        .collect(Collectors.joining("; "));
  }

  private String words(String data, Task task, boolean alone) {
    return task.data()
        + (task.shots() == null ? "" : ", " + task.shots() + "-shot")
        + (alone ? "" : " " + Wording.number(100 * weight(data, task), 0) + " %");
  }
}
