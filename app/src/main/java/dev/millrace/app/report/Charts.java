package dev.millrace.app.report;

import dev.millrace.app.report.numbers.Cell;
import dev.millrace.app.report.numbers.Wording;
import java.util.List;
import java.util.stream.IntStream;

/** Axes that several sections share. */
final class Charts {
  private Charts() {}

  /** Chunks as people count them: 1, 2, … */
  static List<Double> chunks(int n) {
    return IntStream.rangeClosed(1, n).mapToObj(i -> (double) i).toList();
  }

  /**
   * The rows of a place whose methods are drawn in one plot: those without a remedy, or where there
   * are none, those of the first remedy.
   */
  static List<Cell> plain(List<Cell> cells, String place) {
    List<Cell> there = cells.stream().filter(cell -> Wording.place(cell).equals(place)).toList();
    boolean sequential = there.stream().anyMatch(cell -> cell.remedy().equals(Cell.SEQUENTIAL));
    String remedy = sequential ? Cell.SEQUENTIAL : there.get(0).remedy();
    return there.stream().filter(cell -> cell.remedy().equals(remedy)).toList();
  }

  /** The same as names. */
  static List<String> numbers(int n) {
    return IntStream.rangeClosed(1, n).mapToObj(String::valueOf).toList();
  }
}
