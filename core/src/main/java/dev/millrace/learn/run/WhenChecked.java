package dev.millrace.learn.run;

/** When the pictures of a chunk are decoded to find the bad ones. */
public enum WhenChecked {
  /** A large chunk while it is learned, any other before. */
  AUTO,
  /** Before the first step, which waits for it; bad pictures are left out. */
  BEFORE,
  /**
   * As they are drawn, and all of them when the chunk is learned; in the place of a bad one another
   * is drawn.
   */
  MEANWHILE
}
