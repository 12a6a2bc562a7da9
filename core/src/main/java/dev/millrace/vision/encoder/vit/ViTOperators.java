package dev.millrace.vision.encoder.vit;

import static org.bytedeco.pytorch.global.torch.cat;
import static org.bytedeco.pytorch.global.torch.conv2d;

import dev.millrace.engine.Attention;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A transformer's layers by libtorch's operators.
 *
 * @param smooth whether second derivatives are asked for
 */
record ViTOperators(ViT net, boolean smooth) implements ViTLayers.Layers<Tensor> {
  @Override
  public Tensor embed(Tensor pictures) {
    long patch = net.spec().patch();
    Tensor grid =
        conv2d(
            pictures.contiguous(),
            net.weight("patch_embed.proj.weight"),
            new TensorOptional(net.weight("patch_embed.proj.bias")),
            new long[] {patch, patch},
            new long[] {0, 0},
            new long[] {1, 1},
            1);
    Tensor patches = grid.flatten(2, -1).transpose(1, 2).to(ScalarType.Float);
    Tensor first = net.weight("cls_token").expand(pictures.size(0), -1, -1);
    return cat(new TensorVector(first, patches), 1).add(net.positions(grid.size(2)));
  }

  @Override
  public Tensor normalise(String name, Tensor x) {
    return torch.layer_norm(
        x,
        new long[] {net.spec().dim()},
        new TensorOptional(net.weight(name + ".weight")),
        new TensorOptional(net.weight(name + ".bias")),
        ViT.EPSILON,
        false);
  }

  @Override
  public Tensor linear(String name, Tensor x) {
    return torch.linear(
        x, net.weight(name + ".weight"), new TensorOptional(net.weight(name + ".bias")));
  }

  @Override
  public Tensor attend(Tensor qkv) {
    return Attention.of(qkv, net.spec().heads(), smooth);
  }

  @Override
  public Tensor gelu(Tensor x) {
    return torch.gelu(x);
  }

  @Override
  public Tensor add(Tensor x, Tensor y) {
    return x.add(y);
  }

  @Override
  public Tensor first(Tensor x) {
    return x.select(1, 0);
  }

  @Override
  public Tensor features(Tensor x) {
    return x.to(ScalarType.Float);
  }
}
