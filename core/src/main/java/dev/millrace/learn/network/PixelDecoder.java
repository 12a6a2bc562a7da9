package dev.millrace.learn.network;

import static org.bytedeco.pytorch.global.torch.cat;
import static org.bytedeco.pytorch.global.torch.from_blob;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Attention;
import dev.millrace.engine.Parameters;
import dev.millrace.vision.encoder.Patches;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * MAE's decoder (He et al., "Masked Autoencoders Are Scalable Vision Learners", CVPR 2022, section
 * 3): a light transformer that is given the tokens of the patches that an encoder saw, one learned
 * token in place of each that it did not, and all positions; it answers with every patch's pixels.
 * Positions begin as the paper's sines and cosines. Immutable and thread-safe; the storage is not.
 */
public final class PixelDecoder implements Head {
  private static final double EPSILON = 1e-6;
  private static final double DEVIATION = 0.02;
  private static final int RATIO = 4;

  private final String name;
  private final int in;
  private final Shape shape;
  private final Patches patches;

  /**
   * How large the decoder is.
   *
   * @param dim width of its tokens, a multiple of 4 and of the heads
   * @param depth blocks, at least 1
   * @param heads of each attention
   */
  public record Shape(int dim, int depth, int heads) {}

  /**
   * A decoder.
   *
   * @param in width of the encoder's tokens
   * @param patches of the pictures
   */
  public PixelDecoder(String name, int in, Shape shape, Patches patches) {
    this.name = name;
    this.in = in;
    this.shape = shape;
    this.patches = patches;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void weights(Parameters.Layout.Builder into) {
    int dim = shape.dim();
    linear(into, "embed", in, dim);
    into.add(name + ".mask_token", 1, 1, dim);
    into.add(name + ".pos_embed", 1, 1 + patches.count(), dim);
    for (int block = 0; block < shape.depth(); block++) {
      String own = "blocks." + block + ".";
      norm(into, own + "norm1");
      linear(into, own + "attn.qkv", dim, 3 * dim);
      linear(into, own + "attn.proj", dim, dim);
      norm(into, own + "norm2");
      linear(into, own + "mlp.fc1", dim, RATIO * dim);
      linear(into, own + "mlp.fc2", RATIO * dim, dim);
    }
    norm(into, "norm");
    linear(into, "pred", dim, 3 * patches.side() * patches.side());
  }

  private void linear(Parameters.Layout.Builder into, String layer, int from, int to) {
    into.add(name + "." + layer + ".weight", to, from).add(name + "." + layer + ".bias", to);
  }

  private void norm(Parameters.Layout.Builder into, String layer) {
    into.add(name + "." + layer + ".weight", shape.dim());
    into.add(name + "." + layer + ".bias", shape.dim());
  }

  /** Layer normalisation has no running statistics. */
  @Override
  public void statistics(Parameters.Layout.Builder into) {}

  /**
   * As the paper's code: linear layers uniform in ±√(6 ÷ (in + out)), biases zero, normalisations
   * the identity, the mask's token normal with deviation 0.02.
   */
  @Override
  public void initialise(Parameters weights, Parameters statistics, Draw draw) {
    Parameters.Layout.Builder own = Parameters.Layout.builder();
    weights(own);
    int index = 0;
    for (Parameters.Entry entry : own.build().entries()) {
      Tensor mine = weights.get(entry.name()).detach();
      Draw of = draw.at(index++);
      if (entry.name().endsWith(".pos_embed")) {
        fill(mine, positions());
      } else if (entry.name().endsWith(".mask_token")) {
        fill(mine, drawn(entry.size(), i -> DEVIATION * of.at(i).gaussian()));
      } else if (entry.shape().size() == 2) {
        double bound = Math.sqrt(6.0 / (entry.shape().get(0) + entry.shape().get(1)));
        fill(mine, drawn(entry.size(), i -> of.at(i).uniform(-bound, bound)));
      } else {
        boolean scale = entry.name().contains("norm") && entry.name().endsWith(".weight");
        mine.fill_(new Scalar(scale ? 1.0 : 0.0));
      }
    }
  }

  private interface Value {
    double at(int place);
  }

  private static float[] drawn(long size, Value value) {
    float[] values = new float[Math.toIntExact(size)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) value.at(i);
    }
    return values;
  }

