package dev.millrace.stream.taxonomy;

import java.util.List;

/** Classes that have no place in a taxonomy; the message names them and how to give them one. */
public final class UnmappedClassException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;
  private static final int NAMES_SHOWN = 20;

  /** For the classes that have no place, at least one. */
  public UnmappedClassException(List<String> names) {
    super(
        names.size()
            + (names.size() == 1 ? " class has" : " classes have")
            + " no place in the taxonomy: "
            + String.join(", ", names.subList(0, Math.min(NAMES_SHOWN, names.size())))
            + (names.size() > NAMES_SHOWN ? ", …" : "")
            + "; give every class a line `class: super/sub` in a file and name it by"
            + " --hierarchy FILE");
  }
}
