package dev.millrace.learn.remedy;

import dev.millrace.learn.network.Network;
import dev.millrace.learn.network.Views;
import dev.millrace.stream.Chunk;
import java.io.IOException;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Tensor;

/** A chunk that has just been learned, as a remedy may look at it. */
public interface EndOfChunk {
  /** The chunk, without its bad pictures. */
  Chunk chunk();

  /** Whether it was learned; a chunk too small for a step is not. */
  boolean learned();

  /** The network as the chunk left it. */
  Network network();

  /** Views of each picture that the method learns from. */
  int views();

  /**
   * Shows drawn pictures of the chunk once more, in views of their own, batch by batch; nothing
   * where the chunk was not learned. Every call shows the same.
   *
   * @param images wanted at most; whole batches of 64 of them are shown, or one of all pictures
   *     where there are fewer
   * @param views of each picture
   * @param each called per batch; its views are valid within the call
   */
  void review(int images, int views, Consumer<Views> each) throws IOException;

  /**
   * Shows given pictures of the chunk once more, in their order, in views of their own, in batches
   * of up to 64. Every call shows the same.
   *
   * @param positions in {@link #chunk()}
   * @param views of each picture
   * @param each called per batch; its views are valid within the call
   */
  void show(int[] positions, int views, Consumer<Views> each) throws IOException;

  /**
   * The method's loss on a batch of a review of {@link #views()} views at the network's present
   * weights, a scalar float32 with its graph; it changes neither method nor network. What it sends
   * through an encoder is counted.
   *
   * @return the caller's scope owns it
   */
  Tensor loss(Views views);

  /** Is told what a remedy sent through an encoder, but for what {@link #loss} does. */
  void passed(Passes passes);
}
