package dev.millrace.report.numbers;

import dev.millrace.study.record.Cell;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.Stream;

/**
 * The five claims of "How Well Does Self-Supervised Pre-Training Perform with Streaming Data?"
 * (ICLR 2022), judged by the study's numbers. The rules are written beside each: runs are paired by
 * seed and order, intervals are Student's, comparisons of a claim are corrected by Holm ({@link
 * Family}), and who no longer learns is no evidence ({@link Learning}).
 */
public final class Claims {
  private static final List<String> MILD = List.of("instance");
  private static final List<String> STRONG = List.of("distant", "domain");
  private static final List<String> SUPERVISED = List.of("supervised", "supervised-mlp");

  /** With one head over all classes, whose later chunks begin far above guessing. */
  static final List<String> FULL = List.of("supervised-full", "supervised-mlp-full");

  private static final String BESIDE_JOINT = "points above or below joint training";

  private final Study study;
  private final Gaps gaps;
  private final Analyses analyses;
  private final Learning learning;

  /** A row against the same row by another method, in one task. */
  private record Pair(Cell cell, Cell other, String task) {}

  /** The claims over a study. */
  public Claims(Study study) {
    this.study = study;
    gaps = new Gaps(study);
    analyses = new Analyses(study);
    learning = new Learning(study);
  }

  private String rules(String repeated) {
    return "Equal is a gap whose 90 % t-interval lies within ±"
        + margin()
        + ", different one whose 95 % t-interval leaves 0 out, both after Holm's correction over"
        + " the study's comparisons of this kind, from at least "
        + Family.SEEDS
        + " independent "
        + repeated;
  }

  /** The rules of a gap to joint training. */
  private String toJoint() {
    return rules("seeds; several orders of one seed share their joint run and count as one.");
  }

  /** What is repeated where methods are compared with each other, as words of a rule. */
  static String repeated(Study study) {
    return study.unit().equals("order")
        ? "orders, which count singly since all runs have one seed"
        : "seeds";
  }

  /** All five. */
  public List<Claim> all() {
    return List.of(
        mildShift(),
        strongShift(),
        forgetsLess(),
        withoutMixedRows(new SharpnessClaim(study).claim()),
        new CostClaim(study).claim());
  }

  /** A claim about methods without a verdict where a row of either has several settings. */
  private Claim withoutMixedRows(Claim claim) {
    return claim.with(
        claim.evidence().stream()
            .map(
                one ->
                    one.measured().stream()
                        .map(Claim.Measured::cell)
                        .flatMap(
                            cell ->
                                Stream.concat(
                                    Stream.of(cell),
                                    study.sequential().stream()
                                        .filter(own -> own.by(cell.method()).equals(cell))))
                        .flatMap(cell -> study.mixed(cell).stream())
                        .findFirst()
                        .map(one::undecided)
                        .orElse(one))
            .toList());
  }

  /** The margin in words: "1 point". */
  private String margin() {
    return Wording.points(study.primary().margin());
  }

  private Claim mildShift() {
    List<Claim.Evidence> evidence = new ArrayList<>();
    for (Cell cell : study.sequential()) {
      boolean counts = MILD.contains(cell.stream());
      if (counts || cell.stream().equals("class")) {
        evidence.add(
            new Claim.Evidence(
                where(study, cell) + (counts ? "" : " (for comparison, not counted)"),
                switch (gaps.judged(cell)) {
                  case EQUAL -> Verdict.HELD;
                  case BELOW, ABOVE -> Verdict.DID_NOT_HOLD;
                  case OPEN -> Verdict.UNDECIDED;
                  case NOT_MEASURED -> Verdict.NOT_MEASURED;
                },
                "ST − JT: " + gaps.words(cell),
                counts,
                List.of(gap(cell))));
      }
    }
    return new Claim(
        1,
        "Under mild shift plain sequential training is about equal to joint training",
        "Mild shift is the instance stream. Held where the gap to JT in the primary endpoint is"
            + " equal to 0, did not hold where it differs from 0 and is not. "
            + toJoint(),
        BESIDE_JOINT,
        study.primary().margin(),
        evidence);
  }

  /** A row's gap to joint training as a picture shows it. */
  private Claim.Measured gap(Cell cell) {
    return new Claim.Measured(
        study.names().remedy(cell.remedy()), cell, gaps.gap(cell), gaps.obstacle(cell).isEmpty());
  }

  private Claim strongShift() {
    List<Claim.Evidence> evidence = new ArrayList<>();
    for (Cell cell : study.sequential()) {
      if (!STRONG.contains(cell.stream())) {
        continue;
      }
      List<Cell> remedies =
          gaps.remedies().stream()
              .map(cell::with)
              .filter(remedy -> gaps.gap(remedy).measured())
              .toList();
      StringBuilder words = new StringBuilder("ST − JT: " + gaps.words(cell));
      remedies.forEach(
          remedy ->
              words
                  .append(". ")
                  .append(study.names().remedy(remedy.remedy()))
                  .append(" − JT: ")
                  .append(gaps.words(remedy)));
      words.append(remedies.isEmpty() ? ". No remedy yet" : "");
      evidence.add(
          new Claim.Evidence(
              where(study, cell),
              broughtBack(cell, remedies),
              words + ".",
              true,
              Stream.concat(Stream.of(cell), remedies.stream()).map(this::gap).toList()));
    }
    return new Claim(
        2,
        "Under strong shift replay or MAS brings it back to joint training",
        "Strong shift is the distant and the domain stream. There is something to bring back where"
            + " ST's gap to JT in the primary endpoint is shown to be below 0; then it held where a"
            + " remedy is equal to JT or above it, and did not hold where every measured remedy is"
            + " shown to be below. Every remedy is judged, so that none is chosen by the numbers"
            + " that judge it. "
            + toJoint(),
        BESIDE_JOINT,
        study.primary().margin(),
        evidence);
  }

