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
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The runs of a study and what can be asked about them. A joint run stands for every stream of its
 * data: it has no chunks to be ordered.
 */
public final class Study {
  private final Records ledger;
  private final List<Planned> planned;
  private final Primary primary;
  private final Names names;

  /**
   * A run that the study wants.
   *
   * @param compared whether it is to be compared with its joint run as well
   */
  public record Planned(Cell cell, Replicate replicate, boolean compared) {
    /** A run whose order follows from its seed. */
    public Planned(Cell cell, long seed, boolean compared) {
      this(cell, new Replicate(seed), compared);
    }

    /** A run that is compared with nothing. */
    public Planned(Cell cell, long seed) {
      this(cell, seed, false);
    }

    private boolean is(Cell ofCell, Replicate of) {
      return cell.equals(ofCell) && replicate.equals(of);
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
    this.ledger = ledger;
    this.planned = List.copyOf(planned);
    this.primary = primary;
    this.names =
        names.only(
            rows().map(Cell::method).collect(Collectors.toSet()),
            rows().map(Cell::remedy).collect(Collectors.toSet()));
  }

  /** What its methods and remedies are called. */
  public Names names() {
    return names;
  }

  /** What it is judged by. */
  public Primary primary() {
    return primary;
  }

  /** What the ledger could not tell, in words. */
  public List<String> faults() {
    return ledger.faults();
  }

  /** Runs that finished. */
  public List<RunRecord> done() {
    return ledger.runs().stream().filter(RunRecord::done).toList();
  }

  /** Runs that finished and are more than what a joint run found beside its own encoder. */
  public List<RunRecord> trained() {
    return trained(done());
  }

  /** Runs that failed and were not mended since. */
  public List<RunRecord> failed() {
    return ledger.runs().stream().filter(run -> !run.done()).toList();
  }

  /** Comparisons of runs with their joint runs. */
  public List<Comparison> comparisons() {
    return ledger.comparisons();
  }

  /** How many runs there shall be; as many as there are, if nobody planned. */
  public int planned() {
    return planned.isEmpty() ? trained(ledger.runs()).size() : planned.size();
  }

  /** Runs that the ledger knows and the plan, if there is one, does not have. */
  public List<RunRecord> beyondPlan() {
    return trained(ledger.runs()).stream().filter(run -> hasPlan() && !wanted(run)).toList();
  }

  private static List<RunRecord> trained(List<RunRecord> runs) {
    return runs.stream().filter(run -> !run.cell().baseline()).toList();
  }

  /** How many planned runs finished. */
  public int doneOfPlan() {
    return (int) trained(done()).stream().filter(this::wanted).count();
  }

  /** How many planned runs failed and were not mended since. */
  public int failedOfPlan() {
    return (int) failed().stream().filter(this::wanted).count();
  }

  private boolean wanted(RunRecord run) {
    return planned.isEmpty()
        || planned.stream().anyMatch(one -> one.is(run.cell(), run.replicate()));
  }

  /** Whether it is known which runs there shall be. */
  public boolean hasPlan() {
    return !planned.isEmpty();
  }

  /** Planned runs that the ledger does not know. */
  public List<Planned> pending() {
    return planned.stream()
        .filter(
            run ->
                ledger.runs().stream().noneMatch(known -> run.is(known.cell(), known.replicate())))
        .toList();
  }

  /** Planned comparisons with joint training that were not made, failed ones aside. */
  public List<Planned> pendingComparisons() {
    return planned.stream()
        .filter(Planned::compared)
        .filter(
            run ->
                ledger.comparisons().stream()
                    .noneMatch(known -> run.is(known.cell(), known.replicate())))
        .toList();
  }

  /** Whether a comparison is one of the runs that are shown, and not of earlier settings. */
  boolean shown(Comparison comparison) {
    RunRecord run = seeds(comparison.cell()).get(comparison.replicate());
    return comparison.run() == null || run == null || comparison.run().equals(run.id());
  }

  private Stream<Cell> rows() {
    return Stream.concat(
        planned.stream().map(Planned::cell), ledger.runs().stream().map(RunRecord::cell));
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

  /** The runs of a row that share seed and order with those of another. */
  public Function<RunRecord, Optional<RunRecord>> partners(Cell cell) {
    Map<Replicate, RunRecord> runs = seeds(cell);
    return run -> Optional.ofNullable(runs.get(run.replicate()));
  }

  /** The joint run of a row's data, method and seed, whatever stream it names. */
  public Optional<RunRecord> joint(Cell cell, long seed) {
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

  /** What the runs of a data set were judged on. */
  public List<Task> tasks(String data) {
    Set<Task> tasks = new TreeSet<>(Order.tasks(data));
    done().stream()
        .filter(run -> run.data().equals(data))
        .forEach(run -> run.results().forEach(result -> tasks.add(result.question())));
    return List.copyOf(tasks);
  }
}
