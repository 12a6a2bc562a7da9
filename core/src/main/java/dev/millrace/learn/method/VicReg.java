package dev.millrace.learn.method;

import dev.millrace.learn.network.Head;
import dev.millrace.learn.network.Mlp;
import dev.millrace.learn.network.Mode;
import dev.millrace.learn.network.Network;
import dev.millrace.learn.network.Outputs;
import dev.millrace.learn.network.Ranks;
import dev.millrace.learn.network.Views;
import dev.millrace.learn.objective.VarianceCovariance;
import dev.millrace.refusal.Require;
import dev.millrace.setting.Knob;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * VICReg: Bardes, Ponce, LeCun, "VICReg: Variance-Invariance-Covariance Regularization for
 * Self-Supervised Learning", ICLR 2022. Views alike, no dimension without variance, no two
 * dimensions alike; it keeps nothing from step to step.
 */
public final class VicReg implements Method<Nothing> {
  /**
   * The method's knobs.
   *
   * @param invariance λ of the views' difference, at least 0
   * @param variance μ of the hinge on deviations, at least 0
   * @param covariance ν of the covariances, at least 0
   * @param hidden width of the heads' hidden layers, at least 1
   * @param dim d, width of the embeddings, at least 1
   */
  public record Settings(
      @Knob("weight of the views' difference") double invariance,
      @Knob("weight of the hinge on each dimension's deviation") double variance,
      @Knob("weight of the covariances between dimensions") double covariance,
      @Knob(value = "width of the heads' hidden layers", name = "projector-hidden") int hidden,
      @Knob("width of the projector's output") int dim)
      implements MethodSettings {
    /** Refuses values outside their ranges. */
    public Settings {
      Require.component(
          invariance >= 0 && invariance < Double.POSITIVE_INFINITY,
          "invariance",
          invariance + " is not a number of at least 0");
      Require.component(
          variance >= 0 && variance < Double.POSITIVE_INFINITY,
          "variance",
          variance + " is not a number of at least 0");
      Require.component(
          covariance >= 0 && covariance < Double.POSITIVE_INFINITY,
          "covariance",
          covariance + " is not a number of at least 0");
      Require.component(hidden >= 1, "hidden", hidden + " is below 1");
      Require.component(dim >= 1, "dim", dim + " is below 1");
    }

    /** The paper's values for ImageNet. */
    public static Settings paper() {
      return new Settings(25, 25, 1, 8192, 8192);
    }

    /** For small pictures and short runs: the paper's weights over 25, for SGD without LARS. */
    public static Settings small() {
      return new Settings(1, 1, 0.04, 1024, 256);
    }

    @Override
    public double spread() {
      return 1;
    }

    /** With another value: λ of the views' difference. */
    public Settings invariance(double invariance) {
      return new Settings(invariance, variance, covariance, hidden, dim);
    }

    /** With another value: μ of the hinge on deviations. */
    public Settings variance(double variance) {
      return new Settings(invariance, variance, covariance, hidden, dim);
    }

    /** With another value: ν of the covariances. */
    public Settings covariance(double covariance) {
      return new Settings(invariance, variance, covariance, hidden, dim);
    }

    /** With another value: width of the heads' hidden layers. */
    public Settings hidden(int hidden) {
      return new Settings(invariance, variance, covariance, hidden, dim);
    }

    /** With another value: d, width of the embeddings. */
    public Settings dim(int dim) {
      return new Settings(invariance, variance, covariance, hidden, dim);
    }
  }

  private static final double EPSILON = 1e-4;

  private final Settings settings;
  private final Network network;

  /**
   * The method over a network that has its {@link #heads}.
   *
   * @param network stays the caller's
   */
  public VicReg(Settings settings, Network network) {
    this.settings = settings;
    this.network = network;
  }

  /** Its projector, with two normalised hidden layers. */
  public static List<Head> heads(Settings settings, int features) {
    return List.of(
        Mlp.normalised(
            "projector", features, settings.hidden(), settings.hidden(), settings.dim()));
  }

  @Override
  public int views() {
    return 2;
  }

  @Override
  public Outputs outputs(Views views, Mode mode) {
    return Passes.embedded(network, views, mode);
  }

  @Override
  public Nothing targets(Views views, Outputs made, Mode mode) {
    return new Nothing();
  }

  @Override
  public Nothing gathered(Nothing own, Ranks ranks) {
    return own;
  }

  /** Eq. 6. */
  @Override
  public Tensor loss(Outputs made, Nothing against) {
    return VarianceCovariance.loss(
        made.embeddings().get(0),
        made.embeddings().get(1),
        new VarianceCovariance.Weights(
            settings.invariance(), settings.variance(), settings.covariance(), EPSILON));
  }

  @Override
  public void close() {}
}
