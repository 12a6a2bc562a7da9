package dev.millrace.recipe;

import dev.millrace.file.Closing;
import dev.millrace.learn.method.MoCoV2WithPast;
import dev.millrace.learn.network.Head;
import dev.millrace.learn.network.Network;
import dev.millrace.learn.remedy.Cassle;
import dev.millrace.learn.remedy.Cla;
import dev.millrace.learn.remedy.Der;
import dev.millrace.learn.remedy.Ewc;
import dev.millrace.learn.remedy.Lump;
import dev.millrace.learn.remedy.Mas;
import dev.millrace.learn.remedy.MinRed;
import dev.millrace.learn.remedy.Orthogonal;
import dev.millrace.learn.remedy.Osiris;
import dev.millrace.learn.remedy.Pfr;
import dev.millrace.learn.remedy.Pnr;
import dev.millrace.learn.remedy.Remedies;
import dev.millrace.learn.remedy.Remedy;
import dev.millrace.learn.remedy.RemedySettings;
import dev.millrace.learn.remedy.Replay;
import dev.millrace.learn.remedy.Si;
import dev.millrace.learn.run.RunDirectory;
import dev.millrace.refusal.Require;
import dev.millrace.refusal.UsageException;
import dev.millrace.setting.Knobs;
import dev.millrace.stream.memory.ReplayMemory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;

/**
 * The remedies there are, in the order in which they act. One more is its own file and a line here.
 */
