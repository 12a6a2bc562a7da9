package dev.millrace.learn.method;

import dev.millrace.learn.network.Head;
import dev.millrace.learn.network.Mlp;
import dev.millrace.learn.network.Mode;
import dev.millrace.learn.network.Moment;
import dev.millrace.learn.network.Network;
import dev.millrace.learn.network.Outputs;
import dev.millrace.learn.network.Ranks;
import dev.millrace.learn.network.Views;
import dev.millrace.learn.objective.NegativeCosine;
import dev.millrace.refusal.Require;
import dev.millrace.setting.Knob;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * BYOL: Grill et al., "Bootstrap Your Own Latent: A New Approach to Self-Supervised Learning",
 * NeurIPS 2020. A predictor must find, from one view, what a momentum twin makes of the other; no
 * picture is another's negative.
 */
public final class Byol implements Method<Latents> {
  /**
   * The method's knobs.
   *
   * @param momentum τ of the twin where its rise to 1 begins, in [0, 1]; it rises by half a cosine
   *     over what {@link Moment#share} counts; the paper's is 0.996
   * @param hidden width of the hidden layers of projector and predictor, at least 1; the paper's is
   *     4096
   * @param dim width of the embeddings, at least 1; the paper's is 256
   */
  public record Settings(
      @Knob(RisingTwin.MOMENTUM) double momentum,
      @Knob(value = "width of the heads' hidden layers", name = "projector-hidden") int hidden,
      @Knob("width of the projector's output") int dim)
      implements MethodSettings {
    /** Refuses values outside their ranges. */
    public Settings {
      Require.component(momentum >= 0 && momentum <= 1, "momentum", momentum + " is not in 0 … 1");
      Require.component(hidden >= 1, "hidden", hidden + " is below 1");
      Require.component(dim >= 1, "dim", dim + " is below 1");
    }

    /** For small pictures and short runs. */
    public static Settings small() {
      return new Settings(0.995, 2048, 128);
    }

    /** With another momentum. */
    public Settings momentum(double momentum) {
      return new Settings(momentum, hidden, dim);
    }

    /** With another width of the hidden layers. */
    public Settings hidden(int hidden) {
      return new Settings(momentum, hidden, dim);
    }

    /** With another width of the embeddings. */
    public Settings dim(int dim) {
      return new Settings(momentum, hidden, dim);
    }

    /** The paper's values for ImageNet. */
    public static Settings paper() {
      return new Settings(0.996, 4096, 256);
    }
  }

  private final Network network;
  private final Head predictor;
  private final RisingTwin twin;

  /**
   * The method over a network that has its {@link #heads}.
   *
   * @param network stays the caller's
   */
  public Byol(Settings settings, Network network) {
    this.network = network;
    predictor = predictor(settings);
    twin = new RisingTwin(network, settings.momentum());
  }

  /** Its projector and predictor, each with one normalised hidden layer. */
  public static List<Head> heads(Settings settings, int features) {
    return List.of(
        Mlp.normalised("projector", features, settings.hidden(), settings.dim()),
        predictor(settings));
  }

  private static Head predictor(Settings settings) {
    return Mlp.normalised("predictor", settings.dim(), settings.hidden(), settings.dim());
  }

  @Override
  public int views() {
    return 2;
  }

  @Override
  public void takeOver() {
    twin.takeOver();
  }

  @Override
  public Outputs outputs(Views views, Mode mode) {
    return Passes.predicted(network, predictor, views, mode);
  }

  @Override
  public Latents targets(Views views, Outputs made, Mode mode) {
    return new Latents(twin.embeddings(views, mode));
  }

  @Override
  public Latents gathered(Latents own, Ranks ranks) {
    return new Latents(Tensors.gathered(own.embeddings(), ranks));
  }

  /** The sum of both ways of eq. 2. */
  @Override
  public Tensor loss(Outputs made, Latents against) {
    return NegativeCosine.loss(made.predictions().get(0), against.embeddings().get(1))
        .add(NegativeCosine.loss(made.predictions().get(1), against.embeddings().get(0)));
  }

  @Override
  public void afterStep(Outputs made, Latents against, Moment at) {
    twin.follow(at);
  }

  @Override
  public Optional<Network> twin() {
    return Optional.of(twin.network());
  }

  @Override
  public Map<String, Tensor> state() {
    return twin.state();
  }

  @Override
  public void close() {
    twin.close();
  }
}
