package dev.millrace.study;

import dev.millrace.terminal.Say;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Runs that a study cannot make here.
 *
 * @param runs each needs at least one of the sets
 * @param missing sets that are not here, with the reason
 */
record BlockedRuns(List<PlannedRun> runs, Map<String, String> missing) {
  static final BlockedRuns NONE = new BlockedRuns(List.of(), Map.of());

  /** Makes list and map immutable. */
  BlockedRuns {
    runs = List.copyOf(runs);
    missing = Collections.unmodifiableMap(new LinkedHashMap<>(missing));
  }

  /** A line per entry of the study's data: how many runs, and which sets they are in want of. */
  List<String> lines() {
    Map<String, List<PlannedRun>> byData =
        runs.stream()
            .collect(
                Collectors.groupingBy(PlannedRun::data, LinkedHashMap::new, Collectors.toList()));
    List<String> lines = new ArrayList<>();
    byData.forEach(
        (data, of) ->
            lines.add(
                "not made: %s of %s, for want of %s"
                    .formatted(
                        Say.count(of.size(), "run"),
                        data,
                        of.stream()
                            .flatMap(run -> SetSizes.needed(run).stream())
                            .filter(missing::containsKey)
                            .distinct()
                            .map(set -> set + " (" + missing.get(set) + ")")
                            .collect(Collectors.joining("; ")))));
    return lines;
  }
}
