package dev.millrace.report.numbers;

import dev.millrace.study.record.Insight;
import dev.millrace.study.record.RunRecord;
import java.util.ArrayList;
import java.util.List;

/**
 * The end of a chunk: whether what the run was shown there was learned at all.
 *
 * @param chunk counted from 0
 * @param loss mean of its last epoch; null where the ledger does not tell
 * @param guessing the loss of who guesses, or null
 */
record ChunkEnd(int chunk, Double loss, Double guessing) {
  /** A chunk whose last epoch has a loss this close to that of guessing was not learned. */
  private static final double GUESSING = 0.95;

  /**
   * Those of a run. Older ledgers have no losses but that of the batch that sharpness was taken on,
   * and name MoCo's queue and no classes: log(K + 1), of the last chunk.
   */
  static List<ChunkEnd> of(RunRecord run) {
    List<ChunkEnd> ends = new ArrayList<>();
    for (RunRecord.ChunkLosses one : run.losses()) {
      List<Double> epochs = one.epochs();
      ends.add(
          new ChunkEnd(
              one.chunk(),
              epochs.isEmpty() ? null : epochs.get(epochs.size() - 1),
              one.guessing()));
    }
    List<Insight.Sharpness> sharpness = run.insight().sharpness();
    if (ends.isEmpty() && !sharpness.isEmpty()) {
      Insight.Sharpness last = sharpness.get(sharpness.size() - 1);
      boolean moco = run.method().equals("moco-v2");
      ends.add(
          new ChunkEnd(
              last.chunk(),
              last.loss(),
              moco && run.settings().get("queue") instanceof Number keys
                  ? Math.log(keys.doubleValue() + 1)
                  : null));
    }
    return ends;
  }

  /** Whether a run learned every chunk, as far as its line tells. */
  static boolean learned(RunRecord run) {
    return of(run).stream().noneMatch(ChunkEnd::guesses);
  }

  /** Whether it can be held against guessing. */
  boolean known() {
    return loss != null && guessing != null;
  }

  /** Whether it was not learned. */
  boolean guesses() {
    return known() && loss >= GUESSING * guessing;
  }

  /** "chunk 3 ends at a loss of 0.66 where guessing has 0.69". */
  String words() {
    return "chunk %s ends at a loss of %s where guessing has %s"
        .formatted(chunk + 1, Wording.number(loss, 2), Wording.number(guessing, 2));
  }
}
