package dev.millrace.study;

import dev.millrace.learn.method.MoCoV2;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Rows whose joint run has a longer queue than the streams that are held against it: a queue that
 * is left to a run is a quarter of its own smallest chunk, and joint training has one large chunk.
 * A warning and not another length, since a ledger may have such runs.
 */
final class UnequalQueues {
  private UnequalQueues() {}

  /** In words; none where there is nothing to say. */
  static List<String> lines(StudyFile study) {
    Set<String> open = new LinkedHashSet<>();
    for (PlannedRun run : study.runs()) {
      PlannedRun joint = run.joint() ? null : study.reference(run);
      if (joint != null && joint.settings().method().queue() == MoCoV2.Settings.AUTO) {
        open.add(run.method() + " on " + run.data());
      }
    }
    List<String> lines = new ArrayList<>();
    if (!open.isEmpty()) {
      lines.add(
          "queue: auto, which %s leaves to joint training, is decided by its one chunk and longer than in the streams beside it, so that they differ in more than the stream; give `queue` a number, a quarter of the smallest chunk"
              .formatted(String.join(", ", open)));
    }
    return lines;
  }
}
