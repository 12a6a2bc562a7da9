package dev.millrace.recipe;

import dev.millrace.stream.ImageSet;
import dev.millrace.stream.memory.Keep;
import dev.millrace.stream.memory.ReplayMemory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The pictures that a run replays, for those who look at them. Stateless. */
public final class RememberedPictures {
  private RememberedPictures() {}

  /**
   * What is in memory now, also while somebody learns in the run.
   *
   * @param run a run's folder
   * @return a set per chunk, in order, of which some may be empty; none where nothing is replayed
   * @throws IOException if the memory or the settings cannot be read
   */
  public static List<ImageSet> of(Path run) throws IOException {
    Settings settings = Settings.ofRun(run);
    Path folder = dev.millrace.learn.run.RunFolder.of(run).memory();
    Keep keep = PartSettings.keep(RemedyParts.replay(settings));
    if (keep == null || !Files.isDirectory(folder)) {
      return List.of();
    }
    try (ReplayMemory memory = ReplayMemory.look(folder, keep, settings.stream().seed())) {
      return memory.now();
    }
  }
}
