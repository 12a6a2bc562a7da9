package dev.millrace.learn.objective;

import dev.millrace.learn.remedy.CassleLoss;
import dev.millrace.learn.remedy.Cla;
import dev.millrace.learn.remedy.Der;
import dev.millrace.learn.remedy.Osiris;
import dev.millrace.learn.remedy.Pfr;
import dev.millrace.learn.remedy.Pnr;
import dev.millrace.learn.remedy.PnrLoss;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * The terms that remedies add to a loss, by the words that golden cases begin with, as the remedies
 * themselves compute and weigh them. Those that act on views or on weights (LUMP, MAS, EWC, SI,
 * orthogonal gradients) have no loss: their own tests hold them to their equations.
 */
final class GoldenRemedies {
  private static final String[] WEIGHT = {"weight", "distill_lamb", "alpha", "omega"};
  private static final String[] LAMBDA = {
    "weight", "distill_lamb", "alpha", "omega", "lambda", "lamb"
  };
  private static final String[] OFF_DIAGONAL = {
    "distill_barlow_lamb", "barlow_lamb", "barlow_lambda", "off_diagonal"
  };
  private static final String[] DISTILL_SCALE = {
    "distill_scale_loss", "scale", "scale_loss", "loss_scale"
  };
  private static final String[] MU = {"mu", "negative_lamb", "negative", "negative_weight"};
  private static final String[] FROZEN = {"frozen", "frozen_z", "f", "past"};

  private GoldenRemedies() {}

  static void put(Map<String, Function<GoldenCase, Tensor>> all) {
    for (String of : List.of("contrastive", "simclr", "moco", "moco v2", "mocov2plus")) {
      all.put(
          "cassle " + of,
          at ->
              CassleLoss.contrastive(
                  at.numbered("p"),
                  frozen(at),
                  at.number(GoldenLosses.TEMPERATURE),
                  at.number(1, WEIGHT)));
    }
    for (String of : List.of("predictive", "byol", "simsiam")) {
      all.put(
          "cassle " + of,
          at -> CassleLoss.predictive(at.numbered("p"), frozen(at), at.number(1, WEIGHT)));
    }
    for (String of : List.of("decorrelative", "barlow", "barlow twins")) {
      all.put(
          "cassle " + of,
          at ->
              CassleLoss.decorrelative(
                  at.numbered("p"),
                  frozen(at),
                  at.number(GoldenLosses.LAMBDA),
                  at.number(1, GoldenLosses.SCALE),
                  at.number(1, WEIGHT)));
    }
    for (String of :
        List.of("invariant", "invariance", "vicreg", "predictive mse", "mse", "lejepa")) {
      all.put(
          "cassle " + of,
          at ->
              CassleLoss.invariant(
                  at.numbered("p"),
                  frozen(at),
                  at.number(1, "sim", "invariance", "lambda"),
                  at.number(1, WEIGHT)));
    }
    for (String of : List.of("assigned", "knowledge", "swav", "dino")) {
      all.put(
          "cassle " + of,
          at ->
              CassleLoss.assigned(
                  at.numbered("p"),
                  frozen(at),
                  at.number(GoldenLosses.TEMPERATURE),
                  at.number(1, WEIGHT)));
    }
    all.put("pfr", GoldenRemedies::pfr);
    for (String name : List.of("cla", "cla b", "cla e", "cla r")) {
      all.put(name, GoldenRemedies::cla);
    }
    all.put("der", GoldenRemedies::der);
    for (String name : List.of("osiris", "osiris r")) {
      all.put(
          name,
          at ->
              Osiris.loss(
                  at.numbered("x"),
                  at.numbered("y"),
                  at.number(GoldenLosses.TEMPERATURE),
                  at.number(1, WEIGHT)));
    }
    both(all, "simclr", GoldenRemedies::pnrSimclr);
    both(
        all,
        "byol",
        at -> pnr(at, PnrLoss.predictive(at.number(PnrLoss.OF_BYOL, MU)), at.number(1, LAMBDA)));
    for (String of : List.of("barlow", "barlow twins")) {
      both(all, of, GoldenRemedies::pnrBarlow);
    }
    both(all, "vicreg", GoldenRemedies::pnrVicreg);
    for (String of : List.of("moco", "moco v2", "mocov2", "mocov2plus")) {
      both(all, of, GoldenRemedies::pnrMoco);
    }
  }

  private static void both(
      Map<String, Function<GoldenCase, Tensor>> all, String of, Function<GoldenCase, Tensor> loss) {
    all.put("pnr " + of, loss);
    all.put(of + " pnr", loss);
  }

  private static List<Tensor> frozen(GoldenCase at) {
    return at.numberedOf(FROZEN);
  }

  /** Published code has −cos, and here 1 − cos is zero at best: the same but for a constant. */
  private static Tensor pfr(GoldenCase at) {
    double weight = at.number(1, "lambda", "weight");
    return Pfr.loss(at.numbered("p"), frozen(at), weight).sub(new Scalar(weight));
  }

