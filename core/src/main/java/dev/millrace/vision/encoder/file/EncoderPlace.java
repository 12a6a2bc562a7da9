package dev.millrace.vision.encoder.file;

import dev.millrace.vision.encoder.Family;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Where in a state dict an encoder is, and of which family; of several, which one is meant.
 *
 * @param place its prefix and its names
 */
record EncoderPlace(Family family, Family.Place place) {
  /** Parts of a prefix that speak of a copy that follows the net which learns. */
  private static final Pattern TWIN =
      Pattern.compile("momentum|teacher|ema|target|key|old|_k(_|\\.|$)");

  /**
   * Where scripts put the encoder, the likeliest first, of what is left of a prefix without the
   * wrappers of data parallelism and compilation.
   */
  private static final List<String> LIKELY =
      List.of("", "backbone.", "encoder_q.", "encoder.", "model.");

  private static final Pattern WRAPPER = Pattern.compile("(^|(?<=\\.))(module|_orig_mod)\\.");

  /** Every place of a file, by family and prefix. */
  static List<EncoderPlace> all(Collection<String> names) {
    List<EncoderPlace> places = new ArrayList<>();
    for (Family family : Architectures.FAMILIES) {
      family.places(names).forEach(place -> places.add(new EncoderPlace(family, place)));
    }
    return List.copyOf(places);
  }

  /** Names by which encoders are found, in words. */
  static String marks() {
    return String.join(
        ", or ",
        Architectures.FAMILIES.stream()
            .map(family -> "a " + family.noun() + "'s " + family.marks())
            .toList());
  }

  private String prefix() {
    return place.prefix();
  }

  /**
   * The place that is meant.
   *
   * @param chosen a part of the prefix, as a person gave it; empty for the usual one
   * @param file named in refusals
   * @throws IOException if the choice fits no place or several, or none is the usual one
   */
  static EncoderPlace choose(List<EncoderPlace> places, String chosen, Path file)
      throws IOException {
    List<EncoderPlace> left = places;
    if (!chosen.isEmpty()) {
      left = places.stream().filter(place -> place.isCalled(chosen)).toList();
      if (left.isEmpty()) {
        throw new IOException(
            "%s has no encoder after %s; it has some after %s"
                .formatted(file, chosen, shown(places)));
      }
    }
    EncoderPlace usual = usual(left);
    if (usual == null) {
      throw new IOException(
          "%s has several encoders, after %s; choose one, such as %s#%s"
              .formatted(file, shown(left), file, left.get(0).shown()));
    }
    return usual;
  }

  /**
   * A teacher beside a student, as DINO's authors judge it; else what is no twin; of several the
   * likeliest. Null where nothing decides.
   */
  private static EncoderPlace usual(List<EncoderPlace> places) {
    List<EncoderPlace> left = new ArrayList<>(places);
    if (left.stream().anyMatch(place -> place.prefix().contains("student"))
        && left.stream().anyMatch(place -> place.prefix().contains("teacher"))) {
      left.removeIf(place -> !place.prefix().contains("teacher"));
    } else if (left.stream().anyMatch(place -> !place.twin())) {
      left.removeIf(EncoderPlace::twin);
    }
    for (String likely : LIKELY) {
      for (EncoderPlace place : left) {
        if (left.size() > 1 && WRAPPER.matcher(place.prefix()).replaceAll("").equals(likely)) {
          return place;
        }
      }
    }
    return left.size() == 1 ? left.get(0) : null;
  }

  private boolean twin() {
    return TWIN.matcher(prefix()).find();
  }

  /** Whether a person's words mean it: the whole prefix, or some of its parts in a row. */
  private boolean isCalled(String words) {
    String whole = "." + prefix();
    return whole.contains("." + words.replaceAll("^\\.|\\.$", "") + ".");
  }

  /** The prefix as a person writes it. */
  String shown() {
    return prefix().isEmpty() ? "." : prefix().substring(0, prefix().length() - 1);
  }

  private static String shown(List<EncoderPlace> places) {
    return String.join(", ", places.stream().map(EncoderPlace::shown).toList());
  }

  /** A name of the file as the family's; null if it is none of the network's own. */
  String bare(String name) {
    return place.bare(name);
  }
}
