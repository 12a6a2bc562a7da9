package dev.millrace.recipe;

import dev.millrace.engine.Parameters;
import dev.millrace.engine.Precision;
import dev.millrace.learn.optim.AdamW;
import dev.millrace.learn.optim.Lars;
import dev.millrace.learn.optim.Optimiser;
import dev.millrace.learn.optim.Sgd;
import dev.millrace.learn.remedy.Replay;
import dev.millrace.learn.run.Course;
import dev.millrace.learn.run.Plan;
import dev.millrace.learn.run.ViewSchedule;
import dev.millrace.refusal.UsageException;
import dev.millrace.stream.Chunk;
import dev.millrace.stream.ChunkWords;
import dev.millrace.stream.Image;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.memory.Fifo;
import dev.millrace.stream.memory.Keep;
import dev.millrace.stream.memory.Reservoir;
import dev.millrace.stream.memory.UniformShare;
import dev.millrace.stream.memory.WithinBytes;
import dev.millrace.vision.encoder.EncoderSpec;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

/**
 * From a run's settings to those of each part; pure, so that all of them can be refused before the
 * run has a folder.
 */
public final class PartSettings {
  private static final long CACHE_BYTES = 512L << 20;

  private PartSettings() {}

  /**
   * Refuses, without a trace on disk, what would fail later: a mended command can use the same
   * {@code --out}.
   *
   * @throws IllegalArgumentException naming the flag and the mend
   * @throws IOException if a chunk cannot be opened
   */
  static void check(Settings settings, RunChunks chunks) throws IOException {
    checkWithoutData(settings);
    for (int c = 0; c < chunks.count(); c++) {
      plan(settings.ofChunk(c), c);
      MachineChoice.device(settings.ofChunk(c)).require();
    }
    Sharing.check(settings, chunks.count());
    MethodPart<?> method = Methods.of(settings);
    method.check(settings, chunks);
    if (method.labels()) {
      HeadSetting.check(settings, chunks);
      requireLabels(chunks);
    } else if (settings.method().queue() > 0) {
      requireMemory(settings.method().queue(), settings.method().dim());
    }
  }

  /**
   * Refuses, as a run begins, what fails whatever the data are.
   *
   * @throws IllegalArgumentException naming the flag and the mend
   */
  public static void checkWithoutData(Settings settings) {
    views(settings);
    OwnClasses.check(settings);
    Courses.check(settings);
    encoder(settings);
    RemedyParts.check(settings);
    sgd(settings);
  }

  /** The queue's first keys are drawn in Java, so they have to fit its heap. */
  private static void requireMemory(int queue, int dim) {
    double needed = 4.0 * queue * dim / (1 << 30);
    double heap = Runtime.getRuntime().maxMemory() / (double) (1 << 30);
    if (needed > heap / 2 || (long) queue * dim > Integer.MAX_VALUE - 8) {
      throw UsageException.of(
          "--queue",
          String.format(
              Locale.ROOT,
              "%d of --dim %d is %.1f GiB, more than half of the Java heap of %.1f GiB; give a smaller --queue, or a larger heap by MILLRACE_JAVA_OPTIONS=-Xmx…g",
              queue,
              dim,
              needed,
              heap));
    }
  }

  private static void requireLabels(RunChunks chunks) throws IOException {
    for (int c = 0; c < chunks.count(); c++) {
      requireLabels(c, chunks.open(c));
    }
  }

  /** Refuses a chunk of which a method that learns from labels would learn pictures without one. */
  static void requireLabels(int c, Chunk chunk) {
    ImageSet set = chunk.images();
    int without = 0;
    for (int i = 0; i < set.size(); i++) {
      without += set.image(i).label() == Image.NONE ? 1 : 0;
    }
    if (without > 0) {
      throw UsageException.ofWord(
          "%d of the %d pictures of %s have no label; a supervised --method needs CLASS/image folders throughout"
              .formatted(without, set.size(), ChunkWords.of(c, chunk.name())));
    }
  }

  public static boolean supervised(Settings settings) {
    return Methods.of(settings).labels();
  }

