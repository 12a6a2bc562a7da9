package dev.millrace.evaluation;

import dev.millrace.probe.SplitParts;
import java.io.IOException;
import java.util.List;

/**
 * A downstream task on labels: what it needs of a division of a set, and what an encoder is worth
 * by it. One class per task; {@link ProbeTasks} lists them. Stateless.
 */
interface Task {
  /** Its name, as {@code --task} and kept answers have it. */
  String name();

  /**
   * Whether frozen features are all it needs, so that no net is trained and pixels can be judged.
   */
  default boolean frozen() {
    return true;
  }

  /**
   * Whether a division of a suite's set can answer it by parts that were published with the set.
   */
  default boolean answers(SplitParts parts) {
    return !parts.test().isEmpty() && !parts.heldOut();
  }

  /**
   * Whether it is judged on a part that nothing is learned from; else on all pictures there are.
   */
  default boolean judgedOnAPart() {
    return true;
  }

  /**
   * Refuses a division that has nothing to judge by.
   *
   * @throws IllegalArgumentException naming what is missing
   */
  default void require(SplitParts parts) {
    parts.requireParts();
  }

  /** Reports, once per set, how it will be done there where that differs from the usual. */
  default void report(TaskSettings settings, SplitParts parts) {}

  /** Its settings as one line: equal lines, equal answers. */
  String describe(TaskSettings settings, SplitParts parts, int threads);

  /** Does it; one answer, or one for each number of shots. */
  List<ProbeResult> judge(Judge judge, SplitParts parts) throws IOException;
}
