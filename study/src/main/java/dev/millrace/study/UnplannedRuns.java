package dev.millrace.study;

import dev.millrace.recipe.Settings;
import dev.millrace.recipe.SettingsV1;
import dev.millrace.study.record.Cell;
import dev.millrace.study.record.Records;
import dev.millrace.study.record.Replicate;
import dev.millrace.study.record.RunRecord;
import dev.millrace.terminal.Say;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Runs that are to be made although a ledger has them with other settings. A file that leaves a
 * setting to its default plans other runs where a later version has another default.
 */
public final class UnplannedRuns {
  /** A row and its repetition. */
  private record Place(Cell cell, Replicate replicate) {}

  private final Map<Place, List<RunRecord>> made = new LinkedHashMap<>();
  private final Set<String> done = new HashSet<>();

  private UnplannedRuns(Records ledger) {
    for (RunRecord run : ledger.runs()) {
      if (run.done() && !run.cell().baseline()) {
        done.add(run.id());
        made.computeIfAbsent(new Place(planned(run), run.replicate()), place -> new ArrayList<>())
            .add(run);
      }
    }
  }

  /** The row as a study plans it, which does not know yet what head the data decide. */
  private static Cell planned(RunRecord run) {
    return run.head() == null
        ? run.cell()
        : new Cell(run.data(), run.stream(), run.method(), run.remedy());
  }

  /** In words: how many runs, and in what they differ; none where there is nothing to say. */
  public static List<String> lines(StudyFile study, Records ledger) {
    return new UnplannedRuns(ledger).lines(study.runs());
  }

  private List<String> lines(List<PlannedRun> planned) {
    boolean some = false;
    Map<String, Integer> differing = new TreeMap<>();
    for (PlannedRun run : planned) {
      List<RunRecord> others = made.getOrDefault(place(run), List.of());
      if (!others.isEmpty() && done.contains(run.id())) { // an id is a digest, and takes its time
        some = true;
      } else {
        nearest(run, others).ifPresent(what -> differing.merge(what, 1, Integer::sum));
      }
    }
    if (differing.isEmpty()) {
      return done.isEmpty() || some
          ? List.of()
          : List.of(
              "the ledger has %s, and none is one that the study's file plans"
                  .formatted(Say.count(done.size(), "run")));
    }
    List<String> lines = new ArrayList<>();
    differing.forEach(
        (what, number) ->
            lines.add(
                "not done, though the ledger has %s: %s"
                    .formatted(
                        number == 1 ? "such a run" : number + " such runs",
                        what.isEmpty() ? "other questions or insight" : what)));
    if (differing.keySet().stream().anyMatch(what -> !what.isEmpty())) {
      lines.add(
          "a setting that the file does not name is this version's default; name the ledger's there if its runs are to count");
    }
    return lines;
  }

  private static Place place(PlannedRun run) {
    long order = run.joint() ? run.seed() : run.settings().stream().ordering();
    return new Place(
        new Cell(run.data(), run.stream(), run.method(), run.remedy()),
        new Replicate(run.seed(), order));
  }

  /** What sets a run apart from the most similar one of its place; empty if there is none. */
  private static Optional<String> nearest(PlannedRun run, List<RunRecord> others) {
    return others.stream()
        .map(other -> differences(run.settings(), other.settings()))
        .filter(Objects::nonNull)
        .min(Comparator.comparingInt(List::size))
        .map(differences -> String.join(", ", differences));
  }

  /** Settings by which ids tell runs apart; null for a line that only a later version can read. */
  private static List<String> differences(Settings here, Map<String, Object> line) {
    Settings there;
    try {
      there = SettingsV1.written(line);
    } catch (IllegalArgumentException e) {
      return null;
    }
    Map<String, Object> planned = SettingsV1.training(here);
    Map<String, Object> made = SettingsV1.training(there);
    TreeSet<String> names = new TreeSet<>(planned.keySet());
    names.addAll(made.keySet());
    names.removeIf(name -> Objects.equals(planned.get(name), made.get(name)));
    Map<String, Object> all = here.asMap();
    Map<String, Object> before = there.asMap();
    return names.stream()
        .filter(all::containsKey)
        .map(name -> "%s is %s there and %s here".formatted(name, before.get(name), all.get(name)))
        .toList();
  }
}
