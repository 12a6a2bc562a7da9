package dev.millrace.learn.objective;

import dev.millrace.learn.remedy.Pnr;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * The terms that remedies add to a loss, by the words that golden cases begin with. Those that act
 * on views or on weights (LUMP, MAS, EWC, SI, orthogonal gradients) have no loss: their own tests
 * hold them to their equations.
 */
final class GoldenRemedies {
  private static final String[] WEIGHT = {"weight", "distill_lamb", "alpha", "omega"};
  private static final String[] MU = {"mu"};
  private static final String[] FROZEN = {"frozen", "f", "past"};

  private GoldenRemedies() {}

  static void put(Map<String, Function<GoldenCase, Tensor>> all) {
    for (String of : List.of("contrastive", "simclr", "moco", "moco v2")) {
      all.put("cassle " + of, at -> weighted(at, contrastive(at)));
    }
    for (String of : List.of("predictive", "byol", "simsiam")) {
      all.put("cassle " + of, at -> weighted(at, each(at, NegativeCosine::loss)));
    }
    for (String of : List.of("decorrelative", "barlow", "barlow twins")) {
      all.put("cassle " + of, at -> weighted(at, decorrelative(at)));
    }
    for (String of :
        List.of("invariant", "invariance", "vicreg", "predictive mse", "mse", "lejepa")) {
      all.put("cassle " + of, GoldenRemedies::invariant);
    }
    all.put("pfr", at -> each(at, NegativeCosine::plain).mul(number(at, 1, "lambda", "weight")));
    for (String name : List.of("cla", "cla b", "cla e", "cla r")) {
      all.put(
          name,
          at ->
              NegativeCosine.plain(at.get("a", "p"), at.get("ema", "stored", "frozen"))
                  .mul(number(at, 1, WEIGHT)));
    }
    all.put("der", GoldenRemedies::der);
    all.put("osiris", GoldenRemedies::osiris);
    all.put("osiris r", GoldenRemedies::osiris);
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

  private static Scalar number(GoldenCase at, double otherwise, String... names) {
    return new Scalar(at.number(otherwise, names));
  }

  private static Tensor weighted(GoldenCase at, Tensor loss) {
    return loss.mul(number(at, 1, WEIGHT));
  }

  private static List<Tensor> frozen(GoldenCase at) {
    return at.numberedOf(FROZEN);
  }

  /** The mean over views of predictions beside what the frozen network makes of the same. */
  private static Tensor each(GoldenCase at, BinaryOperator<Tensor> loss) {
    List<Tensor> p = at.numbered("p");
    List<Tensor> past = frozen(at);
    Tensor sum = null;
    for (int v = 0; v < p.size(); v++) {
      Tensor one = loss.apply(p.get(v), past.get(v).detach());
      sum = sum == null ? one : sum.add(one);
    }
    return sum.div(new Scalar((double) p.size()));
  }

  private static Tensor contrastive(GoldenCase at) {
    return Distillation.loss(
        GoldenCase.joined(at.numbered("p")),
        GoldenCase.joined(frozen(at)),
        at.number(GoldenLosses.TEMPERATURE));
  }

  private static Tensor decorrelative(GoldenCase at) {
    double lambda = at.number(GoldenLosses.LAMBDA);
    double scale = at.number(1, GoldenLosses.SCALE);
    return each(at, (p, past) -> RedundancyReduction.loss(p, past, lambda, scale));
  }

  /** The squared error alone, or all of VICReg's loss where the case weighs its parts. */
  private static Tensor invariant(GoldenCase at) {
    if (at.says("var") || at.says("variance")) {
      return weighted(at, each(at, (p, past) -> GoldenLosses.vicreg(at, p, past)));
    }
    return each(at, (p, past) -> p.sub(past).square().mean())
        .mul(number(at, 1, "weight", "distill_lamb", "sim", "invariance", "lambda"));
  }

  private static Tensor der(GoldenCase at) {
    List<Tensor> stored = at.numberedOf("stored", "logits");
    List<Tensor> features = at.numberedOf("features", "f");
    Tensor sum = null;
    for (int v = 0; v < features.size(); v++) {
      Tensor then = stored.get(Math.min(v, stored.size() - 1));
      Tensor one = features.get(v).sub(then.detach()).square().mean();
      sum = sum == null ? one : sum.add(one);
    }
    return weighted(at, sum.div(new Scalar((double) features.size())));
  }

  /** Beside the method's loss: half the cross-task loss and the replayed pictures' own. */
  private static Tensor osiris(GoldenCase at) {
    double tau = at.number(GoldenLosses.TEMPERATURE);
    List<Tensor> x = at.numbered("x");
    List<Tensor> y = at.numbered("y");
    Tensor cross =
        CrossContrast.loss(x.get(0), x.get(1), GoldenCase.joined(y), tau)
            .add(CrossContrast.loss(y.get(0), y.get(1), GoldenCase.joined(x), tau))
            .mul(new Scalar(0.5));
    Tensor among = NtXent.loss(y.get(0), y.get(1), tau);
    return cross.add(among).mul(number(at, 1, WEIGHT)).mul(new Scalar(0.5));
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

  /** One way: queries and predictions beside their keys and past, each against both queues. */
  private static Tensor pnrMoco(GoldenCase at) {
    Tensor queues =
        torch
            .cat(new TensorVector(at.get("queue", "queue1"), at.get("past_queue", "queue2")), 1)
            .t();
    double tau = at.number(GoldenLosses.TEMPERATURE);
    return InfoNce.loss(at.get("query", "query1"), at.get("key", "key1"), queues, tau)
        .add(
            weighted(
                at,
                InfoNce.loss(
                    at.get("p", "distill", "distill1"),
                    at.get("frozen", "past", "query2"),
                    queues,
                    at.number(tau, "distill_temperature"))));
  }
}
