package dev.millrace.report.numbers;

import dev.millrace.study.record.Cell;
import dev.millrace.study.record.RunRecord;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * What remedies give for what they cost: what each adds to plain sequential training in the primary
 * endpoint, which share of the gap to joint training that mends, and what it costs beyond plain
 * sequential training, all paired by seed.
 */
public final class RemedyGains {
  private static final Set<String> NONE =
      Set.of(Cell.SEQUENTIAL, Cell.JOINT, Cell.UNTRAINED, Cell.RAW);

  /**
   * A share of a gap, where there is a gap to have a share of: 1 is all of it.
   *
   * @param low lower end of its 95 % interval, by Fieller's theorem for the ratio of two paired
   *     means (1954)
   * @param high upper end
   */
  public record Share(double mean, double low, double high) {}

  private final Study study;
  private final Endpoint endpoint;
  private final Costs costs;

  /** The gains of a study's remedies. */
  public RemedyGains(Study study) {
    this.study = study;
    endpoint = new Endpoint(study);
    costs = new Costs(study);
  }

  /** Rows of a remedy whose gain was measured, in order; warm-started joint training is one. */
  public List<Cell> cells() {
    return study.cells().stream()
        .filter(cell -> !NONE.contains(cell.remedy()) && gain(cell).measured())
        .toList();
  }

  /** What a row adds to plain sequential training, percentage points. */
  public Spread gain(Cell cell) {
    return endpoint.gain(cell);
  }

  /** By how much joint training is above plain sequential training, percentage points. */
  public Spread gap(Cell cell) {
    Spread gap = endpoint.gap(cell.with(Cell.SEQUENTIAL));
    return new Spread(gap.n(), -gap.mean(), gap.deviation());
  }

  /**
   * The share of the gap to joint training that a row mends, over the seeds that have all three;
   * empty where joint training is not shown to be above plain sequential training by a 95 %
   * t-interval, since a ratio to what may be nothing may be anything.
   */
  public Optional<Share> mended(Cell cell) {
    var plain = study.partners(cell.with(Cell.SEQUENTIAL));
    Spread gain = triple(cell, (run, joint) -> minus(run, plain.apply(run).orElse(null)), plain);
    Spread gap = triple(cell, (run, joint) -> minus(joint, plain.apply(run).orElse(null)), plain);
    Spread left = triple(cell, (run, joint) -> minus(joint, run), plain);
    if (gain.n() < 2 || gap.mean() <= 0) {
      return Optional.empty();
    }
    double t = StudentT.factor(0.95, gain.n());
    double share = t * t / gain.n();
    double ofGap = gap.deviation() * gap.deviation();
    double ofGain = gain.deviation() * gain.deviation();
    double both = (ofGap + ofGain - left.deviation() * left.deviation()) / 2;
    // Those shares whose gain − share · gap has a t-interval with 0 in it: a quadratic's roots.
    double a = gap.mean() * gap.mean() - share * ofGap;
    double b = gain.mean() * gap.mean() - share * both;
    double c = gain.mean() * gain.mean() - share * ofGain;
    double root = Math.sqrt(Math.max(0, b * b - a * c));
    return a > 0
        ? Optional.of(new Share(gain.mean() / gap.mean(), (b - root) / a, (b + root) / a))
        : Optional.empty();
  }

  /** A number of runs that have a joint run and a plain sequential one, each with an endpoint. */
  private Spread triple(
      Cell cell,
      BiFunction<RunRecord, RunRecord, Double> number,
      Function<RunRecord, Optional<RunRecord>> plain) {
    return study.paired(
        cell,
        run -> study.joint(cell, run),
        (run, joint) ->
            minus(run, joint) == null || minus(run, plain.apply(run).orElse(null)) == null
                ? null
                : number.apply(run, joint));
  }

  private Double minus(RunRecord a, RunRecord b) {
    Double of = a == null ? null : endpoint.value(a);
    Double other = b == null ? null : endpoint.value(b);
    return of == null || other == null ? null : of - other;
  }

  /** Pictures more through an encoder, by the method and by the remedy. */
  public Spread passes(Cell cell) {
    return costs.beyondSequential(cell, Costs.Measure.PASSES, Costs.Measure.BESIDE);
  }

  /** Seconds more of processor time; only between machines of one kind. */
  public Spread seconds(Cell cell) {
    return costs.beyondSequential(cell, Costs.Measure.CPU);
  }

  /**
   * Bytes of what the remedy keeps beside pictures at the end, of which plain sequential training
   * has none; not measured in older ledgers.
   */
  public Spread state(Cell cell) {
    return costs.total(cell, Costs.Measure.STATE);
  }

  /** Bytes of past pictures more that are kept at the end. */
  public Spread bytes(Cell cell) {
    return costs.beyondSequential(cell, Costs.Measure.BYTES);
  }
}
