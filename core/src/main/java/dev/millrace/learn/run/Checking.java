package dev.millrace.learn.run;

import dev.millrace.learn.network.Ranks;
import dev.millrace.stream.Chunk;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;

/**
 * What the check of a chunk's pictures needs, before it is learned or at its end. As safe for
 * threads as what it names, which others close.
 *
 * @param run the run's folder, in which the first rank keeps the result
 * @param ranks those that share the check
 * @param again the command that goes on after a mend, for the message of a refusal
 * @param listener hears of bad pictures, in the first rank
 * @param stop asked after every picture; must be thread-safe
 */
record Checking(
    Chunk chunk,
    Path run,
    Plan plan,
    Ranks ranks,
    String again,
    RunEvent.Listener listener,
    BooleanSupplier stop) {

  RunFolder folder() {
    return RunFolder.of(run);
  }
}