  private Verdict broughtBack(Cell cell, List<Cell> remedies) {
    if (remedies.isEmpty()) {
      return Verdict.NOT_MEASURED;
    }
    if (!gaps.below(cell) || gaps.obstacle(cell).isPresent()) {
      return Verdict.UNDECIDED;
    }
    if (remedies.stream().anyMatch(gaps::reaches)) {
      return Verdict.HELD;
    }
    return remedies.stream().allMatch(remedy -> gaps.judged(remedy) == Relation.BELOW)
        ? Verdict.DID_NOT_HOLD
        : Verdict.UNDECIDED;
  }

  private Claim forgetsLess() {
    Map<Pair, Spread> counted = new LinkedHashMap<>();
    List<Pair> all = new ArrayList<>();
    for (Pair pair : pairs()) {
      if (!MILD.contains(pair.cell.stream())) { // there every part is like every other
        Spread less = analyses.forgetsLess(pair.cell, pair.other, pair.task);
        if (less.measured()) {
          all.add(pair);
          if (pair.task.equals(analyses.mainTask(pair.cell))
              && !FULL.contains(pair.other.method())) {
            counted.put(pair, less);
          }
        }
      }
    }
    Family<Pair> family = new Family<>(counted, 0);
    return new Claim(
        3,
        "SSL forgets less than SL, also than SL with an MLP projector",
        "Plain sequential training, on every stream but instance, by backward transfer (accuracy at"
            + " the end minus accuracy right after a part's own chunk) in the primary measure."
            + " Held where SSL's is shown to be above SL's, did not hold where it is shown to be"
            + " below. Who never learned has nothing to forget: there is no verdict where a method"
            + " learned a later chunk to less than half of its first, ends at the loss of guessing,"
            + " or is no better than an untrained encoder right after learning. Rows of one head over"
            + " all classes (full head) are shown and not counted: they lose by the head's shock. "
            + rules(repeated(study) + "."),
        "backward transfer, SSL − SL, points",
        0,
        all.stream()
            .map(
                pair ->
                    evidence(
                        pair,
                        counted.containsKey(pair) ? family : null,
                        analyses.forgetsLess(pair.cell, pair.other, pair.task),
                        (one, task) ->
                            "backward transfer "
                                + Wording.signedSpread(analyses.backwardTransfer(one, task), 1)
                                + " (by the maximum it forgot "
                                + Wording.spread(analyses.forgetting(one, task), 1)
                                + "), at "
                                + Wording.spread(analyses.averageAccuracy(one, task), 1)
                                + " % average accuracy, untrained "
                                + Wording.spread(analyses.untrained(one, task), 1)
                                + " %"))
            .toList());
  }

  /** One comparison of SSL and SL; without a family it is shown and not counted. */
  private Claim.Evidence evidence(
      Pair pair, Family<Pair> family, Spread difference, BiFunction<Cell, String, String> numbers) {
    Optional<String> why =
        study
            .mixed(pair.cell)
            .or(() -> study.mixed(pair.other))
            .or(() -> learning.faultOfForgetting(pair.cell))
            .or(() -> learning.faultOfForgetting(pair.other));
    Verdict verdict =
        family == null || why.isPresent()
            ? Verdict.UNDECIDED
            : switch (family.side(pair)) {
              case ABOVE -> Verdict.HELD;
              case BELOW -> Verdict.DID_NOT_HOLD;
              case NOT_MEASURED -> Verdict.NOT_MEASURED;
              default -> Verdict.UNDECIDED;
            };
    List<String> words = new ArrayList<>();
    words.add("SSL: " + numbers.apply(pair.cell, pair.task));
    words.add("SL: " + numbers.apply(pair.other, pair.task));
    words.add(
        "difference "
            + Wording.signed(difference.mean(), 1)
            + ", "
            + Wording.intervals(difference, 1, study.unit()));
    study.machines(pair.cell, pair.other).ifPresent(words::add);
    why.ifPresent(reason -> words.add("no verdict: " + reason));
    learning.unchecked(pair.other).ifPresent(words::add);
    return new Claim.Evidence(
        where(study, pair.cell)
            + ", against "
            + study.names().method(pair.other.method())
            + (pair.task.isEmpty() ? "" : ", " + Wording.task(pair.task))
            + (family == null ? " (for comparison, not counted)" : ""),
        verdict,
        String.join("; ", words),
        family != null,
        List.of(new Claim.Measured("SSL − SL", pair.other, difference, why.isEmpty())));
  }

  /** Supervised methods, those that count first. */
  static List<String> supervised() {
    return Stream.concat(SUPERVISED.stream(), FULL.stream()).toList();
  }

  private List<Pair> pairs() {
    List<Pair> pairs = new ArrayList<>();
    for (Cell cell : study.sequential()) {
      for (String supervised : supervised()) {
        analyses
            .forgettingTasks(cell)
            .forEach(task -> pairs.add(new Pair(cell, cell.by(supervised), task)));
      }
    }
    return pairs;
  }

  /** A row in words, with its method where there are several. */
  static String where(Study study, Cell cell) {
    boolean many = study.sequential().stream().map(Cell::method).distinct().count() > 1;
    return Wording.place(cell) + (many ? ", " + study.names().method(cell.method()) : "");
  }
}
