package dev.millrace.report.numbers;

import dev.millrace.study.record.Cell;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How rows stand to joint training by a study's endpoint, each judged in the family of its schedule
 * ({@link Gaps}).
 */
public final class Standings {
  private final Map<Cell, Gaps> gaps = new LinkedHashMap<>();

  /** The rows of a study. */
  public Standings(Study study) {
    Schedules schedules = new Schedules(study);
    for (String schedule : schedules.all()) {
      Study under = schedules.under(schedule);
      Gaps judged = new Gaps(under);
      under.cells().forEach(cell -> gaps.put(cell, judged));
    }
  }

  /** How a row stands; nothing is decided of one that {@link #obstacle} has a reason for. */
  public Relation of(Cell cell) {
    return gaps.containsKey(cell) ? gaps.get(cell).judged(cell) : Relation.NOT_MEASURED;
  }

  /** Why nothing is decided about a row, though its numbers may look like it. */
  public Optional<String> obstacle(Cell cell) {
    return Optional.ofNullable(gaps.get(cell)).flatMap(judged -> judged.obstacle(cell));
  }
}