  /** Of one view or of each; what was stored of a picture stands beside each of its views. */
  private static Tensor cla(GoldenCase at) {
    double weight = at.number(1, WEIGHT);
    List<Tensor> aligned = at.numberedOf("a", "aligned", "p");
    List<Tensor> older = at.numberedOf("ema", "stored", "frozen");
    return Cla.loss(
            aligned,
            older.size() == 1 ? Collections.nCopies(aligned.size(), older.get(0)) : older,
            weight)
        .sub(new Scalar(weight));
  }

  private static Tensor der(GoldenCase at) {
    return Der.loss(
        at.numberedOf("features", "f"), at.get("stored", "logits"), at.number(1, WEIGHT));
  }

  private static Tensor pnr(GoldenCase at, Pnr.Form form, double weight) {
    return form.of(List.of(), at.numbered("p"), frozen(at), weight);
  }

  /** The whole loss: the method's is a part of it. */
  private static Tensor pnrSimclr(GoldenCase at) {
    double tau = at.number(GoldenLosses.TEMPERATURE);
    List<Tensor> z = at.numbered("z");
    return NtXent.loss(z.get(0), z.get(1), tau)
        .add(PnrLoss.contrastive(tau).of(z, at.numbered("p"), frozen(at), at.number(1, LAMBDA)));
  }

  /** Where λ of the loss has a name of its own, {@code lambda} is the weight of what PNR adds. */
  private static Tensor pnrBarlow(GoldenCase at) {
    boolean apart = at.says(OFF_DIAGONAL);
    double lambda = at.number(apart ? OFF_DIAGONAL : GoldenLosses.LAMBDA);
    double scale = at.number(1, DISTILL_SCALE);
    double mu = at.number(PnrLoss.OF_SCALE * scale, MU);
    Tensor added =
        pnr(at, PnrLoss.decorrelative(lambda, scale, mu), at.number(1, apart ? LAMBDA : WEIGHT));
    return at.has("z1")
        ? added.add(RedundancyReduction.loss(at.get("z1"), at.get("z2"), lambda, scale))
        : added;
  }

  /** Published code weighs the error by λ alone, which is 25. */
  private static Tensor pnrVicreg(GoldenCase at) {
    double invariance = at.number(1, "sim", "invariance", "sim_loss_weight");
    double weight = at.number(1, LAMBDA);
    boolean named = at.says("sim", "invariance", "sim_loss_weight");
    double mu = at.number(PnrLoss.OF_INVARIANCE * (named ? invariance : weight), MU);
    Tensor added = pnr(at, PnrLoss.invariant(invariance, mu), weight);
    return at.has("z1") ? added.add(GoldenLosses.vicreg(at, at.get("z1"), at.get("z2"))) : added;
  }

  /**
   * Queries and predictions beside their keys and past, each against both queues: one way, or the
   * mean of both where there are predictions of both views.
   */
  private static Tensor pnrMoco(GoldenCase at) {
    if (at.has("frozen2") || at.has("frozen_z2") || at.has("past2")) {
      List<Tensor> past = frozen(at);
      List<Tensor> p = at.numberedOf("p", "distill");
      Tensor sum = null;
      for (int v = 1; v <= 2; v++) {
        Tensor one =
            oneWay(
                at,
                at.get("query" + v, "z" + v),
                at.get("key" + (3 - v), "k" + (3 - v)),
                p.get(v - 1),
                past.get(v - 1),
                2 - v);
        sum = sum == null ? one : sum.add(one);
      }
      return sum.mul(new Scalar(0.5));
    }
    // Published code is given those of the other way, too, and a weight that it does not use.
    at.passOver("key2", "distill2", "loss_alpha");
    return oneWay(
        at,
        at.get("query", "query1"),
        at.get("key", "key1"),
        at.get("p", "distill", "distill1"),
        at.get("frozen", "past", "query2"),
        1);
  }

  /**
   * @param other whose keys are negatives, where there is a queue for each view
   */
  private static Tensor oneWay(
      GoldenCase at, Tensor query, Tensor key, Tensor p, Tensor past, int other) {
    Tensor now = GoldenContrasts.queue(at.get("queue", "queue1"), other);
    Tensor then = GoldenContrasts.queue(at.get("past_queue", "queue2"), other);
    double tau = at.number(GoldenLosses.TEMPERATURE);
    // Another temperature of the predictions makes them longer or shorter.
    double length = tau / at.number(tau, "distill_temperature");
    return PseudoNegatives.queued(
        query,
        key,
        p.mul(new Scalar(length)),
        past,
        torch.cat(new TensorVector(now, then)),
        left(at, query.size(0), now.size(0), then.size(0)),
        tau,
        at.number(1, LAMBDA));
  }

  /** Which of both queues' keys are no negatives of a query; null where nothing says so. */
  private static Tensor left(GoldenCase at, long rows, long now, long then) {
    if (!at.has("own") && !at.has("past_own") && !at.has("left")) {
      return null;
    }
    if (at.has("left") || (at.has("own") && at.get("own").size(1) == now + then)) {
      return at.get("left", "own").ne(new Scalar(0.0));
    }
    Tensor own = at.has("own") ? at.get("own") : at.zeros(rows, now);
    Tensor past = at.has("past_own") ? at.get("past_own") : at.zeros(rows, then);
    return torch.cat(new TensorVector(own, past), 1).ne(new Scalar(0.0));
  }
}
