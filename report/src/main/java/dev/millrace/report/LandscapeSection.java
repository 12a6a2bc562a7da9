package dev.millrace.report;

import dev.millrace.report.numbers.Spread;
import dev.millrace.report.numbers.Study;
import dev.millrace.report.numbers.Wording;
import dev.millrace.report.plot.Figure;
import dev.millrace.report.plot.HeatMap;
import dev.millrace.report.plot.LineChart;
import dev.millrace.report.plot.Palette;
import dev.millrace.study.record.Insight;
import dev.millrace.study.record.Names;
import dev.millrace.study.record.RunRecord;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Stream;

/** The loss around minima and between them, of the first seed that has it. */
final class LandscapeSection {
  private final Charts charts;
  private final Names names;
  private final List<RunRecord> runs;

  private LandscapeSection(Study study, Charts charts) {
    this.charts = charts;
    names = study.names();
    runs =
        study.cells().stream()
            .flatMap(
                cell ->
                    study.seeds(cell).values().stream()
                        .filter(run -> !empty(run.insight().landscape()))
                        .limit(1))
            .toList();
  }

  static Section of(Study study, Charts charts) {
    return new LandscapeSection(study, charts).section();
  }

  private Section section() {
    Section.Draft draft =
        new Section.Draft(
            "landscape",
            "Loss landscapes",
            "the loss around the solution of each chunk, and on the way from one to the next");
    draft.add(
        Html.note(
            "The pre-training loss along random directions that are scaled filter by filter to the"
                + " weights, on the chunk's own pictures; and on the straight way between the"
                + " solutions of consecutive chunks, on the earlier chunk's pictures. Of the first"
                + " seed that has it: a landscape is one network's."));
    List<Figure> lines = new ArrayList<>();
    List<Figure> losses = new ArrayList<>();
    List<Figure> accuracies = new ArrayList<>();
    for (RunRecord run : runs) {
      lines(run, lines);
      paths(run, losses, accuracies);
    }
    if (!lines.isEmpty()) {
      draft
          .add(Html.h3("Along random directions (mean over directions)"))
          .add(lines, charts.columns());
    }
    if (!losses.isEmpty()) {
      draft
          .add(Html.h3("From chunk to chunk"))
          .add(
              Html.note(
                  "What the earlier chunk's loss becomes on the way to the next solution. With"
                      + " SSL by contrast the earlier chunk's queue and key encoder stay as they"
                      + " were, so that a part of the rise is new queries meeting old keys: the"
                      + " paths of SSL and SL cannot be compared with each other."))
          .add(losses, charts.columns())
          .add(accuracies, charts.columns());
    }
    List<Figure> planes = planes();
    if (!planes.isEmpty()) {
      draft.add(Html.h3("Over two random directions")).add(planes, charts.columns());
    }
    return draft.done();
  }

  /** Numbers that runs share an axis by, if they stand on one scale. */
  private List<Double> span(Function<Insight.Landscape, Stream<Double>> numbers) {
    return charts.oneScale()
        ? runs.stream()
            .flatMap(run -> numbers.apply(run.insight().landscape()))
            .filter(x -> x != null && Double.isFinite(x))
            .toList()
        : List.of();
  }

  private static boolean empty(Insight.Landscape landscape) {
    return landscape.lines().isEmpty()
        && landscape.planes().isEmpty()
        && landscape.paths().isEmpty();
  }

  private void lines(RunRecord run, List<Figure> figures) {
    List<LineChart.Series> series = new ArrayList<>();
    for (Insight.Line line : run.insight().landscape().lines()) {
      series.add(
          new LineChart.Series(
              "chunk " + (line.chunk() + 1),
              line.chunk(),
              false,
              line.alphas(),
              mean(line),
              List.of()));
    }
    if (!series.isEmpty()) {
      figures.add(
          new LineChart(
                  Figure.name("loss-lines", name(run)),
                  name(run),
                  "α, lengths of the weights",
                  "loss on the chunk's own pictures",
                  false,
                  false,
                  series,
                  span(land -> land.lines().stream().flatMap(line -> mean(line).stream())))
              .draw());
    }
  }

