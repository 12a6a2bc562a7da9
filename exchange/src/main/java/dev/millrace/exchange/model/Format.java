package dev.millrace.exchange.model;

import dev.millrace.refusal.Choice;
import java.util.Arrays;
import java.util.Locale;

/** What an encoder can be written as. */
public enum Format {
  /** An ONNX model. */
  ONNX("onnx"),
  /** A TorchScript module. */
  TORCHSCRIPT("pt"),
  /** Only the weights, under torchvision's names. */
  SAFETENSORS("safetensors");

  private final String ending;

  Format(String ending) {
    this.ending = ending;
  }

  /** The format of a name such as {@code onnx}; refuses others with the nearest match. */
  public static Format of(String name) {
    Choice.check(
        "--format", name, Arrays.stream(values()).map(Format::toString).toArray(String[]::new));
    return valueOf(name.toUpperCase(Locale.ROOT));
  }

  /** How a file's name ends, without the dot. */
  String ending() {
    return ending;
  }

  /** What the command calls it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
