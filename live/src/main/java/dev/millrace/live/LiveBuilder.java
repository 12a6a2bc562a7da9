package dev.millrace.live;

import dev.millrace.live.learn.Learner;
import dev.millrace.live.source.Source;
import dev.millrace.recipe.Settings;
import dev.millrace.refusal.UsageException;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * How a live run is to be started. What is not said is as it was at the first start, or at its
 * default at that. Not thread-safe.
 */
public final class LiveBuilder {
  private final LiveFolder folder;
  private final List<String> words = new ArrayList<>();
  private final List<Source> sources = new ArrayList<>();
  private final Map<String, Supplier<CloseRule>> closeRules = new HashMap<>();
  private String close;
  private IngestSettings ingest;
  private Map<String, Object> pretrain;
  private Map<String, Object> gate;
  private Map<String, Object> vectors;
  private Retention retention;
  private boolean untilIdle;
  private boolean recordGaps;
  private LiveEvent.Listener listener = event -> {};
  private InstantSource clock = Live.systemClock();
  private Candidate.Taker taker;
  private Learner learner;

  LiveBuilder(LiveFolder folder) {
    this.folder = folder;
  }

  /** A source by its words, such as {@code folder:incoming/}; there may be several. */
  public LiveBuilder source(String source) {
    words.add(source);
    return this;
  }

  /** A source of the program's own, which it hands in at every start; the live run closes it. */
  public LiveBuilder source(Source source) {
    sources.add(source);
    return this;
  }

  /** The rules by which a chunk closes, such as {@code count=500,time=6h}. */
  public LiveBuilder close(String rules) {
    close = rules;
    return this;
  }

  /**
   * A further rule that {@link #close} may name.
   *
   * @param name small letters, digits and hyphens
   * @throws IllegalArgumentException for a name that is none, or is a rule's already
   */
  public LiveBuilder closeRule(String name, Supplier<CloseRule> rule) {
    if (!name.matches("[a-z][a-z0-9-]*")) {
      throw UsageException.of(
          "--close", name + " is no name of a rule; give small letters, digits and hyphens");
    }
    if (CloseRule.KNOWN.containsKey(name) || closeRules.containsKey(name)) {
      throw UsageException.of(
          "--close", name + " is the name of another rule; give this one a name of its own");
    }
    closeRules.put(name, rule);
    return this;
  }

  /** How pictures are taken in. */
  public LiveBuilder ingest(IngestSettings settings) {
    ingest = settings;
    return this;
  }

  /** How chunks are learned; data and stream are the live run's. */
  public LiveBuilder pretrain(Settings settings) {
    Map<String, Object> chosen = new LinkedHashMap<>(settings.chosen());
    chosen.keySet().removeAll(List.of("data", "stream", "chunks"));
    return pretrain(chosen);
  }

  /** How chunks are learned, by flag name; what is not there is at its default. */
  public LiveBuilder pretrain(Map<String, Object> flags) {
    pretrain = flags;
    return this;
  }

  /** How encoders are judged, in the words of whoever takes candidates; kept in live.yaml. */
  public LiveBuilder gate(Map<String, Object> settings) {
    gate = settings;
    return this;
  }

  /**
   * What becomes of kept vectors when another encoder is served, in the words of whoever does it;
   * kept in live.yaml. Without it as at the last start, and first as that one's defaults are.
   */
  public LiveBuilder vectors(Map<String, Object> settings) {
    vectors = settings;
    return this;
  }

  /** How long learned chunks are kept; without it as at the last start, and first for ever. */
  public LiveBuilder retention(Retention keeps) {
    retention = keeps;
    return this;
  }

  /** Who takes candidates; without one, each is served as it comes. */
  public LiveBuilder taker(Candidate.Taker candidates) {
    taker = candidates;
    return this;
  }

  /** Ends when every source is drained and all closed chunks are learned. */
  public LiveBuilder untilIdle(boolean ends) {
    untilIdle = ends;
    return this;
  }

  /**
   * Whether sources by words go on where their pictures are gone, and the account keeps the gap;
   * without it they end by name. Not kept.
   */
  public LiveBuilder recordGaps(boolean goesOn) {
    recordGaps = goesOn;
    return this;
  }

  /** Who hears of events, on threads of the live run. */
  public LiveBuilder listener(LiveEvent.Listener events) {
    listener = events;
    return this;
  }

  /** What says what time it is. */
  public LiveBuilder clock(InstantSource time) {
    clock = time;
    return this;
  }

  /** Who learns instead of a process; the live run closes it. */
  public LiveBuilder learner(Learner learns) {
    learner = learns;
    return this;
  }

  /**
   * Starts; returns when the run is open and its threads are at work.
   *
   * @throws IllegalArgumentException if a setting differs from what is kept, another process has
   *     the run, or something given makes no sense
   * @throws IOException if the run's files cannot be used
   */
  public Live start() throws IOException {
    return new Live(this, settings());
  }

  private LiveSettings settings() throws IOException {
    if (!folder.isLive()) {
      if (dev.millrace.learn.run.RunFolder.of(folder.root()).isRun()) {
        folder.require();
      }
      if (words.isEmpty() && sources.isEmpty()) {
        throw UsageException.of("--source", "is missing: give folder:PATH");
      }
      return new LiveSettings(
              words,
              close == null ? CloseRule.STANDARD : close,
              ingest == null ? IngestSettings.standard() : ingest,
              LiveSettings.scheduled(pretrain == null ? Map.of() : pretrain),
              gate,
              vectors,
              retention)
          .begun();
    }
    LiveSettings kept = LiveSettings.read(folder);
    LiveSettings given =
        new LiveSettings(
            words.isEmpty() ? kept.sources() : words,
            close == null ? kept.close() : close,
            ingest == null ? kept.ingest() : ingest,
            over(kept.pretrain(), pretrain),
            gate == null ? kept.gate() : gate,
            vectors == null ? kept.vectors() : vectors,
            retention == null ? kept.retention() : retention);
    String difference = kept.difference(given);
    if (!difference.isEmpty()) {
      throw UsageException.ofWord(
          "%s keeps what it was first started with: %s; leave out what differs, or give a new RUN"
              .formatted(folder.root(), difference));
    }
    return given;
  }

  /** What is given anew, over what is kept. */
  private static Map<String, Object> over(Map<String, Object> kept, Map<String, Object> given) {
    Map<String, Object> all = new HashMap<>(kept);
    if (given != null) {
      all.putAll(given);
    }
    return all;
  }

  LiveFolder folder() {
    return folder;
  }

  List<Source> sources() {
    return sources;
  }

  Map<String, Supplier<CloseRule>> closeRules() {
    return closeRules;
  }

  boolean untilIdle() {
    return untilIdle;
  }

  boolean recordGaps() {
    return recordGaps;
  }

  LiveEvent.Listener listener() {
    return listener;
  }

  InstantSource clock() {
    return clock;
  }

  Candidate.Taker taker() {
    return taker == null ? new ServeEach(clock) : taker;
  }

  Learner learner() {
    return learner;
  }
}
