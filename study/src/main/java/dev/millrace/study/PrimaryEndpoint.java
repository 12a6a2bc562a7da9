package dev.millrace.study;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.refusal.Choice;
import dev.millrace.study.record.Primary;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What a study's file says that it is judged by: {@code primary: {tasks, measure, margin}}. */
final class PrimaryEndpoint {
  private static final String KEY = "primary";

  private PrimaryEndpoint() {}

  /**
   * Reads it.
   *
   * @param questions of the study: what is not asked cannot be judged by
   * @throws IllegalArgumentException for a set or measure that no question has, and for a margin
   *     that is not above 0
   */
  static Primary read(Fields top, List<Question> questions) {
    if (!top.has(KEY)) {
      return Primary.DEFAULT;
    }
    Fields fields = Fields.of(KEY, top.node().get(KEY), "tasks", "measure", "margin");
    String measure = fields.text("measure", "");
    Set<String> measures = new LinkedHashSet<>();
    Set<String> sets = new LinkedHashSet<>();
    for (Question question : questions) {
      measures.addAll(question.tasks());
      if (measure.isEmpty() || question.tasks().contains(measure)) {
        sets.addAll(question.data());
      }
    }
    if (!measure.isEmpty()) {
      Choice.check("primary: measure", measure, measures.toArray(String[]::new));
    }
    List<String> tasks =
        fields.has("tasks") ? fields.words("tasks", "sets of the questions: " + sets) : List.of();
    tasks.forEach(task -> Choice.check("primary: tasks", task, sets.toArray(String[]::new)));
    return new Primary(tasks, measure, margin(fields));
  }

  private static double margin(Fields fields) {
    if (!fields.has("margin")) {
      return Primary.DEFAULT.margin();
    }
    JsonNode margin = fields.node().get("margin");
    if (!margin.isNumber() || !(margin.doubleValue() > 0 && margin.doubleValue() < 100)) {
      throw fields.wrong("margin", margin, "percentage points above 0, such as 1");
    }
    return margin.doubleValue();
  }
}
