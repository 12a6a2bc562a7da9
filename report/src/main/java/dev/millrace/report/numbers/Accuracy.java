package dev.millrace.report.numbers;

import dev.millrace.study.record.Cell;
import dev.millrace.study.record.RunRecord;
import dev.millrace.study.record.Task;
import java.util.List;

/**
 * Downstream accuracy of final encoders. A gap is paired: a run's percentage minus that of the
 * joint run of the same data, method and seed, so that it is negative where streaming costs
 * quality. An average counts every task the same, and a run that lacks a task has none.
 */
public final class Accuracy {
  private final Study study;

  /** The accuracies of a study. */
  public Accuracy(Study study) {
    this.study = study;
  }

  /** Percentage of a task at the end of a run, or null. */
  public static Double value(RunRecord run, Task task) {
    RunRecord.Result last = null;
    for (RunRecord.Result result : run.results()) {
      if (result.question().equals(task) && (last == null || result.chunk() >= last.chunk())) {
        last = result;
      }
    }
    return last == null ? null : last.value();
  }

  /** Mean percentage over tasks at the end of a run, or null if one is missing. */
  public static Double average(RunRecord run, List<Task> tasks) {
    if (tasks.isEmpty()) {
      return null;
    }
    double sum = 0;
    for (Task task : tasks) {
      Double value = value(run, task);
      if (value == null) {
        return null;
      }
      sum += value;
    }
    return sum / tasks.size();
  }

  /** Percentage over seeds: the mean over the tasks. */
  public Spread of(Cell cell, List<Task> tasks) {
    return study.spread(cell, run -> average(run, tasks));
  }

  /** Gap to joint training over seeds, in percentage points: the mean over the tasks. */
  public Spread gap(Cell cell, List<Task> tasks) {
    return study.paired(
        cell,
        run -> study.joint(cell, run),
        (run, joint) -> minus(average(run, tasks), average(joint, tasks)));
  }

  /** What a remedy adds to plain sequential training over seeds, in percentage points. */
  public Spread gain(Cell cell, List<Task> tasks) {
    return study.paired(
        cell,
        study.partners(cell.with(Cell.SEQUENTIAL)),
        (run, other) -> minus(average(run, tasks), average(other, tasks)));
  }

  private static Double minus(Double a, Double b) {
    return a == null || b == null ? null : a - b;
  }
}
