package dev.millrace.report.numbers;

import dev.millrace.study.record.Cell;
import dev.millrace.study.record.RunRecord;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.commons.statistics.distribution.ChiSquaredDistribution;

/**
 * How far runs lie apart that are equal but for rounding: of one method, remedy, stream, seed and
 * order, whose settings differ in one number alone and in that by a thousandth at most. Counts are
 * not among such numbers, since another count of pictures is another choice of them. What moves
 * such runs apart would move any run, so no difference below it says anything of single runs.
 *
 * <p>A label of a study's data that holds nothing but such repetitions is no data of its own: it is
 * shown here and nowhere else.
 */
public final class NoiseFloor {
  /** Relative change of a number up to which a run is the same in another rounding. */
  private static final double ROUNDING = 1e-3;

  /**
   * Runs of one row that are equal but for rounding.
   *
   * @param cell the row of the first of them
   * @param setting the number that was changed
   * @param change its largest relative change
   * @param repeated one list a seed and order, the row's own run first
   */
  public record Roundings(
      Cell cell, String setting, double change, List<List<RunRecord>> repeated) {}

  /**
   * A standard deviation.
   *
   * @param deviation NaN of none
   * @param freedom degrees of freedom
   */
  public record Deviation(double deviation, int freedom) {
    /** The end of its 95 % interval that has so much probability below it (chi-squared). */
    private double bound(double below) {
      return freedom < 1
          ? Double.NaN
          : deviation
              * Math.sqrt(
                  freedom
                      / ChiSquaredDistribution.of(freedom).inverseCumulativeProbability(1 - below));
    }

    /** The lower end of its 95 % interval. */
    public double low() {
      return bound(0.025);
    }

    /** The upper end of its 95 % interval. */
    public double high() {
      return bound(0.975);
    }
  }

  private final Study study;
  private final List<Roundings> all;

  /** The noise floor of a study. */
  public NoiseFloor(Study study) {
    this.study = study;
    Map<List<Object>, List<RunRecord>> kinds = new LinkedHashMap<>();
    for (Cell cell : study.cells()) {
      if (!cell.baseline()) {
        for (RunRecord run : study.seeds(cell).values()) {
          kinds
              .computeIfAbsent(
                  List.of(
                      cell.stream(),
                      cell.method(),
                      cell.remedy(),
                      run.replicate(),
                      run.chunks(),
                      run.device()), // another device is more than another rounding of one number
                  kind -> new ArrayList<>())
              .add(run);
        }
      }
    }
    // Repetitions stand under the data that have more runs than those, whichever were made first.
    Map<String, Integer> runsOf =
        study.cells().stream()
            .collect(
                Collectors.groupingBy(
                    Cell::data, Collectors.summingInt(cell -> study.seeds(cell).size())));
    Map<List<Object>, Roundings> rows = new LinkedHashMap<>();
    for (List<RunRecord> alike : kinds.values()) {
      alike.sort(Comparator.comparing(run -> -runsOf.get(run.cell().data())));
      for (Roundings one : roundings(alike)) {
        rows.merge(List.of(one.cell, one.setting), one, NoiseFloor::together);
      }
    }
    all = List.copyOf(rows.values());
  }

  /** What was repeated in other roundings, row by row. */
  public List<Roundings> all() {
    return all;
  }

