package dev.millrace.app.evaluate;

import dev.millrace.evaluation.SuiteTable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** A suite's table as text and JSON. */
final class SuiteReport {
  private static final int NARROWEST = 14;

  private SuiteReport() {}

  /** The table as lines: a block per task, what all sets say together, then the conditions. */
  static List<String> lines(SuiteTable table) {
    int wide = NARROWEST;
    for (String encoder : table.encoders()) {
      wide = Math.max(wide, encoder.length() + 2);
    }
    List<String> lines = new ArrayList<>();
    StringBuilder head =
        new StringBuilder(String.format("%-18s%-16s%-16s", "task", "set", "metric"));
    for (String encoder : table.encoders()) {
      head.append(String.format("%" + wide + "s", encoder));
    }
    head.append(String.format("%" + wide + "s", "chance"));
    lines.add(head.toString());
    String last = null;
    for (SuiteTable.Row row : table.rows()) {
      String title = SuiteTable.title(row);
      if (last != null && !last.equals(title)) {
        summary(table, last, wide, lines);
      }
      last = title;
      lines.add(line(row, title, wide));
    }
    if (last != null) {
      summary(table, last, wide, lines);
    }
    summary(table, SuiteTable.OWN, wide, lines);
    if (table.rows().stream().anyMatch(row -> row.shots() != null)) {
      lines.add("± of few-shot is over the episodes of one encoder, not over seeds");
    }
    lines.addAll(conditions(table));
    return lines;
  }

  /** The notes of the single probes, each once. */
  private static Set<String> conditions(SuiteTable table) {
    Set<String> sentences = new LinkedHashSet<>();
    for (SuiteTable.Row row : table.rows()) {
      row.conditions()
          .forEach(
              (data, conditions) ->
                  sentences.add(
                      "%s on %s%s: %s"
                          .formatted(
                              SuiteTable.title(row),
                              data,
                              row.split().equals("left-out") ? ", left out" : "",
                              conditions.words())));
    }
    return sentences;
  }

  private static String line(SuiteTable.Row row, String title, int wide) {
    if (row.missing() != null) {
      return String.format("%-18s%-16s%s", title, row.data(), "not judged: " + row.missing());
    }
    StringBuilder line =
        new StringBuilder(
            String.format(
                "%-18s%-16s%-16s",
                title,
                row.data() + (row.split().equals("left-out") ? ", left out" : ""),
                row.metric()));
    for (int c = 0; c < row.values().size(); c++) {
      Double ci95 = row.ci95().get(c);
      line.append(
          String.format(
              "%" + wide + "s",
              number(row.values().get(c)) + (ci95 == null ? "" : " ± " + number(ci95))));
    }
    return line.append(String.format("%" + wide + "s", number(row.chance()))).toString();
  }

  private static void summary(SuiteTable table, String what, int wide, List<String> lines) {
    for (SuiteTable.Summary summary : table.summaries()) {
      if (summary.what().equals(what)) {
        lines.add(numbers(summary, "average", summary.averages(), wide));
        if (table.encoders().size() > 1) {
          lines.add(numbers(summary, "mean rank", summary.meanRanks(), wide));
        }
        lines.add("");
      }
    }
  }

  private static String numbers(
      SuiteTable.Summary summary, String name, List<Double> values, int wide) {
    StringBuilder line =
        new StringBuilder(
            String.format(
                "%-50s",
                name
                    + " over "
                    + summary.sets()
                    + (summary.sets() == 1 ? " set, " : " sets, ")
                    + summary.what()));
    values.forEach(value -> line.append(String.format("%" + wide + "s", number(value))));
    return line.toString();
  }

  private static String number(Double value) {
    return value == null ? "-" : String.format(Locale.ROOT, "%.2f", value);
  }

  /** The table's fields by the names that scripts rely on. */
  static Map<String, Object> json(SuiteTable table) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("encoders", table.encoders());
    json.put("rows", table.rows());
    List<Map<String, Object>> summaries = new ArrayList<>();
    for (SuiteTable.Summary summary : table.summaries()) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("what", summary.what());
      one.put("sets", summary.sets());
      one.put("averages", summary.averages());
      one.put("mean_ranks", summary.meanRanks());
      summaries.add(one);
    }
    json.put("summaries", summaries);
    return json;
  }
}
