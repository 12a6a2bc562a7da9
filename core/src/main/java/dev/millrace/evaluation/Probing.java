package dev.millrace.evaluation;

import dev.millrace.engine.Compute;
import dev.millrace.engine.NativeCall;
import dev.millrace.learn.run.RunFolder;
import dev.millrace.probe.Division;
import dev.millrace.recipe.PartSettings;
import dev.millrace.recipe.Settings;
import dev.millrace.recipe.Sources;
import dev.millrace.refusal.Choice;
import dev.millrace.refusal.UsageException;
import dev.millrace.stream.source.Catalogue;
import dev.millrace.stream.source.DataSet;
import dev.millrace.stream.source.Folders;
import dev.millrace.stream.source.Need;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Judges the encoders of a run on labelled sets, one by one or a suite of them, and keeps the
 * answers in its {@code probes.jsonl}.
 */
public final class Probing {
  /** The tasks there are. */
  public static final List<String> TASKS =
      Stream.concat(ProbeTasks.ALL.stream(), Stream.of(DetectionTask.NAME)).toList();

  /** What a suite asks of every set, where nothing else is asked for. */
  public static final List<String> SUITE_TASKS = Suite.TASKS;

  /** Training pictures of a set that a suite uses, where nothing else is asked for. */
  public static final int SUITE_IMAGES = Suite.IMAGES;

  /**
   * What to ask. Of weights, untrained and rawPixels any may be asked for together; without one of
   * them the run's own encoders are judged.
   *
   * @param tasks some of {@link #TASKS}
   * @param data labelled sets; empty for a suite's
   * @param chunk the encoder after this chunk; null for the final one
   * @param everyChunk the encoders after every chunk instead
   * @param images training pictures of each set to use, chosen as pre-training chooses; 0 for all
   * @param threads cores to use
   * @param device where to compute
   * @param weights an encoder file instead of the run's; or null
   * @param untrained the run's net as it was before the first step instead
   * @param rawPixels no net at all: the pixels
   * @param size side of the pictures that the encoder sees, at least 8; null for the run's
   * @param settings how the tasks are done
   * @param features folder to export features to; or null
   * @param layout what the folders of the sets mean, as {@code --layout} says; null for what the
   *     run says
   * @param baselines beside the run's own encoders also its untrained net and the raw pixels, for
   *     tasks on frozen features; their answers are kept and not asked again. Without effect where
   *     weights, untrained or rawPixels are asked for
   * @param momentum beside each of the run's own encoders also its momentum twin, as a row of its
   *     own
   */
  public record Request(
      List<String> tasks,
      List<String> data,
      Integer chunk,
      boolean everyChunk,
      int images,
      int threads,
      String device,
      Path weights,
      boolean untrained,
      boolean rawPixels,
      Integer size,
      TaskSettings settings,
      Path features,
      String layout,
      boolean baselines,
      boolean momentum) {
    /** Refuses unknown tasks, tasks that raw pixels cannot do, and sizes below 8. */
    public Request {
      tasks = List.copyOf(tasks);
      data = List.copyOf(data);
      tasks.forEach(task -> Choice.check("--task", task, TASKS.toArray(String[]::new)));
      if (rawPixels && tasks.contains(ProbeTasks.FINETUNE)) {
        throw UsageException.of(
            "--raw-pixels", "has no encoder for --task finetune to train; leave one of them out");
      }
      if (size != null && size < 8) {
        throw UsageException.of("--size", size + " is below 8 pixels");
      }
      if (layout != null
          && Folders.of(layout) != Folders.AUTO
          && tasks.contains(DetectionTask.NAME)) {
        throw UsageException.of(
            "--layout",
            "%s: --task detection reads a set by its annotations, whose lists and files, or folders train/, val/ and test/, say the parts; leave one of them out"
                .formatted(layout));
      }
      baselines = baselines && weights == null && !untrained && !rawPixels;
      if (momentum && (weights != null || untrained || rawPixels)) {
        throw UsageException.of(
            "--momentum",
            "is of the run's own encoders; leave --weights, --untrained and --raw-pixels out");
      }
    }

    /** The same without momentum twins. */
    public Request(
        List<String> tasks,
        List<String> data,
        Integer chunk,
        boolean everyChunk,
        int images,
        int threads,
        String device,
        Path weights,
        boolean untrained,
        boolean rawPixels,
        Integer size,
        TaskSettings settings,
        Path features,
        String layout,
        boolean baselines) {
      this(
          tasks,
          data,
          chunk,
          everyChunk,
          images,
          threads,
          device,
          weights,
          untrained,
          rawPixels,
          size,
          settings,
          features,
          layout,
          baselines,
          false);
    }

    /** The same without baselines. */
    public Request(
        List<String> tasks,
        List<String> data,
        Integer chunk,
        boolean everyChunk,
        int images,
        int threads,
        String device,
        Path weights,
        boolean untrained,
        boolean rawPixels,
        Integer size,
        TaskSettings settings,
        Path features,
        String layout) {
      this(
          tasks,
          data,
          chunk,
          everyChunk,
          images,
          threads,
          device,
          weights,
          untrained,
          rawPixels,
          size,
          settings,
          features,
          layout,
          false);
    }

    /** The same by the paper's protocols, without export, folders meaning what the run says. */
    public Request(
        List<String> tasks,
        List<String> data,
        Integer chunk,
        boolean everyChunk,
        int images,
        int threads,
        String device,
        Path weights,
        boolean untrained,
        boolean rawPixels,
        Integer size) {
      this(
          tasks,
          data,
          chunk,
          everyChunk,
          images,
          threads,
          device,
          weights,
          untrained,
          rawPixels,
          size,
          TaskSettings.paper(),
          null,
          null);
    }

    /** kNN of the final encoder on these sets, on the CPU. */
    public static Request of(String... data) {
      return new Request(
          List.of("knn"),
          List.of(data),
          null,
          false,
          0,
          Math.max(1, Runtime.getRuntime().availableProcessors()),
          "cpu",
          null,
          false,
          false,
          null);
    }
  }