  /** The loss along a line, mean over directions. */
  private static List<Double> mean(Insight.Line line) {
    List<Double> mean = new ArrayList<>();
    for (int i = 0; i < line.alphas().size(); i++) {
      int at = i;
      mean.add(
          Spread.of(
                  line.loss().stream()
                      .map(direction -> at < direction.size() ? direction.get(at) : null)
                      .toList())
              .mean());
    }
    return mean;
  }

  private void paths(RunRecord run, List<Figure> losses, List<Figure> accuracies) {
    List<LineChart.Series> loss = new ArrayList<>();
    List<LineChart.Series> accuracy = new ArrayList<>();
    for (Insight.Path path : run.insight().landscape().paths()) {
      String name = (path.from() + 1) + " → " + (path.to() + 1);
      loss.add(
          new LineChart.Series(
              name, path.from(), true, path.alphas(), finite(path.loss()), List.of()));
      if (path.accuracy() != null) {
        accuracy.add(
            new LineChart.Series(
                name, path.from(), true, path.alphas(), finite(path.accuracy()), List.of()));
      }
    }
    path(
        run,
        "loss on the earlier chunk's pictures",
        loss,
        span(land -> land.paths().stream().flatMap(path -> path.loss().stream())),
        losses);
    path(
        run,
        "accuracy, %",
        accuracy,
        span(
            land ->
                land.paths().stream()
                    .map(Insight.Path::accuracy)
                    .filter(Objects::nonNull)
                    .flatMap(List::stream)),
        accuracies);
  }

  private void path(
      RunRecord run,
      String what,
      List<LineChart.Series> series,
      List<Double> span,
      List<Figure> figures) {
    if (!series.isEmpty()) {
      figures.add(
          new LineChart(
                  Figure.name("path", what, name(run)),
                  name(run),
                  "α, share of the way between solutions",
                  what,
                  false,
                  false,
                  series,
                  span)
              .draw());
    }
  }

  /** Run after run; where they stand side by side, chunk after chunk. */
  private List<Figure> planes() {
    record Drawn(int chunk, Figure figure) {}
    var all =
        span(land -> land.planes().stream().flatMap(p -> p.loss().stream().flatMap(List::stream)))
            .stream()
            .mapToDouble(x -> x)
            .summaryStatistics();
    double low = all.getCount() == 0 ? Double.NaN : all.getMin();
    double high = all.getCount() == 0 ? Double.NaN : all.getMax();
    List<Drawn> drawn = new ArrayList<>();
    for (RunRecord run : runs) {
      for (Insight.Plane plane : run.insight().landscape().planes()) {
        drawn.add(new Drawn(charts.oneScale() ? plane.chunk() : 0, plane(run, plane, low, high)));
      }
    }
    return drawn.stream().sorted(Comparator.comparingInt(Drawn::chunk)).map(Drawn::figure).toList();
  }

  private Figure plane(RunRecord run, Insight.Plane plane, double low, double high) {
    double[][] values = new double[plane.loss().size()][];
    for (int i = 0; i < values.length; i++) {
      // Betas grow upwards, rows downwards.
      values[i] =
          finite(plane.loss().get(values.length - 1 - i)).stream().mapToDouble(x -> x).toArray();
    }
    List<String> betas = new ArrayList<>(names(plane.betas()));
    Collections.reverse(betas);
    return new HeatMap(
            Figure.name("loss-plane", name(run), "chunk", "" + (plane.chunk() + 1)),
            name(run) + ", after chunk " + (plane.chunk() + 1),
            "β, lengths of the weights ↑",
            betas,
            "α, lengths of the weights",
            names(plane.alphas()),
            "loss",
            values,
            low,
            high,
            2,
            Palette.CIVIDIS)
        .draw();
  }

  private static List<Double> finite(List<Double> numbers) {
    return numbers.stream().map(x -> x == null ? Double.NaN : x).toList();
  }

  private static List<String> names(List<Double> numbers) {
    return Stream.ofNullable(numbers)
        .flatMap(List::stream)
        .map(x -> Wording.number(x, 2).replaceAll("\\.?0+$", ""))
        .toList();
  }

  private String name(RunRecord run) {
    return Wording.place(run.cell())
        + ": "
        + names.method(run.method())
        + ", "
        + names.remedy(run.remedy())
        + ", seed "
        + run.seed();
  }
}
