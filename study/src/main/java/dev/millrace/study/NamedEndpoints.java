package dev.millrace.study;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.refusal.Choice;
import dev.millrace.study.record.Primary;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a study's file says that it is judged by: {@code primary: {tasks, measure, margin}}, of
 * several measures the mean, and what is judged beside it, {@code secondary}, likewise.
 */
final class NamedEndpoints {
  private static final String PRIMARY = "primary";
  private static final String SECONDARY = "secondary";

  private NamedEndpoints() {}

  /**
   * What claims are judged by.
   *
   * @param questions of the study: what is not asked cannot be judged by
   * @throws IllegalArgumentException for a set or measure that no question has, and for a margin
   *     that is not above 0
   */
  static Primary primary(Fields top, List<Question> questions) {
    return top.has(PRIMARY) ? read(top, PRIMARY, questions) : Primary.DEFAULT;
  }

  /**
   * What is judged beside it, if anything is.
   *
   * @throws IllegalArgumentException as {@link #primary} does, and where nothing comes before it
   */
  static Optional<Primary> secondary(Fields top, List<Question> questions) {
    if (!top.has(SECONDARY)) {
      return Optional.empty();
    }
    if (!top.has(PRIMARY)) {
      throw new IllegalArgumentException(
          "secondary is judged beside primary, which is not there; name primary, or call it so");
    }
    Primary second = read(top, SECONDARY, questions);
    if (second.equals(primary(top, questions))) {
      throw new IllegalArgumentException(
          "secondary is the same as primary; give it other tasks or another measure, or leave it out");
    }
    return Optional.of(second);
  }

  private static Primary read(Fields top, String key, List<Question> questions) {
    Fields fields = Fields.of(key, top.node().get(key), "tasks", "measure", "margin");
    Set<String> asked = new LinkedHashSet<>();
    questions.forEach(question -> asked.addAll(question.tasks()));
    List<String> measures =
        fields.has("measure") ? fields.words("measure", "some of " + asked) : List.of();
    measures.forEach(
        measure -> Choice.check(key + ": measure", measure, asked.toArray(String[]::new)));
    Set<String> sets = new LinkedHashSet<>();
    for (Question question : questions) {
      if (question.tasks().containsAll(measures)) {
        sets.addAll(question.data());
      }
    }
    List<String> tasks =
        fields.has("tasks") ? fields.words("tasks", "sets of the questions: " + sets) : List.of();
    tasks.forEach(task -> Choice.check(key + ": tasks", task, sets.toArray(String[]::new)));
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
