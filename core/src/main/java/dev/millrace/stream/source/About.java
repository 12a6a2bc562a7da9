package dev.millrace.stream.source;

import java.util.List;

/**
 * How a set was read.
 *
 * @param around the folders that hold every picture and stand in no name, each with its {@code /}
 *     behind it, such as {@code photos/2026/}; empty where there are none
 * @param layout what its folders were taken for, such as {@code {train,test}/CLASS/image}
 * @param others the files that are not among its pictures, most first
 * @param notes what was in doubt, a sentence each
 */
public record About(String around, String layout, List<OtherFiles> others, List<String> notes) {
  static final About NOTHING = new About("", List.of(), List.of());

  /** Copies the lists; what an older version kept knows of no folders around. */
  public About {
    around = around == null ? "" : around;
    others = List.copyOf(others);
    notes = List.copyOf(notes);
  }

  /** Of a set whose names hold all folders. */
  public About(String layout, List<OtherFiles> others, List<String> notes) {
    this("", layout, others, notes);
  }
}
