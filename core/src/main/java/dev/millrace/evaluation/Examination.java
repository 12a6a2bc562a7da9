package dev.millrace.evaluation;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/** Some tasks on one opened set, which one encoder after another is asked. Not thread-safe. */
interface Examination {
  /** What a set is judged by. */
  enum Kind {
    LABELS {
      @Override
      Examination open(ProbeCall call, String data) throws IOException {
        return LabelExamination.whole(call, data);
      }
    },
    BOXES {
      @Override
      Examination open(ProbeCall call, String data) throws IOException {
        return DetectionTask.on(call, data);
      }
    };

    /**
     * Opens a set.
     *
     * @throws IllegalArgumentException if it lacks what the tasks judge by
     * @throws IOException if a file cannot be read
     */
    abstract Examination open(ProbeCall call, String data) throws IOException;

    /** Whether a task judges by it. */
    private boolean of(String task) {
      return (this == BOXES) == task.equals(DetectionTask.NAME);
    }

    /** Those of some tasks that judge by it. */
    List<String> tasks(List<String> all) {
      return all.stream().filter(this::of).toList();
    }

    /** What some tasks judge by, in the order in which it is asked. */
    static List<Kind> of(List<String> tasks) {
      return Arrays.stream(values()).filter(kind -> tasks.stream().anyMatch(kind::of)).toList();
    }
  }

  /** Whether an encoder can be asked. */
  boolean judges(ProbedEncoder encoder);

  /**
   * Asks one encoder: the answers of the run's log, else found out now and kept.
   *
   * @param again whether to find out even what is kept
   * @param found takes the answers to each question as they come
   * @throws java.util.concurrent.CancellationException if a stop was requested
   */
  void ask(ProbedEncoder encoder, boolean again, Consumer<ProbeLog.Given> found) throws IOException;

  /** Whether a result is the one of its task that stands in tables; detection has many. */
  static boolean shown(ProbeResult result) {
    return !result.task().equals(DetectionTask.NAME)
        || result.metric().equals(DetectionTask.OWN_METRIC);
  }
}
