package dev.millrace.live;

import dev.millrace.file.Trees;
import dev.millrace.learn.run.RunDirectory;
import dev.millrace.learn.run.RunFolder;
import dev.millrace.live.learn.ChunkLearning;
import dev.millrace.recipe.Millrace;
import dev.millrace.recipe.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.util.function.Predicate;

/** The run in a live run's folder. */
final class FolderRun implements LearnedRun {
  private final LiveFolder live;

  FolderRun(LiveFolder live) {
    this.live = live;
  }

  @Override
  public Held hold() throws IOException {
    RunFolder run = live.run();
    if (!run.isRun()) {
      // A beginning already says which pictures the first chunk has.
      return Files.exists(run.root()) ? null : new Locked(null, 0, 0, false);
    }
    RunDirectory directory = RunDirectory.openIfFree(run.root()).orElse(null);
    if (directory == null) {
      return null;
    }
    try {
      int last = Settings.ofRun(run.root()).stream().chunks() - 1;
      return new Locked(
          directory,
          ChunkLearning.learned(live),
          ChunkLearning.begun(live),
          Files.exists(run.trunk(last)));
    } catch (IOException | RuntimeException e) {
      directory.close();
      throw e;
    }
  }

  @Override
  public void dropVectors() throws IOException {
    Trees.delete(live.run().search());
  }

  /**
   * Held by the run's lock, where there is a run.
   *
   * @param trunk whether the trunk of an endless run makes the last steps of its last chunk when
   *     the next one comes
   */
  private record Locked(RunDirectory directory, int learned, int begun, boolean trunk)
      implements Held {
    @Override
    public boolean needs(int chunk) {
      return trunk && chunk == learned;
    }

    @Override
    public void drop(Predicate<String> names) throws IOException {
      if (directory != null) {
        Millrace.forget(directory, names);
      }
    }

    @Override
    public void close() throws IOException {
      if (directory != null) {
        directory.close();
      }
    }
  }
}
