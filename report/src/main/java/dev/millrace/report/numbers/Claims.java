package dev.millrace.report.numbers;

import dev.millrace.study.record.Cell;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The five claims of "How Well Does Self-Supervised Pre-Training Perform with Streaming Data?"
 * (ICLR 2022), judged by the study's numbers, each schedule of the learning rate by itself ({@link
 * Schedules}). The rules are written beside each: runs are paired by seed and order, intervals are
 * Student's, comparisons of a claim are corrected by Holm ({@link Family}), and who no longer
 * learns is no evidence ({@link Learning}).
 */
public final class Claims {
  static final List<String> MILD = List.of("instance");
  private static final List<String> STRONG = List.of("distant", "domain", "given");
  private static final List<String> SUPERVISED = List.of("supervised", "supervised-mlp");

  /** With one head over all classes, whose later chunks begin far above guessing. */
  static final List<String> FULL = List.of("supervised-full", "supervised-mlp-full");

  /** What the paper mends strong shift by; others are shown beside them. */
  private static final List<String> REMEDIES = List.of("replay", "mas", Cell.BOTH);

  private static final String BESIDE_JOINT = "points above or below joint training";

  private final Study study;
  private final Gaps gaps;

  /** The claims over a study's rows with restarts; where it has none, under its first schedule. */
  public Claims(Study study) {
    this(study, new Schedules(study).all().get(0));
  }

  private Claims(Study whole, String schedule) {
    study = new Schedules(whole).under(schedule);
    gaps = new Gaps(study);
  }

  /** The rules of a gap to joint training: when it is equal to 0, and when different. */
  private String toJoint() {
    return "Equal is a gap whose 90 % t-interval lies within ±"
        + Wording.points(study.primary().margin())
        + ", different one whose 95 % t-interval leaves 0 out, both after Holm's correction over"
        + " all gaps of ST to JT, and of remedies over all gaps of remedies to JT, whatever the"
        + " stream, from at least "
        + Family.SEEDS
        + " independent seeds; several orders of one seed share their joint run and count as one.";
  }

  /**
   * The rule of a difference that is to be equal to nothing.
   *
   * @param repeated over what, as {@link #repeated} says it
   */
  static String difference(String repeated) {
    return "Shown is a difference whose 95 % t-interval leaves 0 out after Holm's correction over"
        + " the comparisons of this claim that count, from at least "
        + Family.SEEDS
        + " independent "
        + repeated
        + ".";
  }

  /** What is repeated where methods are compared with each other, as words of a rule. */
  static String repeated(Study study) {
    return study.unit().equals("order")
        ? "orders, which count singly since all runs have one seed"
        : "seeds";
  }

  /**
   * The same five under each further schedule, by the schedule in words. They say what becomes of
   * the claims under it and decide nothing about the paper's.
   */
  public static Map<String, List<Claim>> beside(Study study) {
    Map<String, List<Claim>> beside = new LinkedHashMap<>();
    new Schedules(study)
        .all().stream()
            .skip(1)
            .forEach(schedule -> beside.put(schedule, new Claims(study, schedule).all()));
    return beside;
  }

  /** All five. */
  public List<Claim> all() {
    return List.of(
        mildShift(),
        strongShift(),
        new ForgettingClaim(study).claim(),
        new SharpnessClaim(study).claim(),
        new CostClaim(study).claim());
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
      List<Cell> counted = remedies.stream().filter(Claims::ofThePaper).toList();
      StringBuilder words = new StringBuilder("ST − JT: " + gaps.words(cell));
      remedies.forEach(
          remedy ->
              words
                  .append(". ")
                  .append(study.names().remedy(remedy.remedy()))
                  .append(counted.contains(remedy) ? "" : " (for comparison, not counted)")
                  .append(" − JT: ")
                  .append(gaps.words(remedy))
                  .append("; ")
                  .append(gaps.gain(remedy)));
      words.append(remedies.isEmpty() ? ". No remedy yet" : "");
      if (allBelow(cell, counted)) {
        notRun(counted).ifPresent(remedy -> words.append(". Not decided: ").append(remedy));
      }
      evidence.add(
          new Claim.Evidence(
              where(study, cell),
              broughtBack(cell, counted),
              words + ".",
              true,
              Stream.concat(Stream.of(cell), counted.stream()).map(this::gap).toList()));
    }
    return new Claim(
        2,
        "Under strong shift replay or MAS brings it back to joint training",
        "Strong shift is the distant and the domain stream, and that of several given sets. There"
            + " is something to bring back where ST's gap to JT in the primary endpoint is shown to"
            + " be below 0 and not equal to it; then it held where a remedy is equal to JT or above"
            + " it and its gain over ST is shown to be above 0 (95 % t-interval, after Holm's"
            + " correction over all gains of remedies), and did not hold where replay and MAS were"
            + " run and each, in every variant, is shown to be below, and so are both together"
            + " where they were run. All of these are judged, so that none is chosen by the numbers"
            + " that judge it; other remedies are shown and not counted. "
            + toJoint(),
        BESIDE_JOINT,
        study.primary().margin(),
        evidence);
  }

  private static boolean ofThePaper(Cell cell) {
    return REMEDIES.stream().anyMatch(remedy -> variant(cell, remedy));
  }

  /** Whether a row's remedy is one or has its name before a word of its own. */
  private static boolean variant(Cell cell, String remedy) {
    return cell.remedy().equals(remedy) || cell.remedy().startsWith(remedy + "-");
  }

  /** Which of replay and MAS was not run; without it nothing says that neither brings it back. */
  private Optional<String> notRun(List<Cell> remedies) {
    List<String> missing =
        Stream.of("replay", "mas")
            .filter(remedy -> remedies.stream().noneMatch(cell -> variant(cell, remedy)))
            .map(remedy -> remedy.equals("mas") ? "MAS" : remedy)
            .toList();
    return missing.isEmpty()
        ? Optional.empty()
        : Optional.of(
            String.join(" and ", missing) + (missing.size() > 1 ? " were" : " was") + " not run");
  }

  private Verdict broughtBack(Cell cell, List<Cell> remedies) {
    if (gaps.reaches(cell)) {
      return Verdict.NOTHING_LOST;
    }
    if (remedies.isEmpty()) {
      return Verdict.NOT_MEASURED;
    }
    if (remedies.stream().anyMatch(gaps::bringsBack)) {
      return Verdict.HELD;
    }
    return allBelow(cell, remedies) && notRun(remedies).isEmpty()
        ? Verdict.DID_NOT_HOLD
        : Verdict.UNDECIDED;
  }

  private boolean allBelow(Cell cell, List<Cell> remedies) {
    return gaps.judged(cell) == Relation.BELOW
        && !remedies.isEmpty()
        && remedies.stream().allMatch(remedy -> gaps.judged(remedy) == Relation.BELOW);
  }

  /** Supervised methods, those that count first. */
  static List<String> supervised() {
    return Stream.concat(SUPERVISED.stream(), FULL.stream()).toList();
  }

  /** A row in words, with its method where there are several. */
  static String where(Study study, Cell cell) {
    boolean many = study.sequential().stream().map(Cell::method).distinct().count() > 1;
    return Wording.place(cell) + (many ? ", " + study.names().method(cell.method()) : "");
  }
}
