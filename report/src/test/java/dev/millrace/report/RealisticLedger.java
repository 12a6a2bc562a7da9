package dev.millrace.report;

import static dev.millrace.report.LedgerFile.map;

import dev.millrace.draw.Draw;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The ledger of a study of the usual size, with made-up numbers: to look at, not to believe. */
final class RealisticLedger {
  private static final String TINY = "tiny-imagenet";
  private static final String[] LAYERS = {"stem", "layer1", "layer2", "layer3", "layer4"};
  private static final String[][] TASKS = {
    {"knn", TINY},
    {"linear", TINY},
    {"knn", "cifar10"},
    {"linear", "cifar10"},
    {"knn", "caltech101"},
    {"linear", "caltech101"},
    {"knn", "flowers12"},
    {"linear", "flowers12"},
    {"few-shot", "omniglot"}
  };

  private RealisticLedger() {}

  static Path write(Path study) throws IOException {
    LedgerFile ledger = new LedgerFile();
    for (long seed = 1; seed <= 2; seed++) {
      for (String method : List.of("moco-v2", "supervised", "supervised-mlp")) {
        for (String data : List.of(TINY, "pacs")) {
          one(ledger, data, "joint", method, "jt", seed);
        }
        for (String remedy :
            method.equals("moco-v2") ? List.of("st", "replay", "mas", "both") : List.of("st")) {
          for (String stream : List.of("instance", "class", "distant")) {
            one(ledger, TINY, stream, method, remedy, seed);
          }
          if (seed == 1 || !remedy.equals("both")) {
            one(ledger, "pacs", "domain", method, remedy, seed);
          }
        }
      }
    }
    ledger
        .run("pacs", "domain", "moco-v2", "both", 2)
        .failed("the loss diverged at step 1234; the last good checkpoint is step 1200");
    return ledger.into(study);
  }

  private static void one(
      LedgerFile ledger, String data, String stream, String method, String remedy, long seed) {
    boolean supervised = method.startsWith("supervised");
    boolean joint = remedy.equals("jt");
    double loss =
        switch (stream) {
              case "class" -> 2.6;
              case "distant" -> 5.2;
              case "domain" -> 6.1;
              default -> 0.4;
            }
            * (supervised ? 3 : 1)
            * switch (remedy) {
              case "replay" -> 0.25;
              case "mas" -> 0.7;
              case "both" -> 0.2;
              case "jt" -> 0;
              default -> 1;
            };
    LedgerFile.Run run = ledger.run(data, stream, method, remedy, seed);
    String place = data + stream + method + remedy;
    for (int t = 0; t < TASKS.length; t++) {
      String set = TASKS[t][1].equals(TINY) ? data : TASKS[t][1];
      run.result(
          TASKS[t][0], set, 20 + 6 * t + (supervised ? 8 : 0) - loss + noise(place, seed, t) * 0.8);
    }
    double cpu =
        (remedy.equals("mas") || remedy.equals("both") ? 690 : 640) + 9 * noise(place, seed, 90);
    run.cost(
        joint ? 20000 : 5000,
        joint ? 4 * cpu : cpu,
        9e6,
        remedy.equals("replay") || remedy.equals("both") ? 9e5 : 0);
    run.with(
        "machine",
        map(
            "cpu",
            "Some CPU @ 2.60GHz",
            "cpus",
            2,
            "threads",
            1,
            "java",
            "17.0.15",
            "os",
            "Linux 6.1"));
    health(run, place, seed, joint ? 1 : 4);
    if (!joint) {
      forgetting(run, place, seed, loss, supervised);
      if (remedy.equals("st")) {
        shapes(run, place, seed, supervised);
      }
      if (!supervised) {
        likeness(ledger, data, stream, method, remedy, seed, loss);
      }
    }
  }

  private static double noise(String place, long seed, int at) {
    return Draw.of(seed, place, at).uniform(-1, 1);
  }

  private static void health(LedgerFile.Run run, String place, long seed, int chunks) {
    List<Object> health = new ArrayList<>();
    for (int i = 0; i < chunks; i++) {
      health.add(
          map(
              "chunk",
              i,
              "effective_rank",
              30 + 6 * i + noise(place, seed, i),
              "alignment",
              0.6 - 0.05 * i,
              "uniformity",
              -2.1 - 0.2 * i + 0.05 * noise(place, seed, 7),
              "variance",
              0.007,
              "collapsed",
              false));
    }
    run.insight("health", health);
  }

