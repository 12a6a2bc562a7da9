package dev.millrace.vision.encoder.resnet;

import dev.millrace.engine.Precision;
import dev.millrace.engine.onednn.Arenas;
import dev.millrace.engine.onednn.OneDnn;
import java.util.HashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A frozen residual network through {@link FrozenSteps}. Thread-safe, though one batch waits for
 * another: the primitives use every operator thread by themselves.
 */
final class FrozenPass implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FrozenPass.class);

  private record Made(FrozenSteps steps, Arenas.Lease weights) implements AutoCloseable {
    @Override
    public void close() {
      steps.close();
      weights.releaseReference();
    }
  }

  private final ResNetShape shape;
  private final Precision precision;
  private final Tensor folded;
  private final Map<String, FrozenSteps.Folded> places;
  private final Map<FrozenSteps.Form, Made> made = new HashMap<>();
  private final Arenas arenas = new Arenas();
  private boolean unsupported;

  /**
   * A pass over weights of the caller's.
   *
   * @param folded every weight, output channel first and input channel last, and every bias, {@code
   *     float32} on the CPU
   * @param places where in it they are, by the convolution's name
   */
  FrozenPass(
      ResNetShape shape,
      Precision precision,
      Tensor folded,
      Map<String, FrozenSteps.Folded> places) {
    this.shape = shape;
    this.precision = precision;
    this.folded = folded;
    this.places = places;
  }

  /**
   * The features of a batch.
   *
   * @param x {@code [N, 3, H, W] float32} on the CPU, best contiguous
   * @return {@code [N, D] float32}, the caller's scope owns it; null where libtorch's operators are
   *     the better way
   */
  synchronized Tensor forward(Tensor x) {
    if (unsupported || x.size(0) == 0) {
      return null;
    }
    FrozenSteps.Form form =
        new FrozenSteps.Form(x.size(0), x.size(2), x.size(3), precision, torch.get_num_threads());
    Made net = made.get(form);
    if (net == null) {
      try {
        net = make(form);
      } catch (RuntimeException e) {
        unsupported = OneDnn.lacks(e);
        if (!unsupported) {
          throw e;
        }
        LOG.info("libtorch's operators compute this encoder's features: {}", e.getMessage());
        return null;
      }
      made.put(form, net);
    }
    FrozenSteps steps = net.steps();
    Tensor pictures = x.contiguous();
    Tensor features = pictures.new_empty(new long[] {x.size(0), shape.dim()});
    try (Arenas.Lease arena = arenas.lend(steps.program.arenaSize())) {
      steps.program.bindArena(arena);
      steps.program.bind(steps.input, pictures.data_ptr());
      steps.program.bind(steps.output, features.data_ptr());
      steps.program.run(0, steps.forwardSteps);
    }
    return features;
  }

  private Made make(FrozenSteps.Form form) {
    FrozenSteps steps = new FrozenSteps(shape, form, places);
    Arenas.Lease weights = arenas.lend(steps.laidOutSize());
    weights.retainReference();
    steps.program.bind(steps.folded, folded.data_ptr());
    steps.program.bind(steps.laidOut, weights);
    steps.program.run(steps.forwardSteps, steps.allSteps);
    return new Made(steps, weights);
  }

  @Override
  public synchronized void close() {
    made.values().forEach(Made::close);
    made.clear();
    arenas.close();
  }
}
