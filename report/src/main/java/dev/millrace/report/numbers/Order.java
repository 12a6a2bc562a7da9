package dev.millrace.report.numbers;

import dev.millrace.study.record.Cell;
import dev.millrace.study.record.Task;
import java.util.Comparator;
import java.util.List;

/** In which order things are shown: as the paper names them, what it does not name last. */
public final class Order {
  private static final List<String> STREAMS =
      List.of("instance", "class", "distant", "domain", "given", "joint", "none");
  private static final List<String> REMEDIES =
      List.of(
          Cell.SEQUENTIAL,
          "replay",
          "mas",
          "ewc",
          "si",
          "cassle",
          "pfr",
          "pnr",
          "lump",
          "der",
          "osiris",
          "cla",
          "orthogonal",
          "both",
          Cell.JOINT_WARM,
          Cell.JOINT,
          Cell.UNTRAINED,
          Cell.RAW);
  private static final List<String> TASKS = List.of("knn", "linear", "few-shot", "finetune");

  /** Self-supervised methods first. */
  public static final Comparator<String> METHODS =
      Comparator.<String, Boolean>comparing(method -> method.startsWith("supervised"))
          .thenComparing(Comparator.naturalOrder());

  /** Remedies from none to joint. */
  public static final Comparator<String> REMEDY = byPlace(REMEDIES);

  /** Rows by method, stream and remedy. */
  public static final Comparator<Cell> CELLS =
      Comparator.comparing(Cell::method, METHODS)
          .thenComparing(Cell::stream, byPlace(STREAMS))
          .thenComparing(Cell::remedy, REMEDY);

  private Order() {}

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
