package dev.millrace.report.numbers;

import dev.millrace.study.record.Cell;
import dev.millrace.study.record.Insight;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The fourth claim, judged only by the rise of one loss for all methods under noise relative to the
 * weights. What older ledgers hold, Keskar's sharpness and the Hessian of each method's own loss,
 * depends on the scale of weights that changes no loss: it is shown and decides nothing.
 */
final class SharpnessClaim {
  /** A row against the same row by a supervised method. */
  private record Pair(Cell cell, Cell other) {}

  private final Study study;
  private final Analyses analyses;
  private final Learning learning;

  SharpnessClaim(Study study) {
    this.study = study;
    analyses = new Analyses(study);
    learning = new Learning(study);
  }

  Claim claim() {
    Map<Pair, Spread> rises = new LinkedHashMap<>();
    Map<Pair, Spread> counted = new LinkedHashMap<>();
    List<Pair> shown = new ArrayList<>();
    for (Cell cell : study.sequential()) {
      for (String supervised : Claims.supervised()) {
        Pair pair = new Pair(cell, cell.by(supervised));
        Spread rise = analyses.flatter(cell, pair.other, Insight.Sharpness::noise);
        if (rise.measured()) {
          rises.put(pair, rise);
          if (counts(pair)) {
            counted.put(pair, rise);
          }
        }
        if (rise.measured()
            || analyses.flatter(cell, pair.other, Insight.Sharpness::keskar).measured()) {
          shown.add(pair);
        }
      }
    }
    Family<Pair> family = new Family<>(counted, 0);
    return new Claim(
        4,
        "SSL's minima are flatter than SL's",
        "By how many percent the loss of a logistic head, fitted on the unperturbed features, rises"
            + " under filter-normalised noise on the encoder: mean over the ends of chunks"
            + " at which both have a number, plain"
            + " sequential training. Held where SL's rise minus SSL's has a 95 % t-interval above 0"
            + " after Holm's correction, did not hold where it lies below, from at least "
            + Family.SEEDS
            + " independent "
            + Claims.repeated(study)
            + ". Rows of one head over all classes (full head) are shown and not counted, as in"
            + " claim 3. Keskar's sharpness and the Hessian of each method's own loss depend on the"
            + " scale of weights that a normalisation follows, which changes no loss: they are"
            + " shown, mean ± deviation over seeds, and decide nothing.",
        "rise of the loss, SL − SSL, % points",
        0,
        shown.stream().map(pair -> evidence(pair, family, rises.get(pair))).toList());
  }

  private Claim.Evidence evidence(Pair pair, Family<Pair> family, Spread rise) {
    List<String> words = new ArrayList<>();
    Verdict verdict = Verdict.UNDECIDED;
    boolean learned = true;
    if (rise == null) {
      words.add("no verdict: no measure that does not depend on the scale of weights");
    } else {
      words.add(
          "the loss rises by "
              + of(pair.cell, pair.other, Insight.Sharpness::noise)
              + " % against "
              + of(pair.other, pair.cell, Insight.Sharpness::noise)
              + " %, difference "
              + Wording.signed(rise.mean(), 1)
              + ", "
              + Wording.intervals(rise, 1, study.unit()));
      if (counts(pair)) {
        family
            .power(pair)
            .ifPresent(power -> words.add(power.words("those of this claim", study.unit())));
      }
      Machines.of(study, pair.cell, pair.other).ifPresent(words::add);
      var why =
          study
              .mixed(pair.cell)
              .or(() -> study.mixed(pair.other))
              .or(() -> learning.fault(pair.cell))
              .or(() -> learning.fault(pair.other));
      why.ifPresent(reason -> words.add("no verdict: " + reason));
      Stream.of(pair.cell, pair.other)
          .flatMap(row -> learning.exceptions(row).stream())
          .forEach(runs -> words.add("counted all the same: " + runs));
      learned = why.isEmpty();
      if (learned && counts(pair)) {
        verdict =
            switch (family.side(pair)) {
              case ABOVE -> Verdict.HELD;
              case BELOW -> Verdict.DID_NOT_HOLD;
              default -> Verdict.UNDECIDED;
            };
      }
    }
    if (analyses.keskar(pair.cell).measured() && analyses.keskar(pair.other).measured()) {
      words.add(
          "Keskar's sharpness "
              + of(pair.cell, pair.other, Insight.Sharpness::keskar)
              + " against "
              + of(pair.other, pair.cell, Insight.Sharpness::keskar)
              + ", the Hessian's largest eigenvalue "
              + of(pair.cell, pair.other, Insight.Sharpness::largestEigenvalue)
              + " against "
              + of(pair.other, pair.cell, Insight.Sharpness::largestEigenvalue)
              + ", trace "
              + of(pair.cell, pair.other, Insight.Sharpness::trace)
              + " against "
              + of(pair.other, pair.cell, Insight.Sharpness::trace));
    }
    boolean counts = counts(pair);
    return new Claim.Evidence(
        Claims.where(study, pair.cell)
            + ", against "
            + study.names().method(pair.other.method())
            + (counts ? "" : " (for comparison, not counted)"),
        verdict,
        String.join("; ", words),
        counts,
        List.of(
            new Claim.Measured(
                "SL − SSL", pair.other, rise == null ? Spread.NONE : rise, learned)));
  }

  private static boolean counts(Pair pair) {
    return !Claims.FULL.contains(pair.other.method());
  }

  private String of(Cell cell, Cell beside, Function<Insight.Sharpness, Double> number) {
    return Wording.briefSpread(analyses.sharpnessBeside(cell, beside, number));
  }
}
