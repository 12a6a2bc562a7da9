package dev.millrace.report;

import dev.millrace.report.numbers.Endpoint;
import dev.millrace.report.numbers.Relation;
import dev.millrace.report.numbers.Spread;
import dev.millrace.report.numbers.Standings;
import dev.millrace.report.numbers.Study;
import dev.millrace.report.numbers.Wording;
import dev.millrace.study.record.Cell;
import dev.millrace.study.record.Primary;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Rows against joint training by the endpoint that a study's file names second. */
final class SecondSection {
  private static final String ID = "second";

  private final Study study;
  private final Endpoint endpoint;
  private final Standings standings;

  private SecondSection(Study study) {
    this.study = study;
    endpoint = new Endpoint(study);
    standings = new Standings(study);
  }

  /**
   * The section.
   *
   * @param study as it is judged by its primary endpoint
   */
  static Section of(Study study, Primary second) {
    return new SecondSection(study.by(second)).section();
  }

  private Section section() {
    Section.Draft draft =
        new Section.Draft(
            ID, "By the second endpoint", "each row against joint training by what comes second");
    Map<String, List<Cell>> places = new LinkedHashMap<>();
    for (Cell cell : study.cells()) {
      if (!cell.joint() && !cell.baseline() && endpoint.of(cell).measured()) {
        places.computeIfAbsent(Wording.place(cell), place -> new ArrayList<>()).add(cell);
      }
    }
    if (places.isEmpty()) {
      return draft.done();
    }
    draft.add(
        Html.note(
            "The study's file names a second endpoint beside the one that claims are judged by: "
                + words()
                + ", of a row's own data where that is among it. It is judged by the rules of gaps, in families of its own: all gaps of ST to JT,"
                + " and all gaps of remedies to JT, under one schedule, each with Holm's correction;"
                + " equal is what lies within ±"
                + Wording.points(study.primary().margin())
                + ". No claim's verdict depends on it. Percent over seeds, mean ± standard deviation;"
                + " gaps in points, ± half of the 95 % t-interval, paired by seed."));
    draft.add(SummarySection.panels(study, ID, places.keySet()));
    places.forEach((place, cells) -> draft.add(table(place, cells)));
    return draft.done();
  }

  private String words() {
    Primary second = study.primary();
    String measures =
        study.data().stream()
            .flatMap(data -> endpoint.measures(data).stream())
            .distinct()
            .map(Wording::task)
            .collect(Collectors.joining(" and "));
    return measures
        + " on "
        + (second.sets().isEmpty() ? "all of its sets" : String.join(", ", second.sets()));
  }

  private String table(String place, List<Cell> cells) {
    Table table =
        new Table(
            "By the second endpoint: " + place,
            "Remedy",
            List.of("#Seeds", "#Accuracy, %", "#Gap to JT, points", "Judged"));
    String method = null;
    for (Cell cell : cells) {
      if (!cell.method().equals(method)) {
        method = cell.method();
        Spread joint = endpoint.of(cell.reference());
        table.group(
            study.names().method(method)
                + (joint.measured() ? ", JT " + Wording.spread(joint, 1) + " %" : ""));
      }
      Spread gap = endpoint.gap(cell);
      table.row(
          study.names().remedy(cell.remedy()),
          List.of(
              Table.number("" + (gap.measured() ? gap : endpoint.of(cell)).n()),
              Table.number(Wording.spread(endpoint.of(cell), 1)),
              gap.measured()
                  ? Table.number(Wording.signedInterval(gap, 1))
                  : Table.missing("JT pending"),
              Table.text(judged(cell))));
    }
    return table.html();
  }

  private String judged(Cell cell) {
    Relation relation = standings.of(cell);
    return switch (relation) {
      case EQUAL -> "equal to JT";
      case BELOW -> "below JT";
      case ABOVE -> "above JT";
      case OPEN -> standings.obstacle(cell).orElse("not decided");
      case NOT_MEASURED -> "not judged";
    };
  }
}
