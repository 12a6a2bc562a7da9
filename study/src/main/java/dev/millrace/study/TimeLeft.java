package dev.millrace.study;

import dev.millrace.terminal.Say;

/**
 * How long a study still takes.
 *
 * @param seconds on the clock; NaN if unknown
 * @param whole whether everything that is left is in it, by runs that finished here
 */
record TimeLeft(double seconds, boolean whole) {
  /** Nothing tells. */
  static TimeLeft unknown() {
    return new TimeLeft(Double.NaN, false);
  }

  /** As the end of a sentence; empty if unknown, and never no time while there is work. */
  String words() {
    if (!Double.isFinite(seconds)) {
      return "";
    }
    if (seconds < 1) {
      return whole ? ", nearly done" : "";
    }
    return ", " + (whole ? "about " : "at least ") + Say.time(Math.rint(seconds)) + " left";
  }
}
