package dev.millrace.report;

import dev.millrace.report.numbers.Costs;
import dev.millrace.report.numbers.Spread;
import dev.millrace.report.numbers.Study;
import dev.millrace.report.numbers.Wording;
import dev.millrace.report.plot.Figure;
import dev.millrace.report.plot.LineChart;
import dev.millrace.study.record.Cell;
import java.util.ArrayList;
import java.util.List;

/** What streaming costs beside joint training redone at each chunk. */
final class CostSection {
  /** How a cost is drawn: its axis with the unit, and by what its numbers are divided for that. */
  private record Drawn(Costs.Measure measure, String what, String axis, double unit) {}

  private final Study study;
  private final Costs costs;

  private CostSection(Study study) {
    this.study = study;
    costs = new Costs(study);
  }

  static Section of(Study study) {
    return new CostSection(study).section();
  }

  private Section section() {
    Section.Draft draft =
        new Section.Draft(
            "cost",
            "Cost",
            "processor time, image passes and pictures kept, beside joint training redone at each"
                + " chunk");
    List<Cell> cells =
        study.cells().stream()
            .filter(cell -> costs.total(cell, Costs.Measure.CPU).measured())
            .toList();
    if (cells.isEmpty()) {
      return draft.done();
    }
    draft.add(
        Html.note(
            "Of pre-training, without judging. ST and its remedies are measured. \"JT redone\" is"
                + " computed: who wants a joint encoder after each chunk trains again on everything"
                + " so far, so the measured JT run, scaled to the pictures seen so far, is summed"
                + " over chunks; and keeps all pictures. \"JT, warm-started\" goes on from the last"
                + " joint model at each chunk, in as many steps as ST makes there, drawn from all"
                + " pictures so far, which are all kept. Passes beside the method's are pictures that"
                + " a remedy sends through an encoder, in steps and at the ends of chunks, and those"
                + " that statistics of a published mean are taken from, once per view; those with a"
                + " gradient back learn, as the method's do, and the others go forwards only,"
                + " most of them through a frozen encoder. State of remedies is what they keep"
                + " beside pictures: importances, frozen and averaged networks, vectors. Past"
                + " pictures kept are those on disk; fewer can be replayed where others were driven"
                + " out, which earlier checkpoints may still need. Older runs counted no passes at"
                + " the ends of chunks, and no state. The clock also counts what ran beside, and"
                + " pauses. Mean ± deviation over seeds;"
                + " shares are paired by seed."));
    int machines = Costs.kinds(study.done()).size();
    if (machines > 1) {
      draft.add(
          Html.p(
              "These runs come from "
                  + machines
                  + " kinds of machines. Shares of time are taken only between runs of one kind, and"
                  + " where a row's seeds come from several, no deviation of its times is shown;"
                  + " between rows, compare image passes."));
    }
    for (String data : study.data()) {
      for (String method : study.methods(data)) {
        List<Cell> of =
            cells.stream()
                .filter(cell -> cell.data().equals(data) && cell.method().equals(method))
                .toList();
        if (!of.isEmpty()) {
          draft.add(Html.h3(data + ": " + study.names().method(method)));
          draft.add(table(data, method, of));
          draft.add(curves(of));
        }
      }
    }
    return draft.done();
  }

  private String table(String data, String method, List<Cell> cells) {
    Table table =
        new Table(
            "Cost of pre-training on " + data + " by " + study.names().method(method),
            "Remedy",
            List.of(
                "#Seeds",
                "#Processor time",
                "#Time on the clock",
                "#Image passes",
                "#Passes beside the method's",
                "#Past pictures kept",
                "#State of remedies",
                "#Processor time, % of ST",
                "#Processor time, % of JT redone",
                "#Image passes, % of JT redone"));
    String stream = null;
    double longest = longest(cells, Costs.Measure.CPU);
    double longestWall = longest(cells, Costs.Measure.WALL);
    for (Cell cell : cells) {
      if (!cell.stream().equals(stream)) {
        stream = cell.stream();
        table.group(stream.equals("joint") ? "joint: everything at once" : stream + " stream");
      }
      Spread cpu = costs.total(cell, Costs.Measure.CPU);
      boolean one = cpu.n() > 1 && Costs.kinds(study.seeds(cell).values()).size() == 1;
      table.row(
          study.names().remedy(cell.remedy()),
          List.of(
              Table.number("" + cpu.n()),
              Table.number(
                  Wording.seconds(cpu.mean(), longest),
                  one ? "± " + Wording.seconds(cpu.deviation(), longest) : ""),
              Table.number(
                  Wording.seconds(costs.total(cell, Costs.Measure.WALL).mean(), longestWall)),
              Table.number(Wording.whole(costs.total(cell, Costs.Measure.PASSES).mean())),
              passes(cell),
              pictures(cell),
              Table.number(Wording.bytes(costs.total(cell, Costs.Measure.STATE).mean())),
              percent(cell.joint() ? none() : costs.ofSequential(cell, Costs.Measure.CPU)),
              percent(cell.joint() ? none() : costs.ofJointRedone(cell, Costs.Measure.CPU)),
              percent(cell.joint() ? none() : costs.ofJointRedone(cell, Costs.Measure.PASSES))));
    }
    return table.html();
  }

