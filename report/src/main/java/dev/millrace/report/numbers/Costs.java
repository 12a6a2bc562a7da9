package dev.millrace.report.numbers;

import dev.millrace.study.record.Cell;
import dev.millrace.study.record.RunRecord;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What streaming costs, and what it would cost to train jointly again whenever a chunk arrives. The
 * latter is computed, not run: the joint run that was measured saw all pictures, and one over the
 * pictures of the first k chunks is taken to cost its share of them; so chunk after chunk adds the
 * share of all pictures seen so far, or, where epochs draw a given number of pictures from every
 * chunk, of all chunks. Times of runs on different kinds of machines are never divided by each
 * other.
 */
public final class Costs {
  /** A cost that adds up from chunk to chunk, or bytes that lie on disk. */
  public enum Measure {
    /** Processor time, seconds. */
    CPU(RunRecord.ChunkCost::cpuSeconds, RunRecord.Cost::cpuSeconds, true),
    /** Time on the clock, seconds. */
    WALL(RunRecord.ChunkCost::wallSeconds, RunRecord.Cost::wallSeconds, true),
    /** Pictures that went through the encoder in training. */
    PASSES(RunRecord.ChunkCost::imagePasses, RunRecord.Cost::imagePasses, false),
    /**
     * Pictures beyond those that remedies, and statistics of a published mean, sent through an
     * encoder; none where a line has none.
     */
    BESIDE(chunk -> null, cost -> cost.remedyPasses() == null ? 0 : cost.remedyPasses(), false),
    /** Of those, pictures that had a gradient come back. */
    BACKWARDS(chunk -> null, RunRecord.Cost::remedyBackwards, false),
    /** Bytes of what remedies keep beside pictures; unknown of older lines. */
    STATE(chunk -> null, RunRecord.Cost::remedyBytes, false),
    /** Bytes of past pictures that can be replayed; unknown of older lines. */
    REMEMBERED(chunk -> null, RunRecord.Cost::bytesRemembered, false),
    /** Bytes of past pictures kept for later chunks. */
    BYTES(RunRecord.ChunkCost::bytesKept, RunRecord.Cost::bytesKept, false);

    private final Function<RunRecord.ChunkCost, Double> ofChunk;
    private final Function<RunRecord.Cost, Double> ofRun;
    private final boolean time;

    Measure(
        Function<RunRecord.ChunkCost, Double> ofChunk,
        Function<RunRecord.Cost, Double> ofRun,
        boolean time) {
      this.ofChunk = ofChunk;
      this.ofRun = ofRun;
      this.time = time;
    }

    /** Whether two runs' costs may be compared: times only of one kind of machine. */
    private boolean comparable(RunRecord run, RunRecord other) {
      return !time || kind(run).equals(kind(other));
    }
  }

  private final Study study;

  /** The costs of a study. */
  public Costs(Study study) {
    this.study = study;
  }

  /** The kind of machine that a run was made on. */
  private static String kind(RunRecord run) {
    return run.machine() == null ? "unknown" : run.machine().kind();
  }

  /** The kinds of machines that runs were made on. */
  public static Set<String> kinds(Collection<RunRecord> runs) {
    return runs.stream().map(Costs::kind).collect(Collectors.toCollection(TreeSet::new));
  }

  /** Total of a run, or null. */
  public static Double total(RunRecord run, Measure measure) {
    return run.cost() == null ? null : measure.ofRun.apply(run.cost());
  }

  /** The total of a row over seeds. */
  public Spread total(Cell cell, Measure measure) {
    return study.spread(cell, run -> total(run, measure));
  }

  /** A row's total as a share of plain sequential training's, paired by seed. */
  public Spread ofSequential(Cell cell, Measure measure) {
    var plain = study.partnersOfAnyDevice(cell.with(Cell.SEQUENTIAL));
    return study.paired(
        cell,
        run -> plain.apply(run).filter(other -> measure.comparable(run, other)),
        (run, other) -> ratio(total(run, measure), total(other, measure)));
  }

