package dev.millrace.launch;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/**
 * Room on a cluster for the ranks of a run, which begin together, each a process of its own, and
 * end together. Not thread-safe. Whoever opened it closes it, with which its processes end.
 */
public interface Gang extends AutoCloseable {
  /**
   * One attempt at a run.
   *
   * @param first arguments of the first rank's process, behind {@code millrace}
   * @param run its folder, absolute, which the other ranks read
   * @param needs files that every machine must see
   */
  record Attempt(List<String> first, Path run, List<Path> needs) {
    /** Makes the lists immutable. */
    public Attempt {
      first = List.copyOf(first);
      needs = List.copyOf(needs);
    }
  }

  /**
   * How the first rank ended.
   *
   * @param code of its process
   * @param result lines of its stdout
   */
  record End(int code, List<String> result) {
    /** Makes the list immutable. */
    public End {
      result = List.copyOf(result);
    }
  }

  /** A rank was lost, which is named; all others have ended. */
  final class LostException extends IOException {
    private static final long serialVersionUID = 1;

    /** Says which, and why. */
    public LostException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * Runs all ranks to the end of the first.
   *
   * @param said given each line that the first rank writes to stderr
   * @throws LostException if a rank was lost
   * @throws java.util.concurrent.CancellationException if a stop was asked for before there was
   *     room; later, all ranks stop at a checkpoint
   * @throws IOException if they could not be started, or the cluster is gone
   */
  End run(Attempt attempt, Consumer<String> said) throws IOException;

  @Override
  void close();
}
