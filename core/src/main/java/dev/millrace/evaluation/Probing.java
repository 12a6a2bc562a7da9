package dev.millrace.evaluation;

import dev.millrace.engine.Compute;
import dev.millrace.engine.NativeCall;
import dev.millrace.learn.run.RunFolder;
import dev.millrace.recipe.Settings;
import dev.millrace.refusal.UsageException;
import dev.millrace.stream.source.Catalogue;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Judges the encoders of a run on labelled sets, one by one or a suite of them, and keeps the
 * answers in its {@code probes.jsonl}. Thread-safe; calls side by side share the process's native
 * thread count, and answers are appended whole, whoever else appends to the log.
 */
public final class Probing {
  /** The tasks there are. */
  public static final List<String> TASKS =
      Stream.concat(ProbeTasks.ALL.stream(), Stream.of(DetectionTask.NAME)).toList();

  /** What a suite asks of every set, where nothing else is asked for. */
  public static final List<String> SUITE_TASKS = Suite.TASKS;

  /** Training pictures of a set that a suite uses, where nothing else is asked for. */
  public static final int SUITE_IMAGES = Suite.IMAGES;

  private static final Logger LOG = LoggerFactory.getLogger(Probing.class);

  private Probing() {}

  /**
   * Asks, and appends the answers to the run's log.
   *
   * @throws IllegalArgumentException if the run lacks the encoder, or a set lacks labels, classes
   *     or a test part
   * @throws IOException if a file cannot be read
   */
  public static List<ProbeResult> probe(Path run, ProbeRequest request) throws IOException {
    return probe(run, request, new ProbeListener() {});
  }

  /** Like {@link #probe(Path, ProbeRequest)}, reporting how it goes on. */
  public static List<ProbeResult> probe(Path run, ProbeRequest request, ProbeListener listener)
      throws IOException {
    return probe(run, request, Catalogue.standard(), listener);
  }

  /**
   * Like {@link #probe(Path, ProbeRequest, ProbeListener)}, but what the run's log has already, of
   * the same encoder, set and settings, is not asked again.
   */
  public static List<ProbeResult> complete(Path run, ProbeRequest request, ProbeListener listener)
      throws IOException {
    return probe(run, request, Catalogue.standard(), listener, null, false);
  }

  /**
   * Like {@link #complete(Path, ProbeRequest, ProbeListener)}; what untrained nets and raw pixels
   * answer is asked once for several runs.
   *
   * @param shared file of what they answered, for runs that are probed with as many threads; made
   *     where it is not there
   */
  public static List<ProbeResult> complete(
      Path run, ProbeRequest request, ProbeListener listener, Path shared) throws IOException {
    return complete(run, request, Catalogue.standard(), listener, shared);
  }

  /**
   * Like {@link #complete(Path, ProbeRequest, ProbeListener, Path)}.
   *
   * @param catalogue opens the sets, and those of the program's own
   * @param shared null where nothing is shared
   */
  public static List<ProbeResult> complete(
      Path run, ProbeRequest request, Catalogue catalogue, ProbeListener listener, Path shared)
      throws IOException {
    return probe(run, request, catalogue, listener, shared, false);
  }

  /**
   * Like {@link #probe(Path, ProbeRequest, ProbeListener)}.
   *
   * @param catalogue opens the sets, and those of the program's own
   */
  public static List<ProbeResult> probe(
      Path run, ProbeRequest request, Catalogue catalogue, ProbeListener listener)
      throws IOException {
    return probe(run, request, catalogue, listener, null, true);
  }

  private static List<ProbeResult> probe(
      Path run,
      ProbeRequest request,
      Catalogue catalogue,
      ProbeListener listener,
      Path shared,
      boolean again)
      throws IOException {
    return NativeCall.run(
        call ->
            judge(
                run,
                request,
                catalogue,
                call.reporting(ProbeListener.class, listener),
                shared,
                again));
  }

  private static List<ProbeResult> judge(
      Path run,
      ProbeRequest request,
      Catalogue catalogue,
      ProbeListener listener,
      Path shared,
      boolean again)
      throws IOException {
    RunFolder.of(run).require();
    if (request.data().isEmpty()) {
      throw UsageException.of("--data", "names no set to probe on");
    }
    Settings settings = Settings.ofRun(run);
    List<ProbedEncoder> encoders = ProbedEncoder.of(run, settings, request);
    List<Examination.Kind> kinds = Examination.Kind.of(request.tasks());
    if (kinds.contains(Examination.Kind.BOXES)) {
      DetectionTask.requireNets(settings, ProbedEncoder.asked(encoders, request));
    }
    Compute.begin(request.threads(), request.device());
    ProbeLog answers = shared == null ? ProbeLog.of(run) : ProbeLog.of(run, shared);
    ProbeCall call = new ProbeCall(run, settings, request, catalogue, answers, listener);
    List<ProbeResult> results = new ArrayList<>();
    for (Examination.Kind kind : kinds) {
      for (String data : request.data()) {
        Examination examination = kind.open(call, data);
        for (ProbedEncoder encoder : encoders) {
          if (examination.judges(encoder)) {
            examination.ask(
                encoder,
                again && !encoder.baseline(request),
                given -> {
                  results.addAll(given.results());
                  report(listener, encoder.shown(settings), given);
                });
          }
        }
      }
    }
    return results;
  }

  private static void report(ProbeListener listener, String encoder, ProbeLog.Given given) {
    given.results().stream()
        .filter(Examination::shown)
        .forEach(result -> listener.answered(result, encoder, given.seconds(), given.kept()));
  }

  /**
   * Judges on every set of a suite. What the run's log has already, of the same encoder and by the
   * same settings, is not asked again; every answer is kept as soon as it is there.
   *
   * @param request without data and features; 0 images means all here as well
   * @throws IllegalArgumentException for an unknown suite, or where {@link #probe} refuses
   * @throws IOException if a file cannot be read
   */
  public static SuiteOutcome suite(
      Path run, String suite, ProbeRequest request, ProbeListener listener) throws IOException {
    return suite(run, Suite.named(suite), request, Catalogue.standard(), listener);
  }

  static SuiteOutcome suite(
      Path run, Suite suite, ProbeRequest request, Catalogue catalogue, ProbeListener listener)
      throws IOException {
    RunFolder.of(run).require();
    if (!request.data().isEmpty() || request.features() != null) {
      throw UsageException.of(
          "--suite",
          suite.name()
              + " brings its own sets and exports no features; leave --data and --features out");
    }
    Settings settings = Settings.ofRun(run);
    return NativeCall.run(
        call -> {
          SuiteRun judged =
              new SuiteRun(
                  new ProbeCall(
                      run,
                      settings,
                      request,
                      catalogue,
                      ProbeLog.of(run),
                      call.reporting(ProbeListener.class, listener)),
                  suite);
          Compute.begin(request.threads(), request.device());
          return judged.go();
        });
  }
}
