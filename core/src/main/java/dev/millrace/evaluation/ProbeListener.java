package dev.millrace.evaluation;

/** Hears how probing goes on, on the calling thread. */
public interface ProbeListener {
  /** A suite has come to a set. */
  default void set(int number, int of, String data) {}

  /** Features of a part of a set were taken. */
  default void extracted(String encoder, String data, int pictures, double seconds) {}

  /** A question was answered, or its answer was kept from an earlier call. */
  default void answered(ProbeResult result, String encoder, double seconds, boolean kept) {}

  /** A suite's set cannot be judged. */
  default void missing(String data, String why) {}

  /**
   * Asked often, by a thread of the call; true ends the call by a {@link
   * java.util.concurrent.CancellationException}, as does an interrupt of the caller, whose flag
   * stays set, or the end of the process. Answers that are kept stay.
   */
  default boolean stop() {
    return false;
  }
}
