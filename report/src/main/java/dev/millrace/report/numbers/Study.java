package dev.millrace.report.numbers;

import dev.millrace.study.record.Cell;
import dev.millrace.study.record.Comparison;
import dev.millrace.study.record.Names;
import dev.millrace.study.record.Primary;
import dev.millrace.study.record.Records;
import dev.millrace.study.record.Replicate;
import dev.millrace.study.record.RunRecord;
import dev.millrace.study.record.Task;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The runs of a study and what can be asked about them. A joint run stands for every stream of its
 * data: it has no chunks to be ordered. A row and a pair are of one kind of device, since a
 * processor and a card round differently and an id names neither.
 */
public final class Study {
  private final ShownRuns shown;
  private final List<Comparison> comparisons;
  private final List<String> faults;
  private final List<Planned> planned;
  private final Primary primary;
  private final Names names;

  /**
   * A run that the study wants.
   *
   * @param id what the ledger calls it: hash of the settings of training and questions
   * @param comparison id of its comparison with its joint run; null if that is not wanted
   * @param schedule of its learning rate, as {@link RunRecord#schedule} says it
   */
  public record Planned(
      Cell cell, Replicate replicate, String id, String comparison, String schedule) {
    /** In the row that it was made in: data may have decided a head that no plan knows. */
    Planned in(Cell row) {
      return new Planned(row, replicate, id, comparison, schedule);
    }
  }

  /** A study that names no primary endpoint. */
  public Study(Records ledger, Collection<Planned> planned, Names names) {
    this(ledger, planned, Primary.DEFAULT, names);
  }

  /**
   * A study.
   *
   * @param planned every run that shall be there, empty if unknown: then nothing is pending
   * @param primary what it is judged by
   * @param names what its methods and remedies are called
   */
  public Study(Records ledger, Collection<Planned> planned, Primary primary, Names names) {
    Map<String, Cell> made = new LinkedHashMap<>();
    ledger.runs().forEach(run -> made.put(run.id(), run.cell()));
    this.planned =
        planned.stream().map(run -> run.in(made.getOrDefault(run.id(), run.cell()))).toList();
    this.primary = primary;
    shown =
        ShownRuns.of(ledger.runs(), planned.stream().map(Planned::id).collect(Collectors.toSet()));
    Set<String> wanted =
        planned.stream()
            .map(Planned::comparison)
            .filter(Objects::nonNull)
            .collect(Collectors.toSet());
    comparisons =
        ledger.comparisons().stream()
            .filter(one -> planned.isEmpty() || unplanned() || wanted.contains(one.id()))
            .toList();
    faults = new ArrayList<>(ledger.faults());
    faults.addAll(shown.faults());
    this.names =
        names.only(
            rows().map(Cell::method).collect(Collectors.toSet()),
            rows().map(Cell::remedy).collect(Collectors.toSet()));
  }

  private Study(Study whole, Predicate<Cell> rows, Primary primary) {
    this.primary = primary;
    names = whole.names;
    faults = whole.faults;
    planned = whole.planned.stream().filter(run -> rows.test(run.cell())).toList();
    shown = whole.shown.only(rows);
    comparisons = whole.comparisons.stream().filter(one -> rows.test(one.cell())).toList();
  }

  /** The same study with some of its rows. */
  Study only(Predicate<Cell> rows) {
    return new Study(this, rows, primary);
  }

  /** The same study, judged by another endpoint. */
  public Study by(Primary another) {
    return new Study(this, row -> true, another);
  }

  /** What its methods and remedies are called. */
  public Names names() {
    return names;
  }

  /** What it is judged by. */
  public Primary primary() {
    return primary;
  }

  /** What the ledger could not tell and which of its runs are left out, in words. */
  public List<String> faults() {
    return List.copyOf(faults);
  }

  /**
   * Why a row has no mean over its runs that a verdict could be taken from: several settings, and
   * no plan that says which count.
   */
  Optional<String> mixed(Cell cell) {
    return Optional.ofNullable(shown.mixed().get(cell))
        .map(
            settings ->
                "%s, %s, has runs of several settings (%s)"
                    .formatted(names.method(cell.method()), names.remedy(cell.remedy()), settings));
  }

  /** Runs that finished. */
  public List<RunRecord> done() {
    return shown.runs().stream().filter(RunRecord::done).toList();
  }

