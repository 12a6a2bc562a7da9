package dev.millrace.stream.source;

import dev.millrace.refusal.UsageException;

/** How much a cache keeps on disk, as the environment says it in GiB. Stateless. */
final class CacheBound {
  private static final long STANDARD = 20;

  private CacheBound() {}

  /**
   * Bytes that are kept.
   *
   * @param variable that says it
   * @param said what it says; null for nothing
   * @throws IllegalArgumentException if that is no bound
   */
  static long of(String variable, String said) {
    if (said == null || said.isBlank()) {
      return STANDARD << 30;
    }
    if (!said.matches("\\d{1,7}")) {
      throw UsageException.ofWord(
          "%s is '%s', expected a whole number of GiB, such as 20".formatted(variable, said));
    }
    return Long.parseLong(said) << 30;
  }
}
