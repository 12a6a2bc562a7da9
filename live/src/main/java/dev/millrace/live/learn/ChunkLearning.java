package dev.millrace.live.learn;

import dev.millrace.learn.run.RunEvent;
import dev.millrace.learn.run.RunFolder;
import dev.millrace.live.LiveFolder;
import dev.millrace.live.LiveSettings;
import dev.millrace.recipe.Extension;
import dev.millrace.recipe.Millrace;
import dev.millrace.recipe.PublishedEncoder;
import dev.millrace.recipe.Resumption;
import dev.millrace.recipe.Settings;
import java.io.IOException;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Learns the closed chunks of a live run, one after another: the first begins a run over a given
 * stream, each later one extends it. What a kill interrupted is resumed. So the run is at any
 * moment what {@code pretrain --stream given} over the same chunks makes, to the bit.
 */
public final class ChunkLearning {
  private final LiveFolder folder;
  private final RunEvent.Listener listener;
  private final BooleanSupplier stop;

  /**
   * @param stop asked after every step; true ends learning at a checkpoint
   */
  public ChunkLearning(LiveFolder folder, RunEvent.Listener listener, BooleanSupplier stop) {
    this.folder = folder;
    this.listener = listener;
    this.stop = stop;
  }

  /** How many chunks a live run has learned, whether somebody learns in it now or not. */
  public static int learned(LiveFolder folder) throws IOException {
    RunFolder run = folder.run();
    if (!run.isRun()) {
      return 0;
    }
    Optional<PublishedEncoder> encoder = PublishedEncoder.of(run.root());
    return encoder.isPresent() ? encoder.get().chunk() + 1 : 0;
  }

  /**
   * Learns all chunks up to one.
   *
   * @param chunk from 1; closed, as are those before it
   * @return false if it was stopped
   */
  public boolean upTo(int chunk) throws IOException {
    RunFolder run = folder.run();
    if (!run.isRun()) {
      Settings settings =
          LiveSettings.read(folder).pretraining(folder.chunk(1).toAbsolutePath().normalize());
      if (Millrace.pretrain(settings, run.root(), listener, stop).stopped()) {
        return false;
      }
    } else if (!run.finished(Settings.ofRun(run.root()).stream().chunks())
        && Millrace.resume(run.root(), new Resumption(null, java.util.Map.of()), listener, stop)
            .stopped()) {
      return false;
    }
    for (int next = learned(folder) + 1; next <= chunk; next++) {
      String set = folder.chunk(next).toAbsolutePath().normalize().toString();
      if (Millrace.extend(run.root(), Extension.of(set), listener, stop).stopped()) {
        return false;
      }
    }
    return true;
  }
}
