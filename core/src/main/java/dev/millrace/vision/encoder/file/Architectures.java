package dev.millrace.vision.encoder.file;

import dev.millrace.vision.encoder.Family;
import dev.millrace.vision.encoder.resnet.ResNetFamily;
import dev.millrace.vision.encoder.vit.ViTFamily;
import java.util.List;
import java.util.Optional;

/** The families of encoders that files are searched for; one more is a line here. */
public final class Architectures {
  static final List<Family> FAMILIES = List.of(new ResNetFamily(), new ViTFamily());

  private Architectures() {}

  /** Names of all networks, as encoder files have them. */
  public static List<String> names() {
    return FAMILIES.stream().flatMap(family -> family.names().stream()).toList();
  }

  /** The family that has a network of this name. */
  static Optional<Family> of(String name) {
    return FAMILIES.stream().filter(family -> family.names().contains(name)).findFirst();
  }
}
