package dev.millrace.study;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.evaluation.Probing;
import dev.millrace.refusal.Choice;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What is asked of every final encoder.
 *
 * @param tasks of {@code Probing.TASKS}
 * @param data labelled sets; {@link #OWN} stands for those that the run was trained on
 * @param images training pictures of each set to use; 0 for all
 */
public record Question(List<String> tasks, List<String> data, int images) {
  /** Stands for a run's own sets. */
  public static final String OWN = "own";

  /** Makes the lists immutable. */
  public Question {
    tasks = List.copyOf(tasks);
    data = List.copyOf(data);
  }

  /** Reads those of a study's file. */
  static List<Question> read(Fields top) {
    List<Question> questions = new ArrayList<>();
    JsonNode given = top.require("questions", "a list such as [{task: [knn], data: [own]}]");
    for (JsonNode one : given) {
      String where = "questions[" + questions.size() + "]";
      Fields fields = Fields.of(where, one, "task", "data", "images");
      List<String> tasks = fields.words("task", "some of " + Probing.TASKS);
      tasks.forEach(
          task -> Choice.check(where + ": task", task, Probing.TASKS.toArray(String[]::new)));
      questions.add(
          new Question(
              tasks,
              fields.words("data", "sets, or `own` for the run's set"),
              fields.whole("images", 0, 0)));
    }
    return questions;
  }

  /** The sets that a run trained on some is asked about, each once. */
  Set<String> sets(List<String> own) {
    Set<String> sets = new LinkedHashSet<>();
    data.forEach(set -> sets.addAll(set.equals(OWN) ? own : List.of(set)));
    return sets;
  }

  /** What an answer on a set is kept under: the study's word for a run's own data. */
  static String label(String data, List<String> own, String set) {
    if (!own.contains(set)) {
      return set;
    }
    return own.size() == 1 ? data : data + "/" + set;
  }
}
