package dev.millrace.learn.objective;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Which loss a golden case is of: that whose words its name begins with, the longest. Numbers stand
 * in the case alone: what it does not say is asked for by name, and what it says and nobody asks
 * for is an error.
 */
final class GoldenLosses {
  static final String[] TEMPERATURE = {"temperature", "tau", "t", "temp"};
  static final String[] LAMBDA = {"lambda", "lamb", "lambda_param", "off_diagonal"};
  static final String[] SCALE = {"scale", "scale_loss", "loss_scale"};
  private static final String[] GLOBAL = {"global", "global_proj"};
  private static final String[] EPSILON = {"eps", "epsilon"};

  private static final Map<String, Function<GoldenCase, Tensor>> ALL = new LinkedHashMap<>();

  static {
    methods();
    GoldenRemedies.put(ALL);
  }

  private GoldenLosses() {}

  private static void put(Function<GoldenCase, Tensor> loss, String... names) {
    for (String name : names) {
      ALL.put(name, loss);
    }
  }

  private static void methods() {
    put(GoldenContrasts::simclr, "simclr", "nt xent", "ntxent");
    put(GoldenContrasts::contrast, "supcon", "sup con");
    put(
        at -> DecoupledContrast.loss(at.get("z1"), at.get("z2"), at.number(TEMPERATURE)),
        "dcl",
        "decoupled contrastive");
    put(at -> crossed(at, "p", "z", NegativeCosine::loss, 1), "byol");
    put(at -> crossed(at, "p", "z", NegativeCosine::plain, 0.5), "simsiam");
    put(GoldenLosses::barlow, "barlow twins", "barlow");
    put(at -> vicreg(at, at.get("z1"), at.get("z2")), "vicreg");
    put(GoldenContrasts::moco, "moco v2", "mocov2", "mocov2plus", "moco", "infonce", "info nce");
    put(
        at -> {
          double tau = at.number(TEMPERATURE);
          return crossed(at, "query", "key", (q, k) -> BatchNce.loss(q, k, tau), 1);
        },
        "moco v3",
        "mocov3");
    put(GoldenContrasts::nnclr, "nnclr");
    put(GoldenLosses::swav, "swav");
    put(GoldenLosses::dino, "dino");
    put(
        at ->
            MaskedPixels.loss(
                at.get("images", "imgs"),
                at.get("prediction", "pred"),
                at.get("mask"),
                (int) at.number("patch", "patch_size"),
                at.flag("norm_pix_loss", "norm_pix"),
                at.number(1e-6, EPSILON)),
        "mae");
    put(at -> CentreInvariance.loss(all(at), at.get(GLOBAL)), "lejepa invariance", "invariance");
    put(at -> sigreg(at, at.get("proj", "z", "all", "x")), "lejepa sigreg", "sigreg");
    put(GoldenLosses::lejepa, "lejepa");
    put(at -> KoLeo.loss(at.get("x", "z"), at.number(1e-8, EPSILON)), "koleo");
    put(GoldenLosses::tico, "tico");
    put(
        at ->
            at.has("left")
                ? CrossEntropy.loss(at.get("logits"), at.whole("labels"), at.get("left").ne(zero()))
                : CrossEntropy.loss(at.get("logits"), at.whole("labels")),
        "cross entropy",
        "supervised");
  }

  static Scalar zero() {
    return new Scalar(0.0);
  }

  /** Of one view against the other's, or of both ways: their sum, times {@code share}. */
  static Tensor crossed(
      GoldenCase at, String of, String against, BinaryOperator<Tensor> loss, double share) {
    if (at.has(of)) {
      return loss.apply(at.get(of), at.get(against));
    }
    return loss.apply(at.get(of + 1), at.get(against + 2))
        .add(loss.apply(at.get(of + 2), at.get(against + 1)))
        .mul(new Scalar(share));
  }

  private static Tensor barlow(GoldenCase at) {
    return RedundancyReduction.loss(
        at.get("z1"),
        at.get("z2"),
        at.number(LAMBDA),
        at.number(1, SCALE),
        at.number(1e-5, EPSILON));
  }

  /** With the covariance of earlier batches, or with one of them: {@code before}. */
  private static Tensor tico(GoldenCase at) {
    Tensor z = at.get("z1", "z_a");
    double beta = at.number("beta");
    Tensor covariance = at.zeros(z.size(1), z.size(1));
    for (String earlier : List.of("C", "covariance")) {
      covariance = at.has(earlier) ? at.get(earlier) : covariance;
    }
    for (String earlier : List.of("before", "earlier", "previous")) {
      if (at.has(earlier)) {
        covariance = CovarianceContrast.covariance(at.get(earlier).detach(), covariance, beta);
      }
    }
    return CovarianceContrast.loss(z, at.get("z2", "z_b"), covariance, beta, at.number("rho"));
  }

