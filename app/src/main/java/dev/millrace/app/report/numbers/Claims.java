package dev.millrace.app.report.numbers;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The five claims of "How Well Does Self-Supervised Pre-Training Perform with Streaming Data?"
 * (ICLR 2022), judged by the study's numbers. The rules are written beside each; all pair runs by
 * seed and ask at least two seeds for a verdict ({@link Verdict#atLeast}).
 */
public final class Claims {
  /** So many percentage points of average downstream accuracy count as equal. */
  public static final double MARGIN = 2;

  private static final List<String> MILD = List.of("instance");
  private static final List<String> STRONG = List.of("distant", "domain");
  private static final List<String> REMEDIES = List.of("replay", "mas", "both");

  private final Study study;
  private final Accuracy accuracy;
  private final Costs costs;
  private final Analyses analyses;

  /** The claims over a study. */
  public Claims(Study study) {
    this.study = study;
    accuracy = new Accuracy(study);
    costs = new Costs(study);
    analyses = new Analyses(study);
  }

  /** All five. */
  public List<Claim> all() {
    return List.of(mildShift(), strongShift(), forgetsLess(), flatter(), cheaper());
  }

  private Claim mildShift() {
    List<Claim.Evidence> evidence = new ArrayList<>();
    for (Cell cell : study.sequential()) {
      boolean counts = MILD.contains(cell.stream());
      if (counts || cell.stream().equals("class")) {
        Spread gap = gap(cell);
        evidence.add(
            new Claim.Evidence(
                where(cell) + (counts ? "" : " (for comparison, not counted)"),
                equalToJoint(cell, cell),
                "ST − JT: " + points(gap) + empty(cell),
                counts));
      }
    }
    return new Claim(
        1,
        "Under mild shift plain sequential training is about equal to joint training",
        "Mild shift is the instance stream. Held where the gap to JT, averaged over the downstream"
            + " tasks, is no worse than −"
            + Wording.number(MARGIN, 0)
            + " percentage points with one standard error over seeds taken off; did not hold where"
            + " it is worse with one added. Where ST is no better than an untrained encoder on its"
            + " own data, being equal decides nothing.",
        evidence);
  }

  private Claim strongShift() {
    List<Claim.Evidence> evidence = new ArrayList<>();
    for (Cell cell : study.sequential()) {
      if (!STRONG.contains(cell.stream())) {
        continue;
      }
      Optional<Cell> best = bestRemedy(cell);
      Spread plain = gap(cell);
      if (best.isEmpty()) {
        evidence.add(
            new Claim.Evidence(
                where(cell),
                Verdict.NOT_MEASURED,
                "ST − JT: " + points(plain) + "; no remedy yet"));
        continue;
      }
      Spread gap = gap(best.get());
      boolean nothingToMend = equalToJoint(cell, cell) == Verdict.HELD;
      Verdict verdict =
          nothingToMend || !plain.measured() ? Verdict.UNDECIDED : equalToJoint(best.get(), cell);
      evidence.add(
          new Claim.Evidence(
              where(cell),
              verdict,
              "ST − JT: "
                  + points(plain)
                  + "; best remedy "
                  + Wording.remedy(best.get().remedy())
                  + ": "
                  + points(gap)
                  + (nothingToMend ? "; ST has nothing to mend" : "")
                  + empty(cell)));
    }
    return new Claim(
        2,
        "Under strong shift replay or MAS brings it back to joint training",
        "Strong shift is the distant and the domain stream. Held where the remedy with the best mean"
            + " is no worse than JT by the rule of claim 1; where ST already is, nothing is"
            + " decided. The best of several is chosen by the same numbers that judge it, which"
            + " flatters it a little.",
        evidence);
  }

  private Claim forgetsLess() {
    List<Claim.Evidence> evidence = new ArrayList<>();
    for (Cell cell : study.sequential()) {
      if (MILD.contains(cell.stream())) {
        continue; // every part is like every other: there is nothing to forget
      }
      for (String supervised : List.of("supervised", "supervised-mlp")) {
        Cell other = cell.by(supervised);
        for (String task : analyses.forgettingTasks(cell)) {
          Spread less = analyses.forgetsLess(cell, other, task);
          if (!less.measured()) {
            continue;
          }
          Verdict verdict = above(less);
          evidence.add(
              new Claim.Evidence(
                  where(cell)
                      + ", against "
                      + Wording.method(supervised)
                      + ", "
                      + Wording.task(task),
                  verdict,
                  "forgetting "
                      + of(analyses.forgetting(cell, task))
                      + " against "
                      + of(analyses.forgetting(other, task))
                      + " points, at "
                      + of(analyses.averageAccuracy(cell, task))
                      + " against "
                      + of(analyses.averageAccuracy(other, task))
                      + " % average accuracy, untrained "
                      + of(analyses.untrained(cell, task))
                      + " %, "
                      + Wording.count(less.n(), "seed")));
        }
      }
    }
    return new Claim(
        3,
        "SSL forgets less than SL, also than SL with an MLP projector",
        "Plain sequential training, on every stream but instance. Held where SL's forgetting minus"
            + " SSL's, paired by seed, is above zero with one standard error taken off; did not hold"
            + " where it is below zero with one added. Who never learned has nothing to forget, so"
            + " average accuracy at the end and that of an untrained encoder stand beside.",
        evidence);
  }

  private Claim flatter() {
    List<Claim.Evidence> evidence = new ArrayList<>();
    for (Cell cell : study.sequential()) {
      for (String supervised : List.of("supervised", "supervised-mlp")) {
        Cell other = cell.by(supervised);
        Spread flatter = analyses.flatter(cell, other);
        if (!flatter.measured()) {
          continue;
        }
        Verdict verdict = above(flatter);
        evidence.add(
            new Claim.Evidence(
                where(cell) + ", against " + Wording.method(supervised),
                verdict,
                "Keskar's sharpness "
                    + Wording.briefSpread(analyses.keskar(cell))
                    + " against "
                    + Wording.briefSpread(analyses.keskar(other))
                    + ", "
                    + Wording.count(flatter.n(), "seed")
                    + hessian(cell, other)
                    + (learnedNothing(other)
                        ? "; SL ends no better than an untrained encoder on its own data"
                        : "")));
      }
    }
    return new Claim(
        4,
        "SSL's minima are flatter than SL's",
        "Keskar's sharpness of the pre-training loss, mean over the ends of chunks, plain sequential"
            + " training. Held where SL's minus SSL's, paired by seed, is above zero with one"
            + " standard error taken off; the spread is over seeds, not over pictures. The two losses"
            + " are of different kinds: Keskar's measure divides by 1 + loss, which favours the"
            + " larger loss, SSL's. The Hessian's eigenvalue and trace do not and are shown, not"
            + " counted.",
        evidence);
  }

  private Claim cheaper() {
    List<Claim.Evidence> evidence = new ArrayList<>();
    for (Cell cell : study.sequential()) {
      Spread share = costs.ofJointRedone(cell, Costs.Measure.CPU);
      Spread passes = costs.ofJointRedone(cell, Costs.Measure.PASSES);
      Spread saved = new Spread(share.n(), -share.mean(), share.deviation());
      Verdict verdict = Verdict.atLeast(saved, -1);
      if (verdict != Verdict.NOT_MEASURED) {
        evidence.add(
            new Claim.Evidence(
                where(cell),
                verdict,
                "ST took "
                    + percent(share)
                    + " of the processor time and "
                    + percent(passes)
                    + " of the image passes of JT redone at each chunk, "
                    + Wording.count(share.n(), "seed")));
      }
    }
    return new Claim(
        5,
        "Sequential training costs a fraction of joint training redone at each chunk",
        "ST's measured processor time over all chunks, divided by that of JT redone at each chunk."
            + " The latter is the measured JT run scaled to the pictures seen so far and summed over"
            + " chunks, not run again. Held where the share is at most 1 with one standard error"
            + " added; with equal chunks and equal passes it is 2 / (chunks + 1).",
        evidence);
  }

  private String hessian(Cell cell, Cell other) {
    Spread eigenvalue = analyses.sharpness(cell, Insight.Sharpness::largestEigenvalue);
    return eigenvalue.measured()
        ? "; the Hessian's largest eigenvalue "
            + Wording.briefSpread(eigenvalue)
            + " against "
            + Wording.briefSpread(analyses.sharpness(other, Insight.Sharpness::largestEigenvalue))
            + ", trace "
            + Wording.briefSpread(analyses.sharpness(cell, Insight.Sharpness::trace))
            + " against "
            + Wording.briefSpread(analyses.sharpness(other, Insight.Sharpness::trace))
        : "";
  }

  /**
   * The remedy with the best mean gap to joint training, if any was measured; one of several seeds
   * comes before one of a single seed.
   */
  public Optional<Cell> bestRemedy(Cell sequential) {
    return REMEDIES.stream()
        .map(sequential::with)
        .filter(cell -> gap(cell).measured())
        .max(
            Comparator.<Cell, Boolean>comparing(cell -> gap(cell).n() > 1)
                .thenComparing(cell -> gap(cell).mean()));
  }

  /**
   * Whether a row is equal to joint training; not decided where nothing was learned that could be
   * equal.
   *
   * @param sequential plain sequential training on the same stream
   */
  Verdict equalToJoint(Cell cell, Cell sequential) {
    Verdict verdict = Verdict.atLeast(gap(cell), -MARGIN);
    return verdict == Verdict.HELD && learnedNothing(sequential) ? Verdict.UNDECIDED : verdict;
  }

  /** By the study's measure of forgetting, on the row's own data, no better than untrained. */
  boolean learnedNothing(Cell cell) {
    List<String> tasks = analyses.forgettingTasks(cell);
    return !tasks.isEmpty()
        && tasks.stream()
            .map(task -> analyses.learned(cell, task))
            .noneMatch(learned -> !learned.measured() || learned.mean() > 0);
  }

  private String empty(Cell sequential) {
    return learnedNothing(sequential)
        ? "; no better than an untrained encoder on its own data"
        : "";
  }

  /** A row's gap to joint training over all its data's tasks. */
  Spread gap(Cell cell) {
    return accuracy.gap(cell, study.tasks(cell.data()));
  }

  /** A row in words, with its method where there are several. */
  String where(Cell cell) {
    boolean many = study.sequential().stream().map(Cell::method).distinct().count() > 1;
    return Wording.place(cell) + (many ? ", " + Wording.method(cell.method()) : "");
  }

  private static Verdict above(Spread number) {
    return Verdict.atLeast(number, Double.MIN_VALUE);
  }

  /** "−1.2 ± 0.4 points, 2 seeds". */
  static String points(Spread gap) {
    return gap.measured()
        ? Wording.signedSpread(gap, 1) + " points, " + Wording.count(gap.n(), "seed")
        : "not measured";
  }

  private static String of(Spread spread) {
    return Wording.spread(spread, 1);
  }

  /** A share as a percentage. */
  static String percent(Spread share) {
    return share.measured()
        ? Wording.spread(new Spread(share.n(), share.mean() * 100, share.deviation() * 100), 0)
            + " %"
        : "an unknown share";
  }
}