  /** Runs that finished and are more than what a joint run found beside its own encoder. */
  public List<RunRecord> trained() {
    return trained(done());
  }

  /** Runs that failed and were not mended since. */
  public List<RunRecord> failed() {
    return shown.runs().stream().filter(run -> !run.done()).toList();
  }

  /** Comparisons of runs with their joint runs. */
  public List<Comparison> comparisons() {
    return comparisons;
  }

  /** How many runs there shall be; as many as there are, if nobody planned. */
  public int planned() {
    return planned.isEmpty()
        ? trained(shown.runs()).size() + trained(shown.apart()).size()
        : planned.size();
  }

  /** Runs that the ledger knows and the plan, if there is one, does not have: in no row. */
  public List<RunRecord> beyondPlan() {
    return trained(shown.beyond());
  }

  private static List<RunRecord> trained(List<RunRecord> runs) {
    return runs.stream().filter(run -> !run.cell().baseline()).toList();
  }

  /**
   * Whether there is a plan, and the runs that are shown are none of its own: the ledger has no
   * other.
   */
  public boolean unplanned() {
    return shown.unplanned();
  }

  /** How many planned runs finished. */
  public int doneOfPlan() {
    return unplanned() ? 0 : trained().size() + trained(shown.apart()).size();
  }

  /** How many planned runs failed and were not mended since. */
  public int failedOfPlan() {
    return unplanned() ? 0 : failed().size();
  }

  /** Whether it is known which runs there shall be. */
  public boolean hasPlan() {
    return !planned.isEmpty();
  }

  /** The schedule of a row's learning rate: its runs', else the plan's; empty if neither tells. */
  Optional<String> schedule(Cell cell) {
    return Stream.concat(
            done().stream().filter(run -> run.cell().equals(cell)).map(RunRecord::schedule),
            planned.stream().filter(run -> run.cell().equals(cell)).map(Planned::schedule))
        .findFirst();
  }

  /** How many independent seeds a row shall have that its joint run has, too. */
  int plannedSeeds(Cell cell) {
    Set<Long> joint =
        planned.stream()
            .filter(run -> run.cell().joint())
            .filter(run -> run.cell().data().equals(cell.data()))
            .filter(run -> run.cell().method().equals(cell.reference().method()))
            .map(run -> run.replicate().seed())
            .collect(Collectors.toSet());
    return (int)
        planned.stream()
            .filter(run -> run.cell().equals(cell))
            .map(run -> run.replicate().seed())
            .distinct()
            .filter(joint::contains)
            .count();
  }

  /** Planned runs that the ledger does not know. */
  public List<Planned> pending() {
    Set<String> known = shown.known();
    return planned.stream().filter(run -> !known.contains(run.id())).toList();
  }

  /** Planned comparisons with joint training that were not made, failed ones aside. */
  public List<Planned> pendingComparisons() {
    Set<String> known = comparisons.stream().map(Comparison::id).collect(Collectors.toSet());
    return planned.stream()
        .filter(run -> run.comparison() != null && !known.contains(run.comparison()))
        .toList();
  }

  /** Whether a comparison is one of the runs that are shown, of these settings and device. */
  boolean shown(Comparison comparison) {
    RunRecord run = seeds(comparison.cell()).get(comparison.replicate());
    String of = comparison.run();
    return of == null || (run == null ? !shown.known().contains(of) : of.equals(run.id()));
  }

  private Stream<Cell> rows() {
    return Stream.concat(
        planned.stream().map(Planned::cell), shown.runs().stream().map(RunRecord::cell));
  }

  /** All rows, planned or known: data as they came, then by method, stream and remedy. */
  public List<Cell> cells() {
    Set<Cell> cells = rows().collect(Collectors.toCollection(LinkedHashSet::new));
    List<String> data = cells.stream().map(Cell::data).distinct().toList();
    return cells.stream()
        .sorted(
            Comparator.<Cell>comparingInt(cell -> data.indexOf(cell.data()))
                .thenComparing(Order.cells(names)))
        .toList();
  }

  /** Data sets that are pre-trained on. */
  public List<String> data() {
    return List.copyOf(
        cells().stream().map(Cell::data).collect(Collectors.toCollection(LinkedHashSet::new)));
  }

  /** Methods of a data set. */
  public List<String> methods(String data) {
    return cells().stream()
        .filter(cell -> cell.data().equals(data))
        .map(Cell::method)
        .distinct()
        .sorted(names.byMethod())
        .toList();
  }

