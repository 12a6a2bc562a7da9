package dev.millrace.report;

import static dev.millrace.report.LedgerFile.map;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.draw.Draw;
import dev.millrace.file.Yaml;
import dev.millrace.report.numbers.Study;
import dev.millrace.study.record.Cell;
import dev.millrace.study.record.Replicate;
import dev.millrace.study.record.RunRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The ledger of {@code configs/study/five-hundred.yaml} as it will be when all is done, with
 * made-up numbers: to look at and to weigh, not to believe.
 */
final class FiveHundredLedger {
  /** A seed that is planned, and of which no run is done. */
  private static final int PENDING = 99;

  private static final Path FILE = Path.of("..", "configs", "study", "five-hundred.yaml");

  private final JsonNode study;
  private final LedgerFile ledger = new LedgerFile();
  private final List<Study.Planned> planned = new ArrayList<>();
  private int chunkEnds;

  /**
   * What was written.
   *
   * @param encoders how many the chunks of its runs end in
   * @param planned its runs, and those of one seed more that are pending
   */
  record Made(int encoders, List<Study.Planned> planned) {}

  private FiveHundredLedger() throws IOException {
    study = Yaml.YAML.readTree(Files.readString(FILE));
  }

  /** Writes it. */
  static Made write(Path folder) throws IOException {
    FiveHundredLedger made = new FiveHundredLedger();
    made.all();
    made.ledger.into(folder);
    return new Made(made.chunkEnds, made.planned);
  }

  private void all() {
    List<Integer> seeds = new ArrayList<>();
    study.get("seeds").forEach(seed -> seeds.add(seed.asInt()));
    seeds.add(PENDING);
    for (int seed : seeds) {
      study
          .get("data")
          .fields()
          .forEachRemaining(
              data -> {
                for (String method : names("methods")) {
                  for (String remedy : names("remedies")) {
                    if (remedy.equals("jt")) {
                      row(data.getKey(), data.getValue(), "joint", 1, method, remedy, seed);
                    } else {
                      data.getValue()
                          .get("streams")
                          .fields()
                          .forEachRemaining(
                              stream ->
                                  row(
                                      data.getKey(),
                                      data.getValue(),
                                      stream.getKey(),
                                      stream.getValue().asInt(),
                                      method,
                                      remedy,
                                      seed));
                    }
                  }
                }
              });
    }
  }

  /** What a list or a table of the file names, in order. */
  private List<String> names(String field) {
    List<String> names = new ArrayList<>();
    JsonNode node = study.get(field);
    Iterator<String> keys = node.fieldNames();
    keys.forEachRemaining(names::add);
    if (node.isArray()) {
      node.forEach(name -> names.add(name.asText()));
    }
    return names;
  }

  private boolean excluded(Map<String, String> run) {
    for (JsonNode rule : study.get("exclude")) {
      boolean all = true;
      for (Iterator<Map.Entry<String, JsonNode>> keys = rule.fields(); keys.hasNext(); ) {
        Map.Entry<String, JsonNode> key = keys.next();
        boolean one = key.getValue().asText().equals(run.get(key.getKey()));
        for (JsonNode value : key.getValue()) {
          one |= value.asText().equals(run.get(key.getKey()));
        }
        all &= one;
      }
      if (all) {
        return true;
      }
    }
    return false;
  }

  private void row(
      String label,
      JsonNode source,
      String stream,
      int chunks,
      String method,
      String remedy,
      int seed) {
    boolean joint = stream.equals("joint");
    boolean byClass = stream.equals("class") || stream.equals("distant");
    Map<String, String> asked =
        Map.of(
            "data",
            label,
            "stream",
            stream,
            "method",
            method,
            "remedy",
            remedy,
            "seed",
            String.valueOf(seed));
    if (excluded(asked) || (method.endsWith("-full") && !byClass)) {
      return;
    }
    List<String> sets = new ArrayList<>();
    source.path("sets").forEach(set -> sets.add(set.asText()));
    if (sets.isEmpty()) {
      sets.add(source.path("set").asText(label));
    }
    Map<String, Object> settings = settings(source, sets, stream, chunks, method, remedy, seed);
    Cell cell = new Cell(label, stream, method, remedy);
    Replicate replicate = new Replicate(seed);
    String schedule = RunRecord.schedule(settings);
    if (seed == PENDING) {
      String id = "pending-" + planned.size();
      planned.add(new Study.Planned(cell, replicate, id, null, schedule));
      return;
    }
    Draw draw = Draw.of(seed, label + stream + method + remedy);
    int[] drawn = {0};
    LedgerFile.Run run = ledger.run(label, stream, method, remedy, seed).with("chunks", chunks);
    run.with("settings", settings);
    planned.add(new Study.Planned(cell, replicate, run.id(), null, schedule));
    double value =
        switch (remedy) {
          case "jt" -> 45;
          case "st" -> 41;
          case "mas" -> 42;
          default -> 43.5;
        };
    for (String set : sets) {
      for (String task : List.of("knn", "linear")) {
        String data = sets.size() == 1 ? label : label + "/" + set;
        run.result(task, data, value + 2 * noise(draw, drawn));
        if (!sets.contains("cifar10")) {
          run.result(task, "cifar10", value + 2 * noise(draw, drawn));
        }
      }
    }
    run.cost(4000 / chunks, 600 + 20 * noise(draw, drawn), 9e6, joint ? 0 : 9e5);
    run.with("losses", LedgerFile.losses(chunks, 5, 6.8));
    if (!joint) {
      insight(run, sets, stream, chunks, seed, draw, drawn);
      chunkEnds += chunks;
    }
  }

