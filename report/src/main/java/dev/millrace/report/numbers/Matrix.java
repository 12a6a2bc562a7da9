package dev.millrace.report.numbers;

import java.util.ArrayList;
import java.util.List;

/**
 * A table of numbers, NaN where there is none.
 *
 * @param columns names of the columns, or empty
 * @param values rows
 * @param n over how many seeds the mean was taken
 */
public record Matrix(List<String> columns, double[][] values, int n) {
  /** The mean of tables of equal size; a place counts the tables that have a number there. */
  public static Matrix mean(List<String> columns, List<List<List<Double>>> tables) {
    int rows = tables.stream().mapToInt(List::size).max().orElse(0);
    double[][] values = new double[rows][];
    for (int i = 0; i < rows; i++) {
      int row = i;
      int width =
          tables.stream()
              .filter(table -> table.size() > row && table.get(row) != null)
              .mapToInt(table -> table.get(row).size())
              .max()
              .orElse(0);
      values[i] = new double[width];
      for (int j = 0; j < width; j++) {
        List<Double> here = new ArrayList<>();
        for (List<List<Double>> table : tables) {
          if (table.size() > i && table.get(i) != null && table.get(i).size() > j) {
            here.add(table.get(i).get(j));
          }
        }
        values[i][j] = Spread.of(here).mean();
      }
    }
    return new Matrix(columns == null ? List.of() : columns, values, tables.size());
  }

  /** Whether there is nothing in it. */
  public boolean empty() {
    return values.length == 0;
  }
}
