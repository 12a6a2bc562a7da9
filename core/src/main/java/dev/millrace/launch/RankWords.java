package dev.millrace.launch;

import dev.millrace.engine.ProcessEnd;
import java.util.Set;

/**
 * What a rank's process says on stdout to who minds it, a line each, among lines of its result; and
 * how it ends.
 */
public final class RankWords {
  /** The exit code of a rank that ends because another is gone. */
  public static final int LOST = 75;

  /** With what lines to the minder begin. */
  public static final String SAYS = "@rank ";

  /** That it computes, and may meet the others. */
  public static final String READY = SAYS + "ready";

  /** That it is alive; steps of the run follow. */
  public static final String ALIVE = SAYS + "alive ";

  /** That the first rank waits for the others; where they find it follows. */
  public static final String MEETS = SAYS + "meets ";

  /** Seconds after which a rank that says nothing is taken for gone. */
  public static final int SILENCE = 30;

  /** Seconds within which it begins. */
  public static final int START = 120;

  /**
   * Seconds that ranks wait for each other: longer than one may take to begin, hang and be found,
   * so that whoever minds it says which it is before the others end by themselves.
   */
  public static final int MEETING = START + 2 * SILENCE;

  private static final int SIGNALLED = 128;
  private static final int KILLED = 9;

  /** Done, failed, refused, worse, stopped, or another was lost. */
  private static final Set<Integer> OWN = Set.of(0, 1, 2, 3, ProcessEnd.STOPPED, LOST);

  private RankWords() {}

  /** Whether a first rank's process ended by itself with this code, and nothing took it. */
  public static boolean own(int code) {
    return OWN.contains(code);
  }

  /** How a process ended, in words. */
  public static String how(int code) {
    if (code == SIGNALLED + KILLED) {
      return "was killed (signal 9), as a system does that runs out of memory";
    }
    return code > SIGNALLED
        ? "was ended by signal " + (code - SIGNALLED)
        : "ended with exit code " + code;
  }
}
