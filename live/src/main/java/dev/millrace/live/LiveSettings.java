package dev.millrace.live;

import static dev.millrace.file.Yaml.YAML;

import com.fasterxml.jackson.core.JacksonException;
import dev.millrace.file.AtomicFiles;
import dev.millrace.recipe.PartSettings;
import dev.millrace.recipe.RemedyParts;
import dev.millrace.recipe.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * What is given at the first start of a live run and kept in its live.yaml. Immutable.
 *
 * @param sources their words, as {@code --source} has them
 * @param close the rules by which a chunk closes, as {@code --close} has them
 * @param ingest how pictures are taken in
 * @param pretrain how chunks are learned, by flag name; what is not there is at its default, but
 *     for the schedule and its rate, which are always there
 * @param gate how encoders are judged, in the words of whoever judges
 * @param vectors what becomes of kept vectors when another encoder is served, in the words of
 *     whoever does it
 * @param retention how long learned chunks are kept; another may be given at every start
 */
public record LiveSettings(
    List<String> sources,
    String close,
    IngestSettings ingest,
    Map<String, Object> pretrain,
    Map<String, Object> gate,
    Map<String, Object> vectors,
    Retention retention) {
  /** What in {@link #gate} says what follows where an encoder is worse. */
  public static final String ON_FAIL = "on-fail";

  /** {@link #ON_FAIL}: what was learned is taken back, and its chunk is set aside. */
  public static final String REVERT = "revert";

  /** The line of the file that says how to read it. */
  private static final int VERSION = 1;

  private record File(int version, LiveSettings settings) {}

  /** What a live run decides itself. */
  private static final List<String> OWN = List.of("data", "stream", "chunks");

  /** What an older version did not name where nobody gave it. */
  private static final List<String> SCHEDULED = List.of("schedule", "publish", "lr");

  /** Copies what is given; refuses what a live run decides itself, and what no setting takes. */
  public LiveSettings {
    sources = List.copyOf(sources);
    pretrain = new LinkedHashMap<>(pretrain);
    gate = gate == null ? Map.of() : new LinkedHashMap<>(gate);
    vectors = vectors == null ? Map.of() : new LinkedHashMap<>(vectors);
    retention = retention == null ? Retention.ALL : retention;
    for (String own : OWN) {
      if (pretrain.containsKey(own)) {
        throw dev.millrace.refusal.UsageException.of(
            "--" + own,
            "is not for a live run: its data are what arrives, each closed chunk one of a given stream; leave it out");
      }
    }
    RemedyParts.requireWired(Settings.defaults().with(pretrain));
  }

  /** Refuses, as a live run begins, what none could learn by, before a picture is taken in. */
  LiveSettings begun() {
    Map<String, Object> given = new LinkedHashMap<>(pretrain);
    given.put("stream", "given");
    PartSettings.checkWithoutData(Settings.defaults().with(given));
    return this;
  }

  /** With the schedule and its rate by name, so that no later default moves under a run. */
  static Map<String, Object> scheduled(Map<String, Object> pretrain) {
    Map<String, Object> named = new LinkedHashMap<>(pretrain);
    Map<String, Object> all = Settings.defaults().with(pretrain).asMap();
    SCHEDULED.forEach(name -> named.putIfAbsent(name, all.get(name)));
    return named;
  }

  /** What an older version meant by what it did not name. */
  private LiveSettings asBegun() {
    if (pretrain.keySet().containsAll(SCHEDULED)) {
      return this;
    }
    Map<String, Object> named = new LinkedHashMap<>(pretrain);
    named.put("schedule", "restart"); // whose rate was that of all schedules
    named.putIfAbsent("lr", Settings.defaults().with(named).asMap().get("lr"));
    named.putAll(pretrain);
    named.putIfAbsent("publish", "branch");
    return new LiveSettings(sources, close, ingest, named, gate, vectors, retention);
  }

  /** Whether the run goes back to where it was before a chunk whose encoder is worse. */
  public boolean reverts() {
    return REVERT.equals(gate.get(ON_FAIL));
  }

  /** How chunks are learned, of which the first lies here. */
  public Settings pretraining(Path chunk) {
    Map<String, Object> given = new LinkedHashMap<>(pretrain);
    given.put("stream", "given");
    given.put("data", List.of(chunk.toString().replace(",", "\\,")));
    Settings settings = Settings.defaults().with(given);
    return settings.data(data -> data.sets(chunk.toString()));
  }

  /**
   * Reads a live run's settings.
   *
   * @throws IllegalArgumentException if there is no live run
   * @throws IOException if they are damaged
   */
  public static LiveSettings read(LiveFolder folder) throws IOException {
    Path file = folder.require().settings();
    try {
      File read = YAML.readValue(file.toFile(), File.class);
      if (read.version() != VERSION || read.settings() == null) {
        throw new IOException(
            "%s is of version %d, and this Millrace reads %d; take the Millrace that wrote it"
                .formatted(file, read.version(), VERSION));
      }
      return read.settings().asBegun();
    } catch (JacksonException e) {
      throw new IOException(
          "%s cannot be read: %s; bring it back as it was".formatted(file, e.getOriginalMessage()),
          e);
    }
  }

  /** Writes them to a live run. */
  public void write(LiveFolder folder) throws IOException {
    AtomicFiles.write(folder.settings(), YAML.writeValueAsBytes(new File(VERSION, this)));
  }

  /**
   * In which parts these differ from others, as a sentence has them; empty for none. How chunks are
   * learned differs in what the others name.
   */
  public String difference(LiveSettings other) {
    TreeSet<String> names = new TreeSet<>();
    if (!close.equals(other.close)) {
      names.add("--close " + other.close + ", expected " + close);
    }
    if (!ingest.equals(other.ingest)) {
      names.add("how pictures are taken in: " + other.ingest + ", expected " + ingest);
    }
    Map<String, Object> all = Settings.defaults().with(pretrain).asMap();
    for (String flag : other.pretrain.keySet()) {
      String is = String.valueOf(other.pretrain.get(flag));
      String was = String.valueOf(pretrain.getOrDefault(flag, all.get(flag)));
      if (!is.equals(was)) {
        names.add("--" + flag + " " + is + ", expected " + was);
      }
    }
    return String.join("; ", names);
  }
}