  /** Rows of sequential training without a remedy that learn from no labels. */
  public List<Cell> sequential() {
    return cells().stream()
        .filter(cell -> cell.remedy().equals(Cell.SEQUENTIAL) && !names.labels(cell.method()))
        .toList();
  }

  /** Finished runs of a row by their seed and order. */
  public Map<Replicate, RunRecord> seeds(Cell cell) {
    return done().stream()
        .filter(run -> run.cell().equals(cell))
        .sorted(Comparator.comparing(RunRecord::replicate))
        .collect(
            Collectors.toMap(
                RunRecord::replicate,
                Function.identity(),
                (first, later) -> later,
                LinkedHashMap::new));
  }

  /** The runs of a row that share seed, order and kind of device with those of another. */
  public Function<RunRecord, Optional<RunRecord>> partners(Cell cell) {
    Function<RunRecord, Optional<RunRecord>> any = partnersOfAnyDevice(cell);
    return run -> any.apply(run).filter(other -> other.device().equals(run.device()));
  }

  /** For what no device changes, such as passes. */
  Function<RunRecord, Optional<RunRecord>> partnersOfAnyDevice(Cell cell) {
    Map<Replicate, RunRecord> runs = seeds(cell);
    return run -> Optional.ofNullable(runs.get(run.replicate()));
  }

  /**
   * The joint run of a row's data and method, and of a run's seed and kind of device, whatever
   * stream it names.
   */
  public Optional<RunRecord> joint(Cell cell, RunRecord of) {
    return jointOfAnyDevice(cell, of.seed()).filter(run -> run.device().equals(of.device()));
  }

  /** For what no device changes, such as passes. */
  Optional<RunRecord> jointOfAnyDevice(Cell cell, long seed) {
    return done().stream()
        .filter(run -> run.cell().joint() && run.seed() == seed)
        .filter(
            run -> run.data().equals(cell.data()) && run.method().equals(cell.reference().method()))
        .max(Comparator.comparing(run -> run.stream().equals(cell.stream())));
  }

  /**
   * A number of each seed, paired: the number of a run of one row and that of its partner.
   *
   * @param pair what to tell of a run and its partner, null where there is nothing to tell
   */
  public Spread paired(
      Cell cell,
      Function<RunRecord, Optional<RunRecord>> partner,
      BiFunction<RunRecord, RunRecord, Double> pair) {
    List<Independent.Sample> samples = new ArrayList<>();
    seeds(cell)
        .values()
        .forEach(
            run ->
                partner
                    .apply(run)
                    .ifPresent(
                        other ->
                            samples.add(
                                new Independent.Sample(
                                    run.seed(), other.id(), pair.apply(run, other)))));
    return Independent.of(samples);
  }

  /** A number of each seed of a row. */
  public Spread spread(Cell cell, Function<RunRecord, Double> number) {
    return Independent.of(
        seeds(cell).values().stream()
            .map(run -> new Independent.Sample(run.seed(), run.id(), number.apply(run)))
            .toList());
  }

  /** What is repeated: "seed", or "order" where all runs have one seed. */
  public String unit() {
    List<RunRecord> runs = done().stream().filter(run -> !run.cell().joint()).toList();
    boolean orders = runs.stream().map(run -> run.replicate().order()).distinct().count() > 1;
    return orders && runs.stream().map(RunRecord::seed).distinct().count() == 1 ? "order" : "seed";
  }

  /**
   * What a task on a study's own data is called by who has not pre-trained on it: the set, where
   * the runs say which.
   */
  Optional<String> set(String data, Task task) {
    if (!task.of(data)) {
      return Optional.of(task.data());
    }
    if (!task.data().equals(data)) {
      return Optional.of(task.data().substring(data.length() + 1));
    }
    return done().stream()
        .filter(run -> run.data().equals(data) && run.sets().size() == 1)
        .map(run -> run.sets().get(0))
        .findFirst();
  }

  /** What the runs of a data set were judged on. */
  public List<Task> tasks(String data) {
    Set<Task> tasks = new TreeSet<>(Order.tasks(data));
    done().stream()
        .filter(run -> run.data().equals(data))
        .forEach(run -> run.results().forEach(result -> tasks.add(result.question())));
    return List.copyOf(tasks);
  }
}
