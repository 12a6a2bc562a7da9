package dev.millrace.report.numbers;

import dev.millrace.study.record.Cell;
import dev.millrace.study.record.RunRecord;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Rows of one line so far, by their place on the axis, and all settings that any of them names. */
final class TrendLine {
  private final TreeMap<Double, Row> rows = new TreeMap<>();
  private final Map<String, String> settings = new TreeMap<>();

  /**
   * A row's number at a place of the axis.
   *
   * @param run that stands for it
   * @param settings that must be equal along a line
   */
  record Row(Cell cell, RunRecord run, double x, Spread value, Map<String, String> settings) {}

  /**
   * Whether a row is of this line: its place is free, and it has no other value of a setting that
   * these name.
   */
  boolean take(Row row) {
    if (rows.containsKey(row.x) || !Settings.differing(settings, row.settings).isEmpty()) {
      return false;
    }
    row.settings.forEach(settings::putIfAbsent);
    rows.put(row.x, row);
    return true;
  }

  /** From left to right. */
  List<Row> rows() {
    return List.copyOf(rows.values());
  }
}
