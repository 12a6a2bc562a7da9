package dev.millrace.recipe;

import dev.millrace.refusal.UsageException;
import dev.millrace.vision.encoder.EncoderSpec;
import dev.millrace.vision.encoder.resnet.ResNetShape;
import dev.millrace.vision.encoder.vit.ViTShape;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The encoders there are. One more is its family's own files and a line here. */
public final class Encoders {
  private static final String OPTIMISER = "optimiser";

  /**
   * Touvron et al., ICML 2021, table 9; their rate falls, and half of it is the constant here. Half
   * an epoch of warm-up is within any run.
   */
  private static final Map<String, Object> TRANSFORMERS = suits("adamw", 2.5e-4, 0.05, 0.5);

  private static final List<EncoderPart> ALL =
      List.of(
          resNet("resnet18"),
          resNet("resnet34"),
          resNet("resnet50"),
          viT("vit-tiny"),
          viT("vit-small"));

  private Encoders() {}

  private static EncoderPart resNet(String name) {
    return new EncoderPart(
        name,
        List.of("width", "stem"),
        Map.of(),
        run ->
            new ResNetShape(
                name,
                run.encoder().width(),
                run.smallStem() ? ResNetShape.Stem.SMALL : ResNetShape.Stem.IMAGENET));
  }

  private static EncoderPart viT(String name) {
    return new EncoderPart(
        name,
        List.of("patch"),
        TRANSFORMERS,
        run -> ViTShape.of(name, run.encoder().patch(), run.views().size()));
  }

  /** Their names, as flags have them. */
  public static List<String> names() {
    return ALL.stream().map(EncoderPart::name).toList();
  }

  /** Their names, for a line of help. */
  static String words() {
    List<String> names = names();
    int last = names.size() - 1;
    return String.join(", ", names.subList(0, last)) + " or " + names.get(last);
  }

  /**
   * The encoder of a run.
   *
   * @throws IllegalArgumentException naming the flag, if it cannot be as the settings have it
   */
  static EncoderSpec spec(Settings run) {
    EncoderSpec spec = of(run.encoder().name()).spec().apply(run);
    if (spec.onlySize().isPresent() && !run.views().progressiveSize().isEmpty()) {
      throw UsageException.of(
          "--progressive-size",
          "gives views of several sizes, and %s sees pictures of one only; leave it out, or give an --encoder that sees any: %s"
              .formatted(spec.name(), ResNetShape.NAMES));
    }
    return spec;
  }

  private static Map<String, Object> suits(
      String optimiser, double lr, double weightDecay, double warmup) {
    Map<String, Object> suits = new LinkedHashMap<>();
    suits.put(OPTIMISER, optimiser);
    suits.put("lr", lr);
    suits.put("weight-decay", weightDecay);
    suits.put("warmup", warmup);
    return Collections.unmodifiableMap(suits);
  }

  /** The settings of training whose default depends on the encoder, by flag name. */
  static Set<String> suiting() {
    return TRANSFORMERS.keySet();
  }

  /** The defaults of a setting that depend on the encoder, by the encoder's name. */
  static Map<String, Object> standards(String knob) {
    Map<String, Object> standards = new LinkedHashMap<>();
    ALL.stream()
        .filter(part -> part.suits().containsKey(knob))
        .forEach(part -> standards.put(part.name(), part.suits().get(knob)));
    return standards;
  }

  /** What is known of an encoder; empty for one that there is not. */
  static Optional<EncoderPart> named(String name) {
    return ALL.stream().filter(part -> part.name().equals(name)).findFirst();
  }

  private static EncoderPart of(String name) {
    return named(name).orElseThrow();
  }

  /** Settings that only other encoders have, by flag name. */
  static List<String> foreign(String encoder) {
    List<String> own = of(encoder).knobs();
    return ALL.stream()
        .flatMap(part -> part.knobs().stream())
        .distinct()
        .filter(knob -> !own.contains(knob))
        .toList();
  }

  /**
   * Refuses settings that were typed and are of none of these encoders.
   *
   * @param encoders names
   * @param typed settings by flag name
   * @throws IllegalArgumentException naming the flag and what the first encoder knows
   */
  public static void requireKnownToAny(Collection<String> encoders, Collection<String> typed) {
    encoders.stream()
        .findFirst()
        .ifPresent(
            first ->
                requireKnown(
                    first,
                    typed.stream()
                        .filter(
                            knob -> encoders.stream().allMatch(one -> foreign(one).contains(knob)))
                        .toList()));
  }

  /**
   * Refuses settings that were typed and are of other encoders only.
   *
   * @param encoder its name
   * @param typed settings by flag name
   * @throws IllegalArgumentException naming the flag and what the encoder knows
   */
  public static void requireKnown(String encoder, Collection<String> typed) {
    for (String knob : foreign(encoder)) {
      if (typed.contains(knob)) {
        throw UsageException.of(
            "--" + knob,
            "is a setting of %s, and --encoder is %s, which has --%s; leave one of them out"
                .formatted(
                    ALL.stream()
                        .filter(part -> part.knobs().contains(knob))
                        .map(EncoderPart::name)
                        .collect(Collectors.joining(" and ")),
                    encoder,
                    String.join(", --", of(encoder).knobs())));
      }
    }
  }
}
