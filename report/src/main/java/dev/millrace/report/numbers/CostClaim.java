package dev.millrace.report.numbers;

import dev.millrace.study.record.Cell;
import java.util.ArrayList;
import java.util.List;

/**
 * The fifth claim, which is arithmetic and no finding: with equal chunks and equal passes
 * sequential training makes 2 / (chunks + 1) of the passes of joint training redone at each chunk,
 * whatever is learned. Beside it stands joint training that goes on from its last model, which
 * costs what sequential training costs and keeps every picture.
 */
final class CostClaim {
  private final Study study;
  private final Costs costs;
  private final Endpoint endpoint;

  CostClaim(Study study) {
    this.study = study;
    costs = new Costs(study);
    endpoint = new Endpoint(study);
  }

  Claim claim() {
    List<Claim.Evidence> evidence = new ArrayList<>();
    for (Cell cell : study.sequential()) {
      Spread passes = costs.ofJointRedone(cell, Costs.Measure.PASSES);
      Spread time = costs.ofJointRedone(cell, Costs.Measure.CPU);
      if (passes.measured() || time.measured()) {
        evidence.add(
            new Claim.Evidence(
                Claims.where(study, cell),
                Verdict.ARITHMETIC,
                "ST makes "
                    + percent(passes)
                    + " of the image passes of JT redone at each chunk ("
                    + millions(cell)
                    + "), and took "
                    + percent(time)
                    + " of its processor time. "
                    + warm(cell),
                true,
                List.of(
                    new Claim.Measured("image passes", cell, less(passes), true),
                    new Claim.Measured("processor time", cell, less(time), true))));
      }
    }
    return new Claim(
        5,
        "Sequential training costs a fraction of joint training redone at each chunk",
        "No verdict, since the share follows from the chunks: JT redone trains at every chunk on all"
            + " pictures so far (the measured JT run, scaled and summed), and with equal chunks and"
            + " equal passes ST makes 2 / (chunks + 1) of its passes. Fairer beside it is JT"
            + " warm-started from the last JT: all pictures are kept, and each chunk's steps draw"
            + " from all of them. It makes ST's passes, so what remains of the claim is the disk,"
            + " and whether it ends better (remedy joint-warm).",
        "ST's cost less JT redone's, % of the latter",
        0,
        evidence);
  }

  private String millions(Cell cell) {
    List<Double> redone = costs.jointRedone(cell, Costs.Measure.PASSES);
    return redone.isEmpty()
        ? "not measured"
        : Wording.whole(costs.total(cell, Costs.Measure.PASSES).mean())
            + " of "
            + Wording.whole(redone.get(redone.size() - 1));
  }

  private String warm(Cell cell) {
    Cell warm = cell.with(Cell.JOINT_WARM);
    Spread passes = costs.total(warm, Costs.Measure.PASSES);
    if (!passes.measured()) {
      List<Double> bytes = costs.jointRedone(cell, Costs.Measure.BYTES);
      return "JT warm-started from the last JT would make "
          + Wording.whole(costs.total(cell, Costs.Measure.PASSES).mean())
          + " as well"
          + (bytes.isEmpty()
              ? ""
              : ", with " + Wording.bytes(bytes.get(bytes.size() - 1)) + " of pictures kept")
          + "; its accuracy was not measured";
    }
    Spread gap = endpoint.gap(warm);
    return "JT warm-started from the last JT made "
        + Wording.whole(passes.mean())
        + ", kept "
        + Wording.bytes(costs.total(warm, Costs.Measure.BYTES).mean())
        + " of pictures"
        + (gap.measured()
            ? " and ends "
                + Wording.besideJoint(gap)
                + " ("
                + Wording.over(gap, Gaps.UNIT)
                + "; ST "
                + Wording.besideJoint(endpoint.gap(cell))
                + ")"
            : "");
  }

  /** A share as what it is below the whole, in percent; nothing is judged, so its mean alone. */
  private static Spread less(Spread share) {
    return new Spread(share.n(), 100 * (share.mean() - 1), Double.NaN);
  }

  /** A share as a percentage, ± deviation: machines and chunks differ, and nothing is judged. */
  static String percent(Spread share) {
    return share.measured() ? Wording.spread(share.times(100), 0) + " %" : "an unknown share";
  }
}