  private static void forgetting(
      LedgerFile.Run run, String place, long seed, double loss, boolean supervised) {
    List<Object> tasks = new ArrayList<>();
    for (String task : List.of("knn", "linear")) {
      Double[][] a = new Double[4][4];
      for (int i = 0; i < 4; i++) {
        for (int j = 0; j < 4; j++) {
          a[i][j] =
              28
                  + 3 * i
                  + (j == i ? 6 + loss : j < i ? 6 - loss * (i - j) : 0)
                  + noise(place + task, seed, i * 4 + j);
        }
      }
      tasks.add(
          map(
              "task",
              task,
              "parts",
              List.of(
                  "classes of chunk 1",
                  "classes of chunk 2",
                  "classes of chunk 3",
                  "classes of chunk 4"),
              "accuracy",
              a,
              "untrained",
              List.of(8, 8, 9, 8),
              "average_accuracy",
              36 + (supervised ? 5 : 0) - loss + noise(place, seed, 50),
              "forgetting",
              loss - 1 + noise(place, seed, 51) * 0.4,
              "backward_transfer",
              1 - loss,
              "forward_transfer",
              21.5));
    }
    run.insight("forgetting", tasks);
  }

  private static void shapes(LedgerFile.Run run, String place, long seed, boolean supervised) {
    List<Object> sharpness = new ArrayList<>();
    List<Object> lines = new ArrayList<>();
    List<Object> paths = new ArrayList<>();
    List<Object> cka = new ArrayList<>();
    List<Double> alphas = new ArrayList<>();
    for (int k = -10; k <= 10; k++) {
      alphas.add(k / 10.0);
    }
    double steep = supervised ? 9 : 3;
    for (int i = 0; i < 4; i++) {
      double at = steep * (1 + 0.2 * i + 0.1 * noise(place, seed, 60 + i));
      sharpness.add(
          map(
              "chunk",
              i,
              "images",
              512,
              "loss",
              5.1 - 0.3 * i,
              "epsilon",
              5e-4,
              "keskar",
              at,
              "largest_eigenvalue",
              at * at * 7,
              "eigenvalue_iterations",
              20,
              "trace",
              at * 240,
              "trace_standard_error",
              31.0,
              "trace_draws",
              16));
      int chunk = i;
      lines.add(
          map(
              "chunk",
              i,
              "alphas",
              alphas,
              "loss",
              List.of(
                  alphas.stream().map(x -> 5 - 0.3 * chunk + at * x * x).toList(),
                  alphas.stream().map(x -> 5 - 0.3 * chunk + 1.3 * at * x * x).toList())));
      if (i > 0) {
        List<Double> way = List.of(0.0, 0.25, 0.5, 0.75, 1.0);
        paths.add(
            map(
                "from",
                i - 1,
                "to",
                i,
                "alphas",
                way,
                "loss",
                way.stream().map(x -> 5.2 - 0.3 * x + at * 0.2 * x * (1 - x)).toList(),
                "accuracy",
                way.stream().map(x -> 30 + 3 * x - 4 * x * (1 - x)).toList()));
        cka.add(
            map(
                "a",
                i - 1,
                "b",
                i,
                "layers",
                LAYERS,
                "values",
                List.of(0.99, 0.97, 0.94, 0.88, supervised ? 0.52 : 0.74)));
      }
    }
    List<List<Double>> plane = new ArrayList<>();
    for (double beta : alphas) {
      plane.add(
          alphas.stream().map(x -> 5 + steep * (x * x + 0.6 * beta * beta + 0.3 * beta)).toList());
    }
    run.insight("sharpness", sharpness);
    Map<String, Object> landscape =
        map(
            "lines", lines,
            "planes", List.of(map("chunk", 3, "alphas", alphas, "betas", alphas, "loss", plane)),
            "paths", paths);
    run.insight("landscape", landscape);
    run.insight("cka", cka);
  }

  private static void likeness(
      LedgerFile ledger,
      String data,
      String stream,
      String method,
      String remedy,
      long seed,
      double loss) {
    double[][][] chunks = new double[4][LAYERS.length][LAYERS.length];
    for (int c = 0; c < 4; c++) {
      for (int i = 0; i < LAYERS.length; i++) {
        for (int j = 0; j < LAYERS.length; j++) {
          chunks[c][i][j] =
              Math.max(0.05, 0.97 - 0.16 * Math.abs(i - j) - 0.015 * loss * i + 0.01 * c);
        }
      }
    }
    ledger.comparison(data, stream, method, remedy, seed, chunks, LAYERS);
  }
}
