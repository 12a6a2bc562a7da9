package dev.millrace.recipe;

import dev.millrace.learn.method.MethodSettings;
import dev.millrace.learn.method.MoCoV2;
import dev.millrace.learn.remedy.RemedySettings;
import dev.millrace.learn.run.WhenChecked;
import dev.millrace.metric.LogFormat;
import dev.millrace.refusal.Require;
import dev.millrace.refusal.UsageException;
import dev.millrace.setting.Knobs;
import dev.millrace.stream.source.Folders;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Everything that steers a pre-training run, by concern. Immutable; a value outside its range is
 * refused at once. A program changes them by type:
 *
 * <pre>{@code
 * Settings.defaults("photos/")
 *     .stream(s -> s.order(StreamOrder.CLASS).chunks(5))
 *     .method(SimClr.Settings.small().temperature(0.2))
 *     .remedies(Replay.Settings.of(0.1))
 *     .training(t -> t.epochs(50))
 * }</pre>
 *
 * @param data which pictures
 * @param stream what comes in which chunk
 * @param encoder the network
 * @param method what is learned by: the settings of one of {@link Methods#names()}
 * @param views how pictures are cut and changed
 * @param remedies against forgetting, in the order in which they act; none of strength 0
 * @param training how long and how fast
 * @param schedule of the learning rate, and what a chunk publishes
 * @param machine what computes
 * @param keeping how the run is kept and watched
 * @param history what the run notes beside what was asked for
 */
public record Settings(
    DataSettings data,
    StreamSettings stream,
    EncoderSettings encoder,
    MethodSettings method,
    ViewSettings views,
    List<RemedySettings> remedies,
    TrainingSettings training,
    ScheduleSettings schedule,
    MachineSettings machine,
    KeepingSettings keeping,
    HistorySettings history) {

  /** How a run is kept and watched: no result depends on it, and every call may change it. */
  public static final List<String> KEPT = List.of("log", "knn-every", "keep-chunks", "ranks");

  /** Up to this size of views the first layers are small by themselves. */
  private static final int SMALL = 64;

  /** Refuses what no single part can refuse. */
  public Settings {
    Methods.require(method);
    remedies = RemedyParts.ordered(remedies);
    if (method instanceof MoCoV2.Settings moco) {
      Require.flag(
          moco.bnSplits() == 1 || !training.syncBatchnorm(),
          "--sync-batchnorm",
          "true normalises over the whole batch, and --bn-splits %d keys in parts of it; leave one of them out"
              .formatted(moco.bnSplits()));
      Require.flag(
          moco.bnSplits() == 1 || 2L * moco.bnSplits() <= training.batch(),
          "--bn-splits",
          moco.bnSplits()
              + " leaves parts of fewer than 2 pictures of --batch "
              + training.batch()
              + "; expected 1 to "
              + Math.max(1, training.batch() / 2));
    }
    Require.flag(
        views.progressiveSize().size() <= training.epochs(),
        "--progressive-size",
        ViewSettings.shown(views.progressiveSize())
            + " has more sizes than the "
            + training.epochs()
            + " --epochs; expected an epoch each at least");
  }

  /** The defaults for small pictures; docs/results.md tells how they were found. */
  public static Settings defaults(String... data) {
    return new Settings(
        new DataSettings(
            data.length == 0 ? List.of("generated") : List.of(data),
            false,
            Folders.AUTO,
            0,
            0,
            0.01,
            WhenChecked.AUTO,
            0),
        new StreamSettings(StreamOrder.JOINT, 1, "", null, false, 0),
        new EncoderSettings("resnet18", 16, EncoderSettings.Stem.AUTO, 0, ""),
        MoCoV2.Settings.small(),
        new ViewSettings(32, List.of(), 0.2, ViewSettings.Blur.AUTO),
        List.of(),
        new TrainingSettings(
            12,
            64,
            0.015,
            0,
            TrainingSettings.Optimisation.SGD,
            5e-4,
            0.02,
            List.of(),
            1,
            false,
            0),
        ScheduleSettings.standard(),
        new MachineSettings(0, "cpu", MachineSettings.Arithmetic.AUTO, 1),
        new KeepingSettings(500, 10, 2, KeptChunks.ALL, List.<LogFormat>of(), 0),
        HistorySettings.none());
  }

  /** With other data. */
  public Settings data(UnaryOperator<DataSettings> change) {
    DataSettings data = change.apply(this.data);
    return new Settings(
        data, stream, encoder, method, views, remedies, training, schedule, machine, keeping,
        history);
  }

  /** With another stream. */
  public Settings stream(UnaryOperator<StreamSettings> change) {
    StreamSettings stream = change.apply(this.stream);
    return new Settings(
        data, stream, encoder, method, views, remedies, training, schedule, machine, keeping,
        history);
  }

  /**
   * With another encoder. One of another family brings its own optimiser, rate, warm-up and decay,
   * where these still are the former's defaults: change training afterwards.
   */
  public Settings encoder(UnaryOperator<EncoderSettings> change) {
    EncoderSettings encoder = change.apply(this.encoder);
    TrainingSettings training = suited(encoder, schedule);
    return new Settings(
        data, stream, encoder, method, views, remedies, training, schedule, machine, keeping,
        history);
  }

  /**
   * With another method, or the same with other settings.
   *
   * @param own the settings of a method, such as {@code MoCoV2.Settings}
   */
  public Settings method(MethodSettings own) {
    return new Settings(
        data, stream, encoder, own, views, remedies, training, schedule, machine, keeping, history);
  }

  /** With other views. */
  public Settings views(UnaryOperator<ViewSettings> change) {
    ViewSettings views = change.apply(this.views);
    return new Settings(
        data, stream, encoder, method, views, remedies, training, schedule, machine, keeping,
        history);
  }

  /**
   * With these remedies and no others.
   *
   * @param own the settings of remedies, such as {@code Replay.Settings}, at most one of each
   */
  public Settings remedies(RemedySettings... own) {
    List<RemedySettings> remedies = List.of(own);
    return new Settings(
        data, stream, encoder, method, views, remedies, training, schedule, machine, keeping,
        history);
  }

  /** With other training. */
  public Settings training(UnaryOperator<TrainingSettings> change) {
    TrainingSettings training = change.apply(this.training);
    return new Settings(
        data, stream, encoder, method, views, remedies, training, schedule, machine, keeping,
        history);
  }

  private TrainingSettings suited(EncoderSettings encoder, ScheduleSettings schedule) {
    return Knobs.with(
        training, "", UsualTraining.suited(this, encoder.name(), schedule.rule(), Map.of()));
  }

  /**
   * With another schedule of the learning rate. One under which rates fall brings twice the rate of
   * one under which they are constant, and the other way round, where the rate still is the
   * former's default: change training afterwards.
   */
  public Settings schedule(UnaryOperator<ScheduleSettings> change) {
    ScheduleSettings schedule = change.apply(this.schedule);
    TrainingSettings training = suited(encoder, schedule);
    return new Settings(
        data, stream, encoder, method, views, remedies, training, schedule, machine, keeping,
        history);
  }

  /** On another machine. */
  public Settings machine(UnaryOperator<MachineSettings> change) {
    MachineSettings machine = change.apply(this.machine);
    return new Settings(
        data, stream, encoder, method, views, remedies, training, schedule, machine, keeping,
        history);
  }

  /** Kept and watched otherwise. */
  public Settings keeping(UnaryOperator<KeepingSettings> change) {
    KeepingSettings keeping = change.apply(this.keeping);
    return new Settings(
        data, stream, encoder, method, views, remedies, training, schedule, machine, keeping,
        history);
  }

  Settings history(UnaryOperator<HistorySettings> change) {
    HistorySettings history = change.apply(this.history);
    return new Settings(
        data, stream, encoder, method, views, remedies, training, schedule, machine, keeping,
        history);
  }

  /**
   * These settings with some changed by name, as flags and files do. What is given for a method or
   * a remedy that these settings do not have is kept aside for one that has it.
   *
   * @param changes values by flag name without dashes, such as {@code "weight-decay"}
   * @throws IllegalArgumentException for a name that no setting has, or a value it cannot take
   */
  public Settings with(Map<String, ?> changes) {
    return NamedSettings.with(this, changes);
  }

  /** One setting changed by name; see {@link #with(Map)}. */
  public Settings with(String name, Object value) {
    return with(java.util.Collections.singletonMap(name, value));
  }

  /**
   * Reads a settings file over the defaults.
   *
   * @throws IOException if it cannot be read as YAML
   * @throws IllegalArgumentException for a name that no setting has, or a value it cannot take
   */
  public static Settings read(Path yaml) throws IOException {
    return read(yaml, Map.of());
  }

  /**
   * Reads a settings file over the defaults, and changes over the file.
   *
   * @param over by flag name
   * @throws IOException if it cannot be read as YAML
   * @throws IllegalArgumentException for a name that no setting has, a value it cannot take, or a
   *     setting of another method or of a remedy that is off
   */
  public static Settings read(Path yaml, Map<String, ?> over) throws IOException {
    return SettingsFile.read(yaml, over);
  }

  /**
   * The settings of a run, held to what it was made with.
   *
   * @param run its folder
   * @throws IOException if its run.yaml is damaged, or was changed in what a result depends on
   */
  public static Settings ofRun(Path run) throws IOException {
    return RunFiles.settings(run);
  }

  /** By flag name: those of every method and remedy, at their defaults where there is none. */
  public Map<String, Object> asMap() {
    return NamedSettings.all(this);
  }

  /**
   * By flag name: those of its own method and remedies, and of all else; {@code
   * defaults().with(chosen())} has them again.
   */
  public Map<String, Object> chosen() {
    return NamedSettings.chosen(this);
  }

  /** The method, as flags name it. */
  public String methodName() {
    return Methods.of(method).name();
  }

  /**
   * How these settings call a set that is typed here: one that they have keeps its word, wherever
   * it is typed, and a word that stands for another place there gives way to the place.
   */
  public String spelling(String set) {
    return Sources.spelling(this, set);
  }

  /** Where a set of these settings lay when a run took it; its word where that is not known. */
  public String place(String set) {
    return history.places().getOrDefault(set, set);
  }

  /** The share of a chunk's pictures that may fail to decode, as it is now. */
  public double badAllowed() {
    return Math.max(data.maxBad(), history.raisedMaxBad());
  }

  /**
   * These settings with a raised {@link #badAllowed}.
   *
   * @param share in 0 … 1; null changes nothing
   * @throws IllegalArgumentException if it is lower
   */
  Settings allowingBad(Double share) {
    if (share == null || share == badAllowed()) {
      return this;
    }
    if (share < badAllowed()) {
      throw UsageException.of(
          "--max-bad",
          share
              + " is below the "
              + badAllowed()
              + " that the run allows, and pictures may be left out by it already; leave it out");
    }
    return history(h -> h.raisedMaxBad(share));
  }

  /**
   * These settings as a chunk is learned.
   *
   * @param chunk counted from 0
   */
  public Settings ofChunk(int chunk) {
    return ChunkSettings.at(this, chunk);
  }

  /** Whether a 3×3 stem is used. */
  public boolean smallStem() {
    return switch (encoder.stem()) {
      case SMALL -> true;
      case IMAGENET -> false;
      case AUTO -> views.size() <= SMALL;
    };
  }
}
