package dev.millrace.report.numbers;

import dev.millrace.study.record.Cell;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The schedules of the learning rate under which a study's rows were trained. Each is judged by
 * itself, in families of its own: rows with restarts and rows with a trunk answer two questions.
 */
public final class Schedules {
  /** The paper's, and the field's: a cosine that restarts with each chunk. */
  private static final String RESTART = "restart";

  private final Study study;

  /** The schedules of a study. */
  public Schedules(Study study) {
    this.study = study;
  }

  /**
   * All of them in words, at least one: the one that the paper's claims are judged under, restarts
   * where there are any, then those that are judged beside it.
   */
  public List<String> all() {
    List<String> all =
        rows()
            .map(this::of)
            .distinct()
            .sorted(
                Comparator.<String, Boolean>comparing(name -> !name.equals(RESTART))
                    .thenComparing(Comparator.naturalOrder()))
            .toList();
    return all.isEmpty() ? List.of(RESTART) : all;
  }

  /** Whether the paper's claims are judged under a schedule that is not the paper's. */
  public boolean another() {
    return !all().get(0).equals(RESTART);
  }

  /** The rows under a schedule, with the joint runs that they are held against. */
  Study under(String schedule) {
    if (all().size() == 1) {
      return study;
    }
    List<Cell> rows = rows().filter(cell -> of(cell).equals(schedule)).toList();
    return study.only(
        cell ->
            alone(cell)
                ? rows.stream().anyMatch(row -> beside(row, cell))
                    || rows().noneMatch(row -> beside(row, cell)) && of(cell).equals(schedule)
                : rows.contains(cell));
  }

  private Stream<Cell> rows() {
    return study.cells().stream().filter(cell -> !alone(cell));
  }

  /** Whether a row stands for all streams of its data. */
  private static boolean alone(Cell cell) {
    return cell.joint() || cell.baseline();
  }

  private static boolean beside(Cell row, Cell alone) {
    return row.data().equals(alone.data()) && row.reference().method().equals(alone.method());
  }

  private String of(Cell cell) {
    return study.schedule(cell).orElse(RESTART);
  }
}
