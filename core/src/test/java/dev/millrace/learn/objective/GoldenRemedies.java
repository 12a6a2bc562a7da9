package dev.millrace.learn.objective;

import dev.millrace.learn.remedy.CassleLoss;
import dev.millrace.learn.remedy.Cla;
import dev.millrace.learn.remedy.Der;
import dev.millrace.learn.remedy.Osiris;
import dev.millrace.learn.remedy.Pfr;
import dev.millrace.learn.remedy.Pnr;
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
  private static final String[] MU = {"mu"};
  private static final String[] FROZEN = {"frozen", "f", "past"};

  private GoldenRemedies() {}

  static void put(Map<String, Function<GoldenCase, Tensor>> all) {
    for (String of : List.of("contrastive", "simclr", "moco", "moco v2")) {
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
        at -> pnr(at, at.says("mu") ? Pnr.predictive(at.number(MU)) : Pnr.predictive()));
    for (String of : List.of("barlow", "barlow twins")) {
      both(all, of, GoldenRemedies::pnrBarlow);
    }
    both(all, "vicreg", GoldenRemedies::pnrVicreg);
    for (String of : List.of("moco", "moco v2")) {
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

  private static Tensor cla(GoldenCase at) {
    double weight = at.number(1, WEIGHT);
    List<Tensor> aligned = List.of(at.get("a", "p"));
    List<Tensor> older = List.of(at.get("ema", "stored", "frozen"));
    return Cla.loss(aligned, older, weight).sub(new Scalar(weight));
  }

  private static Tensor der(GoldenCase at) {
    return Der.loss(
        at.numberedOf("features", "f"), at.get("stored", "logits"), at.number(1, WEIGHT));
  }

  private static Tensor pnr(GoldenCase at, Pnr.Form form) {
    return form.of(List.of(), at.numbered("p"), frozen(at), at.number(1, WEIGHT));
  }

  /** The whole loss: the method's is a part of it. */
  private static Tensor pnrSimclr(GoldenCase at) {
    double tau = at.number(GoldenLosses.TEMPERATURE);
    List<Tensor> z = at.numbered("z");
    return NtXent.loss(z.get(0), z.get(1), tau)
        .add(Pnr.contrastive(tau).of(z, at.numbered("p"), frozen(at), at.number(1, WEIGHT)));
  }

  private static Tensor pnrBarlow(GoldenCase at) {
    double lambda = at.number(GoldenLosses.LAMBDA);
    double scale = at.number(1, GoldenLosses.SCALE);
    return pnr(
        at,
        at.says("mu")
            ? Pnr.decorrelative(lambda, scale, at.number(MU))
            : Pnr.decorrelative(lambda, scale));
  }

  private static Tensor pnrVicreg(GoldenCase at) {
    double invariance = at.number("sim", "invariance", "lambda");
    return pnr(
        at,
        at.says("mu")
            ? Pnr.invariant(invariance, at.number(MU) / invariance)
            : Pnr.invariant(invariance));
  }

  /**
   * One way: queries and predictions beside their keys and past, each against both queues. Another
   * temperature of the predictions makes them longer or shorter.
   */
  private static Tensor pnrMoco(GoldenCase at) {
    Tensor queues =
        torch
            .cat(new TensorVector(at.get("queue", "queue1"), at.get("past_queue", "queue2")), 1)
            .t();
    double tau = at.number(GoldenLosses.TEMPERATURE);
    double length = tau / at.number(tau, "distill_temperature");
    return PseudoNegatives.queued(
        at.get("query", "query1"),
        at.get("key", "key1"),
        at.get("p", "distill", "distill1").mul(new Scalar(length)),
        at.get("frozen", "past", "query2"),
        queues,
        null,
        tau,
        at.number(1, WEIGHT));
  }
}
