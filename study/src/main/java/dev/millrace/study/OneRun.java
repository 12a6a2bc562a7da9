package dev.millrace.study;

import static dev.millrace.file.Json.JSON;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.evaluation.ProbeListener;
import dev.millrace.evaluation.ProbeRequest;
import dev.millrace.evaluation.ProbeResult;
import dev.millrace.evaluation.ProbeTasks;
import dev.millrace.evaluation.Probing;
import dev.millrace.file.AtomicFiles;
import dev.millrace.file.LockFile;
import dev.millrace.file.Trees;
import dev.millrace.learn.run.RunEvent;
import dev.millrace.learn.run.RunFolder;
import dev.millrace.recipe.LossCurve;
import dev.millrace.recipe.Methods;
import dev.millrace.recipe.Millrace;
import dev.millrace.recipe.Settings;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/**
 * The work of one process of a study: trains a run, or continues it, puts its questions, and leaves
 * the answer in a file. Whatever part is there already is not made again.
 */
public final class OneRun {
  /** How long an earlier process of a killed study may take to end. */
  private static final long WAIT_NANOS = 120_000_000_000L;

  /** Of the metrics of detection, those that a study compares. */
  private static final List<String> DETECTION = List.of("ap", "ap50", "ap75");

  private static final long LOOK_MILLIS = 100;

  private final Job job;
  private final BooleanSupplier stop;
  private final Told told;
  private final Path run;

  private OneRun(Job job, BooleanSupplier stop, PrintStream progress) {
    this.job = job;
    this.stop = stop;
    told = new Told(progress);
    run = Path.of(job.run());
  }

