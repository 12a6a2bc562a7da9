package dev.millrace.report.numbers;

import dev.millrace.study.record.Cell;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Gaps to joint training in the primary endpoint, judged as two families: plain sequential training
 * on every stream, and every remedy on every stream. Each comparison is in one of them, once. What
 * every remedy adds to plain sequential training is a third, since a remedy may be equal to joint
 * training for being equal to a row that lost next to nothing.
 */
final class Gaps {
  /** What repeats a gap: joint training exists once a seed, however many orders the seed has. */
  static final String UNIT = "seed";

  private static final Set<String> NONE =
      Set.of(Cell.SEQUENTIAL, Cell.JOINT, Cell.JOINT_WARM, Cell.UNTRAINED, Cell.RAW);

  private final Study study;
  private final Endpoint endpoint;
  private final List<String> remedies;
  private final Learning learning;
  private final Family<Cell> plain;
  private final Family<Cell> cured;
  private final Family<Cell> gained;

  Gaps(Study study) {
    this.study = study;
    endpoint = new Endpoint(study);
    remedies =
        study.cells().stream()
            .map(Cell::remedy)
            .filter(remedy -> !NONE.contains(remedy))
            .distinct()
            .sorted(study.names().byRemedy())
            .toList();
    learning = new Learning(study);
    Map<Cell, Spread> sequential = new LinkedHashMap<>();
    Map<Cell, Spread> remedied = new LinkedHashMap<>();
    Map<Cell, Spread> gains = new LinkedHashMap<>();
    for (Cell cell : study.sequential()) {
      sequential.put(cell, gap(cell));
      for (String remedy : remedies) {
        remedied.put(cell.with(remedy), gap(cell.with(remedy)));
        gains.put(cell.with(remedy), endpoint.gain(cell.with(remedy)));
      }
    }
    plain = new Family<>(sequential, study.primary().margin());
    cured = new Family<>(remedied, study.primary().margin());
    gained = new Family<>(gains, 0);
  }

  /** The remedies against forgetting that the study has, in order. */
  List<String> remedies() {
    return remedies;
  }

  /** The rows of plain sequential training, measured or not. */
  Set<Cell> plain() {
    return plain.all();
  }

  /** The rows of remedies against forgetting, measured or not. */
  Set<Cell> cured() {
    return cured.all();
  }

  Spread gap(Cell cell) {
    return endpoint.gap(cell);
  }

  /** How a row stands to joint training, whatever it learned. */
  Relation relation(Cell cell) {
    return family(cell).relation(cell);
  }

  private Family<Cell> family(Cell cell) {
    return cell.remedy().equals(Cell.SEQUENTIAL) ? plain : cured;
  }

  /** Whether a row is shown to lose nothing: equal to joint training, or above it. */
  boolean reaches(Cell cell) {
    Relation judged = judged(cell);
    return judged == Relation.EQUAL || judged == Relation.ABOVE;
  }

  /**
   * Whether a remedy is shown to bring back what plain sequential training is shown to lose: it
   * reaches joint training, and it is better than plain sequential training.
   */
  boolean bringsBack(Cell remedy) {
    return judged(remedy.with(Cell.SEQUENTIAL)) == Relation.BELOW
        && reaches(remedy)
        && gained.side(remedy) == Relation.ABOVE;
  }

  /** What a remedy adds to plain sequential training, in words. */
  String gain(Cell remedy) {
    Spread gain = endpoint.gain(remedy);
    return gain.measured()
        ? "over ST "
            + Wording.signed(gain.mean(), 1)
            + " points; "
            + Wording.intervals(gain, 1, UNIT)
        : "over ST not measured";
  }

  /** Why nothing is decided about a row, though its numbers may look like it. */
  Optional<String> obstacle(Cell cell) {
    return study
        .mixed(cell)
        .or(() -> study.mixed(cell.reference()))
        .or(() -> learning.fault(cell))
        .or(() -> learning.fault(cell.reference()))
        .or(() -> learning.nothing(cell.with(Cell.SEQUENTIAL)))
        .map(why -> "no verdict: " + why);
  }

  /** The relation, left open where something stands in its way. */
  Relation judged(Cell cell) {
    Relation relation = relation(cell);
    return relation != Relation.NOT_MEASURED && obstacle(cell).isPresent()
        ? Relation.OPEN
        : relation;
  }

  /**
   * The remedy with the best mean gap to joint training, if any was measured; one of several seeds
   * comes before one of a single seed.
   */
  Optional<Cell> bestRemedy(Cell sequential) {
    return remedies.stream()
        .map(sequential::with)
        .filter(cell -> gap(cell).measured())
        .max(
            Comparator.<Cell, Boolean>comparing(cell -> gap(cell).n() > 1)
                .thenComparing(cell -> gap(cell).mean()));
  }

  /** A gap with both of its intervals, and what stands in the way of a verdict. */
  String words(Cell cell) {
    Spread gap = gap(cell);
    if (!gap.measured()) {
      return "not measured";
    }
    List<String> notes = new ArrayList<>();
    notes.add(Wording.signed(gap.mean(), 1) + " points");
    notes.add(Wording.intervals(gap, 1, UNIT));
    if (gap.n() < Family.SEEDS) {
      notes.add("a verdict asks for " + Family.SEEDS + " " + UNIT + "s");
    }
    boolean sequential = cell.remedy().equals(Cell.SEQUENTIAL);
    family(cell)
        .power(cell)
        .ifPresent(
            power ->
                notes.add(
                    power.words(
                        sequential ? "all gaps of ST to JT" : "all gaps of remedies to JT", UNIT)));
    Machines.of(study, cell, cell.reference()).ifPresent(notes::add);
    obstacle(cell).ifPresent(notes::add);
    Stream.of(cell, cell.reference())
        .flatMap(row -> learning.exceptions(row).stream())
        .forEach(runs -> notes.add("counted all the same: " + runs));
    learning.unchecked(cell).ifPresent(notes::add);
    return String.join("; ", notes);
  }
}
