package dev.millrace.vision.encoder.resnet;

import dev.millrace.engine.Parameters;
import dev.millrace.refusal.UsageException;
import dev.millrace.vision.encoder.EncoderNet;
import dev.millrace.vision.encoder.EncoderSpec;
import dev.millrace.vision.encoder.Normalisations;
import dev.millrace.vision.encoder.Stages;
import dev.millrace.vision.encoder.TunedEncoder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Which residual network.
 *
 * @param name {@code resnet18}, {@code resnet34} or {@code resnet50}
 * @param width channels of the first stage, at least 1; 64 is the standard network
 * @param stem how pictures enter
 */
public record ResNetShape(String name, int width, Stem stem) implements EncoderSpec, Stages {
  private static final List<String> LAYERS =
      List.of("stem", "layer1", "layer2", "layer3", "layer4", "features");

  /** The networks there are. */
  public static final List<String> NAMES = List.of("resnet18", "resnet34", "resnet50");

  /** How pictures enter the network. */
  public enum Stem {
    /** A 3×3 convolution of stride 1, for pictures up to about 64 px. */
    SMALL,
    /** A 7×7 convolution of stride 2 and a max pooling, as for ImageNet. */
    IMAGENET
  }

  /** Refuses unknown names and widths below 1. */
  public ResNetShape {
    if (width < 1) {
      throw UsageException.of("--width", width + " is below 1");
    }
    blocks(name);
  }

  @Override
  public int dim() {
    return width * 8 * expansion();
  }

  @Override
  public List<String> layers() {
    return LAYERS;
  }

  @Override
  public Map<String, String> claims() {
    return Map.of("width", Integer.toString(width), "stem", stem.name());
  }

  @Override
  public Map<String, Object> settings() {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("encoder", name);
    settings.put("width", width);
    settings.put("stem", stem.name().toLowerCase(Locale.ROOT));
    return settings;
  }

  @Override
  public String words() {
    return "%s of width %d with the %s stem"
        .formatted(name, width, stem.name().toLowerCase(Locale.ROOT));
  }

  @Override
  public String assumed() {
    return stem == Stem.SMALL
        ? "its 3×3 stem is taken to have a padding of 1, which weights do not tell: solo-learn's for CIFAR have 2, and with 1 what they see at a picture's border is other than in their training"
        : "";
  }

  @Override
  public String kind() {
    return "residual network";
  }

  @Override
  public Map<String, String> facts() {
    return Map.of(
        "stem",
        stem == Stem.SMALL ? "3×3 of stride 1, no pooling" : "7×7 of stride 2, max pooling");
  }

  @Override
  public String python() {
    return ResNetPython.of(this);
  }

  @Override
  public void layout(Parameters.Layout.Builder into, String prefix) {
    ResNet.layout(this, into, prefix);
  }

  @Override
  public void statisticsLayout(Parameters.Layout.Builder into, String prefix) {
    ResNet.statisticsLayout(this, into, prefix);
  }

  @Override
  public ResNet over(
      Parameters weights, String prefix, Parameters statistics, String statisticsPrefix) {
    return new ResNet(this, weights, prefix, statistics, statisticsPrefix);
  }

  @Override
  public Optional<Stages> stages() {
    return Optional.of(this);
  }

  @Override
  public void tunedLayout(
      int frozen, Normalisations normalisations, Parameters.Layout.Builder into, String prefix) {
    TunedResNet.layout(this, frozen, normalisations, into, prefix);
  }

  @Override
  public TunedEncoder tuned(
      EncoderNet encoder,
      int frozen,
      Normalisations normalisations,
      Parameters weights,
      String prefix) {
    return new TunedResNet((ResNet) encoder, frozen, normalisations, weights, prefix);
  }

  @Override
  public int[] strides() {
    return stem == Stem.SMALL ? new int[] {1, 2, 4, 8} : new int[] {4, 8, 16, 32};
  }

  @Override
  public int[] channels() {
    int first = width * expansion();
    return new int[] {first, 2 * first, 4 * first, 8 * first};
  }

  int[] blocks() {
    return blocks(name);
  }

  boolean bottleneck() {
    return name.equals("resnet50");
  }

  int expansion() {
    return bottleneck() ? 4 : 1;
  }

  private static int[] blocks(String name) {
    return switch (name) {
      case "resnet18" -> new int[] {2, 2, 2, 2};
      case "resnet34", "resnet50" -> new int[] {3, 4, 6, 3};
      default ->
          throw UsageException.of(
              "--encoder", name + " is unknown; allowed: " + String.join(", ", NAMES));
    };
  }
}
