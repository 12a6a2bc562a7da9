package dev.millrace.report;

import dev.millrace.report.numbers.Analyses;
import dev.millrace.report.numbers.Matrix;
import dev.millrace.report.numbers.Spread;
import dev.millrace.report.numbers.Study;
import dev.millrace.report.numbers.Wording;
import dev.millrace.report.plot.Figure;
import dev.millrace.report.plot.HeatMap;
import dev.millrace.report.plot.LineChart;
import dev.millrace.report.plot.Palette;
import dev.millrace.study.record.Cell;
import dev.millrace.study.record.Insight;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;

/** Forgetting, self-supervised against supervised, with absolute accuracy always beside. */
final class ForgettingSection {
  private static final String NOTE =
      Html.note(
          "Accuracy after each chunk on the classes or the domain of each chunk. Backward transfer:"
              + " accuracy at the end minus accuracy right after the part's own chunk, mean over all"
              + " parts but the last; below 0 where something was forgotten. It is the main number."
              + " Forgetting by maximum: best accuracy a part ever had before the last chunk minus"
              + " its accuracy at the end; biased upward, since the best of noisy values is partly"
              + " noise, and shown as the literature has it. Forward transfer: accuracy just"
              + " before a part's chunk minus the untrained encoder's. Points; mean ± deviation"
              + " over seeds. The probes here may learn from fewer pictures than downstream"
              + " ones do; then their accuracies are others.");

  private static final String ALIKE =
      Html.note(
          "Where chunks are alike, as those of an instance stream are, each holds every class: there"
              + " is one accuracy after each chunk, on the whole set, and no part that could be"
              + " forgotten or learned ahead.");

  private final Study study;
  private final Charts charts;
  private final Analyses analyses;

  private ForgettingSection(Study study, Charts charts) {
    this.study = study;
    this.charts = charts;
    analyses = new Analyses(study);
  }

  static Section of(Study study, Charts charts) {
    return new ForgettingSection(study, charts).section();
  }

  private Section section() {
    List<Cell> cells =
        study.cells().stream().filter(cell -> !analyses.forgettingTasks(cell).isEmpty()).toList();
    List<String> tasks =
        cells.stream().flatMap(c -> analyses.forgettingTasks(c).stream()).distinct().toList();
    boolean parts =
        cells.stream().anyMatch(c -> tasks.stream().anyMatch(t -> !analyses.alike(c, t)));
    boolean alike =
        cells.stream().anyMatch(c -> tasks.stream().anyMatch(t -> analyses.alike(c, t)));
    Section.Draft draft =
        new Section.Draft(
            "forgetting",
            cells.isEmpty() || parts ? "Forgetting" : "Accuracy after each chunk",
            "accuracy after each chunk on the part of each chunk, untrained encoders beside");
    if (cells.isEmpty()) {
      return draft.done();
    }
    draft.add(parts ? NOTE : "").add(alike ? ALIKE : "").add(table(cells, parts));
    List<String> orders = orders(cells);
    if (!orders.isEmpty()) {
      draft.add(
          Html.p(
              "The order of the parts is drawn by the seed, so that part 1 is another with each;"
                  + " means over seeds are taken place by place:"));
      draft.add(Html.list(orders));
    }
    for (String task : tasks) {
      curves(draft, cells, task);
      // One number per chunk is a line already, no matrix.
      List<Figure> matrices =
          matrices(cells.stream().filter(cell -> !analyses.alike(cell, task)).toList(), task);
      if (!matrices.isEmpty()) {
        draft.add(Html.h3("Accuracy matrices, " + Wording.task(task)));
        draft.add(matrices, charts.columns());
      }
    }
    return draft.done();
  }

  /**
   * @param parts whether any row has parts that differ
   */
  private String table(List<Cell> cells, boolean parts) {
    List<String> columns =
        new ArrayList<>(List.of("Task", "#Seeds", "#Average accuracy, %", "#Untrained encoder, %"));
    if (parts) {
      columns.addAll(
          List.of(
              "#Backward transfer, points, ± 95 % t-interval",
              "#Forgetting by maximum, points", "#Forward transfer, points"));
    }
    Table table =
        new Table(
            parts ? "Forgetting and absolute accuracy" : "Accuracy on the whole set at the end",
            "Method and remedy",
            columns);
    String place = null;
    for (Cell cell : byPlace(cells)) {
      if (!Wording.place(cell).equals(place)) {
        place = Wording.place(cell);
        table.group(place);
      }
      for (String task : analyses.forgettingTasks(cell)) {
        Spread average = analyses.averageAccuracy(cell, task);
        List<String> row =
            new ArrayList<>(
                List.of(
                    Table.html(Html.escape(Wording.task(task))),
                    Table.number("" + average.n()),
                    Table.number(Wording.spread(average, 1)),
                    Table.number(Wording.spread(analyses.untrained(cell, task), 1))));
        if (parts) {
          row.add(
              Table.number(
                  analyses.alike(cell, task)
                      ? "–"
                      : Wording.signedInterval(analyses.backwardTransfer(cell, task), 1)));
          row.add(change(cell, task, Insight.Forgetting::forgetting));
          row.add(change(cell, task, Insight.Forgetting::forwardTransfer));
        }
        table.row(study.names().row(cell), row);
      }
    }
    return table.html();
  }

