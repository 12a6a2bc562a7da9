package dev.millrace.learn.network;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Device;
import dev.millrace.engine.Parameters;
import dev.millrace.engine.Precision;
import dev.millrace.vision.encoder.EncoderNet;
import dev.millrace.vision.encoder.EncoderSpec;
import dev.millrace.vision.encoder.RowSharers;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * An encoder and its heads over one flat storage, the encoder first, and the running statistics of
 * their normalisations in another: an update, a momentum twin or an all-reduce is one call. Not
 * thread-safe; close it to free the storage.
 */
public final class Network implements AutoCloseable {
  private static final String ENCODER = "encoder.";

  private final EncoderSpec spec;
  private final Precision precision;
  private final Map<String, Head> heads = new LinkedHashMap<>();
  private final Parameters weights;
  private final Parameters statistics;
  private final Parts parts;
  private final EncoderNet encoder;
  private final long encoderSize;

  private Network(
      EncoderSpec spec,
      List<Head> heads,
      Precision precision,
      Parameters weights,
      Parameters statistics,
      Parts parts) {
    this.spec = spec;
    this.precision = precision;
    for (Head head : heads) {
      this.heads.put(head.name(), head);
    }
    this.weights = weights;
    this.statistics = statistics;
    this.parts = parts;
    encoder = spec.over(weights, ENCODER, statistics, ENCODER);
    Parameters.Layout.Builder alone = Parameters.Layout.builder();
    spec.layout(alone, ENCODER);
    encoderSize = alone.build().size();
  }

  /**
   * Freshly drawn, nothing but the seed being random; the caller closes it.
   *
   * @param heads in storage order after the encoder, each name once; the first makes the embeddings
   * @param precision of the passes in training and evaluation; the weights are float32
   */
  public static Network of(
      EncoderSpec spec, List<Head> heads, Device device, Precision precision, long seed) {
    Parameters.Layout.Builder layout = Parameters.Layout.builder();
    spec.layout(layout, ENCODER);
    Parameters.Layout.Builder running = Parameters.Layout.builder();
    spec.statisticsLayout(running, ENCODER);
    for (Head head : heads) {
      head.weights(layout);
      head.statistics(running);
    }
    Network network =
        new Network(
            spec,
            heads,
            precision,
            new Parameters(layout.build(), device, true),
            new Parameters(running.build(), device, false),
            new Parts());
    network.encoder.initialise(Draw.of(seed, "encoder"));
    for (Head head : heads) {
      head.initialise(network.weights, network.statistics, Draw.of(seed, head.name()));
    }
    return network;
  }

  /** The encoder; owned by the network. */
  public EncoderNet encoder() {
    return encoder;
  }

  /** Weights of encoder and heads; owned by the network. */
  public Parameters weights() {
    return weights;
  }

  /** Running statistics of encoder and heads; owned by the network. */
  public Parameters statistics() {
    return statistics;
  }

  /** How many of the flat weights, from the front, are the encoder's. */
  public long encoderSize() {
    return encoderSize;
  }

  /** The encoder's weights, {@code [P] float32}: a live view; the caller's scope owns it. */
  public Tensor encoderWeights() {
    return weights.flat().narrow(0, 0, encoderSize);
  }

  /** The encoder's gradient, {@code [P] float32}: a live view; the caller's scope owns it. */
  public Tensor encoderGradient() {
    return weights.gradient().narrow(0, 0, encoderSize);
  }

  /** Where the storage lives. */
  public Device device() {
    return weights.device();
  }

  /**
   * The encoder's features of a batch.
   *
   * @param view {@code [N, 3, S, S] float32}
   * @return {@code [N, D] float32}; the caller's scope owns it
   */
  public Tensor features(Tensor view, Mode mode) {
    if (mode == Mode.DIFFERENTIABLE) {
      return encoder.differentiable(view);
    }
    try (Precision.Autocast cast = precision.autocast(device())) {
      if (mode == Mode.EVALUATION) {
        return encoder.forward(view, false);
      }
      RowSharers with = parts.sharers();
      return with != null
          ? encoder.forward(view, with)
          : parts.each(view, statistics, part -> encoder.forward(part, true));
    }
  }

  /**
   * The encoder's tokens of some patches of a batch, of an encoder that has patches.
   *
   * @param view {@code [N, 3, S, S] float32}
   * @param kept which patches of each picture, {@code [N, V] int64}
   * @return {@code [N, 1 + V, D] float32}, the class token's first; the caller's scope owns it
   */
  public Tensor tokens(Tensor view, Tensor kept, Mode mode) {
    if (mode == Mode.DIFFERENTIABLE) {
      return encoder.tokens(view, kept, true);
    }
    try (Precision.Autocast cast = precision.autocast(device())) {
      return encoder.tokens(view, kept, false);
    }
  }

  /**
   * What a head makes of features, or of another head's embeddings.
   *
   * @param x {@code [N, in]}
   * @return {@code [N, out]}, in the precision of the pass; the caller's scope owns it
   */
  public Tensor through(Head head, Tensor x, Mode mode) {
    if (!heads.containsKey(head.name())) {
      throw new IllegalArgumentException(
          "the network has no head %s; there are %s".formatted(head.name(), heads.keySet()));
    }
    if (mode == Mode.DIFFERENTIABLE) {
      return head.forward(weights, statistics, x, mode);
    }
    try (Precision.Autocast cast = precision.autocast(device())) {
      if (mode == Mode.EVALUATION) {
        return head.forward(weights, statistics, x, mode);
      }
      RowSharers with = parts.sharers();
      return with != null
          ? head.forward(weights, statistics, x, with)
          : parts.each(x, statistics, part -> head.forward(weights, statistics, part, mode));
    }
  }

  /**
   * What the first head makes of features: the embeddings.
   *
   * @param features {@code [N, D] float32}
   * @return {@code [N, d]}, in the precision of the pass; the caller's scope owns it
   */
  public Tensor embed(Tensor features, Mode mode) {
    return through(heads.values().iterator().next(), features, mode);
  }

  /** What batches are normalised over in training, here and in all twins. */
  public Parts parts() {
    return parts;
  }

  /** A copy without gradients, for a momentum or a frozen twin; the caller closes it. */
  public Network twin() {
    Parameters running = new Parameters(statistics.layout(), device(), false);
    running.copyFrom(statistics);
    return new Network(
        spec, List.copyOf(heads.values()), precision, weights.twin(), running, parts);
  }

  /** Takes over weights and statistics of a network of the same parts. */
  public void copyFrom(Network other) {
    weights.copyFrom(other.weights);
    statistics.copyFrom(other.statistics);
  }

  /**
   * Moves these weights one step towards another network's: θ ← mθ + (1 − m)θ′ (He et al.,
   * "Momentum Contrast", CVPR 2020, eq. 2).
   *
   * @param momentum m in [0, 1]
   */
  public void follow(Network other, double momentum) {
    try (PointerScope scope = new PointerScope()) {
      weights.flat().lerp_(other.weights.flat(), new Scalar(1 - momentum));
    }
  }

  /** What makes it, by name: {@code weights} and {@code statistics}; live tensors. */
  public Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    state.put("weights", weights.flat());
    state.put("statistics", statistics.flat());
    return state;
  }

  @Override
  public void close() {
    encoder.close();
    weights.close();
    statistics.close();
  }
}
