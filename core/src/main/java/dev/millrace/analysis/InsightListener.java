package dev.millrace.analysis;

/** Hears how insight goes on, on the calling thread. */
public interface InsightListener {
  /**
   * Something was found out.
   *
   * @param part one of {@link Insights#PARTS}
   * @param what it was about, such as {@code after chunk 2}, or {@code after chunk 2: noise}
   * @param kept whether an earlier call had found it
   */
  default void done(String part, String what, double seconds, boolean kept) {}

  /**
   * Asked often, by a thread of the call; true ends the call by a {@link
   * java.util.concurrent.CancellationException}, as does an interrupt of the caller, whose flag
   * stays set, or the end of the process. Parts that were found are kept.
   */
  default boolean stop() {
    return false;
  }
}