  /**
   * One answer.
   *
   * @param task what was asked
   * @param data the set, with {@code /DOMAIN} behind it for one domain of a suite's
   * @param split what the value is of: {@code test}; of a set without a test part {@code held-out},
   *     a fifth of each class, or for few-shot {@code all}; {@code left-out} for all of a domain
   *     that was not learned from
   * @param chunk the encoder after this chunk; null when it is none of a chunk
   * @param shots for few-shot tasks
   * @param metric {@code top1} or {@code mean_per_class}
   * @param value percent
   * @param ci95 half the 95 % interval, percent, where there is one
   * @param encoder {@code pretrained}, {@code momentum}, {@code untrained}, {@code raw-pixels}, or
   *     the file as given
   * @param lambda the regulariser that the linear probe picked; null for other tasks
   * @param conditions on how many pictures and by which settings; null for kept answers of older
   *     versions
   */
  public record Result(
      String task,
      String data,
      String split,
      Integer chunk,
      Integer shots,
      String metric,
      double value,
      Double ci95,
      String encoder,
      Double lambda,
      Conditions conditions) {
    /** Whether it is of the comparisons that {@link Request#baselines} adds. */
    public boolean ofBaseline() {
      return encoder.equals(ProbedEncoder.UNTRAINED) || encoder.equals(ProbedEncoder.RAW_PIXELS);
    }

    /**
     * Whether the value is above another by more than the 95 % error of the difference of both; the
     * errors are taken as independent, which for the same pictures is careful.
     */
    public boolean beats(Result other) {
      double error = Math.hypot(ci95 == null ? 0 : ci95, other.ci95 == null ? 0 : other.ci95);
      return value > other.value + error;
    }

    Result with(Conditions found) {
      return new Result(
          task, data, split, chunk, shots, metric, value, ci95, encoder, lambda, found);
    }
  }

  /**
   * How a suite ended.
   *
   * @param results the answers, of this call and kept ones, in the order of the sets
   * @param table all encoders that are known beside each other
   * @param missing sets that were not judged, with the reason
   */
  public record SuiteOutcome(List<Result> results, SuiteTable table, Map<String, String> missing) {
    /** Makes list and map immutable. */
    public SuiteOutcome {
      results = List.copyOf(results);
      missing = Collections.unmodifiableMap(new LinkedHashMap<>(missing));
    }
  }

  /** Told how probing goes on, by the calling thread. */
  public interface Listener {
    /** A suite has come to a set. */
    default void set(int number, int of, String data) {}

    /** Features of a part of a set were taken. */
    default void extracted(String encoder, String data, int pictures, double seconds) {}

    /** A question was answered, or its answer was kept from an earlier call. */
    default void answered(Result result, String encoder, double seconds, boolean kept) {}

    /** A suite's set cannot be judged. */
    default void missing(String data, String why) {}

    /**
     * Asked often, by a thread of the call; true ends the call by a {@link
     * java.util.concurrent.CancellationException}, as does an interrupt of the caller, whose flag
     * stays set, or the end of the process. Answers that are kept stay.
     */
    default boolean stop() {
      return false;
    }
  }

  private static final Logger LOG = LoggerFactory.getLogger(Probing.class);

  private Probing() {}

  /**
   * Asks, and appends the answers to the run's log.
   *
   * @throws IllegalArgumentException if the run lacks the encoder, or a set lacks labels, classes
   *     or a test part
   * @throws IOException if a file cannot be read
   */
  public static List<Result> probe(Path run, Request request) throws IOException {
    return probe(run, request, new Listener() {});
  }

  /** As {@link #probe(Path, Request)}, telling how it goes on. */
  public static List<Result> probe(Path run, Request request, Listener listener)
      throws IOException {
    return probe(run, request, Catalogue.standard(), listener);
  }