  /**
   * What a row costs beyond plain sequential training, paired by seed.
   *
   * @param measures of one unit, which are summed
   */
  public Spread beyondSequential(Cell cell, Measure... measures) {
    var plain = study.partners(cell.with(Cell.SEQUENTIAL));
    return study.paired(
        cell,
        run ->
            plain
                .apply(run)
                .filter(
                    other -> Arrays.stream(measures).allMatch(one -> one.comparable(run, other))),
        (run, other) -> {
          double more = 0;
          for (Measure measure : measures) {
            Double of = total(run, measure);
            Double plainly = total(other, measure);
            if (of == null || plainly == null) {
              return null;
            }
            more += of - plainly;
          }
          return more;
        });
  }

  /** A row's total as a share of joint training redone at each chunk, paired by seed. */
  public Spread ofJointRedone(Cell cell, Measure measure) {
    return study.paired(
        cell,
        run -> joint(cell, run, measure),
        (run, joint) -> {
          List<Double> redone = jointRedone(run, joint, measure);
          return redone.isEmpty()
              ? null
              : ratio(total(run, measure), redone.get(redone.size() - 1));
        });
  }

  /** A row's cost after each chunk, mean over seeds; empty if it was not measured by chunk. */
  public List<Double> curve(Cell cell, Measure measure) {
    return mean(study.seeds(cell).values().stream().map(run -> curve(run, measure)).toList());
  }

  /** Joint training redone at each of a row's chunks, mean over seeds; empty if unknown. */
  public List<Double> jointRedone(Cell cell, Measure measure) {
    List<List<Double>> curves = new ArrayList<>();
    study
        .seeds(cell)
        .values()
        .forEach(
            run ->
                joint(cell, run, measure)
                    .ifPresent(joint -> curves.add(jointRedone(run, joint, measure))));
    return mean(curves);
  }

  /** The joint run that a run's cost is held against. */
  Optional<RunRecord> joint(Cell cell, RunRecord run, Measure measure) {
    return study.jointOfAnyDevice(cell, run.seed()).filter(joint -> measure.comparable(run, joint));
  }

  /** A run's cost after each chunk: sums, and for bytes what lies there. */
  static List<Double> curve(RunRecord run, Measure measure) {
    List<Double> curve = new ArrayList<>();
    double sum = 0;
    for (RunRecord.ChunkCost chunk : chunks(run)) {
      Double cost = measure.ofChunk.apply(chunk);
      if (cost == null) {
        return List.of();
      }
      sum = measure == Measure.BYTES ? cost : sum + cost;
      curve.add(sum);
    }
    return curve;
  }

  /** What joint training redone at each chunk of a run costs so far, after each chunk. */
  static List<Double> jointRedone(RunRecord run, RunRecord joint, Measure measure) {
    Double all = total(joint, measure);
    boolean equal = !"0".equals(String.valueOf(run.settings().getOrDefault("epoch-images", 0)));
    double images = equal ? chunks(run).size() : images(joint);
    if (measure != Measure.BYTES && (all == null || images <= 0)) {
      return List.of();
    }
    List<Double> curve = new ArrayList<>();
    double seen = 0;
    double sum = 0;
    for (RunRecord.ChunkCost chunk : chunks(run)) {
      Double more = measure == Measure.BYTES ? chunk.bytesSeen() : equal ? 1.0 : chunk.images();
      if (more == null) {
        return List.of();
      }
      seen += more;
      // Who trains again on everything keeps everything.
      sum = measure == Measure.BYTES ? seen : sum + all * seen / images;
      curve.add(sum);
    }
    return curve;
  }

  private static List<RunRecord.ChunkCost> chunks(RunRecord run) {
    return run.cost() == null ? List.of() : run.cost().chunks();
  }

  private static double images(RunRecord run) {
    return chunks(run).stream()
        .mapToDouble(chunk -> chunk.images() == null ? Double.NaN : chunk.images())
        .sum();
  }

  private static List<Double> mean(List<List<Double>> curves) {
    List<List<Double>> measured = curves.stream().filter(curve -> !curve.isEmpty()).toList();
    int chunks = measured.stream().mapToInt(List::size).min().orElse(0);
    List<Double> mean = new ArrayList<>();
    for (int i = 0; i < chunks; i++) {
      int chunk = i;
      mean.add(Spread.of(measured.stream().map(curve -> curve.get(chunk)).toList()).mean());
    }
    return mean;
  }

  private static Double ratio(Double a, Double b) {
    return a == null || b == null || b == 0 ? null : a / b;
  }
}
