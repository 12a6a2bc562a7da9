package dev.millrace.stream.source;

/**
 * What is needed to be sure of when a set's folders are read. What is not needed is warned of where
 * it is in doubt, and the set is then read as {@link Folders#FLAT}.
 */
public enum Need {
  /** Only the pictures, as for vectors of them: no doubt is refused. */
  PICTURES,
  /** Which pictures may be learned from, as without labels: a doubtful part is refused. */
  PARTS,
  /** Classes and domains too: each doubt is refused. */
  LABELS
}
