package dev.millrace.recipe;

import dev.millrace.refusal.Choice;
import dev.millrace.refusal.Require;
import dev.millrace.setting.Knob;

/**
 * The network whose features are learned. Immutable.
 *
 * @param name one of {@link Encoders#names()}
 * @param width channels of the first stage, at least 1; 64 is the standard net
 * @param stem first layers
 * @param patch side of a transformer's patches, pixels; 0 for 4 up to views of 64 px, else 16
 * @param init file of weights to start from, safetensors or torch's; empty for drawn ones
 */
public record EncoderSettings(
    @Knob(name = "encoder") String name,
    @Knob("channels of a ResNet's first stage; 64 is the standard net") int width,
    @Knob(
            "of a ResNet: small (3x3), imagenet (7x7, stride 2, pooling) or auto (small up to 64 pixels)")
        Stem stem,
    @Knob(
            value = "side of a ViT's patches in pixels; 0 for 4 up to --size 64, 16 above",
            neutral = "0")
        int patch,
    @Knob(
            value =
                "weights to start from: torchvision's or timm's, as safetensors or torch's .pth, which is read without executing anything; a classifier in it is left out",
            label = "FILE",
            housekeeping = true)
        String init) {
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
        Encoders.names().contains(name),
        "name",
        name
            + " is unknown; allowed: "
            + String.join(", ", Encoders.names())
            + Choice.hint(name, Encoders.names()));
    Require.component(width >= 1, "width", width + " is below 1");
    Require.component(patch >= 0, "patch", patch + " is below 0; 0 means the usual one");
  }

  /** With another network. */
  public EncoderSettings name(String name) {
    return new EncoderSettings(name, width, stem, patch, init);
  }

  /** With this many channels. */
  public EncoderSettings width(int width) {
    return new EncoderSettings(name, width, stem, patch, init);
  }

  /** With another stem. */
  public EncoderSettings stem(Stem stem) {
    return new EncoderSettings(name, width, stem, patch, init);
  }

  /** With patches of another side; 0 for the usual one. */
  public EncoderSettings patch(int patch) {
    return new EncoderSettings(name, width, stem, patch, init);
  }

  /** With a file of weights to start from. */
  public EncoderSettings init(String init) {
    return new EncoderSettings(name, width, stem, patch, init);
  }
}
