package dev.millrace.study.record;

import java.util.List;

/**
 * The endpoint by which a study is judged, named before its numbers are seen.
 *
 * @param sets downstream sets, {@code own} for the set that was pre-trained on; empty for all
 * @param measures {@code knn}, {@code linear}, {@code few-shot}, …, of which the mean is taken;
 *     empty for linear, or the first that was measured where linear was not
 * @param margin percentage points up to which a gap counts as none, above 0
 */
public record Primary(List<String> sets, List<String> measures, double margin) {
  /** The set that was pre-trained on. */
  public static final String OWN = "own";

  /** Of studies that name none: linear on all sets, within 1 point. */
  public static final Primary DEFAULT = new Primary(List.of(), List.of(), 1);

  /** Makes the lists immutable. */
  public Primary {
    sets = List.copyOf(sets);
    measures = List.copyOf(measures);
    if (!(margin > 0 && margin < 100)) {
      throw new IllegalArgumentException(
          "margin " + margin + " is not a number of percentage points above 0");
    }
  }

  /** Whether the study's file names it. */
  public boolean named() {
    return !sets.isEmpty() || !measures.isEmpty();
  }
}
