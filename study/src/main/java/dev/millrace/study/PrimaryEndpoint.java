package dev.millrace.study;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.refusal.Choice;
import dev.millrace.study.record.Primary;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What a study's file says that it is judged by: {@code primary: {tasks, measure, margin}}, of
 * several measures the mean.
 */
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
    Set<String> asked = new LinkedHashSet<>();
    questions.forEach(question -> asked.addAll(question.tasks()));
    List<String> measures =
        fields.has("measure") ? fields.words("measure", "some of " + asked) : List.of();
    measures.forEach(
        measure -> Choice.check("primary: measure", measure, asked.toArray(String[]::new)));
    Set<String> sets = new LinkedHashSet<>();
    for (Question question : questions) {
      if (question.tasks().containsAll(measures)) {
        sets.addAll(question.data());
      }
    }
    List<String> tasks =
        fields.has("tasks") ? fields.words("tasks", "sets of the questions: " + sets) : List.of();
    tasks.forEach(task -> Choice.check("primary: tasks", task, sets.toArray(String[]::new)));
    return new Primary(tasks, measures, margin(fields));
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
