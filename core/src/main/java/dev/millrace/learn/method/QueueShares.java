package dev.millrace.learn.method;

import dev.millrace.learn.objective.InfoNce;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * What parts of MoCo's softmax two kinds of keys hold at the last step: {@code softmax_own}, the
 * share in 0 … 1 that older keys of a query's own picture would hold as negatives, were they not
 * left out; {@code softmax_past}, that keys hold whose picture came with an earlier chunk, however
 * newly it was replayed. Not thread-safe.
 */
final class QueueShares implements AutoCloseable {
  /** {@code [2] float32}, own and past; null before the first step. */
  private Tensor shares;

  /**
   * Looks at one step; changes nothing else.
   *
   * @param queries {@code [N, d]}, rows of norm 1
   * @param past which keys of the queue are of earlier chunks, {@code [K] bool}; null where nobody
   *     knows, and then there is nothing to say
   */
  void look(Tensor queries, MoCoV2.Contrast against, Tensor past, double temperature) {
    close();
    if (past == null) {
      return;
    }
    try (PointerScope scope = new PointerScope();
        NoGradGuard stop = new NoGradGuard()) {
      Tensor q = queries.detach().to(ScalarType.Float);
      Tensor keys = against.keys().get(0).to(ScalarType.Float);
      Tensor logits = InfoNce.logits(q, keys, against.negatives(), null, temperature);
      Tensor held = logits.softmax(1).narrow(1, 1, against.negatives().size(0));
      Tensor ofOwn = held.mul(against.own().to(ScalarType.Float)).sum(1).mean();
      Tensor ofPast = held.mul(past.unsqueeze(0).to(ScalarType.Float)).sum(1).mean();
      shares = torch.stack(new TensorVector(ofOwn, ofPast));
      shares.retainReference();
    }
  }

  /** By name; empty before the first step. */
  Map<String, Double> last() {
    if (shares == null) {
      return Map.of();
    }
    try (PointerScope scope = new PointerScope()) {
      Tensor here = shares.cpu();
      Map<String, Double> last = new LinkedHashMap<>();
      last.put("softmax_own", (double) here.select(0, 0).item_float());
      last.put("softmax_past", (double) here.select(0, 1).item_float());
      return last;
    }
  }

  @Override
  public void close() {
    if (shares != null) {
      shares.releaseReference();
      shares = null;
    }
  }
}
