package dev.millrace.study;

import static dev.millrace.file.Json.JSON;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.draw.Draw;
import dev.millrace.evaluation.ProbeListener;
import dev.millrace.evaluation.ProbeRequest;
import dev.millrace.evaluation.Probing;
import dev.millrace.file.WorkFolder;
import dev.millrace.learn.run.RunEvent;
import dev.millrace.probe.FeatureMatrix;
import dev.millrace.probe.Knn;
import dev.millrace.probe.LinearProbe;
import dev.millrace.recipe.Millrace;
import dev.millrace.recipe.RemedyParts;
import dev.millrace.recipe.Settings;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How fast this machine is at a run's settings: a few seconds of training and probing on generated
 * pictures, in a process of its own, so that several at a time take from each other what runs side
 * by side will.
 */
final class Timing implements RunEvent.Listener {
  /** Steps that still compile, lay out and draw. */
  private static final int WARM = 6;

  private static final long NANOS = 3_000_000_000L;
  private static final int PROBED = 1000;
  private static final int CLASSES = 8;
  private static final int ROWS_A_CLASS = 50;
  private static final int DIM = 128;

  private int steps;
  private long passes;
  private long began;
  private long last;

  private Timing() {}

  /** Measures and prints one line: images per second of training and probing. */
  static void measure(Job job, PrintStream out) throws IOException {
    try (WorkFolder folder =
        WorkFolder.in(Path.of(System.getProperty("java.io.tmpdir")), "millrace-timing")) {
      out.println(measure(job, folder.path().resolve("run")));
      out.flush();
    }
  }

  private static ObjectNode measure(Job job, Path run) throws IOException {
    Settings timed = timed(job.settings());
    Timing timing = new Timing();
    Millrace.pretrain(timed, run, timing, timing::enough);
    ObjectNode found = JSON.createObjectNode();
    found.put("images_per_s", timing.passes / ((timing.last - timing.began) * 1e-9));
    probe(job, run, timed.views().size(), found);
    return found;
  }

  /** A run of the same steps, on generated pictures in one chunk that has no past and no end. */
  static Settings timed(Map<String, ?> settings) {
    Settings given = Settings.defaults().with(settings);
    Settings usual =
        Settings.defaults(
            "generated:images=%s;test=8;size=%s"
                .formatted(Math.max(512, 4 * given.training().batch()), given.views().size()));
    Map<String, Object> changes = new HashMap<>();
    changes.put("epochs", 100_000);
    changes.put("epoch-images", 0);
    changes.put("warmup", 0);
    changes.put("progressive-size", List.of());
    changes.put("checkpoint-steps", Integer.MAX_VALUE);
    changes.put("checkpoint-minutes", 1e6);
    RemedyParts.strengths(null).forEach(strength -> changes.put(strength, 0));
    return given.data(theirs -> usual.data()).stream(theirs -> usual.stream()).with(changes);
  }

  private static void probe(Job job, Path run, int size, ObjectNode found) throws IOException {
    double[] features = new double[2];
    ProbeListener listener =
        new ProbeListener() {
          @Override
          public void extracted(String encoder, String data, int pictures, double seconds) {
            features[0] += pictures;
            features[1] += seconds;
          }
        };
    String set = "generated:images=%s;test=%s;size=%s".formatted(PROBED, PROBED, size);
    Probing.probe(
        run,
        ProbeRequest.of(set).with(ProbeRequest.Encoders.UNTRAINED).on(job.threads(), job.device()),
        listener);
    found.put("features_per_s", features[0] / features[1]);
    judge(found);
  }

  /** How long judging features takes, on made-up ones: a first time to compile, then for real. */
  private static void judge(ObjectNode found) {
    judge(CLASSES, found);
    judge(CLASSES * CLASSES, found);
  }

  private static void judge(int classes, ObjectNode found) {
    int rows = ROWS_A_CLASS * classes;
    FeatureMatrix features = features(rows, classes);
    long began = System.nanoTime();
    Knn.accuracy(features, features, Knn.Settings.paper());
    long between = System.nanoTime();
    LinearProbe.fit(features, LinearProbe.Settings.paper());
    double linear = (System.nanoTime() - between) * 1e-9;
    found.put("knn_s_a_pair", (between - began) * 1e-9 / ((double) rows * rows));
    found.put("linear_s_a_row_and_class", linear / ((double) rows * classes));
  }

  /** Classes that overlap, as those of an encoder do. */
  private static FeatureMatrix features(int rows, int classes) {
    float[] values = new float[rows * DIM];
    int[] labels = new int[rows];
    for (int i = 0; i < rows; i++) {
      labels[i] = i % classes;
      for (int j = 0; j < DIM; j++) {
        double mean = 0.2 * Draw.of(0, "timing mean", labels[i], j).gaussian();
        values[i * DIM + j] = (float) (mean + Draw.of(0, "timing noise", i, j).gaussian());
      }
    }
    return new FeatureMatrix(values, rows, DIM, labels);
  }

  private boolean enough() {
    return steps > WARM && last - began > NANOS;
  }

  @Override
  public void on(RunEvent event) {
    if (event instanceof RunEvent.Stepped step) {
      last = System.nanoTime();
      steps++;
      if (steps == WARM) {
        began = last;
      } else if (steps > WARM) {
        passes += step.pictures();
      }
    }
  }
}
