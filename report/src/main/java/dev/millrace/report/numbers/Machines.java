package dev.millrace.report.numbers;

import dev.millrace.study.record.Cell;
import dev.millrace.study.record.RunRecord;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** On which machines the two rows of a comparison were made: another rounds otherwise. */
final class Machines {
  private Machines() {}

  /** What differs between the machines of two rows, in words; empty where nothing does. */
  static Optional<String> of(Study study, Cell cell, Cell other) {
    List<RunRecord> runs =
        Stream.of(cell, other).flatMap(row -> study.seeds(row).values().stream()).toList();
    Set<String> kinds = Costs.kinds(runs);
    if (kinds.size() < 2) {
      return Optional.empty();
    }
    return Optional.of(
        "made on " + kinds.size() + " kinds of machine (" + String.join("; ", kinds) + ")");
  }
}
