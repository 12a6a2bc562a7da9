package dev.millrace.report;

import dev.millrace.report.numbers.Analyses;
import dev.millrace.report.numbers.Spread;
import dev.millrace.report.numbers.Study;
import dev.millrace.report.numbers.Wording;
import dev.millrace.report.plot.Figure;
import dev.millrace.report.plot.LineChart;
import dev.millrace.study.record.Cell;
import dev.millrace.study.record.Insight;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.ToIntFunction;

/**
 * Numbers at the end of each chunk, as a table and a plot each, such as health without labels.
 *
 * @param <T> one entry of the insight's list
 */
final class ChunkMeasureSection<T> {
  /** A number that is shown; {@code plain} ones are not plotted. */
  record Measure<T>(String name, Function<T, Double> number, boolean plain) {}

  private final Study study;
  private final Charts charts;
  private final Analyses analyses;
  private final Function<Insight, List<T>> list;
  private final ToIntFunction<T> chunk;
  private final List<Measure<T>> measures;

  ChunkMeasureSection(
      Study study,
      Charts charts,
      Function<Insight, List<T>> list,
      ToIntFunction<T> chunk,
      List<Measure<T>> measures) {
    this.study = study;
    this.charts = charts;
    this.list = list;
    this.chunk = chunk;
    this.measures = measures;
    analyses = new Analyses(study);
  }

  static Section health(Study study, Charts charts) {
    Section.Draft draft =
        new Section.Draft(
            "health",
            "Health of representations, without labels",
            "effective rank, alignment and uniformity after each chunk; alarms of collapse");
    draft.add(
        Html.note(
            "At the end of each chunk. Effective rank: how many directions the features use."
                + " Alignment: mean squared distance of two views of a picture, lower is better."
                + " Uniformity: log mean Gaussian potential of pairs, lower is more spread."
                + " Variance: total variance of unit-length features, 0 to 1. Below 0.001, with an"
                + " effective rank below 1.5, below a 32nd of what the pictures could span, or below a"
                + " quarter of its best so far, they have collapsed. Mean ± deviation over seeds."));
    List<String> alarms = new ArrayList<>();
    for (var run : study.done()) {
      for (Insight.Health health : run.insight().health()) {
        if (health.collapsed()) {
          alarms.add(
              Wording.place(run.cell())
                  + ", "
                  + study.names().row(run.cell())
                  + ", seed "
                  + run.seed()
                  + ": collapsed after chunk "
                  + (health.chunk() + 1)
                  + health.how());
        }
      }
    }
    if (!alarms.isEmpty()) {
      draft.add(Html.p("Collapse alarm:")).add(Html.list(alarms));
    }
    new ChunkMeasureSection<Insight.Health>(
            study,
            charts,
            Insight::health,
            Insight.Health::chunk,
            List.of(
                new Measure<>("effective rank", Insight.Health::effectiveRank, false),
                new Measure<>("alignment", Insight.Health::alignment, false),
                new Measure<>("uniformity", Insight.Health::uniformity, false),
                new Measure<>("variance", Insight.Health::variance, true)))
        .fill(draft, "Health");
    return draft.done();
  }

  /** Adds plots and a table. */
  void fill(Section.Draft draft, String what) {
    List<Cell> cells = study.cells().stream().filter(cell -> !chunks(cell).isEmpty()).toList();
    if (cells.isEmpty()) {
      return;
    }
    draft.add(plots(cells, what));
    Table table =
        new Table(
            what + " at the end of each chunk, first to last; mean over seeds, deviation below",
            "Method and remedy",
            measures.stream().map(measure -> "#" + measure.name()).toList());
    for (String place : cells.stream().map(Wording::place).distinct().toList()) {
      table.group(place);
      for (Cell cell : cells) {
        if (Wording.place(cell).equals(place)) {
          table.row(
              study.names().row(cell) + ", " + Wording.count(study.seeds(cell).size(), "seed"),
              measures.stream().map(measure -> chain(cell, measure)).toList());
        }
      }
    }
    draft.add(table.html());
  }

  /** The number after each chunk, and below how far seeds are apart at most. */
  private String chain(Cell cell, Measure<T> measure) {
    List<Spread> chunks = chunks(cell).stream().map(at -> at(cell, at, measure)).toList();
    double widest =
        chunks.stream()
            .mapToDouble(Spread::deviation)
            .filter(Double::isFinite)
            .max()
            .orElse(Double.NaN);
    return Table.number(
        String.join(" → ", chunks.stream().map(one -> Wording.brief(one.mean())).toList()),
        Double.isFinite(widest) ? "± " + Wording.brief(widest) + " at most" : "");
  }

  private List<Figure> plots(List<Cell> cells, String what) {
    List<Figure> figures = new ArrayList<>();
    for (Charts.Group group : charts.of(cells)) {
      for (Measure<T> measure : measures) {
        List<LineChart.Series> series = new ArrayList<>();
        for (Cell cell : group.cells()) {
          List<Integer> chunks = List.copyOf(chunks(cell));
          List<Spread> numbers = chunks.stream().map(at -> at(cell, at, measure)).toList();
          if (numbers.stream().anyMatch(Spread::measured)) {
            series.add(
                new LineChart.Series(
                    group.name().apply(cell),
                    group.style().applyAsInt(cell),
                    true,
                    chunks.stream().map(at -> at + 1.0).toList(),
                    numbers.stream().map(Spread::mean).toList(),
                    numbers.stream().map(Spread::deviation).toList()));
          }
        }
        if (!measure.plain() && !series.isEmpty()) {
          figures.add(
              new LineChart(
                      Figure.name(what, group.where(), measure.name()),
                      group.title(what + ", " + measure.name()),
                      "after chunk (bar: ± deviation)",
                      measure.name(),
                      false,
                      true,
                      series)
                  .draw());
        }
      }
    }
    return figures;
  }

  private TreeSet<Integer> chunks(Cell cell) {
    TreeSet<Integer> chunks = new TreeSet<>();
    study
        .seeds(cell)
        .values()
        .forEach(
            run -> list.apply(run.insight()).forEach(one -> chunks.add(chunk.applyAsInt(one))));
    return chunks;
  }

  private Spread at(Cell cell, int at, Measure<T> measure) {
    return analyses.atChunk(cell, at, list, chunk, measure.number());
  }
}
