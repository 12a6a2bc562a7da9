package dev.millrace.recipe;

import dev.millrace.file.ShellWords;
import dev.millrace.learn.run.RunDirectory;
import dev.millrace.stream.memory.Keep;
import dev.millrace.stream.memory.ReplayMemory;
import java.io.IOException;
import java.nio.file.Files;
import java.util.function.Predicate;

/** Pictures that a person wants a run to keep no longer. Stateless. */
public final class ForgottenPictures {
  private ForgottenPictures() {}

  /**
   * Removes pictures from what replay keeps of a run, for good. Weights that have learned from them
   * stay as they are. What was learned so far is not read again, but a chunk that is half learned
   * would end differently, so there must be none.
   *
   * @param run a finished one, held
   * @param ids whether the picture of an id, as the run's stream.json has it, goes
   * @return how many went
   * @throws IllegalArgumentException if the run is not finished
   */
  public static int drop(RunDirectory run, Predicate<String> ids) throws IOException {
    Settings settings = RunFiles.settings(run.root());
    if (!run.folder().finished(settings.stream().chunks())) {
      throw new IllegalArgumentException(
          "%s is not finished; finish it with %s before pictures are removed from its memory"
              .formatted(run.root(), ShellWords.resume(run.root())));
    }
    Keep keep = PartSettings.keep(RemedyParts.replay(settings));
    if (keep == null || !Files.isDirectory(run.memory())) {
      return 0;
    }
    try (ReplayMemory memory = ReplayMemory.open(run.memory(), keep, settings.stream().seed())) {
      return memory.forget(ids);
    }
  }
}
