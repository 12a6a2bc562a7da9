package dev.millrace.learn.run;

import dev.millrace.learn.network.Network;
import dev.millrace.learn.network.Views;
import dev.millrace.learn.remedy.EndOfChunk;
import dev.millrace.learn.remedy.Passes;
import dev.millrace.stream.Chunk;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Tensor;

/**
 * A chunk with too few pictures for a step, as remedies see it at its end: nothing to look at.
 *
 * @param chunk without pictures
 * @param views that the method learns from
 */
record SkippedChunk(Chunk chunk, Network network, int views) implements EndOfChunk {
  @Override
  public boolean learned() {
    return false;
  }

  @Override
  public void review(int images, int views, Consumer<Views> each) {}

  @Override
  public void show(int[] positions, int views, Consumer<Views> each) {
    if (positions.length > 0) {
      throw new IllegalStateException(chunk.name() + " was not learned; ask learned() first");
    }
  }

  @Override
  public void passed(Passes passes) {
    throw new IllegalStateException(chunk.name() + " was not learned; ask learned() first");
  }

  @Override
  public Tensor loss(Views views) {
    throw new IllegalStateException(chunk.name() + " was not learned; ask learned() first");
  }
}
