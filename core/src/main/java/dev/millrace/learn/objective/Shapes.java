package dev.millrace.learn.objective;

import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

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

  static void requireRows(Tensor x, int least) {
    if (x.size(0) < least) {
      throw new IllegalArgumentException(
          "found %s, expected at least %d rows: give larger batches".formatted(of(x), least));
    }
  }

  /** Columns of mean 0. */
  static Tensor centred(Tensor x) {
    return x.sub(x.mean(0).unsqueeze(0));
  }

  /** Columns of mean 0 and variance 1, by the biased variance and a small number under the root. */
  static Tensor standardised(Tensor x, double epsilon) {
    Tensor centred = centred(x);
    Tensor variance = centred.square().mean(0).unsqueeze(0);
    return centred.div(variance.add(new Scalar(epsilon)).sqrt());
  }

  /** {@code [N, N] bool}, true where a row meets itself, for N rows. */
  static Tensor diagonal(Tensor rows) {
    return torch.eye(rows.size(0)).to(rows.device(), torch.ScalarType.Bool);
  }

  /** Mean over rows of −log softmax at the row's own column, of {@code [N, N]} logits. */
  static Tensor ownAmongAll(Tensor logits) {
    return torch.log_softmax(logits, 1).diagonal().mean().neg();
  }
}
