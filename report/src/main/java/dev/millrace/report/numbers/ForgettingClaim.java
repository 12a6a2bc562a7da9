package dev.millrace.report.numbers;

import dev.millrace.study.record.Cell;
import dev.millrace.study.record.Insight;
import dev.millrace.study.record.RunRecord;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The third claim, judged by the mean of backward transfer over the primary measures. Each measure
 * by itself stands beside it and decides nothing.
 */
final class ForgettingClaim {
  private final Study study;
  private final Analyses analyses;
  private final Learning learning;

  /** A row against the same row by another method, in the mean of some measures. */
  private record Pair(Cell cell, Cell other, List<String> tasks) {}

  ForgettingClaim(Study study) {
    this.study = study;
    analyses = new Analyses(study);
    learning = new Learning(study);
  }

  Claim claim() {
    Map<Pair, Spread> counted = new LinkedHashMap<>();
    List<Pair> all = new ArrayList<>();
    for (Cell cell : study.sequential()) {
      if (Claims.MILD.contains(cell.stream())) {
        continue; // there every part is like every other
      }
      List<String> main = analyses.mainTasks(cell);
      for (String supervised : Claims.supervised()) {
        for (List<String> tasks : measures(cell, main)) {
          Pair pair = new Pair(cell, cell.by(supervised), tasks);
          Spread less = less(pair);
          if (less.measured()) {
            all.add(pair);
            if (tasks.equals(main) && !Claims.FULL.contains(supervised)) {
              counted.put(pair, less);
            }
          }
        }
      }
    }
    Family<Pair> family = new Family<>(counted, 0);
    return new Claim(
        3,
        statement(counted.keySet()),
        "Plain sequential training, on every stream but instance, by backward transfer (accuracy at"
            + " the end minus accuracy right after a part's own chunk), the mean over the primary"
            + " measures. Held where SSL's is shown to be above SL's, did not hold where it is"
            + " shown to be below. Who never learned has nothing to forget: a run that ends a chunk"
            + " within 5 % of the loss of guessing is left out with its partner, and there is no"
            + " verdict where half of a method's runs are such, where it learned a later chunk to"
            + " less than half of its first, or is no better than an untrained encoder right after"
            + " learning. Rows of one head over all classes (full head) are shown and not counted:"
            + " they lose by the head's shock. "
            + Claims.difference(Claims.repeated(study)),
        "backward transfer, SSL − SL, points",
        0,
        all.stream().map(pair -> evidence(pair, counted.containsKey(pair), family)).toList());
  }

  /** The paper's, or what of it was measured: a verdict says nothing of rows that are not there. */
  private static String statement(Set<Pair> counted) {
    boolean without =
        !counted.isEmpty()
            && counted.stream().noneMatch(pair -> pair.other.method().equals("supervised-mlp"));
    return without
        ? "SSL forgets less than SL (than SL with an MLP projector: not measured)"
        : "SSL forgets less than SL, also than SL with an MLP projector";
  }

  /** What a row is judged by, first, then each measure by itself. */
  private List<List<String>> measures(Cell cell, List<String> main) {
    List<List<String>> measures = new ArrayList<>();
    if (!main.isEmpty()) {
      measures.add(main);
    }
    analyses.forgettingTasks(cell).stream()
        .map(List::of)
        .filter(one -> !one.equals(main))
        .forEach(measures::add);
    return measures;
  }

  private Spread less(Pair pair) {
    return study.paired(
        pair.cell,
        study.partners(pair.other),
        (run, partner) -> {
          if (leftOut(pair.cell, run) || leftOut(pair.other, partner)) {
            return null;
          }
          Double own = Analyses.forgetting(run, pair.tasks, Insight.Forgetting::backwardTransfer);
          Double other =
              Analyses.forgetting(partner, pair.tasks, Insight.Forgetting::backwardTransfer);
          return own == null || other == null ? null : own - other;
        });
  }

  /** Where a row as a whole did not learn it has no verdict, and all of it is shown. */
  private boolean leftOut(Cell cell, RunRecord run) {
    return !ChunkEnd.learned(run) && learning.exceptions(cell).isPresent();
  }

  /** A number of one side, over the runs that are compared. */
  private Spread of(Cell cell, Pair pair, Function<Insight.Forgetting, Double> number) {
    Cell across = cell.equals(pair.cell) ? pair.other : pair.cell;
    Function<RunRecord, Optional<RunRecord>> partners = study.partners(across);
    return study.spread(
        cell,
        run ->
            leftOut(cell, run)
                    || partners.apply(run).filter(one -> leftOut(across, one)).isPresent()
                ? null
                : Analyses.forgetting(run, pair.tasks, number));
  }

  private String numbers(Cell cell, Pair pair) {
    return "backward transfer "
        + Wording.signedSpread(of(cell, pair, Insight.Forgetting::backwardTransfer), 1)
        + " (by the maximum it forgot "
        + Wording.spread(of(cell, pair, Insight.Forgetting::forgetting), 1)
        + "), at "
        + Wording.spread(of(cell, pair, Insight.Forgetting::averageAccuracy), 1)
        + " % average accuracy, untrained "
        + Wording.spread(of(cell, pair, Analyses::untrained), 1)
        + " %";
  }

  /** One comparison of SSL and SL; what does not count is shown. */
  private Claim.Evidence evidence(Pair pair, boolean counts, Family<Pair> family) {
    Spread difference = less(pair);
    Optional<String> why =
        study
            .mixed(pair.cell)
            .or(() -> study.mixed(pair.other))
            .or(() -> learning.faultOfForgetting(pair.cell))
            .or(() -> learning.faultOfForgetting(pair.other));
    Verdict verdict =
        !counts || why.isPresent()
            ? Verdict.UNDECIDED
            : switch (family.side(pair)) {
              case ABOVE -> Verdict.HELD;
              case BELOW -> Verdict.DID_NOT_HOLD;
              case NOT_MEASURED -> Verdict.NOT_MEASURED;
              default -> Verdict.UNDECIDED;
            };
    List<String> words = new ArrayList<>();
    words.add("SSL: " + numbers(pair.cell, pair));
    words.add("SL: " + numbers(pair.other, pair));
    words.add(
        "difference "
            + Wording.signed(difference.mean(), 1)
            + ", "
            + Wording.intervals(difference, 1, study.unit()));
    if (counts) {
      family
          .power(pair)
          .ifPresent(power -> words.add(power.words("those of this claim", study.unit())));
    }
    Machines.of(study, pair.cell, pair.other).ifPresent(words::add);
    why.ifPresent(reason -> words.add("no verdict: " + reason));
    Stream.of(pair.cell, pair.other)
        .flatMap(row -> learning.exceptions(row).stream())
        .forEach(runs -> words.add("left out: " + runs));
    learning.unchecked(pair.other).ifPresent(words::add);
    return new Claim.Evidence(
        Claims.where(study, pair.cell)
            + ", against "
            + study.names().method(pair.other.method())
            + ", "
            + Wording.measures(pair.tasks)
            + (counts ? "" : " (for comparison, not counted)"),
        verdict,
        String.join("; ", words),
        counts,
        List.of(new Claim.Measured("SSL − SL", pair.other, difference, why.isEmpty())));
  }
}
