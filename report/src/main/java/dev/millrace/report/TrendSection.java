package dev.millrace.report;

import dev.millrace.report.numbers.Study;
import dev.millrace.report.numbers.Trends;
import dev.millrace.report.plot.Figure;
import dev.millrace.report.plot.LineChart;
import java.util.List;

/**
 * What more epochs, more chunks and a stronger shift do to streaming, where a study varies them.
 */
final class TrendSection {
  private TrendSection() {}

  static Section of(Study study) {
    Section.Draft draft =
        new Section.Draft(
            "trends",
            "Trends",
            "the gap to joint training, and forgetting, over epochs, chunks and strength of shift");
    Trends trends = new Trends(study);
    List<Trends.Trend> gaps = trends.gaps();
    List<Trends.Trend> transfers = trends.backwardTransfer();
    if (gaps.isEmpty() && transfers.isEmpty()) {
      return draft.done();
    }
    draft.add(
        Html.note(
            "Along a line rows of the study differ in one thing; what differs besides stands under"
                + " the plot. A mark without a line is what the study has at one place alone."
                + " Points with half of their 95 % t-interval over seeds. Gap: the primary endpoint"
                + " against joint training of the same method and, where epochs vary, of as many"
                + " epochs; below 0 streaming costs. Backward transfer: accuracy at the end minus"
                + " accuracy right after a part's own chunk, of plain sequential training, the mean"
                + " over the primary measures that its title names; below 0 something was"
                + " forgotten. An instance stream is not among it, since all its chunks are judged"
                + " on the same pictures."));
    draft.add(
        gaps.stream()
            .map(trend -> figure(study, trend, "Gap to JT", "points beside joint training"))
            .toList());
    draft.add(
        transfers.stream()
            .map(trend -> figure(study, trend, "Backward transfer", "backward transfer, points"))
            .toList());
    return draft.done();
  }

  private static Figure figure(Study study, Trends.Trend trend, String what, String yLabel) {
    boolean methods = trend.lines().stream().map(Trends.Line::method).distinct().count() > 1;
    List<LineChart.Series> series =
        trend.lines().stream().map(line -> series(study, line, methods)).toList();
    return new LineChart(
            Figure.name("trend", what, trend.over().name(), trend.place()),
            what + " over " + trend.over().words() + ": " + trend.place(),
            trend.over().axis()
                + (trend.besides().isEmpty()
                    ? ""
                    : "; besides: " + String.join("; ", trend.besides())),
            yLabel,
            false,
            true,
            series,
            List.of(0.0))
        .draw();
  }

  private static LineChart.Series series(Study study, Trends.Line line, boolean methods) {
    String method = study.names().method(line.method());
    String remedy = study.names().remedy(line.remedy());
    return new LineChart.Series(
        methods ? method : remedy,
        methods
            ? Style.method(study.names(), line.method())
            : Style.remedy(study.names(), line.remedy()),
        true,
        line.points().stream().map(Trends.Point::x).toList(),
        line.points().stream().map(point -> point.value().mean()).toList(),
        line.points().stream().map(point -> point.value().half(0.95)).toList());
  }
}
