package dev.millrace.live;

import dev.millrace.file.AtomicFiles;
import dev.millrace.file.Reason;
import dev.millrace.file.Trees;
import dev.millrace.learn.run.RunDirectory;
import dev.millrace.learn.run.RunFolder;
import dev.millrace.live.learn.ChunkLearning;
import dev.millrace.live.learn.RunSnapshot;
import dev.millrace.live.source.Backoff;
import dev.millrace.live.source.Wait;
import dev.millrace.recipe.ForgottenPictures;
import dev.millrace.recipe.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The run in a live run's folder. */
final class FolderRun implements LearnedRun {
  private static final Logger LOG = LoggerFactory.getLogger(FolderRun.class);
  private static final String GONE = ".search-forgotten-";

  private final LiveFolder live;
  private final InstantSource clock;

  /** Why the last sweep failed, and when the next is tried. */
  private String said = "";

  private final Backoff backoff = new Backoff();
  private Wait wait = Wait.NONE;

  FolderRun(LiveFolder live, InstantSource clock) {
    this.live = live;
    this.clock = clock;
  }

  @Override
  public Held hold() throws IOException {
    RunFolder run = live.run();
    if (RunSnapshot.all(live).stream().anyMatch(RunSnapshot::waits)) {
      return null; // the run that is there, if any, is not the one that stays
    }
    if (!run.isRun()) {
      // A beginning already says which pictures the first chunk has.
      return Files.exists(run.root()) ? null : new Locked(live, null, 0, 0, Set.of());
    }
    RunDirectory directory = RunDirectory.openIfFree(run.root()).orElse(null);
    if (directory == null) {
      return null;
    }
    try {
      if (!swept()) {
        directory.close();
        return null;
      }
      int learned = ChunkLearning.learned(live);
      Set<Integer> needed = new HashSet<>();
      Settings settings = Settings.ofRun(run.root());
      int last = settings.stream().chunks() - 1;
      if (settings.schedule().goesBack() && Files.exists(run.trunk(last))) {
        needed.add(learned);
      }
      for (RunSnapshot before : RunSnapshot.all(live)) { // the run may go back to it yet
        before.needed().ifPresent(needed::add);
      }
      return new Locked(live, directory, learned, ChunkLearning.begun(live), needed);
    } catch (IOException | RuntimeException e) {
      directory.close();
      throw e;
    }
  }

  /** What kills have left of runs may have pictures that are called forgotten after this. */
  private boolean swept() {
    if (!wait.isOver(clock.instant())) {
      return false;
    }
    try {
      RunSnapshot.sweep(live);
      said = "";
      backoff.succeeded();
      return true;
    } catch (IOException e) {
      String words = Reason.of(e);
      if (!words.equals(said)) { // it is asked again and again
        LOG.warn("pictures wait until {} can be cleared: {}", live.aside(), words);
      }
      said = words;
      wait = Wait.ofSeconds(clock.instant(), backoff.failed());
      return false;
    }
  }

  @Override
  public void dropVectors() throws IOException {
    Path search = live.run().search();
    Path gone;
    int i = 1;
    do {
      gone = search.resolveSibling(GONE + i++);
      discard(gone);
    } while (Files.exists(gone));
    if (Files.exists(search)) {
      // Whoever writes an index there now loses its folder, and finds that out.
      AtomicFiles.move(search, gone);
      discard(gone);
    }
  }

  /** As far as it can now; what is left is tried again the next time. */
  private static void discard(Path folder) {
    try {
      Trees.delete(folder);
    } catch (IOException e) {
      LOG.warn("{} is to be deleted, and is not yet: {}", folder, Reason.of(e));
    }
  }

  /**
   * Held by the run's lock, where there is a run.
   *
   * @param needed the chunks of which the trunk of an endless run makes the last steps when the
   *     next one comes, whether it goes back before or not
   */
  private record Locked(
      LiveFolder live, RunDirectory directory, int learned, int begun, Set<Integer> needed)
      implements Held {
    @Override
    public boolean needs(int chunk) {
      return needed.contains(chunk);
    }

    @Override
    public void drop(Predicate<String> names) throws IOException {
      if (directory != null) {
        ForgottenPictures.drop(directory, names);
        for (RunSnapshot before : RunSnapshot.all(live)) {
          before.forget(names);
        }
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
