package dev.millrace.recipe;

import dev.millrace.learn.method.BarlowTwins;
import dev.millrace.learn.method.Byol;
import dev.millrace.learn.method.Dcl;
import dev.millrace.learn.method.Dino;
import dev.millrace.learn.method.LeJepa;
import dev.millrace.learn.method.Mae;
import dev.millrace.learn.method.MethodSettings;
import dev.millrace.learn.method.MoCoV2;
import dev.millrace.learn.method.MoCoV3;
import dev.millrace.learn.method.NnClr;
import dev.millrace.learn.method.SimClr;
import dev.millrace.learn.method.SimSiam;
import dev.millrace.learn.method.SupCon;
import dev.millrace.learn.method.Supervised;
import dev.millrace.learn.method.SwAv;
import dev.millrace.learn.method.VicReg;
import dev.millrace.refusal.Choice;
import dev.millrace.refusal.UsageException;
import dev.millrace.setting.Knobs;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** The methods there are. One more is its own file and a line here. */
public final class Methods {
  private static final List<MethodPart<?>> ALL =
      List.of(
          MethodPart.of(
                  "moco-v2",
                  "MoCo v2",
                  MoCoV2.Settings.small(),
                  MoCoV2::heads,
                  (own, network, seed) -> new MoCoV2(own, network, seed))
              .withTwin()
              .advice("a longer --warmup, --momentum nearer to 1, or a longer --queue")
              // A key among the queue's.
              .guessing(
                  (own, batch, pictures) ->
                      own.queue() == QueueLength.AUTO ? null : Math.log(own.queue() + 1.0)),
          MethodPart.of(
                  "simclr",
                  "SimCLR",
                  SimClr.Settings.small(),
                  SimClr::heads,
                  (own, network, seed) -> new SimClr(own, network))
              .advice("a higher --temperature, or a larger --batch")
              // The other view among all but itself.
              .guessing((own, batch, pictures) -> Math.log(2.0 * Math.min(batch, pictures) - 1)),
          MethodPart.of(
                  "byol",
                  "BYOL",
                  Byol.Settings.small(),
                  Byol::heads,
                  (own, network, seed) -> new Byol(own, network))
              .withTwin()
              .advice("a longer --warmup, --momentum nearer to 1, or a larger --batch")
              // Predictions at right angles to their targets, both ways.
              .guessing((own, batch, pictures) -> 4.0),
          MethodPart.of(
                  "moco-v3",
                  "MoCo v3",
                  MoCoV3.Settings.small(),
                  MoCoV3::heads,
                  (own, network, seed) -> new MoCoV3(own, network))
              .withTwin()
              // A key among the batch's, both ways.
              .guessing(
                  (own, batch, pictures) ->
                      4 * own.temperature() * Math.log(Math.min(batch, pictures)))
              .advice("a longer --warmup, --momentum nearer to 1, or a higher --temperature"),
          MethodPart.of(
                  "dcl",
                  "DCL",
                  Dcl.Settings.small(),
                  Dcl::heads,
                  (own, network, seed) -> new Dcl(own, network))
              // The other pictures' views, as near as the other view.
              .guessing((own, batch, pictures) -> Math.log(2.0 * Math.min(batch, pictures) - 2))
              .advice("a higher --temperature, or a larger --batch"),
          MethodPart.of(
                  "simsiam",
                  "SimSiam",
                  SimSiam.Settings.small(),
                  SimSiam::heads,
                  (own, network, seed) -> new SimSiam(own, network))
              .advice(
                  "a --predictor-hidden of a quarter of --dim, --weight-decay of at most 0.0005, or --method byol, whose twin holds longer"),
          MethodPart.of(
                  "barlow-twins",
                  "Barlow Twins",
                  BarlowTwins.Settings.small(),
                  BarlowTwins::heads,
                  (own, network, seed) -> new BarlowTwins(own, network))
              .advice(
                  "--off-diagonal nearer to 0.005 (far more or less lets dimensions die), or a wider --dim"),
          MethodPart.of(
                  "vicreg",
                  "VICReg",
                  VicReg.Settings.small(),
                  VicReg::heads,
                  (own, network, seed) -> new VicReg(own, network))
              .advice("a --variance as large as --invariance, or a larger --covariance"),
          MethodPart.of(
                  "nnclr",
                  "NNCLR",
                  NnClr.Settings.small(),
                  NnClr::heads,
                  (own, network, seed) -> new NnClr(own, network, seed))
              // The own prediction among the batch's.
              .guessing((own, batch, pictures) -> Math.log(Math.min(batch, pictures)))
              .advice("a longer --queue, or a higher --temperature"),
          MethodPart.cropping(
                  "lejepa",
                  "LeJEPA",
                  LeJepa.Settings.small(),
                  LeJepa::heads,
                  (own, network, seed, crops) -> new LeJepa(own, network, seed, crops))
              .advice("a larger --sigreg (0.02 to 0.1), or a larger --batch"),
          MethodPart.cropping(
                  "swav",
                  "SwAV",
                  SwAv.Settings.small(),
                  SwAv::heads,
                  (own, network, seed, crops) -> new SwAv(own, network, seed, crops))
              // Every prototype as likely.
              .guessing((own, batch, pictures) -> Math.log(own.prototypes()))
              .advice(
                  "a smaller --sinkhorn-epsilon (0.03 to 0.05) where all scores are alike, more --sinkhorn-iterations where one prototype takes all, fewer --prototypes, a longer --freeze-prototypes, or a larger --batch"),
          MethodPart.cropping(
                  "dino",
                  "DINO",
                  Dino.Settings.small(),
                  Dino::heads,
                  (own, network, seed, crops) -> new Dino(own, network, crops))
              .withTwin()
              // Every prototype as likely.
              .guessing((own, batch, pictures) -> Math.log(own.prototypes()))
              .advice(
                  "a lower --teacher-temperature (0.02) or a longer --teacher-warmup where all scores are alike, a smaller --centre-momentum where one prototype takes all, or --momentum nearer to 1"),
          MethodPart.of(
                  "mae",
                  "MAE",
                  Mae.Settings.small(),
                  (own, features) -> List.of(),
                  (own, network, seed) -> new Mae(own, network, seed))
              .heads((own, encoder, chunks) -> Mae.heads(own, encoder))
              // The mean of each patch.
              .guessing((own, batch, pictures) -> own.normalisePixels() ? 1.0 : null)
              .advice(
                  "an --lr of at most 0.001 where it falls and 0.0005 as a constant, a --mask-ratio nearer to 0.75, a smaller decoder (--decoder-depth 1), or more --epochs: MAE is slow to begin"),
          MethodPart.of(
                  "supcon",
                  "SupCon",
                  SupCon.Settings.small(),
                  SupCon::heads,
                  (own, network, seed) -> new SupCon(own, network))
              .withLabels()
              .advice("a higher --temperature, or chunks of more classes"),
          supervised("supervised", "SL", SupervisedSettings.linear()),
          supervised("supervised-mlp", "SL + MLP", SupervisedSettings.withMlp()));

