package dev.millrace.live.gate;

import static dev.millrace.file.Json.JSON;
import static dev.millrace.file.Yaml.YAML;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.type.TypeReference;
import dev.millrace.file.AppendLog;
import dev.millrace.file.AtomicFiles;
import dev.millrace.file.Sha256;
import dev.millrace.learn.run.RunFolder;
import dev.millrace.live.encoder.Verdict;
import dev.millrace.recipe.Methods;
import dev.millrace.recipe.Settings;
import dev.millrace.recipe.Sources;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.source.Catalogue;
import dev.millrace.stream.source.DataSet;
import dev.millrace.stream.source.Need;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The gate's judges for an ordinary run: whether what it learned last made its encoder worse. Set
 * before the learning, with the encoder to compare with, it outlives a kill; judged once, when the
 * run is finished. Takes nothing away: the run goes on from what it learned, and where that is
 * worse the encoder of before is kept beside. Without labels it judges by pictures that neither
 * encoder has learned (test parts of the run's sets), else by those of sets that both have learned,
 * neither of them last, else only by whether the features are alive. Used by one thread.
 *
 * @param run the run's folder
 * @param settings how it is judged
 */
public record Guard(Path run, GateSettings settings) {
  private static final String SETTINGS = "guard.yaml";

  /**
   * What a guard found.
   *
   * @param judgement in words and numbers
   * @param before the encoder it was compared with; null where it is not kept, since the new one is
   *     not worse
   */
  public record Found(Judgement judgement, Path before) {
    /** Whether the new encoder is worse. */
    public boolean worse() {
      return judgement.verdict() == Verdict.FAIL;
    }
  }

  /**
   * Refuses a judge that there is not, before anything is learned.
   *
   * @throws IllegalArgumentException if there is no such set, or it has too few test pictures
   * @throws IOException if it cannot be read
   */
  public static void check(GateSettings settings, Catalogue catalogue) throws IOException {
    if (!settings.judge().equals(GateSettings.SELF)) {
      LabelledJudge.of(settings, catalogue, 1);
    }
  }

  /**
   * Sets a guard, in place of one that was set before.
   *
   * @param before file of the encoder to compare with, which is copied
   */
  public static Guard set(Path run, GateSettings settings, Path before) throws IOException {
    Guard guard = new Guard(run, settings);
    AtomicFiles.copy(before, guard.before());
    AtomicFiles.write(guard.file(), YAML.writeValueAsBytes(settings.asMap()));
    return guard;
  }

  /**
   * The guard that is set in a run.
   *
   * @return null for none, or where it has judged already
   * @throws IOException if it cannot be read
   */
  public static Guard of(Path run) throws IOException {
    Path file = new Guard(run, GateSettings.of(GateSettings.SELF)).file();
    if (!Files.exists(file)) {
      return null;
    }
    try {
      Map<String, Object> kept =
          YAML.readValue(Files.readAllBytes(file), new TypeReference<Map<String, Object>>() {});
      return new Guard(run, GateSettings.of(kept));
    } catch (JacksonException | IllegalArgumentException e) {
      throw new IOException(
          "%s is damaged: %s; delete it, and judge by `millrace probe`"
              .formatted(file, e.getMessage()),
          e);
    }
  }

  private Path before() {
    return RunFolder.of(run).guard().resolve(RunFolder.ENCODER);
  }

  private Path file() {
    return RunFolder.of(run).guard().resolve(SETTINGS);
  }

  /** Takes the guard back, where nothing was learned. What earlier guards kept stays. */
  public void withdraw() throws IOException {
    Files.deleteIfExists(file());
    Files.deleteIfExists(before());
    Path folder = RunFolder.of(run).guard();
    try (Stream<Path> left = Files.list(folder)) {
      if (left.findAny().isEmpty()) {
        Files.delete(folder);
      }
    }
  }

  /**
   * Judges the run's finished encoder, and notes what was found in guard.jsonl.
   *
   * @param clock says when
   * @throws IOException if an encoder or pictures cannot be read; it can be asked again
   */
  public Found judge(Catalogue catalogue, InstantSource clock) throws IOException {
    RunFolder folder = RunFolder.of(run);
    Settings learned = Settings.ofRun(run);
    Judge judge =
        settings.judge().equals(GateSettings.SELF)
            ? self(learned, catalogue)
            : LabelledJudge.of(settings, catalogue, Math.max(1, learned.machine().threads()));
    Judgement judgement = judge.of(before(), folder.encoder());
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("at", clock.instant().toString());
    line.put("chunks", learned.stream().chunks());
    line.put("before_sha256", Sha256.of(before()));
    line.put("encoder_sha256", Sha256.of(folder.encoder()));
    line.put("judge", settings.judge());
    line.put("verdict", judgement.verdict().word());
    line.put("reasons", judgement.reasons());
    line.put("numbers", judgement.numbers());
    AppendLog.add(folder.guardLog(), JSON.writeValueAsString(line) + "\n");
    Path kept = null;
    if (judgement.verdict() == Verdict.FAIL) {
      kept = before().resolveSibling("before-" + learned.stream().chunks() + ".safetensors");
      AtomicFiles.move(before(), kept);
    }
    withdraw();
    return new Found(judgement, kept);
  }

  private Judge self(Settings learned, Catalogue catalogue) throws IOException {
    List<String> extensions = learned.history().extensions();
    Set<String> words = new LinkedHashSet<>(learned.data().sets());
    words.addAll(extensions);
    Map<String, DataSet> sets = new LinkedHashMap<>();
    Sources sources = new Sources(learned, run);
    for (String word : words) {
      try {
        sets.put(word, sources.open(catalogue, word, Need.PICTURES));
      } catch (IOException | IllegalArgumentException e) {
        // The source of a past chunk may be gone; others may do.
      }
    }
    List<ImageSet> pictures = new ArrayList<>();
    for (DataSet set : sets.values()) {
      add(pictures, set.test());
    }
    if (pictures.isEmpty() && extensions.size() > 1) {
      // What either learned last would favour it.
      Set<String> both = new LinkedHashSet<>(words);
      extensions.subList(extensions.size() - 2, extensions.size()).forEach(both::remove);
      both.stream()
          .filter(sets::containsKey)
          .forEach(word -> add(pictures, sets.get(word).train()));
    }
    boolean fair = !pictures.isEmpty();
    if (!fair) {
      sets.values().forEach(set -> add(pictures, set.train()));
    }
    if (pictures.isEmpty()) {
      return (before, after) ->
          new Judgement(
              Verdict.UNDECIDED,
              List.of("no set of the run is there any more to judge by; give a labelled one"),
              Map.of());
    }
    return SelfJudge.of(
        settings,
        "the run's sets",
        pictures,
        learned.stream().chunks(),
        fair,
        Methods.labels(learned.methodName()),
        Math.max(1, learned.machine().threads()));
  }

  private static void add(List<ImageSet> pictures, ImageSet set) {
    if (set.size() > 1) {
      pictures.add(set);
    }
  }
}
