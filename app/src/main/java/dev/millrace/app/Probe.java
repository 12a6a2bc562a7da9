package dev.millrace.app;

import dev.millrace.learn.run.RunDirectory;
import dev.millrace.recipe.DetectionProbing;
import dev.millrace.recipe.Probing;
import dev.millrace.recipe.Settings;
import dev.millrace.stream.source.Choice;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Says how good a run's encoder is, by downstream tasks on frozen features. */
@Command(
    name = "probe",
    sortOptions = false,
    description = "Judges a run's frozen encoder by downstream tasks.")
final class Probe extends Shared implements Callable<Integer> {
  private static final String DETECTION = "detection";

  @Parameters(paramLabel = "RUN", description = "folder of the run")
  private Path run;

  @Option(
      names = "--task",
      split = ",",
      defaultValue = "knn",
      paramLabel = "TASK",
      description = "knn, linear, detection; with commas between (default: knn)")
  private List<String> tasks;

  @Option(
      names = "--data",
      paramLabel = "SET[,SET…]",
      description = "sets to judge on (default: those of the run)")
  private String data;

  @Option(
      names = "--chunk",
      paramLabel = "I|all",
      description =
          "the encoder after chunk I, counted from 0, or after each (default: the final one)")
  private String chunk;

  @Option(
      names = "--weights",
      paramLabel = "FILE",
      description = "judge these weights instead, a .safetensors file of the run's architecture")
  private Path weights;

  @Option(names = "--untrained", description = "judge the run's encoder before any training")
  private boolean untrained;

  @Option(
      names = "--raw-pixels",
      description = "judge the pictures' raw pixels, without an encoder")
  private boolean rawPixels;

  @Option(
      names = "--size",
      paramLabel = "PX",
      description = "side of the pictures, at least 8 pixels (default: the run's)")
  private Integer size;

  @Option(
      names = "--images",
      defaultValue = "0",
      paramLabel = "N",
      description = "training pictures to use, chosen by the seed (default: all)")
  private int images;

  @Option(
      names = "--seed",
      paramLabel = "S",
      description = "of a task's draws (default: the run's)")
  private Long seed;

  @Mixin private DetectionFlags detection;

  @Override
  public Integer call() throws IOException {
    for (String task : tasks) {
      Choice.check("--task", task, "knn", "linear", DETECTION);
    }
    if (images < 0) {
      throw new IllegalArgumentException("--images " + images + " is below 0; 0 means all");
    }
    List<String> frozen = tasks.stream().filter(task -> !task.equals(DETECTION)).toList();
    Probing.Request request =
        new Probing.Request(
            frozen,
            data == null ? setsOfTheRun() : SetNames.split(data),
            chunk(),
            "all".equals(chunk),
            images,
            common.threads(),
            common.device() == null ? "cpu" : common.device(),
            weights,
            untrained,
            rawPixels,
            size);
    // What is wrong with a flag is said before the first task begins.
    DetectionProbing.Options options = tasks.contains(DETECTION) ? detection.options(seed()) : null;
    List<Probing.Result> results = new ArrayList<>();
    if (!frozen.isEmpty()) {
      results.addAll(Probing.probe(run, request));
    }
    if (options != null) {
      results.addAll(DetectionProbing.probe(run, request, options));
    }
    common.print(Map.of("results", results.stream().map(Probe::json).toList()), table(results));
    return 0;
  }

  private long seed() throws IOException {
    if (seed != null) {
      return seed;
    }
    RunDirectory.require(run);
    return Settings.read(run.resolve("run.yaml")).seed();
  }

  private List<String> setsOfTheRun() throws IOException {
    RunDirectory.require(run);
    return Settings.read(run.resolve("run.yaml")).data();
  }

  private Integer chunk() {
    if (chunk == null || chunk.equals("all")) {
      return null;
    }
    if (!chunk.matches("\\d{1,9}")) {
      throw new IllegalArgumentException(
          "--chunk " + chunk + " is neither a number, counted from 0, nor `all`");
    }
    return Integer.valueOf(chunk);
  }

  private static Map<String, Object> json(Probing.Result result) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("task", result.task());
    json.put("data", result.data());
    json.put("split", result.split());
    json.put("chunk", result.chunk());
    json.put("shots", result.shots());
    json.put("metric", result.metric());
    json.put("value", result.value());
    json.put("ci95", result.ci95());
    return json;
  }

  private static String table(List<Probing.Result> results) {
    List<String> lines = new ArrayList<>();
    lines.add(
        String.format(
            "%-10s %-24s %-8s %-7s %-16s %s", "task", "data", "split", "chunk", "metric", "value"));
    for (Probing.Result result : results) {
      lines.add(
          String.format(
              Locale.ROOT,
              "%-10s %-24s %-8s %-7s %-16s %.2f%s",
              result.task(),
              result.data(),
              result.split(),
              result.chunk() == null ? "-" : result.chunk().toString(),
              result.metric(),
              result.value(),
              result.ci95() == null ? "" : String.format(Locale.ROOT, " ± %.2f", result.ci95())));
    }
    return String.join(System.lineSeparator(), lines);
  }
}
