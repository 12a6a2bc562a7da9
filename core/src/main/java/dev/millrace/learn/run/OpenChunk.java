package dev.millrace.learn.run;

import dev.millrace.draw.Draw;
import dev.millrace.learn.network.Alone;
import dev.millrace.learn.network.Ranks;
import dev.millrace.learn.network.Views;
import dev.millrace.stream.Chunk;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.ReadAlong;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A chunk that is being learned: its good pictures and what replay keeps beside them, in batches
 * that are a function of their step. Each rank makes views of its part of a batch; where a batch
 * does not divide, that of a chunk smaller than the run's batches, all ranks make the whole of it.
 */
final class OpenChunk {
  /** Batches whose views are made a few steps ahead; close it to stop that. Not thread-safe. */
  interface Batches extends AutoCloseable {
    /** The next one; valid until the call after, its tensors belong to the caller's scope. */
    Views take() throws IOException;

    /** What is remembered beside the one taken last, as long as it; empty where nothing is. */
    Optional<Views> remembered() throws IOException;

    @Override
    void close();
  }

  private final Chunk chunk;
  private final ImageSet good;
  private final Pretraining.Parts parts;
  private final Plan plan;
  private final int batch;
  private final Ranks ranks;
  private final int[] kept;
  private final int beside;
  private final Pool pool;

  /** Null where an epoch draws among all. */
  private final ReadAlong along;

  /** Null where the pictures were checked before. */
  private final MetPictures met;

  /**
   * @param good its pictures that decode, or all of them where that is not known yet, at least
   *     {@link Plan#LEAST}
   * @param kept what is kept of each chunk before, to be drawn into batches
   * @param remembered what is kept of each chunk before, to be shown beside batches
   * @param classes the place of each of the stream's classes
   * @param along in which order an epoch reads; null to draw among all
   * @param met what becomes of bad pictures that are drawn; null where there are none
   */
  OpenChunk(
      Chunk chunk,
      ImageSet good,
      List<ImageSet> kept,
      List<ImageSet> remembered,
      Pretraining.Parts parts,
      Plan plan,
      Map<String, Integer> classes,
      ReadAlong along,
      MetPictures met) {
    this.chunk = chunk;
    this.good = good;
    this.parts = parts;
    this.met = met;
    this.plan = plan;
    this.along = along;
    this.kept = kept.stream().mapToInt(ImageSet::size).toArray();
    beside = remembered.stream().mapToInt(ImageSet::size).sum();
    batch = plan.batchOf(good.size());
    int shares = Math.max(plan.parts(), parts.ranks().count());
    boolean divides = batch % shares == 0 && batch / shares >= Plan.LEAST;
    ranks = divides ? parts.ranks() : new Alone();
    parts.network().parts().of(divides ? batch / plan.parts() : 0);
    pool =
        new Pool(
            chunk.index(),
            good,
            List.of(kept, remembered),
            classes,
            parts.views().least().maker().smallest(),
            plan.cacheBytes(),
            met == null);
  }

  Chunk chunk() {
    return chunk;
  }

  /** Has all ranks know of the bad pictures that a step of any met. */
  void agree() throws IOException {
    if (met != null) {
      met.agree();
    }
  }

  Plan plan() {
    return plan;
  }

  /** Pictures of a step, those of all ranks together. */
  int batch() {
    return batch;
  }

  int stepsPerEpoch() {
    return plan.stepsPerEpoch(good.size());
  }

  /** Steps of all epochs. */
  int steps() {
    return plan.epochs() * stepsPerEpoch();
  }

  /** The step that comes next, over all epochs. */
  int step(Position position) {
    return position.epoch() * stepsPerEpoch() + position.step();
  }

  /** Whether no step of another chunk was made before a place in this one. */
  boolean isFirst(Position at) {
    int onBranch = at.part() == Position.Part.REST ? steps() - plan.course().fork(steps()) : 0;
    return at.total() == step(at) + onBranch;
  }

  /** Pictures of chunks before, drawn into batches or shown beside them. */
  int replayed() {
    return Arrays.stream(kept).sum() + beside;
  }

  /** The chunk as remedies see it once it is learned. */
  LearnedChunk learned() {
    return new LearnedChunk(
        new Chunk(chunk.index(), chunk.name(), good),
        parts.learner(),
        this::feed,
        parts.views().full(),
        plan);
  }

  /**
   * This rank's parts of the batches of some steps of the chunk, in order; from {@link #steps} on
   * those of further epochs, in full views.
   *
   * @param from the first step
   * @param until the first that is not asked for
   */
  Batches batches(int from, int until) {
    int share = batch / ranks.count();
    int begin = ranks.index() * share;
    Feed feed = feed(share, parts.method().views());
    Feed second = beside > 0 ? feed(share, parts.method().views()) : null;
    return new Batches() {
      private int asked = from;
      private final DrawOrder order =
          new DrawOrder(plan, chunk.index(), good.size(), kept, batch, along);

      @Override
      public Views take() throws IOException {
        while (feed.hasRoom() && asked < until) {
          ask();
        }
        return of(ranks, feed.take(parts.method().labels()));
      }

      @Override
      public Optional<Views> remembered() throws IOException {
        return second == null
            ? Optional.empty()
            : Optional.of(of(ranks, second.take(parts.method().labels())));
      }

      private void ask() {
        int step = asked;
        int epoch = asked / stepsPerEpoch();
        int first = asked % stepsPerEpoch() * batch + begin;
        int[] drawn = order.batch(step, begin, share);
        asked++;
        ViewSchedule.Stage views = parts.views().at(epoch, plan.epochs());
        feed.ask(views, chunk.index(), epoch, first, drawn);
        if (second != null) {
          // Views of their own: no place of the chunk's own epochs.
          int[] partners = Arrays.copyOfRange(partners(step), begin, begin + share);
          second.ask(views, chunk.index(), -1 - epoch, first, partners);
        }
      }

      @Override
      public void close() {
        feed.close();
        if (second != null) {
          second.close();
        }
      }
    };
  }

  private static Views of(Ranks sharing, Views own) {
    return new Views(own.views(), own.labels(), own.pictures(), sharing);
  }

  /** Who is shown beside a step's batch: each draw is one of all that are remembered. */
  private int[] partners(int step) {
    int from = good.size() + Arrays.stream(kept).sum();
    Draw draw = Draw.of(plan.seed(), "remembered", chunk.index(), step);
    return IntStream.range(0, batch).map(i -> from + draw.at(i).below(beside)).toArray();
  }

  private Feed feed(int pictures, int views) {
    return new Feed(
        pool,
        met,
        parts.device(),
        parts.views().full().maker(),
        pictures,
        views,
        plan.seed(),
        plan.workers());
  }
}
