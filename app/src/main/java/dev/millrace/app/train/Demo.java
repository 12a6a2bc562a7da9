package dev.millrace.app.train;

import dev.millrace.app.shared.ComputingCommand;
import dev.millrace.app.shared.Exit;
import dev.millrace.app.shared.StopSignals;
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
        "Pre-trains on generated pictures, sequentially without and with replay and jointly, and compares them. Each run has one thread, and --threads says how many runs go on at a time: no accuracy depends on it.")
public final class Demo extends ComputingCommand implements Callable<Integer> {
  private static final String DEFAULT_STREAM = "class";

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
      paramLabel = "ORDER",
      description =
          "class, instance or distant: how the pictures become chunks (default: class, two classes at a time; instance is the easy one)")
  private String stream;

  @Option(
      names = "--live",
      description =
          "instead, a live run: pictures arrive for two to three minutes and change their style twice; chunks close by count and by drift, are learned, judged and served, with a page to look at")
  private boolean live;

  @Override
  public Integer call() throws IOException {
    long began = System.nanoTime();
    if (out != null && Files.exists(out)) {
      throw UsageException.of("--out", out + " exists already; choose a path that does not");
    }
    if (live && stream != null) {
      throw UsageException.of(
          "--stream",
          "is not for --live, where pictures arrive in an order of their own; leave it");
    }
    if (live) {
      refuse("--device", common.deviceGiven());
      refuse("--threads", common.threadsGiven());
      return live(began);
    }
    stream = stream == null ? DEFAULT_STREAM : stream;
    Choice.check("--stream", stream, DemoPlan.STREAMS.toArray(String[]::new));
    int atOnce = atOnce();
    Path folder =
        out == null ? Files.createTempDirectory("millrace-demo") : Files.createDirectories(out);
    StopSignals stop = StopSignals.listen();
    DemoPlan plan = DemoPlan.of(stream, seed, common.device());
    System.err.printf(
        "%d pictures of 8 textures; runs %s, %s%n",
        plan.images(),
        String.join(", ", DemoPlan.RUNS),
        atOnce == 1 ? "one after another" : atOnce + " at a time");
    try (DemoProgress progress = DemoProgress.onStderr()) {
      List<DemoRuns.Row> rows = new DemoRuns(plan, folder, progress, stop).rows(atOnce);
      progress.close();
      double seconds = Math.round((System.nanoTime() - began) * 1e-8) / 10.0;
      common.print(json(rows, seconds), table(rows, seconds, folder));
      return 0;
    } catch (DemoRuns.StoppedException e) {
      return Report.print(e.outcome(), 1, common);
    }
  }

  private static void refuse(String flag, Object given) {
    if (given != null) {
      throw UsageException.of(
          flag, given + " is not for --live, which has one thread of the processor; leave it out");
    }
  }

  private Integer live(long began) throws IOException {
    Path folder = out == null ? Files.createTempDirectory("millrace-demo").resolve("live") : out;
    StopSignals stop = StopSignals.listen();
    LiveDemo demo =
        new LiveDemo(LiveDemo.Plan.of(seed), folder, stop, words -> System.err.println(words));
    List<LiveDemo.Row> rows = demo.rows();
    double seconds = Math.round((System.nanoTime() - began) * 1e-8) / 10.0;
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("seed", seed);
    json.put("chunks", rows);
    json.put("seconds", seconds);
    if (stop.getAsBoolean()) {
      json.put("stopped", true);
      if (common.json()) {
        common.print(json, List.of());
      }
      return Exit.STOPPED;
    }
    List<String> lines = new ArrayList<>();
    lines.add(
        "chunk  pictures  closed by     styles               encoder  linear probe, all styles, %");
    for (LiveDemo.Row row : rows) {
      lines.add(
          String.format(
              Locale.ROOT,
              "%5d  %8d  %-12s  %-19s  %-7s  %5.1f",
              row.chunk(),
              row.pictures(),
              row.rule(),
              row.styles(),
              row.gate(),
              row.linear()));
    }
    lines.add(
        String.format(
            Locale.ROOT,
            "%.0f s; its page and its encoder once more: millrace serve %s",
            seconds,
            folder));
    common.print(json, lines);
    return 0;
  }

  /** Three runs of a thread fill two cores better than two and then one. */
  private int atOnce() {
    int threads = common.threads();
    boolean all = common.threadsGiven() == null && threads > 1;
    return all ? DemoPlan.RUNS.size() : Math.min(DemoPlan.RUNS.size(), threads);
  }

  private Map<String, Object> json(List<DemoRuns.Row> rows, double seconds) {
    Map<String, Object> linear = new LinkedHashMap<>();
    rows.forEach(row -> linear.put(row.name(), row.after().size() == 1 ? row.end() : row.after()));
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("stream", stream);
    json.put("seed", seed);
    json.put("linear", linear);
    json.put("other_seeds", DemoSeeds.json(stream));
    json.put("seconds", seconds);
    return json;
  }

  private List<String> table(List<DemoRuns.Row> rows, double seconds, Path folder) {
    Map<String, DemoSeeds.Spread> others = DemoSeeds.of(stream);
    List<String> lines = new ArrayList<>();
    lines.add("linear probe on test pictures, %; runs of a stream after each chunk");
    lines.add(line("", "this run, seed " + seed, others.isEmpty() ? "" : DemoSeeds.HEADING));
    for (DemoRuns.Row row : rows) {
      String after =
          row.after().stream()
              .map(value -> String.format(Locale.ROOT, "%5.1f", value))
              .collect(Collectors.joining("  "));
      DemoSeeds.Spread spread = others.get(row.name());
      lines.add(line(row.name().replace('_', ' '), after, spread == null ? "" : spread.words()));
    }
    lines.add(String.format(Locale.ROOT, "%.0f s; the runs are in %s", seconds, folder));
    return lines;
  }

  private static String line(String name, String run, String others) {
    return String.format("%-12s %-29s %s", name, run, others).stripTrailing();
  }
}
