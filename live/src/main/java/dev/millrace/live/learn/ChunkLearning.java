package dev.millrace.live.learn;

import dev.millrace.learn.network.LostRankException;
import dev.millrace.learn.network.Rendezvous;
import dev.millrace.learn.run.RunEvent;
import dev.millrace.learn.run.RunFolder;
import dev.millrace.live.CloseRule;
import dev.millrace.live.LiveFolder;
import dev.millrace.live.LiveSettings;
import dev.millrace.live.spool.FileSpool;
import dev.millrace.ranks.LocalRanks;
import dev.millrace.recipe.Extension;
import dev.millrace.recipe.Millrace;
import dev.millrace.recipe.PublishedEncoder;
import dev.millrace.recipe.Resumption;
import dev.millrace.recipe.Settings;
import dev.millrace.stream.ChunkWords;
import dev.millrace.stream.source.Catalogue;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/**
 * Learns the closed chunks of a live run, one after another: the first begins a run over a given
 * stream, each later one extends it. What a kill interrupted is resumed. So the run is at any
 * moment what {@code pretrain --stream given} over the same chunks makes, to the bit. Chunks that
 * were set aside are not learned. Where a chunk may be, the run is kept as it was before.
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

  /**
   * The last chunk that a live run has learned, whether somebody learns in it now or not; 0 for
   * none. Chunks that were passed over have no part in the run.
   */
  public static int learned(LiveFolder folder) throws IOException {
    RunFolder run = folder.run();
    if (!run.isRun()) {
      return 0;
    }
    Optional<PublishedEncoder> encoder = PublishedEncoder.of(run.root());
    return encoder.isPresent() ? chunk(run, encoder.get().chunk()) : 0;
  }

  /** The last chunk that the run has begun to learn; 0 for none. */
  public static int begun(LiveFolder folder) throws IOException {
    RunFolder run = folder.run();
    return run.isRun() ? chunk(run, Settings.ofRun(run.root()).stream().chunks() - 1) : 0;
  }

  /** The chunks that the run has learned or begun to learn. */
  public static Set<Integer> chunks(LiveFolder folder) throws IOException {
    RunFolder run = folder.run();
    return run.isRun()
        ? Settings.ofRun(run.root()).data().sets().stream()
            .map(LiveFolder::chunkOf)
            .collect(Collectors.toSet())
        : Set.of();
  }

  private static int chunk(RunFolder run, int place) throws IOException {
    return LiveFolder.chunkOf(Settings.ofRun(run.root()).data().sets().get(place));
  }

  /**
   * Learns all chunks up to one.
   *
   * @param chunk from 1; closed, as are those before it, of which some may have lost their pictures
   *     and with them their files
   * @return false if it was stopped
   * @throws IOException also if what was learned of that chunk was taken back
   */
  public boolean upTo(int chunk) throws IOException {
    if (RunSnapshot.setAside(folder).contains(chunk)) {
      throw new IOException(
          "%s is set aside, and is never learned again; start the live run anew, which goes on with the next one"
              .formatted(ChunkWords.of(chunk - 1)));
    }
    RunFolder run = folder.run();
    boolean reverts = LiveSettings.read(folder).reverts();
    if (!run.isRun()) {
      Settings settings =
          LiveSettings.read(folder)
              .pretraining(folder.chunk(next(1, chunk)).toAbsolutePath().normalize());
      if (shared(
              settings,
              met ->
                  Millrace.pretrain(
                      settings, Catalogue.standard(), run.root(), met, listener, stop))
          .stopped()) {
        return false;
      }
    } else if (!run.finished(Settings.ofRun(run.root()).stream().chunks())
        && shared(
                Settings.ofRun(run.root()),
                met ->
                    Millrace.resume(
                        run.root(),
                        Catalogue.standard(),
                        Resumption.unchanged(),
                        met,
                        listener,
                        stop))
            .stopped()) {
      return false;
    }
    for (int next = next(learned(folder) + 1, chunk); next <= chunk; next = next(next + 1, chunk)) {
      if (reverts) {
        new RunSnapshot(folder, next).take();
      }
      String set = folder.chunk(next).toAbsolutePath().normalize().toString();
      if (shared(
              Settings.ofRun(run.root()),
              met ->
                  Millrace.extend(
                      run.root(), Extension.of(set), Catalogue.standard(), met, listener, stop))
          .stopped()) {
        return false;
      }
    }
    return true;
  }

  /** What learns with the processes that share its steps out. */
  @FunctionalInterface
  private interface Learning {
    Millrace.Outcome go(Rendezvous rendezvous) throws IOException;
  }

  private static Millrace.Outcome shared(Settings settings, Learning learning) throws IOException {
    int ranks = settings.machine().ranks();
    if (ranks == 1) {
      return learning.go(Rendezvous.alone());
    }
    try (LocalRanks local = new LocalRanks(ranks, 0, System.err::println)) {
      return learning.go(local);
    } catch (LostRankException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /**
   * The next chunk that has pictures enough and is not set aside; the last that was asked for is
   * never passed over.
   */
  private int next(int from, int last) throws IOException {
    int next = from;
    Set<Integer> aside = RunSnapshot.setAside(folder);
    while (next < last
        && (aside.contains(next) || FileSpool.pictures(folder.chunk(next)) < CloseRule.LEAST)) {
      next++;
    }
    return next;
  }
}
