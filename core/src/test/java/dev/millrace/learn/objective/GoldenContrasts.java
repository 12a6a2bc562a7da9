package dev.millrace.learn.objective;

import dev.millrace.engine.UnitRows;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The contrastive losses of golden cases, in the forms in which published code has them. */
final class GoldenContrasts {
  private GoldenContrasts() {}

  /** Of two views; of more as solo-learn has it, where all views of a picture are alike. */
  static Tensor simclr(GoldenCase at) {
    if (at.has("indexes") || at.has("labels") || at.has("z3")) {
      return contrast(at);
    }
    return NtXent.loss(
        at.get("z1", "z_a"), at.get("z2", "z_b"), at.number(GoldenLosses.TEMPERATURE));
  }

  /**
   * With a label of each picture or of each row; without labels each picture is a class of its own.
   */
  static Tensor contrast(GoldenCase at) {
    List<Tensor> views = at.numbered("z");
    long n = views.get(0).size(0);
    Tensor labels =
        at.has("labels") || at.has("indexes")
            ? at.get("labels", "indexes").to(torch.ScalarType.Long)
            : torch.arange(new Scalar((double) n)).to(torch.ScalarType.Long);
    boolean each = labels.size(0) == n * views.size();
    List<Tensor> of = new ArrayList<>();
    for (int v = 0; v < (each ? 1 : views.size()); v++) {
      of.add(labels);
    }
    return SupervisedContrast.among(
        GoldenCase.joined(views), GoldenCase.joined(of), at.number(GoldenLosses.TEMPERATURE));
  }

  /** A queue that stands as {@code [d, K]}, or with one for each view's keys, of that view. */
  static Tensor queue(Tensor queue, int view) {
    return (queue.dim() == 3 ? queue.select(0, view) : queue).t();
  }

  /** The queue is of the other view's keys; {@code own} marks keys of a query's own picture. */
  static Tensor moco(GoldenCase at) {
    double tau = at.number(GoldenLosses.TEMPERATURE);
    Tensor own = at.has("own") ? at.get("own").ne(GoldenLosses.zero()) : null;
    if (at.has("query")) {
      return InfoNce.loss(at.get("query"), at.get("key"), queue(at.get("queue"), 1), own, tau);
    }
    boolean two = at.has("queue1"); // of keys of each view, which its queries have as negatives
    Tensor first =
        InfoNce.loss(
            at.get("query1"), at.get("key2"), queue(at.get(two ? "queue2" : "queue"), 1), own, tau);
    Tensor second =
        InfoNce.loss(
            at.get("query2"), at.get("key1"), queue(at.get(two ? "queue1" : "queue"), 0), own, tau);
    return first.add(second).mul(new Scalar(0.5));
  }

  /** With neighbours, or with a queue {@code [K, d]} in which to find those of {@code z}. */
  static Tensor nnclr(GoldenCase at) {
    double tau = at.number(GoldenLosses.TEMPERATURE);
    if (!at.has("queue")) {
      return GoldenLosses.crossed(at, "nn", "p", (nn, p) -> NeighbourNce.loss(nn, p, tau), 0.5);
    }
    Tensor queue = UnitRows.of(at.get("queue"));
    return GoldenLosses.crossed(
        at,
        "z",
        "p",
        (z, p) -> {
          Tensor nearest = UnitRows.of(z).matmul(queue.t()).max(1, false).get1();
          return NeighbourNce.loss(queue.index_select(0, nearest), p, tau);
        },
        0.5);
  }
}
