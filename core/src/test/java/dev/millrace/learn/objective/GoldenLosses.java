package dev.millrace.learn.objective;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;

/** Which loss a golden case is of: that whose name its name begins with, the longest. */
final class GoldenLosses {
  private static final String TEMPERATURE = "temperature";

  private static final Map<String, Function<GoldenCase, Tensor>> ALL = new LinkedHashMap<>();

  static {
    ALL.put("simclr", at -> NtXent.loss(at.get("z1"), at.get("z2"), at.number(TEMPERATURE)));
    ALL.put(
        "supcon",
        at ->
            SupervisedContrast.loss(
                at.get("z1"), at.get("z2"), at.whole("labels"), at.number(TEMPERATURE)));
    ALL.put("byol", at -> NegativeCosine.loss(at.get("p"), at.get("z")));
    ALL.put("simsiam", at -> NegativeCosine.plain(at.get("p"), at.get("z")));
    ALL.put(
        "barlow twins",
        at ->
            RedundancyReduction.loss(
                at.get("z1"), at.get("z2"), at.number("lambda"), at.number("scale", 1)));
    ALL.put(
        "vicreg",
        at ->
            VarianceCovariance.loss(
                at.get("z1"),
                at.get("z2"),
                new VarianceCovariance.Weights(
                    at.number("sim"), at.number("var"), at.number("cov"), at.number("eps", 1e-4))));
    ALL.put(
        "moco v2",
        at ->
            InfoNce.loss(
                at.get("query"), at.get("key"), at.get("queue").t(), at.number(TEMPERATURE)));
    ALL.put("moco v3", at -> BatchNce.loss(at.get("query"), at.get("key"), at.number(TEMPERATURE)));
    ALL.put("nnclr", at -> NeighbourNce.loss(at.get("nn"), at.get("p"), at.number(TEMPERATURE)));
    ALL.put(
        "swav",
        at ->
            SwappedPrediction.loss(
                at.numbered("scores"), at.numbered("assign"), at.number(TEMPERATURE)));
    ALL.put(
        "mae",
        at ->
            MaskedPixels.loss(
                at.get("images"),
                at.get("prediction"),
                at.get("mask"),
                (int) at.number("patch"),
                at.flag("norm_pix_loss")));
    ALL.put("lejepa invariance", at -> CentreInvariance.loss(at.get("all"), at.get("global")));
    ALL.put(
        "lejepa sigreg",
        at ->
            SigReg.loss(
                at.get("proj"),
                at.matrix("directions"),
                (int) at.number("knots", SigReg.KNOTS),
                at.number("t_max", SigReg.LARGEST)));
    ALL.put("koleo", at -> KoLeo.loss(at.get("x")));
    ALL.put(
        "dcl", at -> DecoupledContrast.loss(at.get("z1"), at.get("z2"), at.number(TEMPERATURE)));
    ALL.put(
        "tico",
        at ->
            CovarianceContrast.loss(
                at.get("z1"),
                at.get("z2"),
                at.has("C") ? at.get("C") : at.zeros("z1"),
                at.number("beta"),
                at.number("rho")));
    ALL.put(
        "cassle contrastive",
        at -> Distillation.loss(at.joined("p"), at.joined("frozen"), at.number(TEMPERATURE)));
    ALL.put("cassle predictive", at -> NegativeCosine.loss(at.get("p"), at.get("frozen")));
    ALL.put(
        "cassle decorrelative",
        at ->
            RedundancyReduction.loss(
                at.get("p"),
                at.get("frozen").detach(),
                at.number("lambda"),
                at.number("scale", 1)));
  }

  private GoldenLosses() {}

  /** The loss of a case; null where its name begins with that of none. */
  static Tensor of(String name, GoldenCase at) {
    String plain = name.toLowerCase(Locale.ROOT).replaceAll("[-_,]+", " ").strip();
    return ALL.keySet().stream()
        .filter(plain::startsWith)
        .max(Comparator.comparingInt(String::length))
        .map(known -> ALL.get(known).apply(at))
        .orElse(null);
  }
}