  private String change(Cell cell, String task, Function<Insight.Forgetting, Double> number) {
    return Table.number(
        analyses.alike(cell, task)
            ? "–"
            : Wording.signedSpread(analyses.forgetting(cell, task, number), 1));
  }

  /** What the parts are, for each seed, where seeds differ in it. */
  private List<String> orders(List<Cell> cells) {
    List<String> orders = new ArrayList<>();
    for (String place : cells.stream().map(Wording::place).distinct().toList()) {
      Cell first =
          cells.stream()
              .filter(cell -> Wording.place(cell).equals(place))
              .findFirst()
              .orElseThrow();
      var parts = analyses.parts(first, analyses.forgettingTasks(first).get(0));
      if (parts.values().stream().distinct().count() > 1) {
        parts.forEach(
            (seed, names) ->
                orders.add(place + ", seed " + seed.words() + ": " + String.join(", ", names)));
      }
    }
    return orders;
  }

  /** Chunk after chunk: what is forgotten is seen to fall, what is learned to rise. */
  private void curves(Section.Draft draft, List<Cell> cells, String task) {
    for (boolean alike : new boolean[] {false, true}) {
      List<Figure> figures = new ArrayList<>();
      for (Charts.Group group : charts.of(cells)) {
        curve(
                group.of(
                    group.cells().stream()
                        .filter(cell -> analyses.alike(cell, task) == alike)
                        .toList()),
                task,
                alike)
            .ifPresent(figures::add);
      }
      if (!figures.isEmpty()) {
        String what =
            alike ? "The whole set, chunk after chunk" : "What becomes of the first chunk";
        draft.add(Html.h3(what + ", " + Wording.task(task))).add(figures);
      }
    }
  }

  private Optional<Figure> curve(Charts.Group group, String task, boolean alike) {
    List<LineChart.Series> series = new ArrayList<>();
    for (Cell cell : group.cells()) {
      int chunks = analyses.accuracies(cell, task).values().length;
      if (chunks > 0) {
        List<Spread> first =
            IntStream.range(0, chunks)
                .mapToObj(after -> analyses.accuracy(cell, task, after, 0))
                .toList();
        series.add(
            new LineChart.Series(
                group.name().apply(cell),
                group.style().applyAsInt(cell),
                true,
                Charts.chunks(first.size()),
                first.stream().map(Spread::mean).toList(),
                first.stream().map(Spread::deviation).toList()));
      }
    }
    if (series.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new LineChart(
                Figure.name("first-part", group.where(), task),
                group.title(
                    alike
                        ? "Accuracy on the whole set as chunks come"
                        : "What the first chunk taught, as later chunks come"),
                "after chunk (bar: ± deviation)",
                Wording.task(task)
                    + " accuracy on the "
                    + (alike ? "whole set" : "first part")
                    + ", %",
                false,
                true,
                series)
            .draw());
  }

  private List<Figure> matrices(List<Cell> cells, String task) {
    List<Figure> figures = new ArrayList<>();
    Map<String, Double> highest = new HashMap<>();
    for (Cell cell : byPlace(cells)) {
      Matrix matrix = analyses.accuracies(cell, task);
      if (!matrix.empty()) {
        figures.add(
            new HeatMap(
                    Figure.name(
                        "forgetting", Wording.place(cell), cell.method(), cell.remedy(), task),
                    Wording.place(cell)
                        + ": "
                        + study.names().row(cell)
                        + ", "
                        + Wording.count(matrix.n(), "seed"),
                    "after chunk ↓",
                    Charts.numbers(matrix.values().length),
                    "accuracy on part",
                    Charts.numbers(matrix.values()[0].length),
                    "%",
                    matrix.values(),
                    0,
                    Math.ceil(
                            highest.computeIfAbsent(
                                    charts.oneScale() ? "" : cell.data(),
                                    data -> highest(cells, data, task))
                                / 10)
                        * 10,
                    1,
                    Palette.VIRIDIS)
                .draw());
      }
    }
    return figures;
  }

  /** The highest accuracy on a set, or on all, so that matrices share their colours. */
  private double highest(List<Cell> cells, String data, String task) {
    return cells.stream()
        .filter(cell -> data.isEmpty() || cell.data().equals(data))
        .flatMap(cell -> Arrays.stream(analyses.accuracies(cell, task).values()))
        .flatMapToDouble(Arrays::stream)
        .filter(Double::isFinite)
        .max()
        .orElse(100);
  }

  /** Methods side by side on each stream. */
  private static List<Cell> byPlace(List<Cell> cells) {
    List<String> places = cells.stream().map(Wording::place).distinct().toList();
    return cells.stream()
        .sorted(Comparator.comparingInt(cell -> places.indexOf(Wording.place(cell))))
        .toList();
  }
}
