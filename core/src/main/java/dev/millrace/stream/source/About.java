package dev.millrace.stream.source;

import java.util.List;

/**
 * How a set was read.
 *
 * @param layout what its folders were taken for, such as {@code {train,test}/CLASS/image}
 * @param others the files that are not among its pictures, most first
 * @param notes what was in doubt, a sentence each
 */
public record About(String layout, List<OtherFiles> others, List<String> notes) {
  static final About NOTHING = new About("", List.of(), List.of());

  /** Copies the lists. */
  public About {
    others = List.copyOf(others);
    notes = List.copyOf(notes);
  }
}
