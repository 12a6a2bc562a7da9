package dev.millrace.report;

import dev.millrace.report.numbers.Study;
import dev.millrace.report.numbers.Wording;
import dev.millrace.study.record.Cell;
import dev.millrace.study.record.Comparison;
import dev.millrace.study.record.Replicate;
import dev.millrace.study.record.RunRecord;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Which runs there are, which failed and why, with which settings, versions and machines. */
final class RunSection {
  private RunSection() {}

  static Section of(Study study, List<String> protocol) {
    Section.Draft draft =
        new Section.Draft(
            "runs",
            "Runs, settings, machines",
            "what was planned, what failed and why, under which settings and where");
    draft.add(Html.p(counts(study)));
    if (!protocol.isEmpty()) {
      draft.add(Html.h3("Questions for every run")).add(Html.list(protocol));
    }
    if (!study.faults().isEmpty()) {
      draft.add(Html.h3("What the ledger could not tell")).add(Html.list(study.faults()));
    }
    failed(study, draft);
    pending(study, draft);
    if (!study.done().isEmpty()) {
      settings(study, draft);
      machines(study, draft);
      runs(study, draft);
    }
    return draft.done();
  }

  static String counts(Study study) {
    return (study.hasPlan()
            ? Wording.count(study.planned(), "run") + " planned"
            : "It is not known how many runs are planned (no plan beside the ledger)")
        + "; "
        + study.doneOfPlan()
        + " done, "
        + study.failedOfPlan()
        + " failed, "
        + (study.hasPlan() ? study.pending().size() + " pending." : "the others unknown.")
        + (study.beyondPlan().isEmpty()
            ? ""
            : " The ledger has "
                + Wording.count(study.beyondPlan().size(), "run")
                + " that the plan does not have; they are in no number of this page.")
        + (study.unplanned()
            ? " The ledger has no run that the plan has; this page shows the %s that it has, as they were made."
                .formatted(Wording.count(study.trained().size(), "run"))
            : "");
  }

  private static void failed(Study study, Section.Draft draft) {
    List<Comparison> comparisons =
        study.comparisons().stream().filter(comparison -> !comparison.done()).toList();
    if (study.failed().isEmpty() && comparisons.isEmpty()) {
      return;
    }
    Table table = new Table("Failed runs", "Run", List.of("#Seed", "#Attempts", "Reason"));
    for (RunRecord run : study.failed()) {
      table.row(name(study, run.cell()), failure(run.replicate(), run.attempts(), run.error()));
    }
    for (Comparison comparison : comparisons) {
      table.row(
          name(study, comparison.cell()) + ", compared with JT",
          failure(comparison.replicate(), comparison.attempts(), comparison.error()));
    }
    draft.add(Html.h3("Failed runs")).add(table.html());
  }

  private static List<String> failure(Replicate replicate, Integer attempts, String error) {
    return List.of(
        Table.number(replicate.words()),
        Table.number(attempts == null ? "–" : "" + attempts),
        Table.text(error == null ? "no reason was noted" : error));
  }

  private static void pending(Study study, Section.Draft draft) {
    pending(study, "Pending runs", study.pending(), draft);
    pending(study, "Pending comparisons with joint training", study.pendingComparisons(), draft);
  }

  private static void pending(
      Study study, String what, List<Study.Planned> runs, Section.Draft draft) {
    if (runs.isEmpty()) {
      return;
    }
    Map<Cell, List<String>> seeds = new LinkedHashMap<>();
    runs.forEach(
        run ->
            seeds
                .computeIfAbsent(run.cell(), cell -> new ArrayList<>())
                .add(run.replicate().words()));
    Table table = new Table(what, "Run", List.of("Seeds"));
    seeds.forEach(
        (cell, of) -> table.row(name(study, cell), List.of(Table.text(String.join(", ", of)))));
    draft.add(Html.h3(what)).add(table.html());
  }

  private static void settings(Study study, Section.Draft draft) {
    Map<String, Set<String>> values = new TreeMap<>();
    for (RunRecord run : study.done()) {
      run.settings()
          .forEach(
              (flag, value) ->
                  values
                      .computeIfAbsent(flag, f -> new LinkedHashSet<>())
                      .add(String.valueOf(value)));
    }
    Table table =
        new Table("Settings, under their flags' names", "Flag", List.of("Value", "All runs"));
    values.forEach(
        (flag, of) ->
            table.row(
                flag,
                List.of(
                    Table.text(String.join(" · ", of)),
                    Table.html(of.size() == 1 ? "same" : "differ"))));
    if (!values.isEmpty()) {
      draft.add(Html.h3("Settings")).add(table.html());
    }
  }

  private static void machines(Study study, Section.Draft draft) {
    Map<String, Integer> machines = new TreeMap<>();
    for (RunRecord run : study.trained()) {
      RunRecord.Machine m = run.machine();
      String machine =
          m == null
              ? "unknown machine"
              : String.format(
                  "%s, %s processors, %s threads%s, Java %s, %s%s",
                  m.cpu(),
                  m.cpus(),
                  m.threads(),
                  m.device() == null ? "" : ", device " + m.device(),
                  m.java(),
                  m.os(),
                  m.libtorch() == null ? "" : ", libtorch " + m.libtorch());
      machines.merge(machine + ", version " + run.version(), 1, Integer::sum);
    }
    Table table = new Table("Machines and versions", "Runs", List.of("Machine and version"));
    machines.forEach((machine, n) -> table.row("" + n, List.of(Table.text(machine))));
    draft.add(Html.h3("Machines and versions")).add(table.html());
  }

  private static void runs(Study study, Section.Draft draft) {
    boolean differ =
        study.trained().stream().map(RunRecord::schedule).distinct().limit(2).count() > 1;
    List<String> columns = new ArrayList<>(List.of("Seeds", "Ids", "Last finished"));
    if (differ) {
      columns.add("Schedule");
    }
    Table table = new Table("Finished runs", "Run", columns);
    for (Cell cell : study.cells()) {
      Map<Replicate, RunRecord> seeds = study.seeds(cell);
      if (!seeds.isEmpty()) {
        List<String> row =
            new ArrayList<>(
                List.of(
                    Table.html(
                        Html.escape(
                            String.join(
                                ", ", seeds.keySet().stream().map(Replicate::words).toList()))),
                    Table.text(
                        String.join(", ", seeds.values().stream().map(RunRecord::id).toList())),
                    Table.html(
                        Html.escape(
                            new TreeSet<>(
                                    seeds.values().stream()
                                        .map(run -> String.valueOf(run.finished()))
                                        .toList())
                                .last()))));
        if (differ) {
          row.add(Table.text(cell.baseline() ? "–" : schedules(seeds.values())));
        }
        table.row(name(study, cell), row);
      }
    }
    draft.add(Html.h3("Finished runs")).add(table.html());
  }

  private static String schedules(Collection<RunRecord> runs) {
    return runs.stream().map(RunRecord::schedule).distinct().collect(Collectors.joining(" · "));
  }

  private static String name(Study study, Cell cell) {
    return cell.data()
        + ", "
        + cell.stream()
        + ", "
        + study.names().method(cell.method())
        + ", "
        + study.names().remedy(cell.remedy());
  }
}
