package dev.millrace.study;

import dev.millrace.recipe.Methods;
import dev.millrace.recipe.RemedyParts;
import dev.millrace.study.record.Names;
import dev.millrace.study.record.Names.Named;
import java.util.List;

/** The names of the methods and remedies that there are, for whoever reads a ledger. */
public final class StudyNames {
  private StudyNames() {}

  /** As the lists of methods and remedies have them. */
  public static Names current() {
    List<Named> methods =
        Methods.shown().entrySet().stream()
            .map(one -> new Named(one.getKey(), one.getValue(), Methods.labels(one.getKey())))
            .toList();
    List<Named> remedies =
        RemedyParts.shown().entrySet().stream()
            .map(one -> new Named(one.getKey(), one.getValue(), false))
            .toList();
    return new Names(methods, remedies);
  }
}
