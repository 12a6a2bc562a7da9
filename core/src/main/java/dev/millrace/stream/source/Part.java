package dev.millrace.stream.source;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** A part of a set, as folders name it. */
enum Part {
  TRAIN("train", "training"),
  VALIDATION("val", "valid", "validation"),
  TEST("test", "testing");

  private final List<String> names;

  Part(String... names) {
    this.names = List.of(names);
  }

  /** The part that a folder's name means, in any case of letters; null if it means none. */
  static Part of(String folder) {
    String name = folder.toLowerCase(Locale.ROOT);
    return Arrays.stream(values()).filter(p -> p.names.contains(name)).findFirst().orElse(null);
  }
}
