package dev.millrace.vision.encoder.vit;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Device;
import dev.millrace.engine.Parameters;
import dev.millrace.engine.Precision;
import dev.millrace.vision.encoder.EncoderNet;
import dev.millrace.vision.encoder.FrozenEncoder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * A vision transformer: Dosovitskiy et al., "An Image is Worth 16x16 Words", ICLR 2021, with timm's
 * parameter names; features are the class token after the last normalisation. All is libtorch's
 * operators. It has no state beside its weights, so training and evaluation compute the same.
 * Beside pictures of its size it sees small crops in training, by positions between the learned
 * ones.
 */
public final class ViT implements EncoderNet {
  static final double EPSILON = 1e-6;

  private static final double DEVIATION = 0.02;

  private final ViTShape shape;
  private final Parameters weights;
  private final String prefix;
  private final Positions positions;

  /** A network over storage that holds {@link ViTShape#layout}; it stays the caller's. */
  ViT(ViTShape shape, Parameters weights, String prefix) {
    this.shape = shape;
    this.weights = weights;
    this.prefix = prefix;
    positions = new Positions(shape.size() / shape.patch(), weights.device());
  }

  @Override
  public ViTShape spec() {
    return shape;
  }

  @Override
  public Device device() {
    return weights.device();
  }

  /**
   * Fresh weights by timm's scheme: linear layers and positions normal with deviation 0.02 (its
   * truncation at ±2 never acts), biases zero, normalisations the identity, the class token normal
   * with deviation 1e-6; the patches' projection uniform in ±1/√fan-in, as torch's convolutions.
   */
  @Override
  public void initialise(Draw draw) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      int index = 0;
      for (String name : state().keySet()) {
        Tensor mine = weights.get(prefix + name).detach();
        Draw own = draw.at(index++);
        if (name.startsWith("patch_embed.")) {
          double bound = 1 / Math.sqrt(3.0 * shape.patch() * shape.patch());
          fill(mine, i -> own.at(i).uniform(-bound, bound));
        } else if (name.equals("cls_token")) {
          fill(mine, i -> 1e-6 * own.at(i).gaussian());
        } else if (mine.dim() > 1) {
          fill(mine, i -> DEVIATION * own.at(i).gaussian());
        } else if (name.endsWith(".weight")) {
          mine.fill_(new Scalar(1.0));
        } else {
          mine.zero_();
        }
      }
    }
  }

  private interface Value {
    double at(int place);
  }

  private static void fill(Tensor tensor, Value value) {
    float[] values = new float[(int) tensor.numel()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) value.at(i);
    }
    long[] sizes = new long[(int) tensor.dim()];
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = tensor.size(i);
    }
    tensor.copy_(torch.from_blob(new FloatPointer(values), sizes));
  }

  @Override
  public Tensor forward(Tensor x, boolean training) {
    return ViTLayers.forward(shape, crop(x), new ViTOperators(this, false));
  }

  @Override
  public Tensor differentiable(Tensor x) {
    return ViTLayers.forward(shape, crop(x), new ViTOperators(this, true));
  }

  /** Tokens {@code [N, T, D]} after embedding and each block, and the features {@code [N, D]}. */
  @Override
  public List<Tensor> layers(Tensor x) {
    return ViTLayers.outputs(shape, seen(x), new ViTOperators(this, false));
  }

  @Override
  public Tensor tokens(Tensor x, Tensor kept, boolean smooth) {
    ViTOperators layers = new ViTOperators(this, smooth);
    Tensor all = layers.embed(seen(x));
    Tensor patches = all.narrow(1, 1, all.size(1) - 1);
    Tensor some = patches.gather(1, kept.unsqueeze(2).expand(-1, -1, shape.dim()));
    Tensor tokens = torch.cat(new TensorVector(all.narrow(1, 0, 1), some), 1);
    for (int block = 0; block < shape.depth(); block++) {
      tokens = ViTLayers.block(block, tokens, layers);
    }
    return layers.features(layers.normalise("norm", tokens));
  }

  /**
   * Refuses pictures that are neither of the size that it learned positions for nor small crops.
   */
  private Tensor crop(Tensor x) {
    long side = x.size(2);
    if (side != x.size(3) || side < 1 || side > shape.size() || side % shape.patch() != 0) {
      throw new IllegalArgumentException(
          "found pictures of %d×%d pixels, expected %d×%d, or small crops in patches of %d: %s has learned positions for these only; give --size %d"
              .formatted(
                  side,
                  x.size(3),
                  shape.size(),
                  shape.size(),
                  shape.patch(),
                  shape.name(),
                  shape.size()));
    }
    return x;
  }

  /** The positions of a grid of patches, {@code [1, T, D] float32}, the class token's first. */
  Tensor positions(long side) {
    return positions.of(weight("pos_embed"), (int) side);
  }

  /** Refuses pictures for which no positions were learned. */
  Tensor seen(Tensor x) {
    if (x.size(2) != shape.size() || x.size(3) != shape.size()) {
      throw new IllegalArgumentException(
          "found pictures of %d×%d pixels, expected %d×%d: %s has learned positions for these only; give --size %d"
              .formatted(
                  x.size(2), x.size(3), shape.size(), shape.size(), shape.name(), shape.size()));
    }
    return x;
  }

  /** One of its tensors by timm's name. */
  Tensor weight(String name) {
    return weights.get(prefix + name);
  }

  @Override
  public Map<String, Tensor> state() {
    Parameters.Layout.Builder layout = Parameters.Layout.builder();
    shape.layout(layout, "");
    Map<String, Tensor> state = new LinkedHashMap<>();
    layout.build().entries().forEach(entry -> state.put(entry.name(), weight(entry.name())));
    return state;
  }

  @Override
  public FrozenEncoder freeze(Precision precision) {
    return new FrozenViT(this, precision);
  }

  /** Frees what passes over small crops prepared; the storage is the caller's. */
  @Override
  public void close() {
    positions.close();
  }
}
