package dev.millrace.report.numbers;

import dev.millrace.study.record.Cell;
import dev.millrace.study.record.RunRecord;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Function;

/**
 * Methods ranked by what joint training by each reaches, at equal passes and, where runs looked at
 * themselves while they learned, at equal processor time. Times are of one kind of machine or of
 * none.
 */
public final class MethodBoard {
  /** Below so many methods there is nothing to rank. */
  private static final int FEWEST = 3;

  /** Which method others' times are told against, where it is there. */
  private static final String REFERENCE = "moco-v2";

  private final Study study;
  private final Endpoint endpoint;
  private final Costs costs;
  private final Map<String, List<Cell>> rows = new HashMap<>();

  /**
   * When a run's looks came to what the reference's last one found.
   *
   * @param seconds of processor time, over the seeds that did
   * @param of seeds that both have looks
   */
  public record Reached(Spread seconds, int of) {}

  private record Point(double seconds, double knn) {}

  /** The methods of a study. */
  public MethodBoard(Study study) {
    this.study = study;
    endpoint = new Endpoint(study);
    costs = new Costs(study);
  }

  /** Data on which three methods and more were trained jointly without labels. */
  public List<String> data() {
    return study.data().stream()
        .filter(
            data ->
                rows(data).stream().filter(cell -> !study.names().labels(cell.method())).count()
                    >= FEWEST)
        .toList();
  }

  /**
   * Joint rows of a set by their primary endpoint, the best first; those that learn from labels
   * stand among them. A row of several settings, of which no plan says which count, has no rank.
   */
  public List<Cell> rows(String data) {
    return rows.computeIfAbsent(data, this::ranked);
  }

  private List<Cell> ranked(String data) {
    return study.cells().stream()
        .filter(cell -> cell.data().equals(data) && cell.joint() && endpoint.of(cell).measured())
        .filter(cell -> study.mixed(cell).isEmpty())
        .sorted(Comparator.comparingDouble((Cell cell) -> -endpoint.of(cell).mean()))
        .toList();
  }

  /** The streams of a set that methods were trained on one chunk after another. */
  public List<String> streams(String data) {
    return study.cells().stream()
        .filter(cell -> cell.data().equals(data) && cell.remedy().equals(Cell.SEQUENTIAL))
        .map(Cell::stream)
        .distinct()
        .toList();
  }

  /** What sequential training by a joint row's method reaches on a stream, percent. */
  public Spread sequential(Cell joint, String stream) {
    return endpoint.of(sequentialOf(joint, stream));
  }

  /** Its gap to joint training by the same method, percentage points. */
  public Spread gap(Cell joint, String stream) {
    return endpoint.gap(sequentialOf(joint, stream));
  }

  private static Cell sequentialOf(Cell joint, String stream) {
    return new Cell(joint.data(), stream, joint.method(), Cell.SEQUENTIAL);
  }

  /** Processor time of a joint row; unmeasured where rows of the set come from several machines. */
  public Spread seconds(Cell joint) {
    return oneMachine(joint.data()) ? costs.total(joint, Costs.Measure.CPU) : Spread.NONE;
  }

  /** Whether times of a set's joint rows can be held against each other. */
  public boolean oneMachine(String data) {
    List<RunRecord> runs = new ArrayList<>();
    rows(data).forEach(cell -> runs.addAll(study.seeds(cell).values()));
    return Costs.kinds(runs).size() == 1;
  }

  /**
   * The processor time that all joint rows with looks have taken at their last: the least of their
   * means, seconds. Empty where fewer than two have any, or machines differ.
   */
  public OptionalDouble budget(String data) {
    List<Double> ends =
        rows(data).stream()
            .map(cell -> study.spread(cell, run -> end(run, Point::seconds)))
            .filter(Spread::measured)
            .map(Spread::mean)
            .toList();
    return ends.size() < 2 || !oneMachine(data)
        ? OptionalDouble.empty()
        : ends.stream().mapToDouble(Double::doubleValue).min();
  }