  /**
   * Does a job.
   *
   * @param stop asked often, by several threads; true ends the work at a checkpoint
   * @param progress told how it goes, a line of JSON each time
   * @return whether it is done; false if a stop was requested
   * @throws IOException if something cannot be read or written, or another process does not let go
   */
  public static boolean work(Job job, BooleanSupplier stop, PrintStream progress)
      throws IOException {
    if (job.kind().equals(Job.TIME)) {
      Timing.measure(job, progress);
      return true;
    }
    OneRun one = new OneRun(job, stop, progress);
    try (FileChannel channel =
        FileChannel.open(job.lock(), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      one.lock(channel);
      if (Files.exists(Path.of(job.result()))) {
        return true; // an earlier process, whose study was killed, got there
      }
      JsonNode result = job.kind().equals(Job.COMPARE) ? one.compare() : one.run();
      AtomicFiles.write(Path.of(job.result()), JSON.writeValueAsBytes(result));
      return true;
    } catch (CancellationException stopped) {
      return false;
    }
  }

  private void lock(FileChannel channel) throws IOException {
    long until = System.nanoTime() + WAIT_NANOS;
    while (true) {
      if (LockFile.hold(channel)) {
        return;
      }
      if (System.nanoTime() > until) {
        throw new IOException(
            "another process is still working on "
                + run
                + "; wait for it or stop it, then run the study again");
      }
      check();
      told.phase("waiting for an earlier process to end");
      try {
        Thread.sleep(LOOK_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted while waiting for " + run, e);
      }
    }
  }

  private void check() {
    if (stop.getAsBoolean()) {
      throw new CancellationException("stopped");
    }
  }

  private JsonNode run() throws IOException {
    Settings settings = Settings.defaults().with(job.settings());
    CostLog costs = new CostLog(run, settings.stream().order().atOnce());
    train(settings, costs);
    check();
    ObjectNode result = JSON.createObjectNode();
    costs.phase("probe");
    result.set("results", probe(NetAsked.TRAINED));
    if (settings.stream().order().atOnce() && !Methods.labels(settings.methodName())) {
      ObjectNode baselines = result.putObject("baselines");
      baselines.set("untrained", probe(NetAsked.UNTRAINED));
      baselines.set("raw", probe(NetAsked.RAW));
    }
    result.set("losses", JSON.valueToTree(LossCurve.of(run)));
    CostLog.tellLooks(run, result);
    check();
    costs.phase("insight");
    result.set("insight", RunInsights.of(run, settings.stream().chunks(), job, told, stop));
    costs.flush(null);
    result.set("cost", CostLog.sum(run));
    Settings made = Settings.ofRun(run);
    StudyMethods.tellHead(made, result);
    // What trained the encoder: a run that is resumed keeps its own, whatever the study has by now.
    result.set("machine", Machine.json(made.machine().threads(), made.machine().device()));
    result.put("finished", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    return result;
  }

  /** What cannot tell is resumed, which mends it. */
  private boolean finished(RunFolder folder) throws IOException {
    int chunks = Settings.ofRun(run).stream().chunks();
    try {
      return folder.finished(chunks);
    } catch (IOException damaged) {
      return false; // resume says so and writes it again
    }
  }

  private void train(Settings settings, CostLog costs) throws IOException {
    RunFolder folder = RunFolder.of(run);
    if (folder.isRun() && finished(folder)) {
      return;
    }
    RunEvent.Listener listener =
        event -> {
          costs.on(event);
          told.on(event);
        };
    Millrace.Outcome outcome;
    if (folder.isRun()) {
      outcome = Millrace.resume(run, listener, stop);
    } else {
      if (Files.exists(folder.encoder())) {
        folder.require(); // a run that lost its settings is mended, not trained anew
      }
      Trees.delete(run); // of a process that was killed before its run had settings
      outcome = Millrace.pretrain(settings, run, listener, stop);
    }
    if (outcome.stopped()) {
      costs.flush(null);
      throw new CancellationException("stopped while training");
    }
    costs.kept();
  }

  /** Who is asked: the run's encoder, the same before the first step, or the pixels. */
  private enum NetAsked {
    TRAINED,
    UNTRAINED,
    RAW
  }

  /** Joint runs ask for all methods and streams what a set's pictures tell without training. */
  private ArrayNode probe(NetAsked net) throws IOException {
    RunFolder.of(run).require();
    List<String> own = Settings.ofRun(run).data().sets();
    ArrayNode results = JSON.createArrayNode();
    Set<String> asked = new LinkedHashSet<>();
    for (Question question : job.questions()) {
      for (String set : question.sets(own)) {
        // The untrained net and pixels are asked all but what trains.
        List<String> asks =
            net == NetAsked.TRAINED ? question.tasks() : ProbeTasks.frozen(question.tasks());
        List<String> tasks = asks.stream().filter(task -> asked.add(task + " " + set)).toList();
        if (tasks.isEmpty()) {
          continue; // a set that is the run's own as well
        }
        for (ProbeResult result :
            Probing.complete(run, request(question, tasks, set, net), told, job.answers())) {
          if (!result.task().equals("detection") || DETECTION.contains(result.metric())) {
            results.add(json(result, Question.label(job.data(), own, set)));
          }
        }
      }
    }
    return results;
  }

  private ProbeRequest request(Question question, List<String> tasks, String set, NetAsked net) {
    ProbeRequest.Encoders encoders =
        switch (net) {
          case TRAINED -> ProbeRequest.Encoders.FINAL;
          case UNTRAINED -> ProbeRequest.Encoders.UNTRAINED;
          case RAW -> ProbeRequest.Encoders.RAW_PIXELS;
        };
    return ProbeRequest.of(set)
        .withTasks(tasks.toArray(String[]::new))
        .with(encoders)
        .withImages(question.images())
        .on(job.threads(), job.device());
  }

  private static ObjectNode json(ProbeResult result, String data) {
    ObjectNode json = JSON.createObjectNode();
    json.put("task", result.task()).put("data", data).put("split", result.split());
    json.put("chunk", result.chunk()).put("shots", result.shots());
    json.put("metric", result.metric().replace('_', '-'));
    json.put("value", result.value()).put("ci95", result.ci95());
    json.put("ci95_over", result.task().equals("few-shot") ? "episodes" : "pictures");
    json.put("lambda", result.lambda());
    json.put("k", result.conditions() == null ? null : result.conditions().k());
    return json;
  }

  private JsonNode compare() throws IOException {
    ObjectNode result = JSON.createObjectNode();
    result.set("cka", RunInsights.compare(run, Path.of(job.reference()), job, told, stop));
    return result;
  }

  /** Progress as lines of JSON: what is being done, and how much of it lies behind. */
  final class Told implements RunEvent.Listener, ProbeListener {
    private static final long EVERY = 300_000_000L;

    private final PrintStream to;
    private RunEvent.ChunkOpened open;
    private long toldAt;
    private String said = "";
    private long passes;
    private long passesAt;

    Told(PrintStream to) {
      this.to = to;
    }

    /** A new phase, in a person's words. */
    void phase(String words) {
      if (!words.equals(said)) {
        said = words;
        tell("doing", words);
      }
    }

    @Override
    public void on(RunEvent event) {
      if (event instanceof RunEvent.ChunkOpened opened) {
        open = opened;
        passesAt = System.nanoTime();
        passes = 0;
        phase("chunk %d of %d".formatted(opened.chunk().index() + 1, opened.chunks()));
      } else if (event instanceof RunEvent.Stepped step) {
        stepped(step);
      } else if (event instanceof RunEvent.HealthChecked health && health.collapsed()) {
        tell(
            "alarm",
            String.format(
                Locale.ROOT,
                "features have collapsed %s, in chunk %d, epoch %d",
                health.collapse(),
                health.chunk() + 1,
                health.epoch() + 1));
      }
    }

    private void tell(String field, String words) {
      to.println(JSON.createObjectNode().put(field, words));
      to.flush();
      System.err.println(words);
    }

    private void stepped(RunEvent.Stepped step) {
      passes += step.pictures();
      long now = System.nanoTime();
      if (now - toldAt < EVERY) {
        return;
      }
      toldAt = now;
      long total = (long) open.epochs() * open.stepsPerEpoch();
      long made = (long) step.position().epoch() * open.stepsPerEpoch() + step.position().step();
      double part = step.position().chunk() > step.chunk() ? 1 : (double) made / total;
      ObjectNode line = JSON.createObjectNode();
      line.put("doing", said);
      line.put("trained", (step.chunk() + part) / open.chunks());
      line.put("images_per_s", passes / ((now - passesAt) * 1e-9));
      to.println(line);
      to.flush();
    }

    @Override
    public void extracted(String encoder, String data, int pictures, double seconds) {
      System.err.printf(
          Locale.ROOT, "features of %d pictures of %s in %.1f s%n", pictures, data, seconds);
      phase("probing on " + data);
    }

    @Override
    public void answered(ProbeResult result, String encoder, double seconds, boolean kept) {
      System.err.printf(
          Locale.ROOT,
          "%s on %s: %.2f (%s)%n",
          result.task(),
          result.data(),
          result.value(),
          kept ? "kept" : String.format(Locale.ROOT, "%.1f s", seconds));
    }

    @Override
    public boolean stop() {
      return stop.getAsBoolean();
    }
  }
}
