package dev.millrace.learn.method;

import dev.millrace.learn.network.Head;
import dev.millrace.learn.network.Mlp;
import dev.millrace.learn.network.Mode;
import dev.millrace.learn.network.Network;
import dev.millrace.learn.network.Outputs;
import dev.millrace.learn.network.Ranks;
import dev.millrace.learn.network.Views;
import dev.millrace.learn.objective.DecoupledContrast;
import dev.millrace.refusal.Require;
import dev.millrace.setting.Knob;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * DCL: Yeh et al., "Decoupled Contrastive Learning", ECCV 2022. SimCLR without the positive among
 * what it is weighed against, so that a small batch teaches as much as a large one; it keeps
 * nothing from step to step.
 */
public final class Dcl implements Method<Nothing> {
  /**
   * The method's knobs.
   *
   * @param temperature τ of the logits, above 0
   * @param hidden width of the heads' hidden layers, at least 1
   * @param dim d, width of the embeddings, at least 1
   */
  public record Settings(
      @Knob("softmax temperature") double temperature,
      @Knob(value = "width of the heads' hidden layers", name = "projector-hidden") int hidden,
      @Knob("width of the projector's output") int dim)
      implements MethodSettings {
    /** Refuses values outside their ranges. */
    public Settings {
      Require.positive(temperature, "temperature");
      Require.component(hidden >= 1, "hidden", hidden + " is below 1");
      Require.component(dim >= 1, "dim", dim + " is below 1");
    }

    /** The paper's values for ImageNet. */
    public static Settings paper() {
      return new Settings(0.1, 2048, 128);
    }

    /** For small pictures and short runs. */
    public static Settings small() {
      return new Settings(0.1, 2048, 128);
    }

    /** With another value: τ of the logits. */
    public Settings temperature(double temperature) {
      return new Settings(temperature, hidden, dim);
    }

    /** With another value: width of the heads' hidden layers. */
    public Settings hidden(int hidden) {
      return new Settings(temperature, hidden, dim);
    }

    /** With another value: d, width of the embeddings. */
    public Settings dim(int dim) {
      return new Settings(temperature, hidden, dim);
    }
  }

  private final Settings settings;
  private final Network network;

  /**
   * The method over a network that has its {@link #heads}.
   *
   * @param network stays the caller's
   */
  public Dcl(Settings settings, Network network) {
    this.settings = settings;
    this.network = network;
  }

  /** Its projector, with one hidden layer. */
  public static List<Head> heads(Settings settings, int features) {
    return List.of(Mlp.of("projector", features, settings.hidden(), settings.dim()));
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
    return DecoupledContrast.loss(
        made.embeddings().get(0), made.embeddings().get(1), settings.temperature());
  }

  @Override
  public void close() {}
}
