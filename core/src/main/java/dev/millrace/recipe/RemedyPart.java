package dev.millrace.recipe;

import dev.millrace.learn.network.Head;
import dev.millrace.learn.network.Network;
import dev.millrace.learn.remedy.Remedy;
import dev.millrace.learn.remedy.RemedySettings;
import dev.millrace.learn.run.RunDirectory;
import dev.millrace.refusal.UsageException;
import dev.millrace.setting.Knobs;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

/**
 * A remedy against forgetting as settings name it: all that the rest of the house needs to know.
 *
 * @param <S> its settings record, which refuses nonsense
 * @param name in studies, reports and checkpoints; a {@code *} in its settings' names
 * @param shown its name for people
 * @param strengths settings of which one above 0 turns it on, by flag name
 * @param off its settings where nothing is given, which turn it off
 * @param usual its settings where a study names it and says nothing else
 * @param memory pictures of past chunks that a study's runs keep for it where the study says
 *     nothing else; 0 for a remedy that needs none
 * @param heads that it puts beside those of the method
 * @param maker the remedy of a run
 */
record RemedyPart<S extends RemedySettings>(
    String name,
    String shown,
    List<String> strengths,
    S off,
    S usual,
    int memory,
    BiFunction<S, Settings, List<Head>> heads,
    Maker<S> maker) {
  /** Makes a remedy. */
  @FunctionalInterface
  interface Maker<S> {
    /** The network stays the caller's; call inside a pointer scope. */
    Remedy of(S own, Settings run, Network network, RunDirectory directory) throws IOException;
  }

  /** Makes a remedy that needs its settings and the network only. */
  @FunctionalInterface
  interface Plain<S> {
    /** The network stays the caller's; call inside a pointer scope. */
    Remedy of(S own, Network network);
  }

  /** A remedy whose strength has its name, without heads. */
  static <S extends RemedySettings> RemedyPart<S> of(
      String name, String shown, S off, S usual, Plain<S> maker) {
    return new RemedyPart<>(
        name,
        shown,
        List.of(name),
        off,
        usual,
        0,
        (own, run) -> List.of(),
        (own, run, network, directory) -> maker.of(own, network));
  }

  /** The same, of what a run's memory has to be asked for as well. */
  RemedyPart<S> remembering(int images) {
    return new RemedyPart<>(name, shown, strengths, off, usual, images, heads, maker);
  }

  /** Settings of its own, by flag name. */
  List<String> knobs() {
    return entries().stream().map(Knobs.Entry::name).toList();
  }

  List<Knobs.Entry> entries() {
    return Knobs.of(off.getClass(), name);
  }

  /** What a study's remedy of this name sets where it says nothing else, by flag name. */
  Map<String, Object> changes() {
    Map<String, Object> without = Knobs.values(off, name);
    Map<String, Object> changes = new LinkedHashMap<>(Knobs.values(usual, name));
    changes.entrySet().removeIf(one -> one.getValue().equals(without.get(one.getKey())));
    if (memory > 0) {
      changes.put("memory-images", memory);
    }
    return changes;
  }

  boolean takes(RemedySettings settings) {
    return off.getClass() == settings.getClass();
  }

  @SuppressWarnings("unchecked") // takes() has said so
  private S cast(RemedySettings settings) {
    return (S) settings;
  }

  List<Head> heads(Settings run) {
    if (memory > 0 && !RemedyParts.replay(run).on()) {
      throw UsageException.of(
          "--" + strengths.get(0),
          "(%s) needs pictures of past chunks; give --memory-images %d as well, or leave it out"
              .formatted(shown, memory));
    }
    return heads.apply(cast(RemedyParts.own(run, this)), run);
  }

  Remedy remedy(Settings run, Network network, RunDirectory directory) throws IOException {
    return maker.of(cast(RemedyParts.own(run, this)), run, network, directory);
  }
}