  private static final Map<String, Object> STANDARD = standards();

  private Methods() {}

  private static MethodPart<SupervisedSettings> supervised(
      String name, String shown, SupervisedSettings standard) {
    return new MethodPart<>(
        name,
        shown,
        true,
        false,
        false,
        standard,
        (own, encoder, chunks) -> Supervised.heads(HeadSetting.of(own, chunks), encoder.dim()),
        (own, network, run, chunks) ->
            new Supervised(HeadSetting.of(own, chunks), network, run.stream().seed()),
        (own, batch, pictures) -> null, // it depends on the chunk's classes
        every -> true,
        "chunks of more classes, or --head full");
  }

  private static Map<String, Object> standards() {
    Map<String, Object> standards = new LinkedHashMap<>();
    for (MethodPart<?> part : ALL) {
      Knobs.values(part.standard(), part.name()).forEach(standards::putIfAbsent);
    }
    return Collections.unmodifiableMap(standards);
  }

  static List<MethodPart<?>> all() {
    return ALL;
  }

  /** Their names, as flags have them, self-supervised ones first. */
  public static List<String> names() {
    return ALL.stream().<String>map(MethodPart::name).toList();
  }

  /** What people call them, by name, in order. */
  public static Map<String, String> shown() {
    Map<String, String> shown = new LinkedHashMap<>();
    ALL.forEach(part -> shown.put(part.name(), part.shown()));
    return shown;
  }

