package dev.millrace.launch;

import java.io.IOException;

/**
 * Where commands run as processes of their own. Thread-safe. Whoever opened it closes it, after
 * which its processes stop at a checkpoint.
 */
public interface Launcher extends AutoCloseable {
  /**
   * Starts a command, or puts it in a queue until there is room.
   *
   * @throws IOException if it cannot be started
   */
  Launched start(Command command) throws IOException;

  /** Processes that there is room for side by side; 0 where that is for the caller to say. */
  int slots();

  @Override
  void close();
}
