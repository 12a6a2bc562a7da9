package dev.millrace.learn.network;

import dev.millrace.engine.Parameters;
import dev.millrace.vision.encoder.RowSharers;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * What a batch is normalised over: parts of it, each by itself, as ranks normalise theirs, so that
 * one process computes what several do; or the rows of all ranks, so that several compute what one
 * does. Running statistics take in the mean of what the parts have. Not thread-safe.
 */
public final class Parts {
  private long rows;
  private RowSharers sharers;

  /** Of whole batches. */
  Parts() {}

  /**
   * Sets how many rows are a part.
   *
   * @param rows of a part; 0 for whole batches
   */
  public void of(long rows) {
    this.rows = rows;
  }

  /**
   * From now on, passes in training mode are normalised over the rows of several processes, which
   * all make the same ones.
   *
   * @param others who has the other rows; null to end it
   */
  public void over(RowSharers others) {
    sharers = others;
  }

  /** Who has the other rows that a pass is normalised over; null for nobody. */
  RowSharers sharers() {
    return sharers;
  }

  /** Does something with rows that are this process's own business. */
  public <T> T apart(Supplier<T> passes) {
    RowSharers before = sharers;
    sharers = null;
    try {
      return passes.get();
    } finally {
      sharers = before;
    }
  }

  /** Rows of each part of so many; all, where they do not make whole parts. */
  public long size(long all) {
    return rows > 0 && all % rows == 0 ? rows : all;
  }

  /**
   * Passes each part on by itself.
   *
   * @param x {@code [N, …]}
   * @param statistics which each pass moves
   * @return the passes' rows in order; the caller's scope owns them
   */
  Tensor each(Tensor x, Parameters statistics, UnaryOperator<Tensor> pass) {
    long all = x.size(0);
    long part = size(all);
    if (part == all) {
      return pass.apply(x);
    }
    // Backward steps look at none of it, but would find that it was written to.
    Tensor running = statistics.flat().variable_data();
    Tensor before = copy(running);
    Tensor sum = null;
    TensorVector made = new TensorVector();
    for (long from = 0; from < all; from += part) {
      restore(running, before);
      made.push_back(pass.apply(x.narrow(0, from, part)));
      Tensor moved = copy(running);
      try (NoGradGuard stop = new NoGradGuard()) {
        sum = sum == null ? moved : sum.add_(moved);
      }
    }
    try (PointerScope scope = new PointerScope();
        NoGradGuard stop = new NoGradGuard()) {
      running.copy_(sum.div(new Scalar((double) (all / part))));
    }
    return torch.cat(made, 0);
  }

  private static Tensor copy(Tensor running) {
    try (NoGradGuard stop = new NoGradGuard()) {
      return running.clone();
    }
  }

  private static void restore(Tensor running, Tensor before) {
    try (NoGradGuard stop = new NoGradGuard()) {
      running.copy_(before);
    }
  }
}