  /** The names of the methods that take small crops. */
  static List<String> cropping() {
    return ALL.stream().filter(MethodPart::crops).<String>map(MethodPart::name).toList();
  }

  /** The names of the methods that learn from labels. */
  public static Set<String> labelled() {
    return ALL.stream()
        .filter(MethodPart::labels)
        .map(MethodPart::name)
        .collect(Collectors.toUnmodifiableSet());
  }

  /** Whether a method learns from labels. */
  public static boolean labels(String name) {
    return named(name).labels();
  }

  /** Whether a method trains a classifier, whose {@code --head} can span one chunk or all. */
  public static boolean classifies(String name) {
    return named(name).classifies();
  }

  /** The settings that only methods know, by flag name. */
  static Collection<String> knobs() {
    return STANDARD.keySet();
  }

  /** Those settings with the defaults of the first method that has them. */
  static Map<String, Object> standard() {
    return STANDARD;
  }

  /**
   * Settings of methods that are not chosen, as files have them, checked: those of one method
   * together, since some are checked against each other.
   *
   * @param waiting by flag name; others than those of methods are passed over
   * @throws UsageException naming the flag of a value that no method takes
   */
  static Map<String, Object> normal(Map<String, ?> waiting) {
    Map<String, Object> normal = new LinkedHashMap<>();
    for (MethodPart<?> part : ALL) {
      Map<String, Object> own = new LinkedHashMap<>();
      for (String knob : part.knobs()) {
        if (waiting.containsKey(knob) && !normal.containsKey(knob)) {
          own.put(knob, waiting.get(knob));
        }
      }
      if (!own.isEmpty()) {
        Map<String, Object> checked =
            Knobs.values(Knobs.with(part.standard(), part.name(), own), part.name());
        own.keySet().forEach(knob -> normal.put(knob, checked.get(knob)));
      }
    }
    return normal;
  }

  /** The method of a run. */
  public static MethodPart<?> of(Settings settings) {
    return of(settings.method());
  }

  /**
   * The method whose settings these are.
   *
   * @throws IllegalArgumentException if they are of none in the list
   */
  static MethodPart<?> of(MethodSettings settings) {
    return ALL.stream()
        .filter(part -> part.takes(settings))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no method has settings of " + settings.getClass().getName()));
  }

  /** Refuses settings that are of no method in the list. */
  static void require(MethodSettings settings) {
    MethodPart<?> unused = of(settings);
  }

  static MethodPart<?> named(String name) {
    Choice.check("--method", name, names().toArray(String[]::new));
    return ALL.stream().filter(part -> part.name().equals(name)).findFirst().orElseThrow();
  }

  /**
   * Refuses settings that were typed and are of other methods only.
   *
   * @param method its name
   * @param typed settings by flag name
   * @throws IllegalArgumentException naming the flag and what the method knows
   */
  public static void requireKnown(String method, Collection<String> typed) {
    MethodPart<?> own = named(method);
    for (String knob : knobs()) {
      if (typed.contains(knob) && !own.knobs().contains(knob)) {
        throw UsageException.of(
            "--" + knob,
            "is a setting of %s, and --method is %s, which has %s; leave one of them out"
                .formatted(
                    String.join(" and ", havers(knob)),
                    method,
                    own.knobs().isEmpty() ? "none" : "--" + String.join(", --", own.knobs())));
      }
    }
  }

  /**
   * Refuses settings that are of methods only, and of none of these.
   *
   * @param methods their names
   * @param typed settings by flag name
   * @throws IllegalArgumentException naming the setting and the methods that have it
   */
  public static void requireKnownToAny(Collection<String> methods, Collection<String> typed) {
    for (String knob : typed) {
      if (knobs().contains(knob) && havers(knob).stream().noneMatch(methods::contains)) {
        throw new IllegalArgumentException(
            "%s is a setting of %s, and no method here is; take it out"
                .formatted(knob, String.join(" and ", havers(knob))));
      }
    }
  }

  /** The names of the methods that have a setting. */
  static List<String> havers(String knob) {
    return ALL.stream()
        .filter(part -> part.knobs().contains(knob))
        .<String>map(MethodPart::name)
        .toList();
  }
}
