package dev.millrace.learn.run;

import static org.bytedeco.pytorch.global.torch.full;

import dev.millrace.learn.method.Method;
import dev.millrace.learn.method.Targets;
import dev.millrace.learn.network.LostRankException;
import dev.millrace.learn.network.Mode;
import dev.millrace.learn.network.Moment;
import dev.millrace.learn.network.Network;
import dev.millrace.learn.network.Outputs;
import dev.millrace.learn.network.Ranks;
import dev.millrace.learn.network.Views;
import dev.millrace.learn.optim.Schedule;
import dev.millrace.learn.remedy.Passes;
import dev.millrace.vision.encoder.RowSharers;
import java.io.IOException;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** A step of learning: forward, backward, update. Not thread-safe. */
final class OneStep {
  private final Pretraining.Parts parts;
  private final RunEvent.Listener listener;

  /** Pictures that remedies sent through an encoder in the last step. */
  private Passes beside = Passes.NONE;

  /** The method's own loss of the last step. */
  private double ofMethod;

  OneStep(Pretraining.Parts parts, RunEvent.Listener listener) {
    this.parts = parts;
    this.listener = listener;
  }

  /**
   * Makes a step of a chunk.
   *
   * @param before where the run stands
   * @return where it stands afterwards
   */
  Position make(OpenChunk open, OpenChunk.Batches batches, Schedule schedule, Position before)
      throws IOException {
    long began = System.nanoTime();
    int step = open.step(before);
    double lr = schedule.at(step);
    double value;
    try (PointerScope scope = new PointerScope()) {
      Moment at =
          new Moment(
              before.chunk(),
              before.epoch(),
              step,
              open.steps(),
              before.total(),
              schedule.share(step),
              open.isFirst(before));
      Views taken = batches.take();
      Views views = parts.remedies().mix(taken, batches.remembered(), at);
      value = learn(views, at, lr, before, open.plan().synchronised());
    }
    boolean endless = open.plan().course() instanceof Course.Endless;
    if (parts.mean() != null) {
      parts.mean().add(parts.network(), open.plan().course().meanWeight(step, open.steps()));
    }
    Position after = before.after(open.batch(), open.stepsPerEpoch());
    listener.on(
        new RunEvent.Stepped(
            after,
            before.chunk(),
            before.epoch(),
            value,
            lr,
            open.batch(),
            (System.nanoTime() - began) * 1e-9,
            parts.method().watched(),
            endless ? before.part() : null,
            beside,
            ofMethod));
    return after;
  }

  /**
   * A step whose normalisations are over the rows of all ranks, if so asked.
   *
   * @return the loss
   */
  private double learn(Views views, Moment at, double lr, Position before, boolean synchronised) {
    if (!synchronised || views.ranks().count() == 1) {
      return learn(parts.method(), views, at, lr, before);
    }
    Watched watched = new Watched(views.ranks());
    parts.network().parts().over(watched);
    try {
      return learn(parts.method(), views, at, lr, before);
    } catch (RuntimeException e) {
      throw watched.lost == null ? e : watched.lost;
    } finally {
      parts.network().parts().over(null);
    }
  }

  /**
   * Keeps why ranks were lost in a backward pass, of which native code passes on the words only.
   */
  private static final class Watched implements RowSharers {
    private final Ranks ranks;
    private LostRankException lost;

    Watched(Ranks ranks) {
      this.ranks = ranks;
    }

    @Override
    public void sum(Tensor tensor) {
      try {
        ranks.sum(tensor);
      } catch (LostRankException e) {
        lost = e;
        throw e;
      }
    }

    @Override
    public Tensor gather(Tensor rows) {
      return ranks.gather(rows);
    }
  }

  /**
   * What follows an update comes in this order: optimiser, remedies in theirs, method.
   *
   * @return the loss
   */
  private <T extends Targets> double learn(
      Method<T> method, Views views, Moment at, double lr, Position before) {
    Network network = parts.network();
    method.beforeStep(at);
    network.weights().zeroGradient();
    Outputs made = method.outputs(views, Mode.TRAINING);
    T targets = method.targets(views, made, Mode.TRAINING);
    Ranks ranks = views.ranks();
    boolean shared = ranks.count() > 1;
    Outputs all = shared && !method.ofSingles() ? gathered(made, ranks) : made;
    T against = shared ? method.gathered(targets, ranks) : targets;
    Tensor of = method.loss(all, against);
    if (shared && method.ofSingles()) {
      of = ranks.total(of.div(new Scalar((double) ranks.count())));
    }
    Tensor loss = parts.remedies().add(of, views, made);
    beside = together(parts.remedies().passes(views, made), ranks);
    loss.backward();
    // A card has its backward pass by now, and a loss that is not finite has spoiled no weight.
    double value = loss.item_float();
    if (!Double.isFinite(value)) {
      throw new DivergedException(value, before, lr);
    }
    ofMethod = of == loss ? value : of.item_float();
    reduce(ranks);
    parts.remedies().beforeUpdate(network.weights());
    parts.optimiser().step(lr);
    if (!parts.remedies().isEmpty()) {
      double unitStep = parts.optimiser().unitStep(lr, network.encoderSize());
      parts.remedies().afterUpdate(network.encoderWeights(), unitStep);
    }
    method.afterStep(all, against, at);
    return value;
  }

  /** Passes of all ranks, of which each may have remembered another number of pictures. */
  private Passes together(Passes passes, Ranks ranks) {
    if (ranks.count() == 1 || parts.remedies().isEmpty()) {
      return passes;
    }
    return new Passes(sum(passes.forwards(), ranks), sum(passes.backwards(), ranks));
  }

  private static long sum(long own, Ranks ranks) {
    Tensor all = full(new long[] {1}, new Scalar((double) own));
    ranks.sum(all);
    return (long) all.item_float();
  }

  /** The outputs of all ranks; the features stay this rank's own. */
  private static Outputs gathered(Outputs made, Ranks ranks) {
    return new Outputs(
        made.features(),
        made.embeddings().stream().map(ranks::gather).toList(),
        made.predictions().stream().map(ranks::gather).toList());
  }

  /**
   * Makes one gradient and one set of running statistics of those of all ranks.
   *
   * @param sharing the ranks that have parts of the batch; one alone where each made the whole
   */
  private void reduce(Ranks sharing) {
    Network network = parts.network();
    if (sharing.count() < parts.ranks().count()) {
      parts.ranks().spread(network.weights().gradient());
      return;
    }
    // Each loss is that of the whole batch, with the graph of a part of it.
    sharing.sum(network.weights().gradient());
    sharing.mean(network.statistics().flat());
    parts.method().twin().ifPresent(twin -> sharing.mean(twin.statistics().flat()));
  }
}
