package dev.millrace.vision.encoder;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where in a state dict a residual network is: behind which prefix, and whether its layers have
 * torchvision's names or are numbered, as {@code nn.Sequential(*net.children())} numbers them.
 *
 * @param prefix that all its names begin with; may be empty
 * @param layers number of layer1 where layers are numbered, else -1
 */
record EncoderPlace(String prefix, int layers) {
  /** A block's first convolution, in a net of either kind. */
  private static final Pattern FIRST = Pattern.compile("(.*?)(layer1|[2-4])\\.0\\.conv1\\.weight");

  private static final Pattern NUMBERED = Pattern.compile("(\\d)(\\..*)");

  /** Names that are a residual network's own, and no head's. */
  private static final Pattern OWN = Pattern.compile("(conv|bn|layer)\\d.*");

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

  /** Every place of a file, in the order of its names. */
  static List<EncoderPlace> all(Collection<String> names) {
    Map<String, EncoderPlace> places = new TreeMap<>();
    for (String name : names) {
      Matcher first = FIRST.matcher(name);
      if (first.matches()) {
        String prefix = first.group(1);
        boolean named = first.group(2).equals("layer1");
        if ((prefix.isEmpty() || prefix.endsWith("."))
            && names.contains(prefix + (named ? "conv1.weight" : "0.weight"))) {
          int layers = named ? -1 : Integer.parseInt(first.group(2));
          places.merge(prefix, new EncoderPlace(prefix, layers), EncoderPlace::earlier);
        }
      }
    }
    return List.copyOf(places.values());
  }

  /** Of layers 4.0 and 5.0 the first is layer1; real names go before numbers. */
  private static EncoderPlace earlier(EncoderPlace a, EncoderPlace b) {
    return a.layers < b.layers ? a : b;
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
            "%s has no residual network after %s; it has them after %s"
                .formatted(file, chosen, shown(places)));
      }
    }
    EncoderPlace usual = usual(left);
    if (usual == null) {
      throw new IOException(
          "%s has several residual networks, after %s; choose one, such as %s#%s"
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
    if (left.stream().anyMatch(place -> place.prefix.contains("student"))
        && left.stream().anyMatch(place -> place.prefix.contains("teacher"))) {
      left.removeIf(place -> !place.prefix.contains("teacher"));
    } else if (left.stream().anyMatch(place -> !place.twin())) {
      left.removeIf(EncoderPlace::twin);
    }
    for (String likely : LIKELY) {
      for (EncoderPlace place : left) {
        if (left.size() > 1 && WRAPPER.matcher(place.prefix).replaceAll("").equals(likely)) {
          return place;
        }
      }
    }
    return left.size() == 1 ? left.get(0) : null;
  }

  private boolean twin() {
    return TWIN.matcher(prefix).find();
  }

  /** Whether a person's words mean it: the whole prefix, or some of its parts in a row. */
  private boolean isCalled(String words) {
    String whole = "." + prefix;
    return whole.contains("." + words.replaceAll("^\\.|\\.$", "") + ".");
  }

  /** The prefix as a person writes it. */
  String shown() {
    return prefix.isEmpty() ? "." : prefix.substring(0, prefix.length() - 1);
  }

  private static String shown(List<EncoderPlace> places) {
    return String.join(", ", places.stream().map(EncoderPlace::shown).toList());
  }

  /** A name of the file as torchvision's; null if it is none of the network's own. */
  String bare(String name) {
    if (!name.startsWith(prefix)) {
      return null;
    }
    String bare = name.substring(prefix.length());
    if (layers >= 0) {
      Matcher numbered = NUMBERED.matcher(bare);
      bare = numbered.matches() ? child(numbered.group(1).charAt(0) - '0') + numbered.group(2) : "";
    }
    // Nets for small pictures, as Lightly's, call torchvision's downsample so.
    return OWN.matcher(bare).matches() ? bare.replace(".shortcut.", ".downsample.") : null;
  }

  private String child(int number) {
    return switch (number) {
      case 0 -> "conv1";
      case 1 -> "bn1";
      default ->
          number >= layers && number < layers + 4 ? "layer" + (number - layers + 1) : "other";
    };
  }
}
