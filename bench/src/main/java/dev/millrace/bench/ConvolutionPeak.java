package dev.millrace.bench;

import static org.bytedeco.pytorch.global.torch.conv2d;
import static org.bytedeco.pytorch.global.torch.randn;

import dev.millrace.engine.Compute;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * What this machine's bf16 convolutions reach: the 3×3 convolutions of a ResNet-18 of width 64 at
 * 32 px, alone, forward and backward, channels-last, batch 256.
 */
final class ConvolutionPeak {
  private static final int BATCH = 256;
  private static final int ROUNDS = 6;

  private ConvolutionPeak() {}

  /** The best of several rounds over the four stages, GFLOP/s. */
  static Map<String, Double> measure(int threads) {
    Compute.begin(threads, "cpu");
    double bestForward = 0;
    double bestBoth = 0;
    for (int stage = 0; stage < 4; stage++) {
      int channels = 64 << stage;
      int side = 32 >> stage;
      double flop = 2.0 * BATCH * side * side * channels * channels * 9;
      for (int round = 0; round < ROUNDS; round++) {
        bestForward = Math.max(bestForward, flop / seconds(channels, side, false) * 1e-9);
        bestBoth = Math.max(bestBoth, 3 * flop / seconds(channels, side, true) * 1e-9);
      }
    }
    Map<String, Double> result = new LinkedHashMap<>();
    result.put("forward_gflops", bestForward);
    result.put("forward_backward_gflops", bestBoth);
    return result;
  }

  private static double seconds(int channels, int side, boolean backward) {
    try (PointerScope scope = new PointerScope()) {
      Tensor x = last(randn(BATCH, channels, side, side)).requires_grad_(backward);
      Tensor w = last(randn(channels, channels, 3, 3)).requires_grad_(backward);
      Tensor g = last(randn(BATCH, channels, side, side));
      long began = System.nanoTime();
      if (backward) {
        convolve(x, w)
            .backward(
                g,
                new org.bytedeco.pytorch.BoolOptional(),
                false,
                new org.bytedeco.pytorch.TensorArrayRefOptional());
      } else {
        try (NoGradGuard none = new NoGradGuard()) {
          convolve(x, w);
        }
      }
      return (System.nanoTime() - began) * 1e-9;
    }
  }

  private static Tensor last(Tensor tensor) {
    return tensor.to(ScalarType.BFloat16).contiguous(MemoryFormat.ChannelsLast);
  }

  private static Tensor convolve(Tensor x, Tensor w) {
    return conv2d(
        x, w, new TensorOptional(), new long[] {1, 1}, new long[] {1, 1}, new long[] {1, 1}, 1);
  }
}
