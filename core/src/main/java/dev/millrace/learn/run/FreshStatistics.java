package dev.millrace.learn.run;

import static org.bytedeco.pytorch.global.torch.zeros_like;

import dev.millrace.learn.method.Learner;
import dev.millrace.learn.network.Mode;
import dev.millrace.learn.network.Network;
import dev.millrace.learn.network.Ranks;
import dev.millrace.learn.network.Views;
import dev.millrace.learn.remedy.Passes;
import dev.millrace.vision.encoder.RunningStatistics;
import java.io.IOException;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Statistics of a network's normalisations, taken again for weights that no step was made with: the
 * mean over batches of what the views have that the method shows (Izmailov et al., "Averaging
 * Weights Leads to Wider Optima", UAI 2018, section 3.2). Ranks each pass their part of a batch on.
 * Not thread-safe.
 */
final class FreshStatistics {
  /** Batches of views. */
  @FunctionalInterface
  interface Taken {
    Views take(int batch) throws IOException;
  }

  private final Learner learner;
  private final boolean synchronised;

  /**
   * @param synchronised whether the rows of all ranks are normalised together
   */
  FreshStatistics(Learner learner, boolean synchronised) {
    this.learner = learner;
    this.synchronised = synchronised;
  }

  /**
   * Takes them.
   *
   * @param batches how many, at least 1
   * @param views gives them one after another; each is valid until the next
   * @param stop asked before each, by all ranks alike; true ends it
   * @return pictures that went through the network in all ranks, once per view, none where it has
   *     no statistics; empty where a stop was asked for, and the caller restores the statistics
   */
  Optional<Passes> take(int batches, Taken views, BooleanSupplier stop) throws IOException {
    Tensor running = learner.network().statistics().flat();
    if (running.numel() == 0) {
      return Optional.of(Passes.NONE);
    }
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Tensor before = running.clone();
      Tensor sum = zeros_like(running);
      long passed = 0;
      for (int b = 0; b < batches; b++) {
        if (stop.getAsBoolean()) {
          return Optional.empty();
        }
        try (PointerScope batch = new PointerScope()) {
          passed += pass(views.take(b), running, sum);
        }
      }
      Tensor fresh = sum.div(new Scalar(batches));
      // Heads that the method does not show views to have nothing new.
      running.copy_(fresh.where(sum.ne(new Scalar(0.0)), before));
      return Optional.of(Passes.forwards(passed));
    }
  }

  private long pass(Views views, Tensor running, Tensor sum) {
    Ranks ranks = views.ranks();
    Network network = learner.network();
    running.zero_();
    network.parts().over(synchronised && ranks.count() > 1 ? ranks : null);
    int shown;
    try {
      shown = learner.method().outputs(views, Mode.TRAINING).features().size();
    } finally {
      network.parts().over(null);
    }
    if (ranks.count() > 1) {
      ranks.mean(running);
    }
    // Nothing was there before: of what each view has, the last the most, this is the mean.
    sum.add_(running, new Scalar(1 / RunningStatistics.share(shown)));
    return views.view(0).size(0) * shown * ranks.count();
  }
}
