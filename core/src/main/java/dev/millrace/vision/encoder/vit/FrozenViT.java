package dev.millrace.vision.encoder.vit;

import dev.millrace.engine.Parameters;
import dev.millrace.engine.Precision;
import dev.millrace.vision.encoder.FrozenEncoder;
import dev.millrace.vision.encoder.Transcript;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** A copy of a vision transformer's weights for features and exports. Thread-safe. */
final class FrozenViT implements FrozenEncoder {
  private final Precision precision;
  private final Parameters weights;
  private final ViT net;

  private volatile boolean closed;

  FrozenViT(ViT from, Precision precision) {
    this.precision = precision;
    Parameters.Layout.Builder layout = Parameters.Layout.builder();
    from.spec().layout(layout, "");
    weights = new Parameters(layout.build(), from.device(), false);
    net = new ViT(from.spec(), weights, "");
    try (PointerScope scope = new PointerScope()) {
      net.load(from.state());
    }
  }

  @Override
  public ViTShape spec() {
    return net.spec();
  }

  @Override
  public Tensor forward(Tensor x) {
    FrozenEncoder.requireOpen(!closed);
    try (NoGradGuard guard = new NoGradGuard();
        Precision.Autocast cast = precision.autocast(net.device())) {
      return net.forward(net.seen(x).to(net.device().torch(), ScalarType.Float), false);
    }
  }

  @Override
  public <T> T transcribe(T x, Transcript<T> transcript) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      return ViTLayers.forward(spec(), x, new Written<>(transcript));
    }
  }

  /** The layers as a transcript's steps. */
  private final class Written<T> implements ViTLayers.Layers<T> {
    private final Transcript<T> transcript;

    Written(Transcript<T> transcript) {
      this.transcript = transcript;
    }

    @Override
    public T embed(T pictures) {
      String name = "patch_embed.proj";
      T grid =
          transcript.convolution(
              name, pictures, weight(name), bias(name), spec().patch(), 0, false);
      return transcript.tokens(grid, net.weight("cls_token"), net.weight("pos_embed"));
    }

    @Override
    public T normalise(String name, T x) {
      return transcript.normalise(name, x, weight(name), bias(name), ViT.EPSILON);
    }

    @Override
    public T linear(String name, T x) {
      return transcript.linear(name, x, weight(name), bias(name));
    }

    @Override
    public T attend(T qkv) {
      return transcript.attend(qkv, spec().heads(), spec().dim() / spec().heads());
    }

    @Override
    public T gelu(T x) {
      return transcript.gelu(x);
    }

    @Override
    public T add(T x, T y) {
      return transcript.add(x, y);
    }

    @Override
    public T first(T x) {
      return transcript.first(x);
    }

    @Override
    public T features(T x) {
      return transcript.features(x);
    }

    private Tensor weight(String name) {
      return net.weight(name + ".weight").contiguous();
    }

    private Tensor bias(String name) {
      return net.weight(name + ".bias").contiguous();
    }
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    net.close();
    weights.close();
  }
}
