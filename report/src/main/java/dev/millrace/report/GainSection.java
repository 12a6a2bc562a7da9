package dev.millrace.report;

import dev.millrace.report.numbers.RemedyGains;
import dev.millrace.report.numbers.Spread;
import dev.millrace.report.numbers.Study;
import dev.millrace.report.numbers.Wording;
import dev.millrace.study.record.Cell;
import java.util.List;
import java.util.function.Function;

/** What each remedy adds to plain sequential training, and what it costs beyond it. */
final class GainSection {
  private final Study study;
  private final RemedyGains gains;

  private GainSection(Study study) {
    this.study = study;
    gains = new RemedyGains(study);
  }

  static Section of(Study study) {
    return new GainSection(study).section();
  }

  private Section section() {
    Section.Draft draft =
        new Section.Draft(
            "gains",
            "What remedies give and cost",
            "what each adds to plain sequential training, and its passes, time and bytes beyond it");
    List<Cell> cells = gains.cells();
    if (cells.isEmpty()) {
      return draft.done();
    }
    draft.add(
        Html.note(
            "Against ST of the same seed and order, ± half of the 95 % t-interval over seeds. Gain:"
                + " points of the primary endpoint. Gap mended: which share of what JT is above"
                + " ST the remedy mends, with its 95 % interval (Fieller's, of a ratio of paired"
                + " means); none where JT is not shown to be above ST. Passes: pictures more through"
                + " an encoder, by the method or by the remedy. Time: the processor's, between"
                + " machines of one kind. Bytes are those kept at the end: past pictures,"
                + " and importances, networks and vectors beside them (unknown of older runs). These"
                + " intervals are not corrected"
                + " for their number; verdicts stand with the claims."));
    for (String place : cells.stream().map(Wording::place).distinct().toList()) {
      draft.add(table(place, cells.stream().filter(c -> Wording.place(c).equals(place)).toList()));
    }
    return draft.done();
  }

  private String table(String place, List<Cell> cells) {
    Table table =
        new Table(
            "What remedies give and cost beyond ST: " + place,
            "Remedy",
            List.of(
                "#Seeds",
                "#Gain, points",
                "#Gap mended, %",
                "#Image passes more",
                "#Processor time more",
                "#Bytes of pictures more",
                "#Bytes of state more"));
    double longest =
        cells.stream()
            .mapToDouble(cell -> Math.abs(gains.seconds(cell).mean()))
            .filter(Double::isFinite)
            .max()
            .orElse(0);
    String method = null;
    for (Cell cell : cells) {
      if (!cell.method().equals(method)) {
        method = cell.method();
        Spread gap = gains.gap(cell);
        table.group(
            study.names().method(method)
                + (gap.measured()
                    ? ", JT "
                        + Wording.interval(gap.size(), 1)
                        + " points "
                        + (gap.mean() < 0 ? "below" : "above")
                        + " ST"
                    : ""));
      }
      table.row(
          study.names().remedy(cell.remedy()),
          List.of(
              Table.number("" + gains.gain(cell).n()),
              Table.number(Wording.signedInterval(gains.gain(cell), 1)),
              mended(cell),
              more(gains.passes(cell), Wording::whole),
              more(gains.seconds(cell), seconds -> Wording.seconds(seconds, longest)),
              more(gains.bytes(cell), Wording::bytes),
              more(gains.state(cell), Wording::bytes)));
    }
    return table.html();
  }

  private String mended(Cell cell) {
    return gains
        .mended(cell)
        .map(
            share ->
                Table.number(
                    Wording.number(100 * share.mean(), 0),
                    Wording.number(100 * share.low(), 0)
                        + " … "
                        + Wording.number(100 * share.high(), 0)))
        .orElse(Table.number("–", "no gap shown"));
  }

  /** A difference in its unit, and below half of its interval. */
  private static String more(Spread more, Function<Double, String> unit) {
    if (!more.measured()) {
      return Table.number("–");
    }
    String size = unit.apply(Math.abs(more.mean()));
    boolean nothing = !size.matches(".*[1-9].*");
    return Table.number(
        (nothing ? "" : more.mean() < 0 ? "−" : "+") + size,
        more.n() < 2 ? "" : "± " + unit.apply(more.half(0.95)));
  }
}
