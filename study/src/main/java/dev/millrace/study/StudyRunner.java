package dev.millrace.study;

import static dev.millrace.file.Json.JSON;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.file.Reason;
import dev.millrace.launch.Launcher;
import dev.millrace.recipe.Sources;
import dev.millrace.recipe.Versions;
import dev.millrace.stream.source.Catalogue;
import dev.millrace.study.record.Ledger;
import dev.millrace.terminal.Say;
import dev.millrace.terminal.Window;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Makes the runs of a study that its ledger does not have yet, several processes side by side, and
 * writes each to the ledger when it ends. Use it once; {@link #go} from one thread.
 */
public final class StudyRunner {
  /**
   * How a study's call ended.
   *
   * @param planned runs of the study
   * @param done those that the ledger has
   * @param failed those that failed, each tried twice
   * @param failedComparisons comparisons with joint training that failed, each tried twice
   * @param blocked runs that were not made, since a set that they need is not here
   * @param missing those sets, with the reason
   * @param stopped whether a stop was requested before the end
   */
  public record Outcome(
      int planned,
      int done,
      int failed,
      int failedComparisons,
      int blocked,
      Map<String, String> missing,
      boolean stopped) {}

  /**
   * How runs are made.
   *
   * @param jobs processes side by side
   * @param threads of each
   * @param device of each
   */
  public record Means(int jobs, int threads, String device) {}

  private static final int ATTEMPTS = 2;
  private static final long LOOK_MILLIS = 100;

  private final StudyFile study;
  private final StudyFolder folder;
  private final Ledger ledger;
  private final Means means;
  private final Launcher launcher;
  private final BooleanSupplier stop;
  private final ProgressBoard board;
  private final TimeEstimates estimates;
  private final WorkQueue queue;
  private final Map<Work, RunProcess> processes = new HashMap<>();
  private final Map<Work, Double> trained = new HashMap<>();
  private BlockedRuns blocked = BlockedRuns.NONE;
  private volatile Throwable broken;

  /** Of all runs: digests of their settings are too slow to be made again with every line. */
  private final List<String> ids;

  /** Of all comparisons. */
  private final List<String> comparisons;

  /**
   * @param folder locked; the caller closes it and the ledger
   * @param launcher starts the processes; the caller closes it
   * @param stop asked again and again; true stops every process at a checkpoint
   * @param to where the board goes
   * @param terminal whether that is one
   */
  public StudyRunner(
      StudyFile study,
      StudyFolder folder,
      Ledger ledger,
      Means means,
      Launcher launcher,
      BooleanSupplier stop,
      PrintStream to,
      boolean terminal)
      throws IOException {
    this.study = study;
    this.folder = folder;
    this.ledger = ledger;
    this.means = means;
    this.launcher = launcher;
    this.stop = stop;
    ids = study.runs().stream().map(PlannedRun::id).toList();
    comparisons = study.comparisons(ids);
    queue = new WorkQueue(study, folder, ledger);
    board = new ProgressBoard(to, terminal, Window.of(to), study.name(), study.runs().size());
    estimates =
        new TimeEstimates(ledger, study.runs(), Machine.json(means.threads(), means.device()));
  }

  /**
   * Works until everything is done or failed, or a stop was requested. A set that is not here holds
   * up the runs that need it and no others.
   *
   * @throws IOException if every run that is left needs a set that is not here
   */
  public Outcome go() throws IOException {
    List<PlannedRun> left = queue.waiting();
    Refusals.require(left, folder.root());
    Map<String, String> missing = SetSizes.missing(left);
    blocked = new BlockedRuns(queue.block(missing.keySet()), missing);
    boolean none = blocked.runs().size() == left.size() && queue.comparisons() == 0;
    if (!left.isEmpty() && none) {
      throw new IOException(
          "sets that the %d runs left need are not here, so none was started: %s"
              .formatted(left.size(), String.join("; ", missing.values())));
    }
    blocked.lines().forEach(board::say);
    UnplannedRuns.lines(study, ledger.records()).forEach(board::say);
    UnequalQueues.lines(study).forEach(board::say);
    counted();
    List<Thread> workers = new ArrayList<>();
    for (int i = 0; i < means.jobs(); i++) {
      Thread worker = new Thread(this::work, "study-" + i);
      worker.start();
      workers.add(worker);
    }
    try {
      watch(workers);
    } finally {
      board.close();
    }
    if (broken instanceof IOException e) {
      throw new IOException(Reason.whole(e), e);
    }
    if (broken != null) {
      throw new IllegalStateException("a study's thread failed: " + broken, broken);
    }
    if (!stop.getAsBoolean()) {
      queue.skipped().forEach(board::say);
      blocked.lines().forEach(board::say);
    }
    return outcome(stop.getAsBoolean());
  }

  private void watch(List<Thread> workers) {
    while (workers.stream().anyMatch(Thread::isAlive)) {
      board.tick();
      synchronized (this) {
        if (stop.getAsBoolean()) {
          processes.values().forEach(RunProcess::stop);
        }
      }
      try {
        TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while a study was going on", e);
      }
    }
  }

  private void work() {
    try {
      for (Work next = queue.take(this::ending); next != null; next = queue.take(this::ending)) {
        try {
          perform(next);
        } finally {
          synchronized (this) {
            trained.remove(next);
          }
          queue.ended();
          counted();
        }
      }
    } catch (IOException | RuntimeException | Error e) {
      synchronized (this) {
        broken = e;
        processes.values().forEach(RunProcess::stop);
      }
    }
  }

  private boolean ending() {
    return stop.getAsBoolean() || broken != null;
  }

  private void perform(Work work) throws IOException {
    long began = System.nanoTime();
    String error = "";
    Path result = folder.result(work.id());
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      RunProcess process = Files.exists(result) ? null : start(work);
      int code = process == null ? 0 : await(work, process);
      if (code == 0 && Files.exists(result)) {
        finish(work, attempt, result, (System.nanoTime() - began) * 1e-9);
        return;
      }
      if (ending()) {
        return;
      }
      error = process == null ? "exit code " + code : process.failure(code);
      board.say(
          (attempt < ATTEMPTS ? "failed, is tried again: " : "failed: ") + work.shown(),
          error.indent(4).lines().toArray(String[]::new));
    }
    ledger.append(work.line(ATTEMPTS, error));
  }

  private RunProcess start(Work work) throws IOException {
    Path file = folder.job(work.id());
    work.job(means, folder).write(file);
    board.started(work.shown());
    synchronized (this) {
      RunProcess process =
          RunProcess.start(
              launcher,
              work.run().name(),
              file.toAbsolutePath(),
              new Sources(work.run().settings(), null).located(Catalogue.standard()),
              folder.result(work.id()).toAbsolutePath(),
              folder.log(work.run().name()).toAbsolutePath());
      processes.put(work, process);
      return process;
    }
  }

  private int await(Work work, RunProcess process) throws IOException {
    try {
      return process.await(line -> told(work, line));
    } finally {
      synchronized (this) {
        processes.remove(work);
      }
      board.ended(work.shown());
    }
  }

  private void told(Work work, JsonNode line) {
    if (line.has("images_per_s") && !estimates.timed(work.run())) {
      estimates.time(work.run(), line);
    }
    if (line.has("alarm")) {
      board.say(work.shown() + ": " + line.path("alarm").asText());
      return;
    }
    if (line.has("trained")) {
      synchronized (this) {
        trained.put(work, line.path("trained").asDouble());
      }
    }
    board.progress(work.shown(), line);
    counted();
  }

  private void finish(Work work, int attempts, Path result, double seconds) throws IOException {
    ObjectNode line = work.line(attempts, null);
    line.setAll((ObjectNode) JSON.readTree(result.toFile()));
    line.put("version", Versions.millrace());
    ledger.append(line);
    if (work.comparison()) {
      estimates.compared(seconds);
    } else {
      estimates.learn(work.run(), line);
    }
    counted();
    board.say("done in %s: %s".formatted(Say.time(seconds), work.shown()));
  }

  private void counted() {
    Outcome now = outcome(false);
    board.counts(now.done(), now.failed(), timeLeft());
  }

  private Outcome outcome(boolean stopped) {
    int done = (int) ids.stream().filter(ledger::done).count();
    int failed = (int) ids.stream().filter(ledger::failed).count();
    int failedComparisons = (int) comparisons.stream().filter(ledger::failed).count();
    return new Outcome(
        study.runs().size(),
        done,
        failed,
        failedComparisons,
        blocked.runs().size(),
        blocked.missing(),
        stopped);
  }

  private TimeLeft timeLeft() {
    double sum = 0;
    boolean whole = true;
    int comparisons = queue.comparisons();
    synchronized (this) {
      for (Work work : processes.keySet()) {
        if (work.comparison()) {
          comparisons++;
          continue;
        }
        TimeEstimates.Seconds all = estimates.of(work.run());
        whole &= all != null && all.measured();
        if (all != null) {
          sum += all.total() - all.train() * trained.getOrDefault(work, 0.0);
        }
      }
    }
    List<PlannedRun> waiting = queue.waiting();
    Double waits = estimates.together(waiting);
    if (waits == null) {
      return TimeLeft.unknown();
    }
    whole &= waiting.stream().allMatch(run -> estimates.of(run).measured());
    Double comparison = estimates.comparison();
    whole &= comparisons == 0 || comparison != null;
    sum += waits + (comparison == null ? 0 : comparisons * comparison);
    return new TimeLeft(sum / means.jobs(), whole);
  }
}
