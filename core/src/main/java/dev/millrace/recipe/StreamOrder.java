package dev.millrace.recipe;

import dev.millrace.setting.Knobs;

/** What makes a chunk of a stream. One more is a constant here and a line in {@link Orders}. */
public enum StreamOrder {
  /** Pictures at random: chunks are alike. */
  INSTANCE,
  /** Classes at random: no class is in two chunks. */
  CLASS,
  /** Classes that are far from each other by a hierarchy. */
  DISTANT,
  /** Domains: photographs, then paintings, … */
  DOMAIN,
  /** Everything at once. */
  JOINT,
  /** One chunk per set, in the order given. */
  GIVEN;

  /** As {@code --stream} and files name it. */
  public String word() {
    return Knobs.word(this);
  }

  /** Whether each set of {@code --data} is a chunk. */
  public boolean bySet() {
    return this == GIVEN;
  }

  /** Whether chunks are of a domain each. */
  public boolean byDomain() {
    return this == DOMAIN;
  }

  /** Whether everything is one chunk, so that there is nothing to forget. */
  public boolean atOnce() {
    return this == JOINT;
  }

  /** Whether no class is in two chunks. */
  public boolean byClass() {
    return Orders.of(this).byClass();
  }
}
