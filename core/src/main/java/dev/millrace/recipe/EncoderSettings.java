package dev.millrace.recipe;

import dev.millrace.refusal.Choice;
import dev.millrace.refusal.Require;
import dev.millrace.setting.Knob;
import java.util.List;

/**
 * The network whose features are learned. Immutable.
 *
 * @param name {@code resnet18}, {@code resnet34} or {@code resnet50}
 * @param width channels of the first stage, at least 1; 64 is the standard net
 * @param stem first layers
 * @param init file of weights to start from, safetensors or torch's; empty for drawn ones
 */
public record EncoderSettings(
    @Knob(value = "resnet18, resnet34 or resnet50", name = "encoder") String name,
    @Knob("channels of the encoder's first stage; 64 is the standard net") int width,
    @Knob("small (3x3), imagenet (7x7, stride 2, pooling) or auto (small up to 64 pixels)")
        Stem stem,
    @Knob(
            value =
                "weights to start from: torchvision's or timm's, as safetensors or torch's .pth, which is read without executing anything; a classifier in it is left out",
            label = "FILE",
            housekeeping = true)
        String init) {
  /** The networks there are. */
  static final List<String> NAMES = List.of("resnet18", "resnet34", "resnet50");

  /** The first layers. */
  public enum Stem {
    /** Small up to 64 px, else ImageNet's. */
    AUTO,
    /** 3×3. */
    SMALL,
    /** 7×7 with stride 2, then pooling. */
    IMAGENET
  }

  /** Refuses values outside their ranges. */
  public EncoderSettings {
    Require.component(
        NAMES.contains(name),
        "name",
        name + " is unknown; allowed: " + String.join(", ", NAMES) + Choice.hint(name, NAMES));
    Require.component(width >= 1, "width", width + " is below 1");
  }

  /** With another network. */
  public EncoderSettings name(String name) {
    return new EncoderSettings(name, width, stem, init);
  }

  /** With so many channels. */
  public EncoderSettings width(int width) {
    return new EncoderSettings(name, width, stem, init);
  }

  /** With another stem. */
  public EncoderSettings stem(Stem stem) {
    return new EncoderSettings(name, width, stem, init);
  }

  /** With a file of weights to start from. */
  public EncoderSettings init(String init) {
    return new EncoderSettings(name, width, stem, init);
  }
}