public final class RemedyParts {
  private static final List<RemedyPart<?>> ALL =
      List.of(
          new RemedyPart<>(
              "replay",
              "replay",
              List.of("replay", "memory-images", "memory-bytes"),
              Replay.Settings.of(0),
              Replay.Settings.of(0.1),
              0,
              (own, run) -> RemedyNeeds.requireMemory(run, own),
              (own, run, network, directory) ->
                  own.memory() == Replay.Policy.MINRED
                      ? new MinRed(
                          memory(run, directory),
                          own.memoryImages(),
                          own.memoryBytes() > 0 ? own.memoryBytes() : Long.MAX_VALUE,
                          run.stream().seed(),
                          network)
                      : new Replay(
                          memory(run, directory),
                          run.remedies().stream().noneMatch(Lump.Settings.class::isInstance))),
          new RemedyPart<>(
                  "lump",
                  "LUMP",
                  List.of("lump"),
                  Lump.Settings.of(0),
                  Lump.Settings.of(0.4),
                  0,
                  (own, run) -> RemedyNeeds.unlabelled(run, "lump"),
                  (own, run, network, directory) -> new Lump(own, run.stream().seed()))
              .remembering(256),
          RemedyPart.of(
              "mas",
              "MAS",
              Mas.Settings.of(0),
              Mas.Settings.of(1),
              (own, network) -> new Mas(own, network.encoderWeights())),
          RemedyPart.of(
              "ewc",
              "EWC",
              Ewc.Settings.of(0),
              Ewc.Settings.of(1),
              (own, network) -> new Ewc(own, network.encoderWeights())),
          RemedyPart.of("si", "SI", Si.Settings.of(0), Si.Settings.of(1), Si::new),
          new RemedyPart<>(
              "cassle",
              "CaSSLe",
              List.of("cassle"),
              Cassle.Settings.of(0),
              Cassle.Settings.of(1),
              0,
              (own, run) ->
                  Cassle.heads(
                      RemedyNeeds.decided(own, run),
                      RemedyNeeds.embedding(run, "cassle"),
                      RemedyNeeds.prototypes(own, run)),
              (own, run, network, directory) ->
                  new Cassle(
                      RemedyNeeds.decided(own, run),
                      network,
                      RemedyNeeds.embedding(run, "cassle"),
                      RemedyNeeds.prototypes(own, run))),
          new RemedyPart<>(
              "pfr",
              "PFR",
              List.of("pfr"),
              Pfr.Settings.of(0),
              Pfr.Settings.of(1),
              0,
              (own, run) -> Pfr.heads(own, PartSettings.encoder(run).dim()),
              (own, run, network, directory) -> new Pfr(own, network)),
          new RemedyPart<>(
              "pnr",
              "PNR",
              List.of("pnr"),
              Pnr.Settings.of(0),
              Pnr.Settings.of(1),
              0,
              (own, run) ->
                  PnrNeeds.negatives(run, own).isPresent()
                      ? Pnr.heads(own, run.method().dim())
                      : MoCoV2WithPast.heads(run.method().dim(), own.hidden()),
              (own, run, network, directory) ->
                  PnrNeeds.negatives(run, own)
                      .map(form -> new Pnr(own, form, network, run.method().dim()))
                      .orElseGet(Pnr::new)),
          new RemedyPart<>(
                  "der",
                  "DER",
                  List.of("der"),
                  Der.Settings.of(0),
                  Der.Settings.of(0.4),
                  0,
                  (own, run) -> RemedyNeeds.replayed(run, "der", true),
                  (own, run, network, directory) ->
                      new Der(own, network, memory(run, directory), replay(run).memoryImages()))
              .remembering(256),
          new RemedyPart<>(
                  "osiris",
                  "Osiris-R",
                  List.of("osiris"),
                  Osiris.Settings.of(0),
                  Osiris.Settings.of(1),
                  0,
                  (own, run) -> {
                    RemedyNeeds.replayed(run, "osiris", false);
                    RemedyNeeds.embedding(run, "osiris"); // it contrasts two views of each picture
                    return Osiris.heads(own, PartSettings.encoder(run).dim());
                  },
                  (own, run, network, directory) -> new Osiris(own, network))
              .remembering(500),
          new RemedyPart<>(
              "cla",
              "CLA",
              List.of("cla"),
              Cla.Settings.of(0),
              Cla.Settings.of(1),
              0,
              (own, run) -> {
                if (own.form() != Cla.Form.B) {
                  RemedyNeeds.replayed(run, "cla-form", own.form() == Cla.Form.R);
                }
                return Cla.heads(own, RemedyNeeds.embedding(run, "cla"));
              },
              (own, run, network, directory) ->
                  new Cla(
                      own,
                      network,
                      RemedyNeeds.embedding(run, "cla"),
                      own.form() == Cla.Form.R ? memory(run, directory) : null,
                      replay(run).memoryImages())),
          RemedyPart.of(
              "orthogonal",
              "orthogonal gradients",
              Orthogonal.Settings.of(0),
              Orthogonal.Settings.of(1),
              (own, network) -> new Orthogonal(own, network.weights())));

  private RemedyParts() {}

  /** The memory that replay fills; the caller closes it. */
  private static ReplayMemory memory(Settings run, RunDirectory directory) throws IOException {
    return ReplayMemory.open(
        directory.memory(), PartSettings.keep(replay(run)), run.stream().seed());
  }

  static List<RemedyPart<?>> all() {
    return ALL;
  }

  /** What each remedy sets where a study names it and says nothing else, by its name. */
  public static Map<String, Map<String, Object>> usual() {
    Map<String, Map<String, Object>> usual = new LinkedHashMap<>();
    ALL.forEach(part -> usual.put(part.name(), part.changes()));
    return usual;
  }

  /** What people call them, by name, in order. */
  public static Map<String, String> shown() {
    Map<String, String> shown = new LinkedHashMap<>();
    ALL.forEach(part -> shown.put(part.name(), part.shown()));
    return shown;
  }

  /**
   * The settings that turn a remedy on, with those of the memory that it may need.
   *
   * @param name a remedy's; null for those of all
   */
  public static List<String> strengths(String name) {
    return ALL.stream()
        .filter(part -> name == null || part.name().equals(name))
        .flatMap(
            part ->
                Stream.concat(
                    part.strengths().stream(),
                    part.memory() > 0 ? ALL.get(0).strengths().stream() : Stream.of()))
        .distinct()
        .toList();
  }

