package dev.millrace.learn.method;

import dev.millrace.learn.network.Head;
import dev.millrace.learn.network.Mlp;
import dev.millrace.learn.network.Mode;
import dev.millrace.learn.network.Network;
import dev.millrace.learn.network.Outputs;
import dev.millrace.learn.network.Ranks;
import dev.millrace.learn.network.Views;
import dev.millrace.learn.objective.RedundancyReduction;
import dev.millrace.refusal.Require;
import dev.millrace.setting.Knob;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Barlow Twins: Zbontar et al., "Barlow Twins: Self-Supervised Learning via Redundancy Reduction",
 * ICML 2021. The correlation of the two views' embeddings over a batch must be the identity: views
 * alike, dimensions unlike. It keeps nothing from step to step.
 */
public final class BarlowTwins implements Method<Nothing> {
  /**
   * The method's knobs.
   *
   * @param offDiagonal λ of the correlations off the diagonal, at least 0
   * @param lossScale what the loss is multiplied by, above 0
   * @param hidden width of the heads' hidden layers, at least 1
   * @param dim d, width of the embeddings, at least 1
   */
  public record Settings(
      @Knob("weight of the correlations between different dimensions") double offDiagonal,
      @Knob("what the loss is multiplied by") double lossScale,
      @Knob(value = "width of the heads' hidden layers", name = "projector-hidden") int hidden,
      @Knob("width of the projector's output") int dim)
      implements MethodSettings {
    /** Refuses values outside their ranges. */
    public Settings {
      Require.component(
          offDiagonal >= 0 && offDiagonal < Double.POSITIVE_INFINITY,
          "offDiagonal",
          offDiagonal + " is not a number of at least 0");
      Require.positive(lossScale, "lossScale");
      Require.component(hidden >= 1, "hidden", hidden + " is below 1");
      Require.component(dim >= 1, "dim", dim + " is below 1");
    }

    /** The paper's values for ImageNet. */
    public static Settings paper() {
      return new Settings(0.005, 1, 8192, 8192);
    }

    /**
     * For small pictures and short runs, and for SGD without LARS, which minds the loss's scale.
     */
    public static Settings small() {
      return new Settings(0.005, 0.01, 1024, 256);
    }

    /** With another value: λ of the correlations off the diagonal. */
    public Settings offDiagonal(double offDiagonal) {
      return new Settings(offDiagonal, lossScale, hidden, dim);
    }

    /** With another value: what the loss is multiplied by. */
    public Settings lossScale(double lossScale) {
      return new Settings(offDiagonal, lossScale, hidden, dim);
    }

    /** With another value: width of the heads' hidden layers. */
    public Settings hidden(int hidden) {
      return new Settings(offDiagonal, lossScale, hidden, dim);
    }

    /** With another value: d, width of the embeddings. */
    public Settings dim(int dim) {
      return new Settings(offDiagonal, lossScale, hidden, dim);
    }
  }

  private final Settings settings;
  private final Network network;

  /**
   * The method over a network that has its {@link #heads}.
   *
   * @param network stays the caller's
   */
  public BarlowTwins(Settings settings, Network network) {
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

  /** Eq. 1. */
  @Override
  public Tensor loss(Outputs made, Nothing against) {
    return RedundancyReduction.loss(
        made.embeddings().get(0),
        made.embeddings().get(1),
        settings.offDiagonal(),
        settings.lossScale());
  }

  @Override
  public void close() {}
}
