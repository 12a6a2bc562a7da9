package dev.millrace.vision.encoder.resnet;

import dev.millrace.vision.encoder.EncoderSpec;
import dev.millrace.vision.encoder.Family;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Residual networks in files: layers with torchvision's names, or numbered, as {@code
 * nn.Sequential(*net.children())} numbers them.
 */
public final class ResNetFamily implements Family {
  private static final int WIDEST = 4096;

  /** A block's first convolution, in a net of either kind. */
  private static final Pattern FIRST = Pattern.compile("(.*?)(layer1|[2-4])\\.0\\.conv1\\.weight");

  private static final Pattern NUMBERED = Pattern.compile("(\\d)(\\..*)");

  /** Names that are a residual network's own, and no head's. */
  private static final Pattern OWN = Pattern.compile("(conv|bn|layer)\\d.*");

  @Override
  public String noun() {
    return "residual network";
  }

  @Override
  public List<String> names() {
    return ResNetShape.NAMES;
  }

  @Override
  public String marks() {
    return "conv1.weight and layer1.0.conv1.weight";
  }

  @Override
  public EncoderSpec claimed(String name, Claims claims) throws IOException {
    String stem =
        claims.word("stem", Arrays.stream(ResNetShape.Stem.values()).map(Enum::name).toList());
    return new ResNetShape(name, claims.whole("width", 1, WIDEST), ResNetShape.Stem.valueOf(stem));
  }

  @Override
  public List<Place> places(Collection<String> names) {
    // The number of layer1 where layers are numbered, else -1, by prefix.
    Map<String, Integer> layers = new TreeMap<>();
    for (String name : names) {
      Matcher first = FIRST.matcher(name);
      if (first.matches()) {
        String prefix = first.group(1);
        boolean named = first.group(2).equals("layer1");
        if ((prefix.isEmpty() || prefix.endsWith("."))
            && names.contains(prefix + (named ? "conv1.weight" : "0.weight"))) {
          // Of layers 4.0 and 5.0 the first is layer1; real names go before numbers.
          layers.merge(prefix, named ? -1 : Integer.parseInt(first.group(2)), Math::min);
        }
      }
    }
    return layers.entrySet().stream()
        .map(place -> new Place(place.getKey(), naming(place.getValue())))
        .toList();
  }

  private static UnaryOperator<String> naming(int layers) {
    return name -> {
      String bare = name;
      if (layers >= 0) {
        Matcher numbered = NUMBERED.matcher(bare);
        bare =
            numbered.matches()
                ? child(numbered.group(1).charAt(0) - '0', layers) + numbered.group(2)
                : "";
      }
      // Nets for small pictures, as Lightly's, call torchvision's downsample so.
      return OWN.matcher(bare).matches() ? bare.replace(".shortcut.", ".downsample.") : null;
    };
  }

  private static String child(int number, int layers) {
    return switch (number) {
      case 0 -> "conv1";
      case 1 -> "bn1";
      default ->
          number >= layers && number < layers + 4 ? "layer" + (number - layers + 1) : "other";
    };
  }

  /** The shape that conv1, the blocks and their convolutions name. */
  @Override
  public Optional<EncoderSpec> inferred(Map<String, List<Long>> shapes) {
    List<Long> stem = shapes.get("conv1.weight");
    long width = stem.isEmpty() ? 0 : stem.get(0);
    long kernel = stem.size() == 4 ? stem.get(3) : 0;
    if (width < 1 || width > Integer.MAX_VALUE || kernel != 3 && kernel != 7) {
      return Optional.empty();
    }
    for (String name : ResNetShape.NAMES) {
      ResNetShape shape =
          new ResNetShape(
              name, (int) width, kernel == 3 ? ResNetShape.Stem.SMALL : ResNetShape.Stem.IMAGENET);
      if (shape.bottleneck() == bottleneck(shapes)
          && Arrays.equals(shape.blocks(), blocks(shapes))) {
        return Optional.of(shape);
      }
    }
    return Optional.empty();
  }

  private static boolean bottleneck(Map<String, List<Long>> shapes) {
    return shapes.containsKey("layer1.0.conv3.weight");
  }

  private static int[] blocks(Map<String, List<Long>> shapes) {
    int[] blocks = new int[4];
    for (int stage = 0; stage < blocks.length; stage++) {
      while (shapes.containsKey("layer" + (stage + 1) + "." + blocks[stage] + ".conv1.weight")) {
        blocks[stage]++;
      }
    }
    return blocks;
  }

  @Override
  public String found(Map<String, List<Long>> shapes) {
    return "it has stages of %s blocks of %d convolutions and a stem %s; known are %s with a stem [width, 3, 3, 3] or [width, 3, 7, 7]"
        .formatted(
            Arrays.toString(blocks(shapes)),
            bottleneck(shapes) ? 3 : 2,
            shapes.get("conv1.weight"),
            String.join(", ", ResNetShape.NAMES));
  }
}
