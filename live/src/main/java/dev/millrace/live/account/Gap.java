package dev.millrace.live.account;

/**
 * Pictures that a source no longer had when they were asked for.
 *
 * @param source its name
 * @param part which part of it, such as a partition
 * @param from the first offset that is gone
 * @param to the first that is there again
 */
public record Gap(String source, String part, long from, long to) {
  /** How many offsets are gone. */
  public long missing() {
    return to - from;
  }
}
