package dev.millrace.report.numbers;

import dev.millrace.study.record.Cell;
import dev.millrace.study.record.RunRecord;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which runs of a ledger enter the rows of its study. A ledger only grows, so it still has the runs
 * of settings that a study's file had before. With a plan, those that it has by their ids enter.
 * Without one, or where the ledger has none of its runs, a row has the settings of its last run,
 * and no verdict where others had others.
 *
 * <p>Of one row those of one kind of device enter, since a processor and a card round differently:
 * the kind that most runs of its data have.
 *
 * @param runs those that enter, done or failed, in the order of the ledger; one per row and seed
 * @param apart those that finished on another kind of device than their row is shown for
 * @param beyond those that the plan does not have
 * @param mixed rows without a plan whose runs have several settings, and which
 * @param faults what was left out, in words
 * @param unplanned whether those that enter are none that the plan has
 */
record ShownRuns(
    List<RunRecord> runs,
    List<RunRecord> apart,
    List<RunRecord> beyond,
    Map<Cell, String> mixed,
    List<String> faults,
    boolean unplanned) {
  /** Settings that repetitions of one row do not share. */
  private static final Set<String> REPETITION = Set.of("seed", "order-seed", "data");

  /**
   * @param ids of the planned runs; empty where there is no plan
   */
  static ShownRuns of(List<RunRecord> ledger, Set<String> ids) {
    boolean foreign =
        ledger.stream().noneMatch(run -> ids.contains(trained(run)))
            && ledger.stream().anyMatch(RunRecord::done);
    ShownRuns all =
        ids.isEmpty() || foreign ? unplanned(ledger, !ids.isEmpty()) : planned(ledger, ids);
    return all.ofOneDevice();
  }

  private ShownRuns ofOneDevice() {
    Map<String, Map<String, Long>> counts =
        runs.stream()
            .filter(run -> run.done() && !run.cell().baseline())
            .collect(
                Collectors.groupingBy(
                    RunRecord::data,
                    Collectors.groupingBy(RunRecord::device, Collectors.counting())));
    List<RunRecord> others = new ArrayList<>();
    List<String> all = new ArrayList<>(faults);
    rows(runs.stream().filter(RunRecord::done).toList())
        .forEach(
            (cell, row) -> {
              Map<String, Long> ofData = counts.getOrDefault(cell.data(), Map.of());
              String kept =
                  row.stream()
                      .map(RunRecord::device)
                      .distinct()
                      .min(
                          Comparator.<String, Long>comparing(
                                  device -> -ofData.getOrDefault(device, 0L))
                              .thenComparing(Comparator.naturalOrder()))
                      .orElseThrow();
              List<RunRecord> out = row.stream().filter(run -> !run.device().equals(kept)).toList();
              others.addAll(out);
              if (!out.isEmpty() && !cell.baseline()) {
                all.add(
                    ("%s has runs on several kinds of device, which are in no mean together; those"
                            + " on %s are shown, left out were %s; make them on one kind to have"
                            + " all")
                        .formatted(
                            words(cell),
                            kept,
                            out.stream()
                                .map(
                                    run ->
                                        "seed %s on %s (%s)"
                                            .formatted(
                                                run.replicate().words(), run.device(), run.id()))
                                .collect(Collectors.joining(", "))));
              }
            });
    return new ShownRuns(
        runs.stream().filter(run -> !others.contains(run)).toList(),
        others,
        beyond,
        mixed,
        all,
        unplanned);
  }

  /** Ids of runs that the ledger has of the study, shown or not. */
  Set<String> known() {
    return Stream.concat(runs.stream(), apart.stream())
        .map(RunRecord::id)
        .collect(Collectors.toSet());
  }

  /** Those of some rows. */
  ShownRuns only(Predicate<Cell> rows) {
    return new ShownRuns(
        runs.stream().filter(run -> rows.test(run.cell())).toList(),
        apart.stream().filter(run -> rows.test(run.cell())).toList(),
        beyond,
        mixed,
        faults,
        unplanned);
  }

  private static ShownRuns planned(List<RunRecord> ledger, Set<String> ids) {
    Predicate<RunRecord> wanted = run -> ids.contains(trained(run));
    List<RunRecord> beyond = ledger.stream().filter(wanted.negate()).toList();
    List<String> faults = new ArrayList<>();
    rows(beyond)
        .forEach(
            (cell, runs) -> {
              if (!cell.baseline()) {
                faults.add(
                    "%s: %s beyond the plan, of other settings, questions or seeds, and in no"
                            .formatted(
                                words(cell),
                                runs.size() == 1 ? "a run is" : runs.size() + " runs are")
                        + " number of this page: "
                        + runs.stream()
                            .map(run -> run.id() + " (seed " + run.replicate().words() + ")")
                            .collect(Collectors.joining(", ")));
              }
            });
    return new ShownRuns(
        ledger.stream().filter(wanted).toList(), List.of(), beyond, Map.of(), faults, false);
  }

  /** The id of the run that was trained, whose file also holds what it found untrained. */
  private static String trained(RunRecord run) {
    String suffix = "-" + run.remedy();
    return run.cell().baseline() && run.id().endsWith(suffix)
        ? run.id().substring(0, run.id().length() - suffix.length())
        : run.id();
  }

  private static ShownRuns unplanned(List<RunRecord> ledger, boolean planned) {
    List<RunRecord> shown = new ArrayList<>();
    Map<Cell, String> mixed = new LinkedHashMap<>();
    List<String> faults = new ArrayList<>();
    rows(ledger)
        .forEach(
            (cell, runs) -> {
              List<RunRecord> done = runs.stream().filter(RunRecord::done).toList();
              RunRecord last = done.isEmpty() ? null : done.get(done.size() - 1);
              List<RunRecord> others = done.stream().filter(run -> differ(run, last)).toList();
              if (!others.isEmpty()) {
                String settings = differences(done);
                mixed.put(cell, settings);
                faults.add(
                    ("%s has runs of several settings (%s) and no plan says which count, so there"
                            + " is no verdict; those of the last, %s, are shown, left out were %s")
                        .formatted(words(cell), settings, last.id(), ids(others)));
              }
              shown.addAll(
                  oneASeed(runs.stream().filter(run -> !others.contains(run)).toList(), faults));
            });
    List<RunRecord> ordered = ledger.stream().filter(shown::contains).toList();
    return new ShownRuns(ordered, List.of(), List.of(), mixed, faults, planned);
  }

  private static Map<Cell, List<RunRecord>> rows(Collection<RunRecord> runs) {
    return runs.stream()
        .collect(Collectors.groupingBy(RunRecord::cell, LinkedHashMap::new, Collectors.toList()));
  }

  /** Two runs of one row and seed cannot be averaged: the later one that is done stands. */
  private static Collection<RunRecord> oneASeed(List<RunRecord> row, List<String> faults) {
    Map<Object, RunRecord> seeds = new LinkedHashMap<>();
    for (RunRecord run : row) {
      RunRecord before = seeds.get(run.replicate());
      RunRecord kept = before == null || run.done() || !before.done() ? run : before;
      if (before != null) {
        faults.add(
            "%s, seed %s is there twice: run %s is shown, run %s was left out"
                .formatted(
                    words(run.cell()),
                    run.replicate().words(),
                    kept.id(),
                    kept == run ? before.id() : run.id()));
      }
      seeds.put(run.replicate(), kept);
    }
    return seeds.values();
  }

  /** Whether two runs are no repetitions of each other. */
  private static boolean differ(RunRecord a, RunRecord b) {
    return !Settings.differing(own(a), own(b)).isEmpty();
  }

  private static String differences(List<RunRecord> runs) {
    Map<String, Set<String>> values = new TreeMap<>();
    runs.forEach(
        run ->
            own(run)
                .forEach(
                    (name, value) ->
                        values.computeIfAbsent(name, any -> new TreeSet<>()).add(value)));
    return values.entrySet().stream()
        .filter(one -> one.getValue().size() > 1)
        .map(one -> one.getKey() + " " + String.join(" and ", one.getValue()))
        .collect(Collectors.joining(", "));
  }

  /** The settings that all repetitions of a row share, in words. */
  private static Map<String, String> own(RunRecord run) {
    Map<String, String> own = Settings.of(run);
    own.keySet().removeAll(REPETITION);
    if (run.settings().get("data") instanceof List<?> sets) {
      own.put("data", new TreeSet<>(sets.stream().map(String::valueOf).toList()).toString());
    }
    own.put("chunks", String.valueOf(run.chunks()));
    own.put("schedule", run.schedule());
    return own;
  }

  private static String words(Cell cell) {
    return String.join(", ", cell.data(), cell.stream(), cell.method(), cell.remedy());
  }

  private static String ids(List<RunRecord> runs) {
    return runs.stream().map(RunRecord::id).collect(Collectors.joining(", "));
  }
}
