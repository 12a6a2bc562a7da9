package dev.millrace.study;

import dev.millrace.recipe.PartSettings;
import dev.millrace.refusal.Some;
import dev.millrace.refusal.UsageException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What runs of a study would be refused for whatever their pictures are. A study of days says so
 * before its first run, and not when it comes to that run's turn.
 */
final class Refusals {
  /** Of reasons, in one refusal. */
  private static final int NAMED = 5;

  private Refusals() {}

  /** A line for each reason, with the places of the study's file that make the runs. */
  static List<String> of(List<PlannedRun> runs) {
    Map<String, List<PlannedRun>> byReason = new LinkedHashMap<>();
    for (PlannedRun run : runs) {
      try {
        PartSettings.checkWithoutData(run.settings());
      } catch (IllegalArgumentException e) {
        byReason.computeIfAbsent(e.getMessage(), reason -> new ArrayList<>()).add(run);
      }
    }
    List<String> lines = new ArrayList<>();
    byReason.forEach(
        (reason, of) ->
            lines.add(
                "remedies.%s beside methods.%s on data.%s: %s"
                    .formatted(
                        words(of.stream().map(PlannedRun::remedy).toList()),
                        words(of.stream().map(PlannedRun::method).toList()),
                        words(of.stream().map(PlannedRun::data).toList()),
                        reason)));
    return lines;
  }

  private static String words(List<String> all) {
    return all.stream().distinct().collect(Collectors.joining(", "));
  }

  /**
   * Refuses the runs that would be, but for those that an older version began: they go on.
   *
   * @param left runs that are not done
   */
  static void require(List<PlannedRun> left, Path root) {
    require(left.stream().filter(run -> !Files.exists(StudyFolder.run(root, run))).toList());
  }

  /**
   * Refuses the runs that would be.
   *
   * @throws UsageException naming the places and the reasons
   */
  static void require(List<PlannedRun> runs) {
    List<String> lines = of(runs);
    if (!lines.isEmpty()) {
      throw UsageException.ofWord(Some.of(lines, NAMED, "; "));
    }
  }
}
