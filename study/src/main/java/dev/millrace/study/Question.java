package dev.millrace.study;

import java.util.List;

/**
 * What is asked of every final encoder.
 *
 * @param tasks of {@code Probing.TASKS}
 * @param data labelled sets; {@link #OWN} is the set that the run was trained on
 * @param images training pictures of each set to use; 0 for all
 */
public record Question(List<String> tasks, List<String> data, int images) {
  /** Stands for a run's own set. */
  public static final String OWN = "own";

  /** Makes the lists immutable. */
  public Question {
    tasks = List.copyOf(tasks);
    data = List.copyOf(data);
  }
}
