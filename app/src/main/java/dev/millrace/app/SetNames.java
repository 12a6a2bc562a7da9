package dev.millrace.app;

import java.util.List;

/** A list of sets as one flag's value. */
final class SetNames {
  /** A comma before {@code key=value} belongs to a generated set, any other one parts two sets. */
  static final String COMMA = ",(?![^,=:]*=)";

  private SetNames() {}

  /** The sets of {@code A,B,generated:images=100,classes=4}. */
  static List<String> split(String value) {
    return List.of(value.split(COMMA, -1));
  }
}
