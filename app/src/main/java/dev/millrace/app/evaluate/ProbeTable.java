package dev.millrace.app.evaluate;

import dev.millrace.evaluation.ProbeResult;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The answers of {@code probe} as text and JSON: what was asked for, beside it what chance, raw
 * pixels and the untrained encoder reach, and in words where the encoder is not better.
 *
 * @param own answers that were asked for
 * @param baselines answers that stand beside them
 */
record ProbeTable(List<ProbeResult> own, List<ProbeResult> baselines) {
  private static final String ROW = "%-16s %-24s %-9s %-12s %-7s %-16s %s";

  /** What one question is: its answers are compared. */
  private record Question(String task, String data, String split, Integer shots, String metric) {
    static Question of(ProbeResult result) {
      return new Question(
          result.task(), result.data(), result.split(), result.shots(), result.metric());
    }

    String title() {
      return task + (shots == null ? "" : " " + shots + "-shot");
    }
  }

  /**
   * The table of some answers.
   *
   * @param named whether comparisons were asked for by name, and none of them is a baseline
   */
  static ProbeTable of(List<ProbeResult> results, boolean named) {
    Map<Boolean, List<ProbeResult>> parts =
        results.stream()
            .collect(Collectors.partitioningBy(result -> !named && result.ofBaseline()));
    return new ProbeTable(parts.get(false), parts.get(true));
  }

  /** The fields by the names that scripts rely on. */
  Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("results", own.stream().map(ProbeTable::json).toList());
    json.put("baselines", baselines.stream().map(ProbeTable::json).toList());
    json.put("not_better", notBetter());
    return json;
  }

  static Map<String, Object> json(ProbeResult result) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("task", result.task());
    json.put("data", result.data());
    json.put("split", result.split());
    json.put("chunk", result.chunk());
    json.put("shots", result.shots());
    json.put("metric", result.metric());
    json.put("value", result.value());
    json.put("ci95", result.ci95());
    json.put("ci95_over", over(result));
    json.put("encoder", result.encoder());
    json.put("lambda", result.lambda());
    if (result.conditions() != null) {
      json.putAll(result.conditions().asMap());
    }
    return json;
  }

  /**
   * What an interval is over: of a few-shot score its episodes, else the judged pictures; of seeds
   * it says nothing. Null where there is no interval.
   */
  static String over(ProbeResult result) {
    return result.ci95() == null
        ? null
        : result.task().equals("few-shot") ? "episodes" : "pictures";
  }

  /** Lines: rows grouped by question, then the conditions, then what is not better. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add(String.format(ROW, "task", "data", "split", "encoder", "--chunk", "metric", "value"));
    for (Map.Entry<Question, List<ProbeResult>> entry : byQuestion(own).entrySet()) {
      Question question = entry.getKey();
      List<ProbeResult> rows = new ArrayList<>(entry.getValue());
      rows.addAll(byQuestion(baselines).getOrDefault(question, List.of()));
      for (ProbeResult row : rows) {
        String chunk = row.chunk() == null ? "-" : row.chunk().toString();
        lines.add(line(question, row.encoder(), chunk, row.value(), row.ci95()));
      }
      if (chance(rows) != null) {
        lines.add(line(question, "chance", "-", chance(rows), null));
      }
    }
    Set<String> conditions = new LinkedHashSet<>();
    for (ProbeResult result : own) {
      if (result.conditions() != null) {
        conditions.add(
            "%s on %s: %s%s"
                .formatted(
                    Question.of(result).title(),
                    result.data(),
                    result.conditions().words(),
                    "episodes".equals(over(result))
                        ? "; ± is over the episodes of this one encoder, not over seeds"
                        : ""));
      }
    }
    lines.addAll(conditions);
    lines.addAll(notBetter());
    return lines;
  }

  private static Double chance(List<ProbeResult> rows) {
    return rows.get(0).conditions() == null ? null : rows.get(0).conditions().chance();
  }

  private static String line(
      Question question, String encoder, String chunk, double value, Double ci95) {
    String number = String.format(Locale.ROOT, "%.2f", value);
    return String.format(
        ROW,
        question.title(),
        question.data(),
        question.split(),
        encoder,
        chunk,
        question.metric(),
        ci95 == null ? number : String.format(Locale.ROOT, "%s ± %.2f", number, ci95));
  }

  /** A sentence per question whose last encoder is no better than something untrained. */
  List<String> notBetter() {
    List<String> sentences = new ArrayList<>();
    Map<Question, List<ProbeResult>> beside = byQuestion(baselines);
    byQuestion(own)
        .forEach(
            (question, results) -> {
              ProbeResult last = results.get(results.size() - 1);
              List<String> equal =
                  beside.getOrDefault(question, List.of()).stream()
                      .filter(other -> !last.beats(other))
                      .map(
                          other -> other.encoder().equals("untrained") ? "untrained" : "raw pixels")
                      .toList();
              if (!equal.isEmpty()) {
                sentences.add(
                    "%s on %s: not better than %s beyond the error"
                        .formatted(question.title(), question.data(), String.join(" and ", equal)));
              }
            });
    return sentences;
  }

  private static Map<Question, List<ProbeResult>> byQuestion(List<ProbeResult> results) {
    return results.stream()
        .collect(Collectors.groupingBy(Question::of, LinkedHashMap::new, Collectors.toList()));
  }
}
