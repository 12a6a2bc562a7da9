package dev.millrace.vision.encoder.vit;

import java.util.ArrayList;
import java.util.List;

/**
 * The way of a batch through a vision transformer, under timm's names, pre-normalised: Dosovitskiy
 * et al., "An Image is Worth 16x16 Words", ICLR 2021, eqs. 1 to 4. Who holds the weights and
 * computes is another's matter.
 */
final class ViTLayers {
  /**
   * Who computes the layers.
   *
   * @param <T> a batch on its way
   */
  interface Layers<T> {
    /** Patches as tokens, the class token before them, positions added: {@code [N, T, D]}. */
    T embed(T pictures);

    /** Layer normalisation over the width. */
    T normalise(String name, T x);

    /** A linear layer over the width. */
    T linear(String name, T x);

    /**
     * Scaled dot-product attention of all heads.
     *
     * @param qkv {@code [N, T, 3·D]}: queries, keys, values
     * @return {@code [N, T, D]}
     */
    T attend(T qkv);

    /** The Gaussian error linear unit, exact. */
    T gelu(T x);

    /** A block's input and what it adds to it. */
    T add(T x, T y);

    /** The class token, {@code [N, D]}. */
    T first(T x);

    /** The features of the class token after the last normalisation: float32. */
    T features(T x);
  }

  private ViTLayers() {}

  /** The features of a batch. */
  static <T> T forward(ViTShape shape, T pictures, Layers<T> layers) {
    T x = layers.embed(pictures);
    for (int block = 0; block < shape.depth(); block++) {
      x = block(block, x, layers);
    }
    return last(x, layers);
  }

  /** What embedding, blocks and the last normalisation make of a batch. */
  static <T> List<T> outputs(ViTShape shape, T pictures, Layers<T> layers) {
    List<T> outputs = new ArrayList<>(List.of(layers.embed(pictures)));
    for (int block = 0; block < shape.depth(); block++) {
      outputs.add(block(block, outputs.get(block), layers));
    }
    outputs.add(last(outputs.get(shape.depth()), layers));
    return outputs;
  }

  /** What a block makes of tokens. */
  static <T> T block(int index, T x, Layers<T> layers) {
    String own = "blocks." + index + ".";
    T qkv = layers.linear(own + "attn.qkv", layers.normalise(own + "norm1", x));
    T y = layers.add(x, layers.linear(own + "attn.proj", layers.attend(qkv)));
    T hidden = layers.gelu(layers.linear(own + "mlp.fc1", layers.normalise(own + "norm2", y)));
    return layers.add(y, layers.linear(own + "mlp.fc2", hidden));
  }

  /** Normalising tokens one by one, the class token is all that is needed of them. */
  private static <T> T last(T x, Layers<T> layers) {
    return layers.features(layers.normalise("norm", layers.first(x)));
  }
}
