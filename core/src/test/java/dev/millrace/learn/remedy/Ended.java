package dev.millrace.learn.remedy;

import dev.millrace.learn.network.Mode;
import dev.millrace.learn.network.Network;
import dev.millrace.learn.network.Views;
import dev.millrace.stream.Chunk;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;

/** A chunk's end with given pictures; its method's loss is a function of the embeddings. */
record Ended(
    Network network, List<Tensor> batches, Function<Tensor, Tensor> objective, boolean learned)
    implements EndOfChunk {
  static Ended of(Network network, Tensor... batches) {
    return new Ended(network, List.of(batches), z -> z.square().mean(), true);
  }

  @Override
  public Chunk chunk() {
    throw new UnsupportedOperationException();
  }

  @Override
  public int views() {
    return 1;
  }

  @Override
  public void review(int images, int views, Consumer<Views> each) {
    batches.forEach(batch -> each.accept(new Views(List.of(batch), null)));
  }

  @Override
  public void show(int[] positions, int views, Consumer<Views> each) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void passed(Passes passes) {}

  @Override
  public Tensor loss(Views views) {
    Tensor features = network.features(views.view(0), Mode.DIFFERENTIABLE);
    return objective.apply(network.embed(features, Mode.DIFFERENTIABLE));
  }
}
