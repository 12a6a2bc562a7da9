package dev.millrace.learn.method;

import dev.millrace.learn.network.Head;
import dev.millrace.learn.network.Mlp;
import dev.millrace.learn.network.Mode;
import dev.millrace.learn.network.Moment;
import dev.millrace.learn.network.Network;
import dev.millrace.learn.network.Outputs;
import dev.millrace.learn.network.Ranks;
import dev.millrace.learn.network.Views;
import dev.millrace.learn.objective.BatchNce;
import dev.millrace.refusal.Require;
import dev.millrace.setting.Knob;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * MoCo v3: Chen, Xie, He, "An Empirical Study of Training Self-Supervised Vision Transformers",
 * ICCV 2021. A prediction from one view must find the momentum twin's embedding of the other among
 * those of the batch; there is no queue.
 */
public final class MoCoV3 implements Method<Latents> {
  /**
   * The method's knobs.
   *
   * @param momentum momentum of the twin, in [0, 1]; at a rate that falls where its rise to 1
   *     begins
   * @param temperature τ of the logits, above 0
   * @param hidden width of the heads' hidden layers, at least 1
   * @param dim d, width of the embeddings, at least 1
   */
  public record Settings(
      @Knob(RisingTwin.MOMENTUM) double momentum,
      @Knob("softmax temperature") double temperature,
      @Knob(value = "width of the heads' hidden layers", name = "projector-hidden") int hidden,
      @Knob("width of the projector's output") int dim)
      implements MethodSettings {
    /** Refuses values outside their ranges. */
    public Settings {
      Require.component(momentum >= 0 && momentum <= 1, "momentum", momentum + " is not in 0 … 1");
      Require.positive(temperature, "temperature");
      Require.component(hidden >= 1, "hidden", hidden + " is below 1");
      Require.component(dim >= 1, "dim", dim + " is below 1");
    }

    /** The paper's values for ImageNet. */
    public static Settings paper() {
      return new Settings(0.99, 0.2, 4096, 256);
    }

    /** For small pictures and short runs. */
    public static Settings small() {
      return new Settings(0.995, 0.2, 2048, 128);
    }

    /** With another momentum of the twin. */
    public Settings momentum(double momentum) {
      return new Settings(momentum, temperature, hidden, dim);
    }

    /** With another value: τ of the logits. */
    public Settings temperature(double temperature) {
      return new Settings(momentum, temperature, hidden, dim);
    }

    /** With another value: width of the heads' hidden layers. */
    public Settings hidden(int hidden) {
      return new Settings(momentum, temperature, hidden, dim);
    }

    /** With another value: d, width of the embeddings. */
    public Settings dim(int dim) {
      return new Settings(momentum, temperature, hidden, dim);
    }
  }

  private final Settings settings;
  private final Network network;
  private final Head predictor;
  private final RisingTwin twin;

  /**
   * The method over a network that has its {@link #heads}.
   *
   * @param network stays the caller's
   */
  public MoCoV3(Settings settings, Network network) {
    this.settings = settings;
    this.network = network;
    predictor = predictor(settings);
    twin = new RisingTwin(network, settings.momentum());
  }

  /**
   * Its projector and predictor, each with one normalised hidden layer; the embeddings are
   * normalised, too.
   */
  public static List<Head> heads(Settings settings, int features) {
    return List.of(
        Mlp.normalisedThroughout("projector", features, settings.hidden(), settings.dim()),
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

  /** Algorithm 1: the sum of both ways. */
  @Override
  public Tensor loss(Outputs made, Latents against) {
    return BatchNce.loss(
            made.predictions().get(0), against.embeddings().get(1), settings.temperature())
        .add(
            BatchNce.loss(
                made.predictions().get(1), against.embeddings().get(0), settings.temperature()));
  }

  @Override
  public void takeOver() {
    twin.takeOver();
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