  static Sgd.Settings sgd(Settings settings) {
    return new Sgd.Settings(0.9, settings.training().weightDecay());
  }

  /** What trains these weights; the caller closes it. */
  static Optimiser optimiser(Settings settings, Parameters weights) {
    Sgd.Settings sgd = sgd(settings);
    return switch (settings.training().optimiser()) {
      case SGD -> new Sgd(sgd, weights, Methods.of(settings).decays());
      case ADAMW ->
          new AdamW(
              adamW(settings.training().adamwBetas(), sgd.weightDecay()),
              weights,
              Optimiser.LAYERS);
      case LARS ->
          new Lars(
              new Lars.Settings(sgd.momentum(), sgd.weightDecay(), settings.training().etaLars()),
              weights,
              Optimiser.LAYERS);
    };
  }

  private static AdamW.Settings adamW(List<Double> betas, double weightDecay) {
    return betas.isEmpty()
        ? AdamW.Settings.standard(weightDecay)
        : AdamW.Settings.standard(weightDecay).betas(betas.get(0), betas.get(1));
  }

  /** These settings as a run keeps them: nothing is left for another machine to decide. */
  public static Settings resolved(Settings settings) {
    return MachineChoice.resolved(settings);
  }

  /** The arithmetic of forward passes: the fastest of the device where settings leave it open. */
  public static Precision precision(Settings settings) {
    return MachineChoice.precision(settings);
  }

  /** The net that settings describe. */
  public static EncoderSpec encoder(Settings settings) {
    return Encoders.spec(settings);
  }

  /** What replay keeps; null for none. */
  static Keep keep(Replay.Settings settings) {
    if (!settings.on()) {
      return null;
    }
    if (settings.memory() == Replay.Policy.MINRED) {
      return new UniformShare(1); // the memory learns which pictures stay
    }
    Keep keep = counted(settings);
    return settings.memoryBytes() > 0 ? new WithinBytes(keep, settings.memoryBytes()) : keep;
  }

  private static Keep counted(Replay.Settings settings) {
    if (settings.share() > 0) {
      return new UniformShare(settings.share());
    }
    int images = settings.memoryImages() > 0 ? settings.memoryImages() : Integer.MAX_VALUE;
    return settings.memory() == Replay.Policy.FIFO ? new Fifo(images) : new Reservoir(images);
  }

  /** The views of each chunk's epochs. */
  public static ViewSchedule views(Settings settings) {
    return Augmentations.schedule(settings);
  }

  /** How a chunk is learned in a run of these settings, as far as it depends on no other. */
  static Plan plan(Settings settings, int chunk) {
    return plan(settings, chunk, new Course.Restart());
  }

  /**
   * How a chunk is learned.
   *
   * @param settings as they are of that chunk
   * @param chunk counted from 0
   * @param course how its rate goes
   */
  static Plan plan(Settings settings, int chunk, Course course) {
    return new Plan(
        settings.stream().seed(),
        settings.training().epochs(),
        settings.training().epochImages(),
        settings.training().batch(),
        settings.training().normParts(),
        settings.training().syncBatchnorm(),
        settings.training().lr(),
        warmup(settings, chunk, course),
        course,
        RemedyParts.replay(settings).draw(),
        settings.badAllowed(),
        settings.keeping().checkpointSteps(),
        settings.keeping().checkpointMinutes() * 60,
        MachineChoice.viewWorkers(settings),
        MachineChoice.threads(settings),
        Math.min(CACHE_BYTES, Runtime.getRuntime().maxMemory() / 4),
        settings.data().check(),
        settings.data().shuffleBuffer());
  }

  /** Of a schedule that warms up once, a later chunk is the first if all before were skipped. */
  private static double warmup(Settings settings, int chunk, Course course) {
    if (course instanceof Course.Restart) {
      return HeadSetting.warmup(settings, chunk);
    }
    TrainingSettings own = settings.training();
    return chunk == 0 ? own.warmup() : Math.min(own.warmup(), own.epochs() / 2.0);
  }
}
