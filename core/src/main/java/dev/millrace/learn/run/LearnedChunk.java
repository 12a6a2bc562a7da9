package dev.millrace.learn.run;

import dev.millrace.draw.Draw;
import dev.millrace.learn.method.Learner;
import dev.millrace.learn.method.Method;
import dev.millrace.learn.method.Targets;
import dev.millrace.learn.network.Mode;
import dev.millrace.learn.network.Network;
import dev.millrace.learn.network.Outputs;
import dev.millrace.learn.network.Views;
import dev.millrace.learn.remedy.EndOfChunk;
import dev.millrace.learn.remedy.Passes;
import dev.millrace.stream.Chunk;
import java.io.IOException;
import java.util.Arrays;
import java.util.function.Consumer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * A chunk that was learned, as remedies see it at its end. Its pictures are reviewed in views of
 * their own, those of the epoch after the last.
 */
final class LearnedChunk implements EndOfChunk {
  private static final int BATCH = 64;

  /** Makes a feed over the chunk's pictures. */
  @FunctionalInterface
  interface Feeds {
    Feed of(int batch, int views);
  }

  private final Chunk chunk;
  private final Learner learner;
  private final Feeds feeds;
  private final ViewSchedule.Stage stage;
  private final Plan plan;
  private Passes passes = Passes.NONE;

  LearnedChunk(Chunk chunk, Learner learner, Feeds feeds, ViewSchedule.Stage stage, Plan plan) {
    this.chunk = chunk;
    this.learner = learner;
    this.feeds = feeds;
    this.stage = stage;
    this.plan = plan;
  }

  @Override
  public Chunk chunk() {
    return chunk;
  }

  @Override
  public boolean learned() {
    return true;
  }

  @Override
  public Network network() {
    return learner.network();
  }

  @Override
  public int views() {
    return learner.method().views();
  }

  @Override
  public void review(int images, int views, Consumer<Views> each) throws IOException {
    int wanted = Math.min(images, chunk.images().size());
    if (wanted < 1) {
      return;
    }
    int batch = Math.min(BATCH, wanted);
    int batches = wanted / batch;
    int[] order =
        Draw.of(plan.seed(), "review", chunk.index())
            .sample(chunk.images().size(), batches * batch);
    batches(order, 0, batch, plan.epochs(), views, each);
  }

  @Override
  public void show(int[] positions, int views, Consumer<Views> each) throws IOException {
    int whole = positions.length / BATCH * BATCH;
    int epoch = plan.epochs() + 1; // that after the reviews'
    batches(Arrays.copyOf(positions, whole), 0, BATCH, epoch, views, each);
    int[] rest = Arrays.copyOfRange(positions, whole, positions.length);
    batches(rest, whole, rest.length, epoch, views, each);
  }

  /** Whole batches of these pictures, the first of which stands at a place of an epoch. */
  private void batches(
      int[] pictures, int first, int batch, int epoch, int views, Consumer<Views> each)
      throws IOException {
    if (pictures.length == 0) {
      return;
    }
    try (Feed feed = feeds.of(batch, views)) {
      for (int from = 0; from < pictures.length; from += batch) {
        try (PointerScope scope = new PointerScope()) {
          feed.ask(
              stage,
              chunk.index(),
              epoch,
              first + from,
              Arrays.copyOfRange(pictures, from, from + batch));
          each.accept(feed.take(learner.method().labels()));
        }
      }
    }
  }

  @Override
  public Tensor loss(Views views) {
    return loss(learner.method(), views);
  }

  @Override
  public void passed(Passes more) {
    passes = passes.plus(more);
  }

  /** What remedies sent through an encoder so far. */
  Passes passes() {
    return passes;
  }

  private <T extends Targets> Tensor loss(Method<T> method, Views views) {
    Outputs made = method.outputs(views, Mode.DIFFERENTIABLE);
    int own = Math.min(made.features().size(), views.views().size()); // others by a twin alone
    passed(new Passes(views.rows() * (views.views().size() - own), views.rows() * own));
    T targets;
    try (NoGradGuard stop = new NoGradGuard()) {
      targets = method.targets(views, made, Mode.DIFFERENTIABLE);
    }
    return method.loss(made, targets);
  }
}
