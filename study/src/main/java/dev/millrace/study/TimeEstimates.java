package dev.millrace.study;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.learn.method.MoCoV2;
import dev.millrace.recipe.Settings;
import dev.millrace.setting.Knobs;
import dev.millrace.study.record.Ledger;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How long runs will take: as runs like them took on this machine, by the ledger; where there is
 * none, by a timing; where there is none either, unknown. Thread-safe.
 */
final class TimeEstimates {
  /**
   * An estimate, seconds of one process.
   *
   * @param train pre-training
   * @param probe questions
   * @param insight looking inside
   * @param measured whether runs of the ledger say so
   */
  record Seconds(double train, double probe, double insight, boolean measured) {
    double total() {
      return train + probe + insight + START;
    }
  }

  /** Start of a process, seconds. */
  private static final double START = 1.5;

  /** Frozen features are so much faster than a step of training, until they are timed. */
  static final double FROZEN = 4;

  /** Of an episode's features, 600 episodes, once and with 5 shots. */
  private static final double FEW_SHOT = 2;

  private final Map<String, JsonNode> timings = new HashMap<>();
  private final Map<String, double[]> finished = new HashMap<>();
  private final SetSizes sizes = new SetSizes();
  private double compared;
  private int comparisons;
  private final ObjectNode machine;

  /**
   * Learns from what is done already.
   *
   * @param machine of {@link Machine#json}: what other machines took says nothing of this one
   */
  TimeEstimates(Ledger ledger, Collection<PlannedRun> runs, ObjectNode machine) {
    this.machine = machine;
    for (PlannedRun run : runs) {
      ObjectNode line = ledger.line(run.id());
      if (line != null) {
        learn(run, line);
      }
    }
  }

  private static String group(PlannedRun run) {
    return run.data() + " " + run.method();
  }

  /** Settings that a step's time depends on. */
  static String pace(PlannedRun run) {
    Settings s = run.settings();
    return String.join(
        " ",
        s.methodName(),
        s.encoder().name(),
        "width " + s.encoder().width(),
        s.views().size() + " px",
        "batch " + s.training().batch(),
        Knobs.word(s.machine().precision()),
        s.method() instanceof MoCoV2.Settings moco && moco.symmetric() ? "symmetric" : "",
        s.views().progressiveSize().isEmpty() ? "" : s.views().progressiveSize().toString());
  }

  /** A finished run's line. */
  synchronized void learn(PlannedRun run, JsonNode line) {
    if (!Machine.alike(line.path("machine"), machine)) {
      return;
    }
    JsonNode cost = line.path("cost");
    double[] sums = finished.computeIfAbsent(group(run), g -> new double[5]);
    sums[0] += cost.path("wall_s").asDouble();
    sums[1] += cost.path("image_passes").asDouble();
    sums[2] += cost.path("probe_wall_s").asDouble();
    sums[3] += cost.path("insight_wall_s").asDouble();
    sums[4]++;
  }

  /** A comparison with joint training took so many seconds. */
  synchronized void compared(double seconds) {
    compared += seconds;
    comparisons++;
  }

  /** What a comparison takes, seconds; null if none was made yet. */
  synchronized Double comparison() {
    return comparisons == 0 ? null : compared / comparisons;
  }

  /** A timing, or the pace of a run that is going on. */
  synchronized void time(PlannedRun run, JsonNode found) {
    timings.put(pace(run), found);
  }

  /** Whether something is known of a run's pace. */
  synchronized boolean timed(PlannedRun run) {
    return timings.containsKey(pace(run)) || finished.containsKey(group(run));
  }

  /** What a run will take; null if nothing tells. */
  synchronized Seconds of(PlannedRun run) {
    Long passes = sizes.passes(run.settings());
    double[] sums = finished.get(group(run));
    if (sums != null) {
      double train =
          passes == null || sums[1] == 0 ? sums[0] / sums[4] : sums[0] / sums[1] * passes;
      return new Seconds(train, sums[2] / sums[4], sums[3] / sums[4], true);
    }
    JsonNode timing = timings.get(pace(run));
    if (timing == null || passes == null) {
      return null;
    }
    double rate = timing.path("images_per_s").asDouble();
    return new Seconds(
        passes / rate, probe(run, timing, rate), RunInsights.passes(run) / rate, false);
  }

  private double probe(PlannedRun run, JsonNode timing, double rate) {
    double features = timing.path("features_per_s").asDouble(FROZEN * rate);
    double each = timing.path("linear_s_a_row_and_class").asDouble(0);
    double seconds = 0;
    for (Question question : run.questions()) {
      for (String data : question.sets(run.settings().data().sets())) {
        SetSizes.Size set = sizes.of(data);
        if (set == null) {
          continue;
        }
        int rows = question.images() == 0 ? set.train() : Math.min(question.images(), set.train());
        for (String task : question.tasks()) {
          seconds +=
              switch (task) {
                case "knn" -> timing.path("knn_s_a_pair").asDouble(0) * rows * set.judged();
                case "linear" -> each * rows * set.classes();
                case "few-shot" -> FEW_SHOT;
                case "finetune" -> 10 * rows / rate;
                default -> 0;
              };
        }
        seconds += (rows + set.judged()) / features;
      }
    }
    return seconds;
  }

  /** What runs take together, seconds of one process; null if one of them is unknown. */
  Double together(List<PlannedRun> runs) {
    double sum = 0;
    for (PlannedRun run : runs) {
      Seconds one = of(run);
      if (one == null) {
        return null;
      }
      sum += one.total();
    }
    return sum;
  }
}
