package dev.millrace.learn.objective;

import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;

/** What losses ask of their arguments, and what several do to rows. */
final class Shapes {
  private Shapes() {}

  /** {@code [N, d]} with its numbers. */
  static String of(Tensor t) {
    return LongStream.range(0, t.dim())
        .mapToObj(i -> Long.toString(t.size(i)))
        .collect(Collectors.joining(", ", "[", "]"));
  }

  static void requireTemperature(double temperature) {
    if (!(temperature > 0) || Double.isInfinite(temperature)) {
      throw new IllegalArgumentException(
          "found temperature " + temperature + ", expected above 0: give one such as 0.2");
    }
  }

  static void requireAlike(Tensor one, Tensor two) {
    if (one.dim() != 2
        || two.dim() != 2
        || one.size(0) != two.size(0)
        || one.size(1) != two.size(1)) {
      throw new IllegalArgumentException(
          "found %s and %s, expected both [N, d]: embed both by heads of one width"
              .formatted(of(one), of(two)));
    }
  }

  /** Rows of norm 1. */
  static Tensor unit(Tensor x) {
    Tensor length = x.square().sum(new long[] {1}, true, new ScalarTypeOptional()).sqrt();
    return x.div(length.clamp_min(new Scalar(1e-12)));
  }
}
