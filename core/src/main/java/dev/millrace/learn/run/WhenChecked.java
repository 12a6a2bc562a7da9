package dev.millrace.learn.run;

/** When the pictures of a chunk are decoded to find the bad ones. */
public enum WhenChecked {
  /** As {@link #BEFORE}; a later version may check large chunks while they are learned. */
  AUTO,
  /** Before the first step, which waits for it; bad pictures are left out. */
  BEFORE,
  /**
   * As they are drawn, and all of them when the chunk is learned; in the place of a bad one another
   * is drawn.
   */
  MEANWHILE
}
