package dev.millrace.report;

import dev.millrace.report.numbers.Wording;
import dev.millrace.study.record.Cell;
import dev.millrace.study.record.Names;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;

/**
 * Which rows are drawn into one plot, and on which scale.
 *
 * @param columns plots side by side that belong together; 0 for as many as there is room for
 */
record Charts(int columns, Function<List<Cell>, List<Group>> grouping) {
  /**
   * Rows of one plot.
   *
   * @param where what they share, in words; empty if nothing
   */
  record Group(
      String where, List<Cell> cells, Function<Cell, String> name, ToIntFunction<Cell> style) {
    /** The same with some of the rows. */
    Group of(List<Cell> some) {
      return new Group(where, some, name, style);
    }

    /** A plot's title. */
    String title(String what) {
      return what + (where.isEmpty() ? "" : ": " + where);
    }
  }

  /** A plot per set and stream, with its methods without a remedy. */
  static Charts byPlace(Names names) {
    return new Charts(
        0,
        cells -> {
          List<Group> groups = new ArrayList<>();
          for (String place : cells.stream().map(Wording::place).distinct().toList()) {
            List<Cell> plain = plain(cells, place);
            groups.add(
                new Group(
                    place + ", " + names.remedy(plain.get(0).remedy()),
                    plain,
                    cell -> names.method(cell.method()),
                    cell -> Style.method(names, cell.method())));
          }
          return groups;
        });
  }

  /** One plot with a line per run; a run is a row whose data has its name. */
  static Charts ofRuns(List<Cell> runs) {
    return new Charts(
        runs.size(),
        cells -> List.of(new Group("", cells, Cell::data, cell -> runs.indexOf(cell))));
  }

  /** Whether everything stands on one scale. */
  boolean oneScale() {
    return columns > 0;
  }

  List<Group> of(List<Cell> cells) {
    return cells.isEmpty() ? List.of() : grouping.apply(cells);
  }

  /** Chunks as people count them: 1, 2, … */
  static List<Double> chunks(int n) {
    return IntStream.rangeClosed(1, n).mapToObj(i -> (double) i).toList();
  }

  /**
   * The rows of a place whose methods are drawn in one plot: those without a remedy, or where there
   * are none, those of the first remedy.
   */
  private static List<Cell> plain(List<Cell> cells, String place) {
    List<Cell> there = cells.stream().filter(cell -> Wording.place(cell).equals(place)).toList();
    boolean sequential = there.stream().anyMatch(cell -> cell.remedy().equals(Cell.SEQUENTIAL));
    String remedy = sequential ? Cell.SEQUENTIAL : there.get(0).remedy();
    return there.stream().filter(cell -> cell.remedy().equals(remedy)).toList();
  }

  /** Chunk numbers 1 … n as labels. */
  static List<String> numbers(int n) {
    return IntStream.rangeClosed(1, n).mapToObj(String::valueOf).toList();
  }
}
