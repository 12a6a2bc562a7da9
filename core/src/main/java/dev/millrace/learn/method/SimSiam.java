package dev.millrace.learn.method;

import dev.millrace.learn.network.Head;
import dev.millrace.learn.network.Mlp;
import dev.millrace.learn.network.Mode;
import dev.millrace.learn.network.Network;
import dev.millrace.learn.network.Outputs;
import dev.millrace.learn.network.Ranks;
import dev.millrace.learn.network.Views;
import dev.millrace.learn.objective.NegativeCosine;
import dev.millrace.refusal.Require;
import dev.millrace.setting.Knob;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * SimSiam: Chen and He, "Exploring Simple Siamese Representation Learning", CVPR 2021. A prediction
 * from one view must point where the other view's embedding does, through which no gradient flows;
 * it keeps nothing from step to step. The paper keeps the predictor's rate constant while that of
 * the rest falls by a cosine (section 4.2); here the predictor follows the schedule as all weights
 * do.
 */
public final class SimSiam implements Method<Latents> {
  /**
   * The method's knobs.
   *
   * @param hidden width of the heads' hidden layers, at least 1
   * @param bottleneck width of the predictor's hidden layer, at least 1
   * @param dim d, width of the embeddings, at least 1
   */
  public record Settings(
      @Knob(value = "width of the heads' hidden layers", name = "projector-hidden") int hidden,
      @Knob(value = "width of the predictor's hidden layer", name = "predictor-hidden")
          int bottleneck,
      @Knob("width of the projector's output") int dim)
      implements MethodSettings {
    /** Refuses values outside their ranges. */
    public Settings {
      Require.component(hidden >= 1, "hidden", hidden + " is below 1");
      Require.component(bottleneck >= 1, "bottleneck", bottleneck + " is below 1");
      Require.component(dim >= 1, "dim", dim + " is below 1");
    }

    /** The paper's values for ImageNet. */
    public static Settings paper() {
      return new Settings(2048, 512, 2048);
    }

    /** For small pictures and short runs. */
    public static Settings small() {
      return new Settings(1024, 256, 1024);
    }

    /** With another value: width of the heads' hidden layers. */
    public Settings hidden(int hidden) {
      return new Settings(hidden, bottleneck, dim);
    }

    /** With another value: width of the predictor's hidden layer. */
    public Settings bottleneck(int bottleneck) {
      return new Settings(hidden, bottleneck, dim);
    }

    /** With another value: d, width of the embeddings. */
    public Settings dim(int dim) {
      return new Settings(hidden, bottleneck, dim);
    }
  }

  private final Network network;
  private final Head predictor;

  /**
   * The method over a network that has its {@link #heads}.
   *
   * @param network stays the caller's
   */
  public SimSiam(Settings settings, Network network) {
    this.network = network;
    predictor = predictor(settings);
  }

  /** Its projector, normalised throughout, and its predictor, a bottleneck. */
  public static List<Head> heads(Settings settings, int features) {
    return List.of(
        Mlp.normalisedThroughout(
            "projector", features, settings.hidden(), settings.hidden(), settings.dim()),
        predictor(settings));
  }

  private static Head predictor(Settings settings) {
    return Mlp.normalised("predictor", settings.dim(), settings.bottleneck(), settings.dim());
  }

  @Override
  public int views() {
    return 2;
  }

  @Override
  public Outputs outputs(Views views, Mode mode) {
    return Passes.predicted(network, predictor, views, mode);
  }

  @Override
  public Latents targets(Views views, Outputs made, Mode mode) {
    return new Latents(Passes.detached(made));
  }

  @Override
  public Latents gathered(Latents own, Ranks ranks) {
    return new Latents(Tensors.gathered(own.embeddings(), ranks));
  }

  /** Eq. 4: the mean of both ways. */
  @Override
  public Tensor loss(Outputs made, Latents against) {
    return NegativeCosine.plain(made.predictions().get(0), against.embeddings().get(1))
        .add(NegativeCosine.plain(made.predictions().get(1), against.embeddings().get(0)))
        .mul(new Scalar(0.5));
  }

  @Override
  public void close() {}
}
