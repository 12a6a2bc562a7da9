package dev.millrace.report.numbers;

import dev.millrace.study.record.Cell;
import dev.millrace.study.record.Names;
import dev.millrace.study.record.Task;
import java.util.Comparator;
import java.util.List;

/** In which order things are shown: as the paper names them, what it does not name last. */
public final class Order {
  private static final List<String> STREAMS =
      List.of("instance", "class", "distant", "domain", "given", "joint", "none");
  private static final List<String> TASKS = List.of("knn", "linear", "few-shot", "finetune");

  private Order() {}

  /** Rows by method, stream and remedy. */
  public static Comparator<Cell> cells(Names names) {
    return Comparator.comparing(Cell::method, names.byMethod())
        .thenComparing(Cell::stream, byPlace(STREAMS))
        .thenComparing(Cell::remedy, names.byRemedy());
  }

  /** The set's own part first, then by data and task. */
  public static Comparator<Task> tasks(String own) {
    return Comparator.<Task, Boolean>comparing(task -> !task.of(own))
        .thenComparing(Task::data)
        .thenComparing(Task::task, byPlace(TASKS))
        .thenComparing(task -> task.shots() == null ? 0 : task.shots())
        .thenComparing(task -> String.valueOf(task.split()))
        .thenComparing(task -> String.valueOf(task.metric()));
  }

  private static Comparator<String> byPlace(List<String> known) {
    return Comparator.<String>comparingInt(
            name -> known.contains(name) ? known.indexOf(name) : known.size())
        .thenComparing(Comparator.naturalOrder());
  }
}
