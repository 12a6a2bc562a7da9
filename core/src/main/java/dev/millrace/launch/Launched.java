package dev.millrace.launch;

import java.io.IOException;
import java.util.function.Consumer;

/** A command that was started. {@link #stop} may come from any thread, the others from one. */
public interface Launched {
  /**
   * Waits for the end.
   *
   * @param lines given each line of the process's stdout, in its order; after a machine was lost,
   *     lines of the second process follow those of the first
   * @return the exit code; a negative one if the process was lost with its machine, each time
   * @throws IOException if it could not be started, or the cluster is gone
   */
  int await(Consumer<String> lines) throws IOException;

  /** Asks for a stop at a checkpoint; again and again does no harm. */
  void stop();

  /** Why it failed, in words: its exit code and the end of what it wrote to its log. */
  String failure(int code) throws IOException;
}
