package dev.millrace.learn.run;

import dev.millrace.draw.Draw;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.bytedeco.pytorch.Tensor;

/**
 * One more look at pictures of a learned chunk, in views of their own: the epoch after the last.
 * The tensors belong to the caller's scope and are valid until the next.
 */
final class Review implements Iterator<Tensor> {
  private final Feed feed;
  private final ViewSchedule.Stage views;
  private final Plan plan;
  private final int chunk;
  private final int batches;
  private final int batch;
  private final int[] order;
  private int next;

  Review(
      Feed feed, ViewSchedule.Stage views, Plan plan, int chunk, int size, int batches, int batch) {
    this.feed = feed;
    this.views = views;
    this.plan = plan;
    this.chunk = chunk;
    this.batches = batches;
    this.batch = batch;
    this.order = Draw.of(plan.seed(), "review", chunk).sample(size, batches * batch);
  }

  @Override
  public boolean hasNext() {
    return next < batches;
  }

  @Override
  public Tensor next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    int from = next++ * batch;
    feed.ask(views, chunk, plan.epochs(), from, Arrays.copyOfRange(order, from, from + batch));
    try {
      return feed.take(false).views().get(0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
