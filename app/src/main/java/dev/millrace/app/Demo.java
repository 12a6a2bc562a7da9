package dev.millrace.app;

import dev.millrace.recipe.Millrace;
import dev.millrace.recipe.Probing;
import dev.millrace.recipe.Settings;
import dev.millrace.refusal.Choice;
import dev.millrace.refusal.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The main job in a few minutes, on generated pictures: no data, no network. */
@Command(
    name = "demo",
    sortOptions = false,
    description =
        "Pre-trains on generated pictures, sequentially without and with replay and jointly, and compares them.")
final class Demo extends Shared implements Callable<Integer> {
  /** Pictures to train on; with the epochs below every run makes 56 000 image passes. */
  private static final int IMAGES = 4000;

  private static final int CLASSES = 8;
  private static final int CHUNKS = 4;
  private static final int EPOCHS = 14;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "folder for the three runs; must not exist (default: a temporary one)")
  private Path out;

  @Option(
      names = "--seed",
      defaultValue = "0",
      paramLabel = "N",
      description = "seed of every draw (default: 0)")
  private long seed;

  @Option(
      names = "--stream",
      defaultValue = "instance",
      paramLabel = "ORDER",
      description =
          "instance, class or distant: how the pictures become chunks (default: instance; class is the hard one)")
  private String stream;

  /** A signal stopped a run. */
  private static final class StoppedException extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final transient Millrace.Outcome outcome;

    private StoppedException(Millrace.Outcome outcome) {
      super("stopped");
      this.outcome = outcome;
    }
  }

  @Override
  public Integer call() throws IOException {
    long began = System.nanoTime();
    if (out != null && Files.exists(out)) {
      throw UsageException.of("--out", out + " exists already; choose a path that does not");
    }
    Choice.check("--stream", stream, "instance", "class", "distant");
    Settings settings = settings();
    Path folder =
        out == null ? Files.createTempDirectory("millrace-demo") : Files.createDirectories(out);
    StopSignals stop = StopSignals.listen();
    try {
      Path sequential = train("sequential", settings, folder, stop);
      Path replay = train("replay", settings.with("replay", 0.1), folder, stop);
      Path joint =
          train("joint", settings.with(Map.of("stream", "joint", "chunks", 1)), folder, stop);
      System.err.println("judging by nearest neighbours …");
      Map<String, Object> knn = new LinkedHashMap<>();
      knn.put("raw_pixels", knn(sequential, false, false, true, stop).get(0));
      knn.put("untrained", knn(sequential, false, true, false, stop).get(0));
      knn.put("sequential", knn(sequential, true, false, false, stop));
      knn.put("replay", knn(replay, true, false, false, stop));
      knn.put("joint", knn(joint, false, false, false, stop).get(0));
      double seconds = Math.round((System.nanoTime() - began) * 1e-8) / 10.0;
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("knn", knn);
      json.put("seconds", seconds);
      common.print(json, table(knn, seconds, folder));
      return 0;
    } catch (StoppedException e) {
      return Report.print(e.outcome, common);
    }
  }

  private Settings settings() {
    Settings settings =
        Settings.defaults("generated:images=" + IMAGES + ",classes=" + CLASSES)
            .with(
                Map.of(
                    "stream",
                    stream,
                    "chunks",
                    CHUNKS,
                    "width",
                    8,
                    "size",
                    32,
                    "epochs",
                    EPOCHS,
                    "seed",
                    seed,
                    "threads",
                    common.computing()));
    return settings.with("device", common.device());
  }

  private static Path train(String name, Settings settings, Path folder, StopSignals stop)
      throws IOException {
    System.err.println("== " + name);
    try (Progress progress = Progress.onStderr()) {
      Millrace.Outcome outcome = Millrace.pretrain(settings, folder.resolve(name), progress, stop);
      if (outcome.stopped()) {
        throw new StoppedException(outcome);
      }
      return outcome.run();
    }
  }

  private List<Double> knn(
      Path run, boolean every, boolean untrained, boolean raw, StopSignals stop)
      throws IOException {
    return Probing.probe(
            run,
            new Probing.Request(
                List.of("knn"),
                List.of("generated:images=" + IMAGES + ",classes=" + CLASSES),
                null,
                every,
                0,
                common.computing(),
                common.device(),
                null,
                untrained,
                raw,
                null),
            new Probing.Listener() {
              @Override
              public boolean stop() {
                return stop.getAsBoolean();
              }
            })
        .stream()
        .map(Probing.Result::value)
        .toList();
  }

  private static List<String> table(Map<String, Object> knn, double seconds, Path folder) {
    List<String> lines = new ArrayList<>();
    lines.add("kNN accuracy on test pictures, %");
    knn.forEach(
        (name, value) ->
            lines.add(
                String.format(
                    "%-12s %s",
                    name.replace('_', ' '),
                    value instanceof List<?> chunks
                        ? chunks.stream().map(Demo::number).collect(Collectors.joining("  "))
                            + "   (after each chunk)"
                        : number(value))));
    lines.add(String.format(Locale.ROOT, "%.0f s; the runs are in %s", seconds, folder));
    return lines;
  }

  private static String number(Object value) {
    return String.format(Locale.ROOT, "%5.1f", ((Number) value).doubleValue());
  }
}
