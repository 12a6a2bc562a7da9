package dev.millrace.learn.method;

import dev.millrace.learn.network.Head;
import dev.millrace.learn.network.Mlp;
import dev.millrace.learn.network.Mode;
import dev.millrace.learn.network.Network;
import dev.millrace.learn.network.Outputs;
import dev.millrace.learn.network.Ranks;
import dev.millrace.learn.network.Views;
import dev.millrace.learn.objective.SupervisedContrast;
import dev.millrace.refusal.Require;
import dev.millrace.setting.Knob;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * SupCon: Khosla et al., "Supervised Contrastive Learning", NeurIPS 2020. SimCLR with labels: all
 * views of a class are one another's positives. For comparison; it keeps nothing from step to step.
 */
public final class SupCon implements Method<SupCon.Labels> {
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
      return new Settings(0.2, 2048, 128);
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

  /**
   * What the pictures are of.
   *
   * @param classes {@code [N] int64}
   */
  record Labels(Tensor classes) implements Targets {
    @Override
    public List<Tensor> tensors() {
      return List.of(classes);
    }
  }

  private final Settings settings;
  private final Network network;

  /**
   * The method over a network that has its {@link #heads}.
   *
   * @param network stays the caller's
   */
  public SupCon(Settings settings, Network network) {
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
  public SupCon.Labels targets(Views views, Outputs made, Mode mode) {
    return new Labels(views.labels());
  }

  @Override
  public SupCon.Labels gathered(SupCon.Labels own, Ranks ranks) {
    return new Labels(ranks.gather(own.classes()));
  }

  /** The sum over positives inside the logarithm, as solo-learn has it. */
  @Override
  public Tensor loss(Outputs made, SupCon.Labels against) {
    return SupervisedContrast.loss(
        made.embeddings().get(0),
        made.embeddings().get(1),
        against.classes(),
        settings.temperature());
  }

  @Override
  public boolean labels() {
    return true;
  }

  @Override
  public void close() {}
}