  /**
   * What neighbours told by then, percent: between two looks on the line from one to the other,
   * after the last what that found, and nothing before the first.
   */
  public Spread at(Cell joint, double seconds) {
    return study.spread(joint, run -> at(points(run), seconds));
  }

  /** The row that times are told against, if it has looks. */
  public Optional<Cell> reference(String data) {
    return rows(data).stream()
        .filter(cell -> cell.method().equals(REFERENCE) && oneMachine(data))
        .filter(cell -> study.seeds(cell).values().stream().anyMatch(run -> !run.looks().isEmpty()))
        .findFirst();
  }

  /**
   * The processor time that a row took to come to what the reference's last look found, paired by
   * seed, at most that of its first look; empty where there is no reference, or no seed in which
   * both have looks.
   */
  public Optional<Reached> reached(Cell joint) {
    Optional<Cell> reference = reference(joint.data());
    if (reference.isEmpty()) {
      return Optional.empty();
    }
    Function<RunRecord, Optional<RunRecord>> partners = study.partners(reference.get());
    Function<RunRecord, Double> goal =
        run ->
            points(run).isEmpty()
                ? null
                : partners.apply(run).map(one -> end(one, Point::knn)).orElse(null);
    int seeds =
        (int) study.seeds(joint).values().stream().filter(run -> goal.apply(run) != null).count();
    Spread seconds =
        study.spread(
            joint,
            run -> {
              Double knn = goal.apply(run);
              return knn == null ? null : until(points(run), knn);
            });
    return seeds == 0 ? Optional.empty() : Optional.of(new Reached(seconds, seeds));
  }

  private static Double end(RunRecord run, Function<Point, Double> number) {
    List<Point> points = points(run);
    return points.isEmpty() ? null : number.apply(points.get(points.size() - 1));
  }

  /**
   * Looks in the order of time; several sets of one look are one number, their mean over the sets
   * that every look of the run has.
   */
  private static List<Point> points(RunRecord run) {
    Map<String, Map<String, RunRecord.Look>> looks = new LinkedHashMap<>();
    run.looks().stream()
        .filter(look -> look.knn() != null && look.cpuSeconds() != null)
        .forEach(
            look ->
                looks
                    .computeIfAbsent(look.chunk() + " " + look.epoch(), at -> new LinkedHashMap<>())
                    .put(look.data(), look));
    Set<String> sets = new HashSet<>();
    looks.values().stream().findFirst().ifPresent(first -> sets.addAll(first.keySet()));
    looks.values().forEach(look -> sets.retainAll(look.keySet()));
    return sets.isEmpty()
        ? List.of()
        : looks.values().stream()
            .map(
                look ->
                    new Point(
                        look.values().iterator().next().cpuSeconds(),
                        sets.stream()
                            .mapToDouble(set -> look.get(set).knn())
                            .average()
                            .getAsDouble()))
            .toList();
  }

  private static Double at(List<Point> points, double seconds) {
    for (int i = 0; i < points.size(); i++) {
      Point here = points.get(i);
      if (here.seconds() >= seconds) {
        if (i == 0) {
          return here.seconds() == seconds ? here.knn() : null; // nobody looked before
        }
        Point before = points.get(i - 1);
        double part = (seconds - before.seconds()) / (here.seconds() - before.seconds());
        return before.knn() + part * (here.knn() - before.knn());
      }
    }
    return points.isEmpty() ? null : points.get(points.size() - 1).knn();
  }

  private static Double until(List<Point> points, double knn) {
    for (int i = 0; i < points.size(); i++) {
      Point here = points.get(i);
      if (here.knn() >= knn) {
        if (i == 0) {
          return here.seconds();
        }
        Point before = points.get(i - 1);
        double part = (knn - before.knn()) / (here.knn() - before.knn());
        return before.seconds() + part * (here.seconds() - before.seconds());
      }
    }
    return null;
  }
}