  private static double noise(Draw draw, int[] drawn) {
    return draw.at(drawn[0]++).uniform(-1, 1);
  }

  private Map<String, Object> settings(
      JsonNode source,
      List<String> sets,
      String stream,
      int chunks,
      String method,
      String remedy,
      int seed) {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("data", sets);
    settings.put("stream", stream);
    settings.put("chunks", chunks);
    settings.put("method", method.replace("-full", ""));
    settings.put("seed", seed);
    settings.put("weight-decay", 5e-4);
    for (int i = 0; i < 60; i++) { // a real run's line tells every setting
      settings.put("setting-" + i, i);
    }
    for (JsonNode some :
        List.of(
            study.path("settings"),
            source.path("settings"),
            study.path("methods").path(method),
            study.path("remedies").path(remedy))) {
      some.fields()
          .forEachRemaining(
              one ->
                  settings.put(
                      one.getKey(),
                      one.getValue().isNumber()
                          ? one.getValue().numberValue()
                          : one.getValue().asText()));
    }
    return settings;
  }

  private static void insight(
      LedgerFile.Run run,
      List<String> sets,
      String stream,
      int chunks,
      int seed,
      Draw draw,
      int[] drawn) {
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < chunks; i++) {
      parts.add(
          stream.equals("instance")
              ? "whole set"
              : sets.size() > 1 ? sets.get(i) : "classes of chunk " + (i + 1));
    }
    if (sets.size() > 1) {
      Collections.rotate(parts, -(seed - 1));
    }
    List<Object> forgetting = new ArrayList<>();
    for (String task : List.of("knn", "linear")) {
      double[][] accuracy = new double[chunks][chunks];
      double lost = 0;
      for (int i = 0; i < chunks; i++) {
        for (int j = 0; j < chunks; j++) {
          accuracy[i][j] = 30 + (j <= i ? 5 : 0) + 3 * noise(draw, drawn);
        }
      }
      for (int j = 0; j < chunks - 1; j++) {
        lost += (accuracy[j][j] - accuracy[chunks - 1][j]) / (chunks - 1);
      }
      forgetting.add(
          map(
              "task",
              task,
              "parts",
              parts,
              "accuracy",
              accuracy,
              "untrained",
              Collections.nCopies(chunks, 20.0),
              "average_accuracy",
              35 + noise(draw, drawn),
              "forgetting",
              lost + 1,
              "backward_transfer",
              -lost,
              "forward_transfer",
              3.0));
    }
    List<Object> health = new ArrayList<>();
    List<Object> sharpness = new ArrayList<>();
    for (int i = 0; i < chunks; i++) {
      health.add(
          map(
              "chunk",
              i,
              "effective_rank",
              50 + noise(draw, drawn),
              "alignment",
              0.28 + 0.01 * noise(draw, drawn),
              "uniformity",
              -1.2 + 0.1 * noise(draw, drawn),
              "variance",
              0.3,
              "collapsed",
              false));
      Map<String, Object> adaptive =
          map(
              "of",
              "logistic head",
              "loss",
              0.5,
              "guessing",
              1.4,
              "noise",
              5 + noise(draw, drawn),
              "box",
              20 + noise(draw, drawn),
              "largest_eigenvalue",
              3 + noise(draw, drawn),
              "trace",
              10 + noise(draw, drawn));
      sharpness.add(
          map(
              "chunk",
              i,
              "adaptive",
              adaptive,
              "images",
              512,
              "loss",
              5.0,
              "epsilon",
              1e-3,
              "keskar",
              3 + noise(draw, drawn),
              "largest_eigenvalue",
              30 + noise(draw, drawn),
              "eigenvalue_iterations",
              10,
              "trace",
              100 + noise(draw, drawn),
              "trace_standard_error",
              3.0,
              "trace_draws",
              5));
    }
    run.insight("forgetting", forgetting).insight("health", health).insight("sharpness", sharpness);
  }
}
