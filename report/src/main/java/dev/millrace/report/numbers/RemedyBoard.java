package dev.millrace.report.numbers;

import dev.millrace.study.record.Cell;
import dev.millrace.study.record.RunRecord;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/**
 * Remedies of a method ranked over all streams of a study by what each leaves of the gap to joint
 * training, with the worst stream and the worst seed beside the mean, and what each costs.
 */
public final class RemedyBoard {
  /** Below so many rows beside each other there is nothing to rank. */
  private static final int FEWEST = 3;

  private final Study study;
  private final Endpoint endpoint;
  private final Costs costs;
  private final Map<Cell, Spread> gaps = new HashMap<>();
  private final Map<String, List<Place>> places = new HashMap<>();

  /** A place to be ranked at: a set in chunks. */
  public record Place(String data, String stream) {}

  /** A method's remedy, on every place. */
  public record Row(String method, String remedy) {
    private Cell at(Place place) {
      return new Cell(place.data(), place.stream(), method, remedy);
    }
  }

  /** The remedies of a study. */
  public RemedyBoard(Study study) {
    this.study = study;
    endpoint = new Endpoint(study);
    costs = new Costs(study);
  }

  /** Methods without labels that three rows beside joint training were measured of. */
  public List<String> methods() {
    return study.cells().stream()
        .map(Cell::method)
        .distinct()
        .filter(method -> !study.names().labels(method) && rows(method).size() >= FEWEST)
        .toList();
  }

  /** Where a method's rows have a gap to joint training, in the study's order. */
  public List<Place> places(String method) {
    return places.computeIfAbsent(method, this::found);
  }

  private List<Place> found(String method) {
    return study.cells().stream()
        .filter(cell -> cell.method().equals(method) && streamed(cell))
        .filter(cell -> gap(cell).measured())
        .map(cell -> new Place(cell.data(), cell.stream()))
        .distinct()
        .toList();
  }

  private static boolean streamed(Cell cell) {
    return !cell.joint() && !cell.baseline();
  }

  /** Rows of a method: those that were measured everywhere first, by their mean, the best first. */
  public List<Row> rows(String method) {
    List<Place> places = places(method);
    return study.cells().stream()
        .filter(cell -> cell.method().equals(method) && streamed(cell))
        .map(cell -> new Row(method, cell.remedy()))
        .distinct()
        .filter(row -> places.stream().anyMatch(place -> gap(row, place).measured()))
        .sorted(
            Comparator.comparing((Row row) -> !everywhere(row))
                .thenComparingDouble(row -> -mean(row)))
        .toList();
  }

  /** Whether a row has a gap wherever its method has one. */
  public boolean everywhere(Row row) {
    return places(row.method()).stream().allMatch(place -> gap(row, place).measured());
  }

  /** What is left of the gap to joint training at a place, percentage points. */
  public Spread gap(Row row, Place place) {
    return gap(row.at(place));
  }

  /** None of a row of several settings, of which no plan says which count. */
  private Spread gap(Cell cell) {
    return gaps.computeIfAbsent(
        cell, one -> study.mixed(one).isEmpty() ? endpoint.gap(one) : Spread.NONE);
  }

  /** Mean of a row's gaps over the places that it was measured at, each the same. */
  public double mean(Row row) {
    return gaps(row).average().orElse(Double.NaN);
  }

  /** The lowest of a row's gaps at a place. */
  public double worstPlace(Row row) {
    return gaps(row).min().orElse(Double.NaN);
  }

  private DoubleStream gaps(Row row) {
    return places(row.method()).stream()
        .map(place -> gap(row, place))
        .filter(Spread::measured)
        .mapToDouble(Spread::mean);
  }

  /** The lowest gap of any seed and order at any place; a worst case grows with their number. */
  public double worstRun(Row row) {
    return places(row.method()).stream()
        .map(row::at)
        .flatMap(
            cell ->
                gap(cell).measured()
                    ? study.seeds(cell).values().stream()
                        .map(run -> minus(run, study.joint(cell, run)))
                    : Stream.empty())
        .filter(Objects::nonNull)
        .mapToDouble(Double::doubleValue)
        .min()
        .orElse(Double.NaN);
  }

  private Double minus(RunRecord run, Optional<RunRecord> joint) {
    Double of = endpoint.value(run);
    Double reference = joint.map(endpoint::value).orElse(null);
    return of == null || reference == null ? null : of - reference;
  }

  /** Past pictures kept at the end, a share of the bytes seen in 0 … 1: the largest over places. */
  public OptionalDouble kept(Row row) {
    return places(row.method()).stream()
        .map(place -> study.spread(row.at(place), RemedyBoard::kept))
        .filter(Spread::measured)
        .mapToDouble(Spread::mean)
        .max();
  }

  private static Double kept(RunRecord run) {
    Double bytes = Costs.total(run, Costs.Measure.BYTES);
    if (bytes == null) {
      return null;
    }
    double seen =
        run.cost().chunks().stream()
            .mapToDouble(chunk -> chunk.bytesSeen() == null ? Double.NaN : chunk.bytesSeen())
            .sum();
    return seen > 0 ? bytes / seen : null;
  }

  /** Processor time over that of plain sequential training: the mean over places. */
  public OptionalDouble time(Row row) {
    return places(row.method()).stream()
        .map(place -> costs.ofSequential(row.at(place), Costs.Measure.CPU))
        .filter(Spread::measured)
        .mapToDouble(Spread::mean)
        .average();
  }
}