  private String passes(Cell cell) {
    double back = costs.total(cell, Costs.Measure.BACKWARDS).mean();
    return Table.number(
        Wording.whole(costs.total(cell, Costs.Measure.BESIDE).mean()),
        back > 0 ? Wording.whole(back) + " with a gradient back" : "");
  }

  private String pictures(Cell cell) {
    double onDisk = costs.total(cell, Costs.Measure.BYTES).mean();
    double remembered = costs.total(cell, Costs.Measure.REMEMBERED).mean();
    return Table.number(
        Wording.bytes(onDisk),
        remembered < onDisk ? "of which " + Wording.bytes(remembered) + " replayed" : "");
  }

  private double longest(List<Cell> cells, Costs.Measure measure) {
    return cells.stream()
        .mapToDouble(cell -> costs.total(cell, measure).mean())
        .filter(Double::isFinite)
        .max()
        .orElse(0);
  }

  private List<Figure> curves(List<Cell> cells) {
    List<Figure> figures = new ArrayList<>();
    for (String stream : cells.stream().map(Cell::stream).distinct().toList()) {
      List<Cell> of =
          cells.stream().filter(cell -> cell.stream().equals(stream) && !cell.joint()).toList();
      if (of.isEmpty()) {
        continue;
      }
      double longest =
          costs.jointRedone(of.get(0), Costs.Measure.CPU).stream()
              .mapToDouble(x -> x)
              .max()
              .orElse(costs.total(of.get(0), Costs.Measure.CPU).mean());
      boolean hours = longest > 7200;
      for (Drawn drawn :
          List.of(
              new Drawn(
                  Costs.Measure.CPU,
                  "Processor time",
                  "processor time so far, " + (hours ? "hours" : "minutes"),
                  hours ? 3600 : 60),
              new Drawn(
                  Costs.Measure.WALL,
                  "Time on the clock",
                  "time on the clock so far, " + (hours ? "hours" : "minutes"),
                  hours ? 3600 : 60),
              new Drawn(
                  Costs.Measure.PASSES, "Image passes", "image passes so far, thousands", 1000),
              new Drawn(Costs.Measure.BYTES, "Pictures kept", "past pictures kept, MB", 1e6))) {
        figure(of, drawn, figures);
      }
    }
    return figures;
  }

  private void figure(List<Cell> cells, Drawn drawn, List<Figure> figures) {
    List<LineChart.Series> series = new ArrayList<>();
    for (Cell cell : cells) {
      add(
          series,
          study.names().remedy(cell.remedy()),
          cell.remedy(),
          costs.curve(cell, drawn.measure()),
          drawn);
    }
    cells.stream()
        .map(cell -> costs.jointRedone(cell, drawn.measure()))
        .filter(curve -> !curve.isEmpty())
        .findFirst()
        .ifPresent(curve -> add(series, "JT redone", Cell.JOINT, curve, drawn));
    if (!series.isEmpty()) {
      Cell first = cells.get(0);
      figures.add(
          new LineChart(
                  Figure.name("cost", Wording.place(first), first.method(), drawn.measure().name()),
                  drawn.what()
                      + ": "
                      + Wording.place(first)
                      + ", "
                      + study.names().method(first.method()),
                  "after chunk",
                  drawn.axis(),
                  true,
                  true,
                  series)
              .draw());
    }
  }

  private void add(
      List<LineChart.Series> series, String name, String remedy, List<Double> curve, Drawn drawn) {
    if (!curve.isEmpty()) {
      series.add(
          new LineChart.Series(
              name,
              Style.remedy(study.names(), remedy),
              true,
              Charts.chunks(curve.size()),
              curve.stream().map(x -> x / drawn.unit()).toList(),
              List.of()));
    }
  }

  private static Spread none() {
    return Spread.of(List.of());
  }

  private static String percent(Spread share) {
    return Table.number(
        share.measured()
            ? Wording.spread(new Spread(share.n(), share.mean() * 100, share.deviation() * 100), 0)
            : "–");
  }
}
