package dev.millrace.app.report;

import dev.millrace.app.report.numbers.Insight;
import dev.millrace.app.report.numbers.RunRecord;
import dev.millrace.app.report.numbers.Spread;
import dev.millrace.app.report.numbers.Study;
import dev.millrace.app.report.numbers.Wording;
import dev.millrace.app.report.plot.Figure;
import dev.millrace.app.report.plot.HeatMap;
import dev.millrace.app.report.plot.LineChart;
import dev.millrace.app.report.plot.Palette;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The loss around minima and between them, of the first seed that has it. */
final class LandscapeSection {
  private LandscapeSection() {}

  static Section of(Study study) {
    Section.Draft draft = new Section.Draft("landscape", "Loss landscapes");
    draft.add(
        Html.note(
            "The pre-training loss along random directions that are scaled filter by filter to the"
                + " weights, on the chunk's own pictures; and on the straight way between the"
                + " solutions of consecutive chunks, on the earlier chunk's pictures. Of the first"
                + " seed that has it: a landscape is one network's."));
    List<Figure> lines = new ArrayList<>();
    List<Figure> paths = new ArrayList<>();
    List<Figure> planes = new ArrayList<>();
    study.cells().stream()
        .flatMap(
            cell ->
                study.seeds(cell).values().stream()
                    .filter(run -> !empty(run.insight().landscape()))
                    .limit(1))
        .forEach(
            run -> {
              lines(run, lines);
              paths(run, paths);
              planes(run, planes);
            });
    if (!lines.isEmpty()) {
      draft.add(Html.h3("Along random directions (mean over directions)")).add(lines);
    }
    if (!paths.isEmpty()) {
      draft
          .add(Html.h3("From chunk to chunk"))
          .add(
              Html.note(
                  "What the earlier chunk's loss becomes on the way to the next solution. With"
                      + " SSL by contrast the earlier chunk's queue and key encoder stay as they"
                      + " were, so that a part of the rise is new queries meeting old keys: the"
                      + " paths of SSL and SL cannot be compared with each other."))
          .add(paths);
    }
    if (!planes.isEmpty()) {
      draft.add(Html.h3("Over two random directions")).add(planes);
    }
    return draft.done("Loss landscapes were not measured.");
  }

  private static boolean empty(Insight.Landscape landscape) {
    return landscape.lines().isEmpty()
        && landscape.planes().isEmpty()
        && landscape.paths().isEmpty();
  }

  private static void lines(RunRecord run, List<Figure> figures) {
    List<LineChart.Series> series = new ArrayList<>();
    for (Insight.Line line : run.insight().landscape().lines()) {
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
      series.add(
          new LineChart.Series(
              "chunk " + (line.chunk() + 1), line.chunk(), false, line.alphas(), mean, List.of()));
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
                  series)
              .draw());
    }
  }

  private static void paths(RunRecord run, List<Figure> figures) {
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
    for (var one :
        List.of(
            java.util.Map.entry("loss on the earlier chunk's pictures", loss),
            java.util.Map.entry("accuracy, %", accuracy))) {
      if (!one.getValue().isEmpty()) {
        figures.add(
            new LineChart(
                    Figure.name("path", one.getKey(), name(run)),
                    name(run),
                    "α, share of the way between solutions",
                    one.getKey(),
                    false,
                    false,
                    one.getValue())
                .draw());
      }
    }
  }

  private static void planes(RunRecord run, List<Figure> figures) {
    for (Insight.Plane plane : run.insight().landscape().planes()) {
      double[][] values = new double[plane.loss().size()][];
      for (int i = 0; i < values.length; i++) {
        // Betas grow upwards, rows downwards.
        values[i] =
            finite(plane.loss().get(values.length - 1 - i)).stream().mapToDouble(x -> x).toArray();
      }
      List<String> betas = new ArrayList<>(names(plane.betas()));
      java.util.Collections.reverse(betas);
      figures.add(
          new HeatMap(
                  Figure.name("loss-plane", name(run), "chunk", "" + (plane.chunk() + 1)),
                  name(run) + ", after chunk " + (plane.chunk() + 1),
                  "β, lengths of the weights ↑",
                  betas,
                  "α, lengths of the weights",
                  names(plane.alphas()),
                  "loss",
                  values,
                  Double.NaN,
                  Double.NaN,
                  2,
                  Palette.CIVIDIS)
              .draw());
    }
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

  private static String name(RunRecord run) {
    return Wording.place(run.cell())
        + ": "
        + Wording.method(run.method())
        + ", "
        + Wording.remedy(run.remedy())
        + ", seed "
        + run.seed();
  }
}