  /** The settings that only remedies know, by flag name. */
  static List<String> knobs() {
    return ALL.stream().flatMap(part -> part.knobs().stream()).toList();
  }

  /**
   * Refuses settings that were typed and are of remedies that are off.
   *
   * @param typed settings by flag name
   * @throws IllegalArgumentException naming the flag and those that turn its remedy on
   */
  public static void requireOn(Settings settings, Collection<String> typed) {
    List<RemedyPart<?>> on = on(settings);
    for (RemedyPart<?> part : ALL) {
      for (String knob : part.knobs()) {
        if (typed.contains(knob) && !on.contains(part) && !part.strengths().contains(knob)) {
          throw UsageException.of(
              "--" + knob,
              "is a setting of %s, which is off; give --%s as well, or leave it out"
                  .formatted(part.shown(), String.join(" or --", part.strengths())));
        }
      }
    }
  }

  /** The names of the remedies that a run has, in their order. */
  public static List<String> names(Settings settings) {
    return on(settings).stream().<String>map(RemedyPart::name).toList();
  }

  static List<RemedyPart<?>> on(Settings settings) {
    return settings.remedies().stream().<RemedyPart<?>>map(RemedyParts::of).toList();
  }

  /** What the remedy of these settings is called. */
  static String name(RemedySettings settings) {
    return of(settings).name();
  }

  private static RemedyPart<?> of(RemedySettings settings) {
    return ALL.stream()
        .filter(part -> part.takes(settings))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no remedy has settings of " + settings.getClass().getName()));
  }

  /** A remedy's settings in a run, also where it is off. */
  static RemedySettings own(Settings settings, RemedyPart<?> part) {
    return settings.remedies().stream()
        .filter(part::takes)
        .findFirst()
        .orElseGet(() -> Knobs.with(part.off(), part.name(), settings.history().idle()));
  }

  /** What replay is set to, also where it is off. */
  static Replay.Settings replay(Settings settings) {
    return (Replay.Settings) own(settings, ALL.get(0));
  }

  /**
   * Settings of remedies in the order in which they act, without those that are off.
   *
   * @throws IllegalArgumentException for two of one remedy
   */
  static List<RemedySettings> ordered(List<RemedySettings> given) {
    given.forEach(RemedyParts::of);
    List<RemedySettings> ordered = new ArrayList<>();
    for (RemedyPart<?> part : ALL) {
      List<RemedySettings> own = given.stream().filter(part::takes).toList();
      Require.that(
          own.size() < 2, "the remedy " + part.name() + " is given twice; leave one of them out");
      own.stream().filter(RemedySettings::on).forEach(ordered::add);
    }
    return List.copyOf(ordered);
  }

  /** Refuses, as a run begins, what its remedies cannot take, and what nothing would look at. */
  public static void check(Settings settings) {
    requireWired(settings);
    RemedyNeeds.requireWholePictures(settings);
    RemedyNeeds.requireWeight(settings);
    PnrNeeds.requireApart(settings);
    PnrNeeds.requireBounded(settings);
    RemedyNeeds.requireBatch(settings);
    RemedyNeeds.requireMixing(settings);
    WithoutEffect.check(settings);
  }

  /** Refuses what no run can be wired with, whichever version began it. */
  public static void requireWired(Settings settings) {
    List<Head> unused = heads(settings);
  }

  /** Heads that a run's remedies put beside those of its method. */
  static List<Head> heads(Settings settings) {
    return on(settings).stream().flatMap(part -> part.heads(settings).stream()).toList();
  }

  /** A run's remedies; the caller closes them. */
  static Remedies of(Settings settings, Network network, RunDirectory directory)
      throws IOException {
    List<Remedy> remedies = new ArrayList<>();
    try (PointerScope scope = new PointerScope()) {
      for (RemedyPart<?> part : on(settings)) {
        remedies.add(part.remedy(settings, network, directory));
      }
    } catch (IOException | RuntimeException | Error e) {
      Closing.after(e, remedies);
      throw e;
    }
    return new Remedies(remedies);
  }
}
