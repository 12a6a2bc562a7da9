package dev.millrace.app.train;

import dev.millrace.app.shared.Exit;
import dev.millrace.file.Reason;
import dev.millrace.launch.Gang;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/**
 * A run that processes make which are begun together; how it goes is said by the first of them.
 *
 * @param words of the command that begins it
 * @param again of that by which it goes on
 * @param begun whether it has begun
 * @param run its folder, absolute
 * @param needs files that every machine must see
 * @param resume what a person types to go on
 */
record GangRun(
    List<String> words,
    List<String> again,
    Begun begun,
    Path run,
    List<Path> needs,
    String resume) {

  /** Whether the files of a run say that it goes on. */
  @FunctionalInterface
  interface Begun {
    boolean now() throws IOException;
  }

  /**
   * Learns, and prints the first rank's result.
   *
   * @param retries how often it goes on from the last checkpoint when a rank is lost
   * @param stop whether a stop was asked for
   * @return the exit code
   * @throws CancellationException if it was stopped before ranks had begun
   * @throws IOException if a rank was lost once more than that, or the ranks could not begin
   */
  int learn(Gang gang, int retries, BooleanSupplier stop, PrintStream out, PrintStream err)
      throws IOException {
    for (int lost = 0; ; lost++) {
      List<String> first = begun.now() ? again : words;
      try {
        Gang.End end = gang.run(new Gang.Attempt(first, run, needs), err::println);
        end.result().forEach(out::println);
        return end.code();
      } catch (CancellationException e) {
        throw stopped(e, begun, resume);
      } catch (Gang.LostException e) {
        if (stop.getAsBoolean()) {
          err.printf("%s; stopped; %s%n", Reason.of(e), mend());
          return Exit.STOPPED;
        }
        if (lost == retries) {
          throw new IOException("%s; all ranks have ended; %s".formatted(Reason.of(e), mend()), e);
        }
        err.printf(
            "%s; going on from the last checkpoint (%d of %d)%n", Reason.of(e), lost + 1, retries);
      }
    }
  }

  /** Says how to go on. */
  static CancellationException stopped(CancellationException e, Begun begun, String resume)
      throws IOException {
    CancellationException named =
        new CancellationException(e.getMessage() + "; " + mend(begun, resume));
    named.initCause(e);
    return named;
  }

  private String mend() throws IOException {
    return mend(begun, resume);
  }

  /** How a run goes on, or begins again, that a rank was lost of or that was stopped. */
  static String mend(Begun begun, String resume) throws IOException {
    return begun.now() ? "go on with " + resume : "nothing has begun: give the same command again";
  }
}
