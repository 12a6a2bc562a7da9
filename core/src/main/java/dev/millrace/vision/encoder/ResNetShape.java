package dev.millrace.vision.encoder;

import dev.millrace.refusal.UsageException;
import java.util.List;

/**
 * Which residual network.
 *
 * @param name {@code resnet18}, {@code resnet34} or {@code resnet50}
 * @param width channels of the first stage, at least 1; 64 is the standard network
 * @param stem how pictures enter
 */
public record ResNetShape(String name, int width, Stem stem) {
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

  /** Width of the features, D. */
  public int dim() {
    return width * 8 * expansion();
  }

  /** Pixels of the picture between two places of each of the four stages, the finest first. */
  public int[] strides() {
    return stem == Stem.SMALL ? new int[] {1, 2, 4, 8} : new int[] {4, 8, 16, 32};
  }

  /** Channels of each of the four stages' output, the finest first. */
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
