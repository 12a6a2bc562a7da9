package dev.millrace.app.report;

import dev.millrace.app.report.numbers.Analyses;
import dev.millrace.app.report.numbers.Cell;
import dev.millrace.app.report.numbers.Insight;
import dev.millrace.app.report.numbers.Matrix;
import dev.millrace.app.report.numbers.Spread;
import dev.millrace.app.report.numbers.Study;
import dev.millrace.app.report.numbers.Wording;
import dev.millrace.app.report.plot.Figure;
import dev.millrace.app.report.plot.HeatMap;
import dev.millrace.app.report.plot.LineChart;
import dev.millrace.app.report.plot.Palette;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Forgetting, self-supervised against supervised, with absolute accuracy always beside. */
final class ForgettingSection {
  private final Study study;
  private final Analyses analyses;

  private ForgettingSection(Study study) {
    this.study = study;
    analyses = new Analyses(study);
  }

  static Section of(Study study) {
    return new ForgettingSection(study).section();
  }

  private Section section() {
    Section.Draft draft = new Section.Draft("forgetting", "Forgetting");
    List<Cell> cells =
        study.cells().stream().filter(cell -> !analyses.forgettingTasks(cell).isEmpty()).toList();
    if (cells.isEmpty()) {
      return draft.done("Forgetting was not measured.");
    }
    draft.add(
        Html.note(
            "Accuracy after each chunk on the classes or the domain of each chunk. Forgetting: best"
                + " accuracy a part ever had before the last chunk minus its accuracy at the end,"
                + " mean over all parts but the last. Backward transfer: accuracy at the end minus"
                + " accuracy right after the part's own chunk. Forward transfer: accuracy just"
                + " before a part's chunk minus the untrained encoder's. Points; mean ± deviation"
                + " over seeds. The probes here may learn from fewer pictures than downstream"
                + " ones do; then their accuracies are others."));
    draft.add(table(cells));
    List<String> orders = orders(cells);
    if (!orders.isEmpty()) {
      draft.add(
          Html.p(
              "The order of the parts is drawn by the seed, so that part 1 is another with each;"
                  + " means over seeds are taken place by place:"));
      draft.add(Html.list(orders));
    }
    for (String task :
        cells.stream().flatMap(c -> analyses.forgettingTasks(c).stream()).distinct().toList()) {
      draft.add(Html.h3("What becomes of the first chunk, " + Wording.task(task)));
      draft.add(curves(cells, task));
      draft.add(Html.h3("Accuracy matrices, " + Wording.task(task)));
      draft.add(matrices(cells, task));
    }
    return draft.done("");
  }

  private String table(List<Cell> cells) {
    Table table =
        new Table(
            "Forgetting and absolute accuracy",
            "Method and remedy",
            List.of(
                "Task",
                "#Seeds",
                "#Average accuracy, %",
                "#Untrained encoder, %",
                "#Forgetting, points",
                "#Backward transfer, points",
                "#Forward transfer, points"));
    String place = null;
    for (Cell cell : byPlace(cells)) {
      if (!Wording.place(cell).equals(place)) {
        place = Wording.place(cell);
        table.group(place);
      }
      for (String task : analyses.forgettingTasks(cell)) {
        Spread average = analyses.averageAccuracy(cell, task);
        table.row(
            name(cell),
            List.of(
                Table.html(Html.escape(Wording.task(task))),
                Table.number("" + average.n()),
                Table.number(Wording.spread(average, 1)),
                Table.number(Wording.spread(analyses.untrained(cell, task), 1)),
                Table.number(Wording.signedSpread(analyses.forgetting(cell, task), 1)),
                Table.number(
                    Wording.signedSpread(
                        analyses.forgetting(cell, task, Insight.Forgetting::backwardTransfer), 1)),
                Table.number(
                    Wording.signedSpread(
                        analyses.forgetting(cell, task, Insight.Forgetting::forwardTransfer), 1))));
      }
    }
    return table.html();
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
                orders.add(place + ", seed " + seed + ": " + String.join(", ", names)));
      }
    }
    return orders;
  }

  /** Accuracy on the first chunk's part, chunk after chunk: what is forgotten is seen to fall. */
  private List<Figure> curves(List<Cell> cells, String task) {
    List<Figure> figures = new ArrayList<>();
    for (String place : cells.stream().map(Wording::place).distinct().toList()) {
      List<LineChart.Series> series = new ArrayList<>();
      List<Cell> drawn = Charts.plain(cells, place);
      for (Cell cell : drawn) {
        Matrix matrix = analyses.accuracies(cell, task);
        if (!matrix.empty()) {
          List<Spread> first =
              IntStream.range(0, matrix.values().length)
                  .mapToObj(after -> analyses.accuracy(cell, task, after, 0))
                  .toList();
          series.add(
              new LineChart.Series(
                  Wording.method(cell.method()),
                  Style.method(cell.method()),
                  true,
                  Charts.chunks(first.size()),
                  first.stream().map(Spread::mean).toList(),
                  first.stream().map(Spread::deviation).toList()));
        }
      }
      if (!series.isEmpty()) {
        figures.add(
            new LineChart(
                    Figure.name("first-part", place, task),
                    "What the first chunk taught, as later chunks come: "
                        + place
                        + ", "
                        + Wording.remedy(drawn.get(0).remedy()),
                    "after chunk (bar: ± deviation)",
                    Wording.task(task) + " accuracy on the first part, %",
                    false,
                    true,
                    series)
                .draw());
      }
    }
    return figures;
  }

  private List<Figure> matrices(List<Cell> cells, String task) {
    List<Figure> figures = new ArrayList<>();
    Map<String, Double> highest = new HashMap<>();
    for (Cell cell : byPlace(cells)) {
      Matrix matrix = analyses.accuracies(cell, task);
      if (!matrix.empty()) {
        // Parts of one name are one part: an instance stream has nothing to tell apart.
        boolean one =
            matrix.columns().size() > 1 && matrix.columns().stream().distinct().count() == 1;
        int parts = one ? 1 : matrix.values()[0].length;
        figures.add(
            new HeatMap(
                    Figure.name(
                        "forgetting", Wording.place(cell), cell.method(), cell.remedy(), task),
                    Wording.place(cell)
                        + ": "
                        + name(cell)
                        + ", "
                        + Wording.count(matrix.n(), "seed"),
                    "after chunk ↓",
                    Charts.numbers(matrix.values().length),
                    "accuracy on part",
                    one ? List.of("all") : Charts.numbers(parts),
                    "%",
                    Arrays.stream(matrix.values())
                        .map(row -> Arrays.copyOf(row, parts))
                        .toArray(double[][]::new),
                    0,
                    Math.ceil(
                            highest.computeIfAbsent(cell.data(), data -> highest(cells, data, task))
                                / 10)
                        * 10,
                    1,
                    Palette.VIRIDIS)
                .draw());
      }
    }
    return figures;
  }

  /** The highest accuracy on a set, so that its matrices share their colours. */
  private double highest(List<Cell> cells, String data, String task) {
    return cells.stream()
        .filter(cell -> cell.data().equals(data))
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

  private static String name(Cell cell) {
    return Wording.method(cell.method()) + ", " + Wording.remedy(cell.remedy());
  }
}