  /**
   * As {@link #probe(Path, Request, Listener)}, but what the run's log has already, of the same
   * encoder, set and settings, is not asked again.
   */
  public static List<Result> complete(Path run, Request request, Listener listener)
      throws IOException {
    return probe(run, request, Catalogue.standard(), listener, false);
  }

  /**
   * As {@link #probe(Path, Request, Listener)}.
   *
   * @param catalogue opens the sets, and those of the program's own
   */
  public static List<Result> probe(
      Path run, Request request, Catalogue catalogue, Listener listener) throws IOException {
    return probe(run, request, catalogue, listener, true);
  }

  private static List<Result> probe(
      Path run, Request request, Catalogue catalogue, Listener listener, boolean again)
      throws IOException {
    return NativeCall.run(
        call -> judge(run, request, catalogue, call.reporting(Listener.class, listener), again));
  }

  private static List<Result> judge(
      Path run, Request request, Catalogue catalogue, Listener listener, boolean again)
      throws IOException {
    RunFolder.of(run).require();
    if (request.data().isEmpty()) {
      throw UsageException.of("--data", "names no set to probe on");
    }
    Settings settings = Settings.ofRun(run);
    List<ProbedEncoder> encoders = ProbedEncoder.of(run, settings, request);
    List<String> tasks =
        request.tasks().stream().filter(task -> !task.equals(DetectionTask.NAME)).toList();
    boolean detection = tasks.size() < request.tasks().size();
    if (detection) {
      DetectionTask.requireNets(settings, ProbedEncoder.asked(encoders, request));
    }
    Compute.begin(request.threads(), request.device());
    Answers answers = Answers.of(run);
    List<Result> results = new ArrayList<>();
    for (String name : tasks.isEmpty() ? List.<String>of() : request.data()) {
      Sources sources = new Sources(settings, run, request.layout());
      DataSet set = sources.open(catalogue, name, Need.LABELS);
      Division division = Division.whole(name, set, request.images());
      tasks.forEach(task -> ProbeTasks.of(task).require(division));
      if (tasks.stream().anyMatch(task -> ProbeTasks.of(task).judgedOnAPart())) {
        division.reportHeldOut();
        tasks.forEach(task -> ProbeTasks.of(task).report(request.settings(), division));
        warnOfLabels(settings, name, division);
      }
      String fingerprint = Answers.data(set);
      for (ProbedEncoder encoder : encoders) {
        boolean asked = !encoder.baseline(request);
        List<Result> own = new ArrayList<>();
        try (Judge judge = new Judge(settings, request, encoder, listener)) {
          for (String task : encoder.tasks(tasks, request)) {
            Answers.Given given =
                answers.ask(
                    Answers.question(settings, request, fingerprint, division, task),
                    encoder,
                    again && asked,
                    () -> ProbeTasks.of(task).judge(judge, division));
            for (Result result : given.results()) {
              listener.answered(result, encoder.shown(settings), given.seconds(), given.kept());
            }
            own.addAll(given.results());
          }
          if (request.features() != null && asked) {
            FeatureFiles.write(request.features(), judge, division, own);
          }
        }
        results.addAll(own);
      }
    }
    for (String name : detection ? request.data() : List.<String>of()) {
      DetectionTask task = DetectionTask.on(run, settings, request, answers, catalogue, name);
      for (ProbedEncoder encoder : ProbedEncoder.asked(encoders, request)) {
        results.addAll(task.ask(encoder, again, listener::stop).results());
      }
    }
    return results;
  }

  /** Labels that a supervised run learned from judge it too kindly. */
  private static void warnOfLabels(Settings settings, String name, Division division) {
    boolean own =
        settings.data().sets().contains(name) || settings.history().extensions().contains(name);
    if (division.heldOut() && own && PartSettings.supervised(settings)) {
      LOG.warn(
          "{}: the encoder learned from the labels of the pictures that are held out, too; judge it on a set that it has not seen",
          name);
    }
  }

  /**
   * Judges on every set of a suite. What the run's log has already, of the same encoder and by the
   * same settings, is not asked again; every answer is kept as soon as it is there.
   *
   * @param request without data and features; 0 images means all here as well
   * @throws IllegalArgumentException for an unknown suite, or where {@link #probe} refuses
   * @throws IOException if a file cannot be read
   */
  public static SuiteOutcome suite(Path run, String suite, Request request, Listener listener)
      throws IOException {
    return suite(run, Suite.named(suite), request, Catalogue.standard(), listener);
  }

  static SuiteOutcome suite(
      Path run, Suite suite, Request request, Catalogue catalogue, Listener listener)
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
                  run,
                  settings,
                  request,
                  suite,
                  catalogue,
                  call.reporting(Listener.class, listener));
          Compute.begin(request.threads(), request.device());
          return judged.go();
        });
  }
}
