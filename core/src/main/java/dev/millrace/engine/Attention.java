package dev.millrace.engine;

import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Scaled dot-product attention of several heads: Vaswani et al., "Attention Is All You Need",
 * NeurIPS 2017, eq. 1. Stateless and thread-safe.
 */
public final class Attention {
  private Attention() {}

  /**
   * softmax(q·kᵀ/√d)·v of each head.
   *
   * @param qkv queries, keys and values side by side, {@code [N, T, 3·D]} float32 or bfloat16
   * @param heads of width d = D / heads
   * @param smooth whether the result must have second derivatives, which libtorch's fused operator
   *     does not
   * @return {@code [N, T, D]}; call inside a pointer scope, which closes it and what it is made of
   */
  public static Tensor of(Tensor qkv, int heads, boolean smooth) {
    long n = qkv.size(0);
    long tokens = qkv.size(1);
    long width = qkv.size(2) / 3 / heads;
    Tensor parts = qkv.reshape(n, tokens, 3, heads, width).permute(2, 0, 3, 1, 4);
    Tensor q = parts.select(0, 0); // [N, heads, T, d]
    Tensor k = parts.select(0, 1);
    Tensor v = parts.select(0, 2);
    Tensor mixed =
        smooth || writtenOut(qkv.is_cuda(), qkv.requires_grad(), qkv.scalar_type().intern())
            ? torch
                .softmax(q.mul(new Scalar(1 / Math.sqrt(width))).matmul(k.transpose(-2, -1)), -1)
                .matmul(v)
            : torch.scaled_dot_product_attention(
                q, k, v, new TensorOptional(), 0, false, new DoubleOptional(), false);
    return mixed.transpose(1, 2).reshape(n, tokens, heads * width);
  }

  /**
   * Whether the fused operator is left alone. On a card the order of its gradient's sums is another
   * in every step, and a run resumed would not end with the bytes of one never stopped. On a
   * processor it multiplies bfloat16 by a plain loop where libtorch has no MKL; written out, oneDNN
   * multiplies, some eight times as fast.
   *
   * @param card whether it is computed on one
   * @param learning whether a gradient is wanted
   */
  static boolean writtenOut(boolean card, boolean learning, ScalarType type) {
    return card ? learning : type == ScalarType.BFloat16;
  }
}