  private static List<Roundings> roundings(List<RunRecord> alike) {
    List<Roundings> found = new ArrayList<>();
    Set<RunRecord> taken = new HashSet<>();
    Map<RunRecord, Map<String, String>> settings = new IdentityHashMap<>();
    alike.forEach(run -> settings.put(run, Settings.of(run)));
    for (RunRecord first : alike) {
      if (taken.contains(first)) {
        continue;
      }
      Map<String, Map<Object, RunRecord>> changed = new LinkedHashMap<>();
      for (RunRecord other : alike) {
        // Of a repetition that an earlier row has, a row of equal settings has nothing to add.
        Optional<String> one =
            taken.contains(other)
                ? Optional.empty()
                : rounded(
                    first, other, Settings.differing(settings.get(first), settings.get(other)));
        one.ifPresent(
            setting ->
                changed
                    .computeIfAbsent(setting, s -> new LinkedHashMap<>())
                    .putIfAbsent(other.settings().get(setting), other));
      }
      changed.forEach(
          (setting, others) -> {
            List<RunRecord> runs = new ArrayList<>(List.of(first));
            runs.addAll(others.values());
            taken.addAll(runs);
            double change =
                others.keySet().stream()
                    .mapToDouble(value -> apart(first.settings().get(setting), value))
                    .max()
                    .orElse(0);
            found.add(new Roundings(first.cell(), setting, change, List.of(runs)));
          });
    }
    return found;
  }

  private static Roundings together(Roundings a, Roundings b) {
    List<List<RunRecord>> repeated = new ArrayList<>(a.repeated);
    repeated.addAll(b.repeated);
    return new Roundings(a.cell, a.setting, Math.max(a.change, b.change), repeated);
  }

  /** The one number in which two runs' settings differ, by a rounding; empty otherwise. */
  private static Optional<String> rounded(RunRecord a, RunRecord b, List<String> differ) {
    return differ.size() == 1
            && apart(a.settings().get(differ.get(0)), b.settings().get(differ.get(0))) <= ROUNDING
        ? Optional.of(differ.get(0))
        : Optional.empty();
  }

  /** The relative change of a number that is no count; infinite of all else. */
  private static double apart(Object a, Object b) {
    if (!(a instanceof Number first && b instanceof Number second)) {
      return Double.POSITIVE_INFINITY;
    }
    double x = first.doubleValue();
    double y = second.doubleValue();
    boolean counts = x == Math.rint(x) && y == Math.rint(y);
    return counts ? Double.POSITIVE_INFINITY : Math.abs(x - y) / Math.max(Math.abs(x), Math.abs(y));
  }

  /** How far runs that are equal but for rounding lie apart in a number, pooled over seeds. */
  public Deviation between(Roundings roundings, Function<RunRecord, Double> number) {
    double squares = 0;
    int freedom = 0;
    for (List<RunRecord> equal : roundings.repeated) {
      Spread runs = Spread.of(equal.stream().map(number).collect(Collectors.toList()));
      if (runs.n() > 1) {
        squares += runs.deviation() * runs.deviation() * (runs.n() - 1);
        freedom += runs.n() - 1;
      }
    }
    return new Deviation(freedom == 0 ? Double.NaN : Math.sqrt(squares / freedom), freedom);
  }

  /** How far the seeds of the same row lie apart in it. */
  public Deviation betweenSeeds(Roundings roundings, Function<RunRecord, Double> number) {
    Spread seeds = study.spread(roundings.cell, number);
    return new Deviation(seeds.deviation(), Math.max(0, seeds.n() - 1));
  }

  /**
   * Labels of data that hold nothing but runs that are equal to each other or to another label's
   * but for rounding. Where nothing else would be left, the row's own label stays.
   */
  public Set<String> labels() {
    Set<String> ids = new HashSet<>();
    Set<String> first = new LinkedHashSet<>();
    for (Roundings one : all) {
      first.add(one.cell.data());
      one.repeated.forEach(runs -> runs.forEach(run -> ids.add(run.id())));
    }
    Set<String> others =
        study.cells().stream()
            .filter(
                cell ->
                    !cell.baseline()
                        && (study.seeds(cell).isEmpty()
                            || study.seeds(cell).values().stream()
                                .anyMatch(run -> !ids.contains(run.id()))))
            .map(Cell::data)
            .collect(Collectors.toSet());
    Set<String> labels = new LinkedHashSet<>(study.data());
    labels.removeAll(others.isEmpty() ? first : others);
    return labels;
  }

  /** The study without such labels, of the same runs as all of it. */
  public Study beside() {
    Set<String> labels = labels();
    return study.only(cell -> !labels.contains(cell.data()));
  }
}