  static Tensor vicreg(GoldenCase at, Tensor one, Tensor two) {
    return VarianceCovariance.loss(
        one,
        two,
        new VarianceCovariance.Weights(
            at.number("sim", "invariance", "sim_loss_weight", "lambda_param"),
            at.number("var", "variance", "var_loss_weight", "mu_param"),
            at.number("cov", "covariance", "cov_loss_weight", "nu_param"),
            at.number(1e-4, EPSILON)));
  }

  /** With assignments, or with what makes them: {@code queueN}, further scores of a view. */
  private static Tensor swav(GoldenCase at) {
    List<Tensor> scores = at.numbered("scores");
    List<Tensor> assigned = new ArrayList<>();
    if (at.has("assign1")) {
      assigned.addAll(at.numbered("assign"));
    } else {
      int views = (int) at.number(2, "assigned_views", "num_large_crops");
      for (int v = 1; v <= views; v++) {
        Tensor own = scores.get(v - 1);
        Tensor all =
            at.has("queue" + v) ? torch.cat(new TensorVector(own, at.get("queue" + v)), 0) : own;
        assigned.add(
            Sinkhorn.assignments(
                    all,
                    at.number("epsilon", "eps", "sk_epsilon"),
                    (int) at.number("iterations", "sk_iters", "sinkhorn_iterations"))
                .narrow(0, 0, own.size(0)));
      }
    }
    return SwappedPrediction.loss(scores, assigned, at.number(TEMPERATURE));
  }

  /** Views each by itself, or one after the other in {@code student} and {@code teacher}. */
  private static Tensor dino(GoldenCase at) {
    // What published code is made with beside these, and one loss does not depend on.
    at.number(0, "num_prototypes");
    at.number(0, "center_momentum", "centre_momentum");
    at.number(2, "num_large_crops");
    List<Tensor> student = at.numberedOf("student", "student_output");
    List<Tensor> teacher = at.numberedOf("teacher", "teacher_output");
    if (teacher.size() == 1) {
      teacher = parts(teacher.get(0), 2);
      student = parts(student.get(0), (int) (student.get(0).size(0) / teacher.get(0).size(0)));
    }
    Tensor centre =
        at.has("center") || at.has("centre")
            ? at.get("center", "centre").reshape(-1)
            : at.zeros(teacher.get(0).size(1));
    double sharp = at.number("teacher_temperature", "teacher_temp");
    return SelfDistillation.loss(
        student,
        teacher.stream().map(one -> SelfDistillation.said(one, centre, sharp)).toList(),
        at.number("student_temperature", "student_temp", "temperature"));
  }

  private static List<Tensor> parts(Tensor rows, int count) {
    long each = rows.size(0) / count;
    List<Tensor> parts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      parts.add(rows.narrow(0, i * each, each));
    }
    return parts;
  }

  private static Tensor sigreg(GoldenCase at, Tensor embeddings) {
    Tensor directions = at.matrix("directions");
    long count = directions.size(1);
    if (at.number(count, "num_vectors", "sigreg_num_vectors", "num_slices") != count) {
      throw new IllegalArgumentException(
          "found %d directions, expected as many as the setting says".formatted(count));
    }
    return SigReg.loss(
        embeddings,
        directions,
        (int) at.number(SigReg.KNOTS, "knots", "num_knots", "sigreg_knots"),
        at.number(SigReg.LARGEST, "t_max", "sigreg_t_max"));
  }

  /** All views, or as Lightly is given them: the global ones, and the others after them. */
  private static Tensor all(GoldenCase at) {
    for (String local : List.of("local", "local_proj")) {
      if (at.has(local)) {
        return torch.cat(new TensorVector(at.get(GLOBAL), at.get(local)), 0);
      }
    }
    return at.get("all", "all_proj");
  }

  private static Tensor lejepa(GoldenCase at) {
    Tensor all = all(at);
    boolean global = at.has("global") || at.has("global_proj");
    double lambda = at.number("lambda", "lamb", "lambda_param", "sigreg");
    return sigreg(at, all)
        .mul(new Scalar(lambda))
        .add(CentreInvariance.loss(all, global ? at.get(GLOBAL) : all).mul(new Scalar(1 - lambda)));
  }

  /**
   * The loss of a case.
   *
   * @throws IllegalArgumentException where its name is of no loss here, or where it says more than
   *     the loss asks for
   */
  static Tensor of(String name, GoldenCase at) {
    String plain = name.toLowerCase(Locale.ROOT).replaceAll("[-_,+()/:]+", " ").strip();
    String known =
        ALL.keySet().stream()
            .filter(words -> (plain + " ").startsWith(words + " "))
            .max(Comparator.comparingInt(String::length))
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "%s is of no loss that is known here; known are %s"
                            .formatted(name, ALL.keySet())));
    Tensor loss = ALL.get(known).apply(at);
    if (!at.unused().isEmpty()) {
      throw new IllegalArgumentException(
          "%s, taken for %s: it does not know what %s stands for"
              .formatted(name, known, at.unused()));
    }
    return loss;
  }
}
