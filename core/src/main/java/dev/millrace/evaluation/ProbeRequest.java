package dev.millrace.evaluation;

import dev.millrace.refusal.Choice;
import dev.millrace.refusal.UsageException;
import dev.millrace.stream.source.Folders;
import java.nio.file.Path;
import java.util.List;

/**
 * What to ask of a run's encoders: begin with {@link #of} and add what is to be otherwise.
 *
 * @param tasks some of {@link Probing#TASKS}
 * @param data labelled sets; empty for a suite's
 * @param encoders whom to ask
 * @param pictures which pictures of the sets, and how large
 * @param settings how the tasks are done
 * @param threads cores to use
 * @param device where to compute
 * @param features folder to export features to; or null
 */
public record ProbeRequest(
    List<String> tasks,
    List<String> data,
    Encoders encoders,
    Pictures pictures,
    TaskSettings settings,
    int threads,
    String device,
    Path features) {
  /**
   * Whom to ask. Of weights, untrained and rawPixels any may be asked for together; without one of
   * them the run's own encoders are judged.
   *
   * @param chunk the run's encoder after this chunk; null for the final one
   * @param everyChunk the run's encoders after every chunk instead
   * @param weights an encoder file instead of the run's; or null
   * @param untrained the run's net as it was before the first step instead
   * @param rawPixels no net at all: the pixels
   * @param baselines beside the run's own encoders also its untrained net and the raw pixels, for
   *     tasks on frozen features; their answers are kept and not asked again. Without effect where
   *     weights, untrained or rawPixels are asked for
   * @param momentum beside each of the run's own encoders also its momentum twin, as a row of its
   *     own
   */
  public record Encoders(
      Integer chunk,
      boolean everyChunk,
      Path weights,
      boolean untrained,
      boolean rawPixels,
      boolean baselines,
      boolean momentum) {
    /** The run's final encoder, and nothing beside it. */
    public static final Encoders FINAL =
        new Encoders(null, false, null, false, false, false, false);

    /** The run's net as it was before the first step. */
    public static final Encoders UNTRAINED =
        new Encoders(null, false, null, true, false, false, false);

    /** No net at all. */
    public static final Encoders RAW_PIXELS =
        new Encoders(null, false, null, false, true, false, false);

    /** Refuses a momentum twin of what has none. */
    public Encoders {
      baselines = baselines && weights == null && !untrained && !rawPixels;
      if (momentum && (weights != null || untrained || rawPixels)) {
        throw UsageException.of(
            "--momentum",
            "is of the run's own encoders; leave --weights, --untrained and --raw-pixels out");
      }
    }
  }

  /**
   * Which pictures, and how large.
   *
   * @param images training pictures of each set to use, chosen as pre-training chooses; 0 for all
   * @param size side of the pictures that the encoder sees, at least 8; null for the run's
   * @param layout what the folders of the sets mean, as {@code --layout} says; null for what the
   *     run says
   */
  public record Pictures(int images, Integer size, String layout) {
    /** All pictures of a set, at the run's size. */
    public static final Pictures ALL = new Pictures(0, null, null);

    /** Refuses sizes below 8. */
    public Pictures {
      if (size != null && size < 8) {
        throw UsageException.of("--size", size + " is below 8 pixels");
      }
    }
  }

  /** Refuses unknown tasks, and what a task has no use for. */
  public ProbeRequest {
    tasks = List.copyOf(tasks);
    data = List.copyOf(data);
    tasks.forEach(task -> Choice.check("--task", task, Probing.TASKS.toArray(String[]::new)));
    if (encoders.rawPixels() && tasks.contains(ProbeTasks.FINETUNE)) {
      throw UsageException.of(
          "--raw-pixels", "has no encoder for --task finetune to train; leave one of them out");
    }
    if (pictures.layout() != null
        && Folders.of(pictures.layout()) != Folders.AUTO
        && tasks.contains(DetectionTask.NAME)) {
      throw UsageException.of(
          "--layout",
          "%s: --task detection reads a set by its annotations, whose lists and files, or folders train/, val/ and test/, say the parts; leave one of them out"
              .formatted(pictures.layout()));
    }
  }

  /** kNN of the run's final encoder on these sets, by the paper's protocols, on the CPU. */
  public static ProbeRequest of(String... data) {
    return new ProbeRequest(
        List.of("knn"),
        List.of(data),
        Encoders.FINAL,
        Pictures.ALL,
        TaskSettings.paper(),
        Math.max(1, Runtime.getRuntime().availableProcessors()),
        "cpu",
        null);
  }

  /** These tasks instead. */
  public ProbeRequest withTasks(String... names) {
    return new ProbeRequest(
        List.of(names), data, encoders, pictures, settings, threads, device, features);
  }

  /** These encoders instead. */
  public ProbeRequest with(Encoders whom) {
    return new ProbeRequest(tasks, data, whom, pictures, settings, threads, device, features);
  }

  /** These pictures instead. */
  public ProbeRequest with(Pictures which) {
    return new ProbeRequest(tasks, data, encoders, which, settings, threads, device, features);
  }

  /** The tasks done so instead. */
  public ProbeRequest with(TaskSettings how) {
    return new ProbeRequest(tasks, data, encoders, pictures, how, threads, device, features);
  }

  /** On this many cores of this device instead. */
  public ProbeRequest on(int cores, String where) {
    return new ProbeRequest(tasks, data, encoders, pictures, settings, cores, where, features);
  }

  /** The run's encoders after every chunk. */
  public ProbeRequest afterEveryChunk() {
    return with(
        new Encoders(null, true, null, false, false, encoders.baselines(), encoders.momentum()));
  }

  /** The run's encoder after one chunk, counted from 0; null for the final one. */
  public ProbeRequest afterChunk(Integer chunk) {
    return with(
        new Encoders(chunk, false, null, false, false, encoders.baselines(), encoders.momentum()));
  }

  /** An encoder file instead of the run's. */
  public ProbeRequest ofWeights(Path file) {
    return with(
        new Encoders(null, false, file, encoders.untrained(), encoders.rawPixels(), false, false));
  }

  /** At most this many training pictures of each set; 0 for all. */
  public ProbeRequest withImages(int images) {
    return with(new Pictures(images, pictures.size(), pictures.layout()));
  }

  /** The features exported to a folder as well. */
  public ProbeRequest exportingTo(Path folder) {
    return new ProbeRequest(tasks, data, encoders, pictures, settings, threads, device, folder);
  }
}
