package dev.millrace.recipe;

import dev.millrace.learn.network.Head;
import dev.millrace.learn.network.Network;
import dev.millrace.learn.remedy.Cassle;
import dev.millrace.learn.remedy.Ewc;
import dev.millrace.learn.remedy.Mas;
import dev.millrace.learn.remedy.Remedies;
import dev.millrace.learn.remedy.Remedy;
import dev.millrace.learn.remedy.Replay;
import dev.millrace.learn.run.RunDirectory;
import dev.millrace.refusal.UsageException;
import dev.millrace.stream.memory.ReplayMemory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;

/**
 * The remedies there are, in the order in which they act. One more is its own file and a line here.
 */
public final class RemedyParts {
  private static final List<RemedyPart> ALL =
      List.of(
          new RemedyPart(
              "replay",
              List.of("replay", "memory-images"),
              Map.of("replay", 0.1),
              settings -> {},
              settings -> List.of(),
              (settings, network, directory) ->
                  new Replay(
                      ReplayMemory.open(
                          directory.memory(), PartSettings.keep(settings), settings.seed()))),
          new RemedyPart(
              "mas",
              List.of("mas"),
              Map.of("mas", 1.0),
              settings -> Mas.Settings.of(settings.mas()),
              settings -> List.of(),
              (settings, network, directory) ->
                  new Mas(Mas.Settings.of(settings.mas()), network.encoderWeights())),
          new RemedyPart(
              "ewc",
              List.of("ewc"),
              Map.of("ewc", 1.0),
              settings -> Ewc.Settings.of(settings.ewc()),
              settings -> List.of(),
              (settings, network, directory) ->
                  new Ewc(Ewc.Settings.of(settings.ewc()), network.encoderWeights())),
          new RemedyPart(
              "cassle",
              List.of("cassle"),
              Map.of("cassle", 1.0),
              RemedyParts::requireEmbeddings,
              settings -> Cassle.heads(Cassle.Settings.of(settings.cassle()), settings.dim()),
              (settings, network, directory) ->
                  new Cassle(Cassle.Settings.of(settings.cassle()), network, settings.dim())));

  private RemedyParts() {}

  private static void requireEmbeddings(Settings settings) {
    if (Methods.of(settings).labels()) {
      throw UsageException.of(
          "--cassle",
          "distils the embeddings of a self-supervised method, and --method is %s; leave one of them out"
              .formatted(settings.method()));
    }
    Cassle.Settings.of(settings.cassle());
  }

  /** What each remedy sets where a study names it and says nothing else, by its name. */
  public static Map<String, Map<String, Object>> usual() {
    Map<String, Map<String, Object>> usual = new LinkedHashMap<>();
    ALL.forEach(part -> usual.put(part.name(), part.usual()));
    return usual;
  }

  /**
   * The settings that turn a remedy on.
   *
   * @param name a remedy's; null for those of all
   */
  public static List<String> strengths(String name) {
    return ALL.stream()
        .filter(part -> name == null || part.name().equals(name))
        .flatMap(part -> part.strengths().stream())
        .toList();
  }

  /** The names of the remedies that a run has, in their order. */
  public static List<String> names(Settings settings) {
    return on(settings).stream().map(RemedyPart::name).toList();
  }

  private static List<RemedyPart> on(Settings settings) {
    Map<String, Object> all = settings.asMap();
    return ALL.stream().filter(part -> part.on(all)).toList();
  }

  /** Refuses settings that a run's remedies cannot take. */
  static void check(Settings settings) {
    on(settings).forEach(part -> part.check().of(settings));
  }

  /** Heads that a run's remedies put beside those of its method. */
  static List<Head> heads(Settings settings) {
    return on(settings).stream().flatMap(part -> part.heads().apply(settings).stream()).toList();
  }

  /** A run's remedies; the caller closes them. */
  static Remedies of(Settings settings, Network network, RunDirectory directory)
      throws IOException {
    List<Remedy> remedies = new ArrayList<>();
    try (PointerScope scope = new PointerScope()) {
      for (RemedyPart part : on(settings)) {
        remedies.add(part.maker().of(settings, network, directory));
      }
    }
    return new Remedies(remedies);
  }
}
