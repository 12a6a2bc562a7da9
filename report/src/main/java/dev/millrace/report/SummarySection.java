package dev.millrace.report;

import dev.millrace.report.numbers.Endpoint;
import dev.millrace.report.numbers.Spread;
import dev.millrace.report.numbers.Study;
import dev.millrace.report.numbers.Wording;
import dev.millrace.report.plot.Figure;
import dev.millrace.report.plot.IntervalChart;
import dev.millrace.study.record.Cell;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The study in one picture: for each stream and method what each remedy ends above or below joint
 * training, all panels on one scale.
 */
final class SummarySection {
  private final Study study;
  private final Endpoint endpoint;

  private final String name;

  private SummarySection(Study study, String name) {
    this.study = study;
    this.name = name;
    endpoint = new Endpoint(study);
  }

  static Section of(Study study) {
    return new SummarySection(study, "summary").section();
  }

  /**
   * Some of its panels alone.
   *
   * @param name that the names of their files begin with
   * @param places whose panels these are, as {@link Wording#place} has them
   */
  static List<Figure> panels(Study study, String name, Set<String> places) {
    return new SummarySection(study, name).panels(places::contains);
  }

  private List<Figure> panels(Predicate<String> places) {
    Map<String, List<IntervalChart.Row>> panels = new LinkedHashMap<>();
    for (Cell cell : study.cells()) {
      if (!cell.joint() && !cell.baseline() && places.test(Wording.place(cell))) {
        panels.computeIfAbsent(Wording.place(cell), place -> new ArrayList<>()).add(row(cell));
      }
    }
    // What no pre-training gives stands in every panel of its data, where it was asked.
    for (Cell cell : study.cells()) {
      if (cell.baseline() && endpoint.gap(cell).measured()) {
        panels.forEach(
            (place, rows) -> {
              if (place.startsWith(cell.data() + ", ")) {
                rows.add(row(cell));
              }
            });
      }
    }
    List<IntervalChart.Row> all = panels.values().stream().flatMap(List::stream).toList();
    if (all.stream().noneMatch(row -> Double.isFinite(row.value()))) {
      return List.of();
    }
    List<Figure> figures = new ArrayList<>();
    panels.forEach(
        (place, rows) ->
            figures.add(
                new IntervalChart(
                        Figure.name(name, place),
                        place,
                        "points above or below joint training",
                        rows,
                        IntervalChart.span(all, study.primary().margin()),
                        study.primary().margin())
                    .draw()));
    return figures;
  }

  private Section section() {
    List<Figure> figures = panels(place -> true);
    if (figures.isEmpty()) {
      return new Section("picture", "", "", "", List.of());
    }
    StringBuilder html = new StringBuilder("<figure class=\"summary\">\n<div class=\"figures\">\n");
    figures.forEach(
        figure ->
            html.append("<div><p class=\"panel\">")
                .append(Html.escape(figure.title()))
                .append("</p>")
                .append(figure.inline())
                .append("</div>\n"));
    html.append("</div>\n<figcaption>")
        .append(Html.escape(caption()))
        .append(" <a href=\"#words-all\">Words</a>, <a href=\"#accuracy-all\">all tasks and their")
        .append(" weights</a>.</figcaption>\n</figure>\n");
    return new Section("picture", "", "", html.toString(), figures);
  }

  /** In a sentence: what its tasks are and weigh stands with the accuracies. */
  private String caption() {
    return "Final encoders against joint training (JT) of the same method, in percentage points of the"
        + " primary endpoint ("
        + study.data().stream()
            .flatMap(data -> endpoint.measures(data).stream())
            .distinct()
            .map(Wording::task)
            .collect(Collectors.joining(" and "))
        + "): bars are 95 % t-intervals over seeds, with an arrow where one goes on, and the band is"
        + " what counts as equal.";
  }

  private IntervalChart.Row row(Cell cell) {
    Spread gap = endpoint.gap(cell);
    Spread joint = endpoint.of(cell.reference());
    return new IntervalChart.Row(
        (cell.baseline() ? "no pre-training, against " : "")
            + study.names().method(cell.method())
            + (joint.measured() ? ", JT " + Wording.number(joint.mean(), 1) + " %" : ""),
        study.names().remedy(cell.remedy()),
        Style.remedy(study.names(), cell.remedy()),
        gap.mean(),
        gap.half(0.95),
        false);
  }
}