  private static void fill(Tensor tensor, float[] values) {
    try (PointerScope scope = new PointerScope()) {
      tensor.copy_(from_blob(new FloatPointer(values), tensor.sizes().vec().get()));
    }
  }

  /** Sines and cosines of column and row, a half of the width each; zeros for the class token. */
  private float[] positions() {
    int dim = shape.dim();
    int quarter = dim / 4;
    float[] values = new float[(1 + patches.count()) * dim];
    for (int patch = 0; patch < patches.count(); patch++) {
      int at = (1 + patch) * dim;
      int[] place = {patch % patches.across(), patch / patches.across()};
      for (int half = 0; half < 2; half++) {
        for (int i = 0; i < quarter; i++) {
          double angle = place[half] / StrictMath.pow(10_000, (double) i / quarter);
          values[at + half * 2 * quarter + i] = (float) StrictMath.sin(angle);
          values[at + half * 2 * quarter + quarter + i] = (float) StrictMath.cos(angle);
        }
      }
    }
    return values;
  }

  /**
   * Every patch's pixels by the tokens of some.
   *
   * @param network that has this head
   * @param tokens of the encoder, {@code [N, 1 + V, in]}: the class token's, then those of the
   *     patches it saw
   * @param kept which patches these are, {@code [N, V] int64}
   * @return {@code [N, T, 3·side²] float32}, as {@link
   *     dev.millrace.learn.objective.MaskedPixels#patches} has them; the caller's scope owns it
   */
  public Tensor pixels(Network network, Tensor tokens, Tensor kept, Mode mode) {
    Parameters weights = network.weights();
    Tensor seen = layer(weights, "embed", tokens.to(ScalarType.Float));
    long pictures = seen.size(0);
    Tensor place = kept.unsqueeze(2).expand(-1, -1, shape.dim());
    Tensor all =
        weights
            .get(name + ".mask_token")
            .expand(pictures, patches.count(), shape.dim())
            .scatter(1, place, seen.narrow(1, 1, kept.size(1)));
    Tensor first = seen.narrow(1, 0, 1);
    Tensor answers = network.through(this, cat(new TensorVector(first, all), 1), mode);
    return answers.narrow(1, 1, patches.count()).to(ScalarType.Float);
  }

  /** Of all tokens, {@code [N, 1 + T, dim]}, the pixels {@code [N, 1 + T, 3·side²]}. */
  @Override
  public Tensor forward(Parameters weights, Parameters statistics, Tensor x, Mode mode) {
    Tensor y = x.add(weights.get(name + ".pos_embed"));
    for (int block = 0; block < shape.depth(); block++) {
      String own = "blocks." + block + ".";
      Tensor qkv = layer(weights, own + "attn.qkv", normalise(weights, own + "norm1", y));
      y = y.add(layer(weights, own + "attn.proj", attend(qkv, mode)));
      Tensor hidden = layer(weights, own + "mlp.fc1", normalise(weights, own + "norm2", y));
      y = y.add(layer(weights, own + "mlp.fc2", torch.gelu(hidden)));
    }
    return layer(weights, "pred", normalise(weights, "norm", y));
  }

  private Tensor layer(Parameters weights, String layer, Tensor x) {
    return torch.linear(
        x,
        weights.get(name + "." + layer + ".weight"),
        new TensorOptional(weights.get(name + "." + layer + ".bias")));
  }

  private Tensor normalise(Parameters weights, String layer, Tensor x) {
    return torch.layer_norm(
        x,
        new long[] {shape.dim()},
        new TensorOptional(weights.get(name + "." + layer + ".weight")),
        new TensorOptional(weights.get(name + "." + layer + ".bias")),
        EPSILON,
        false);
  }

  private Tensor attend(Tensor qkv, Mode mode) {
    return Attention.of(qkv, shape.heads(), mode == Mode.DIFFERENTIABLE);
  }
}
