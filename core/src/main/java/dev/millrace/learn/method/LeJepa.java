package dev.millrace.learn.method;

import dev.millrace.draw.Draw;
import dev.millrace.learn.network.Head;
import dev.millrace.learn.network.Mlp;
import dev.millrace.learn.network.Mode;
import dev.millrace.learn.network.Moment;
import dev.millrace.learn.network.Network;
import dev.millrace.learn.network.Outputs;
import dev.millrace.learn.network.Ranks;
import dev.millrace.learn.network.Views;
import dev.millrace.learn.objective.CentreInvariance;
import dev.millrace.learn.objective.SigReg;
import dev.millrace.refusal.Require;
import dev.millrace.setting.Knob;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * LeJEPA: Balestriero and LeCun, "LeJEPA: Provable and Scalable Self-Supervised Learning Without
 * the Heuristics", arXiv 2511.08544. Views alike, and embeddings of the batch as an isotropic
 * Gaussian along directions drawn anew with each step: no twin, no queue, no stopped gradient. It
 * keeps nothing from step to step.
 */
public final class LeJepa implements Method<LeJepa.Sketch> {
  /**
   * The method's knobs.
   *
   * @param sigreg λ of SIGReg, in [0, 1]; the invariance has the rest
   * @param directions M, directions that SIGReg draws per step, at least 1
   * @param hidden width of the heads' hidden layers, at least 1
   * @param dim d, width of the embeddings, at least 1
   */
  public record Settings(
      @Knob("weight of SIGReg beside the views' invariance, which has the rest to 1") double sigreg,
      @Knob("directions that SIGReg draws per step") int directions,
      @Knob(value = "width of the heads' hidden layers", name = "projector-hidden") int hidden,
      @Knob("width of the projector's output") int dim)
      implements MethodSettings {
    /** Refuses values outside their ranges. */
    public Settings {
      Require.component(sigreg >= 0 && sigreg <= 1, "sigreg", sigreg + " is not in 0 … 1");
      Require.component(directions >= 1, "directions", directions + " is below 1");
      Require.component(hidden >= 1, "hidden", hidden + " is below 1");
      Require.component(dim >= 1, "dim", dim + " is below 1");
    }

    /** The paper's values for ImageNet. */
    public static Settings paper() {
      return new Settings(0.05, 1024, 2048, 128);
    }

    /** For small pictures and short runs. */
    public static Settings small() {
      return new Settings(0.05, 256, 1024, 64);
    }

    @Override
    public double spread() {
      return 1;
    }

    /** With another value: λ of SIGReg. */
    public Settings sigreg(double sigreg) {
      return new Settings(sigreg, directions, hidden, dim);
    }

    /** With another value: M, directions that SIGReg draws per step. */
    public Settings directions(int directions) {
      return new Settings(sigreg, directions, hidden, dim);
    }

    /** With another value: width of the heads' hidden layers. */
    public Settings hidden(int hidden) {
      return new Settings(sigreg, directions, hidden, dim);
    }

    /** With another value: d, width of the embeddings. */
    public Settings dim(int dim) {
      return new Settings(sigreg, directions, hidden, dim);
    }
  }

  /**
   * Along what the embeddings are looked at.
   *
   * @param directions {@code [d, M] float32}, columns of norm 1
   */
  record Sketch(Tensor directions) implements Targets {
    @Override
    public List<Tensor> tensors() {
      return List.of(directions);
    }
  }

  private final Settings settings;
  private final Network network;
  private final long seed;
  private final int crops;
  private long step;

  /**
   * The method over a network that has its {@link #heads}.
   *
   * @param network stays the caller's
   * @param crops views beside the first two, which alone are global
   */
  public LeJepa(Settings settings, Network network, long seed, int crops) {
    this.settings = settings;
    this.crops = crops;
    this.network = network;
    this.seed = seed;
  }

  /** Its projector, with two normalised hidden layers. */
  public static List<Head> heads(Settings settings, int features) {
    return List.of(
        Mlp.normalised(
            "projector", features, settings.hidden(), settings.hidden(), settings.dim()));
  }

  @Override
  public int views() {
    return Views.WHOLE + crops;
  }

  @Override
  public Outputs outputs(Views views, Mode mode) {
    return Passes.embedded(network, views, mode);
  }

  @Override
  public LeJepa.Sketch targets(Views views, Outputs made, Mode mode) {
    // A loss that is looked at between steps is the same after a resume, which has made none yet.
    return new Sketch(directions(mode == Mode.DIFFERENTIABLE ? 0 : step));
  }

  /** Every rank draws the same. */
  @Override
  public LeJepa.Sketch gathered(LeJepa.Sketch own, Ranks ranks) {
    return own;
  }

  /** Section 5: every view lies where the mean of the whole ones does, and is Gaussian. */
  @Override
  public Tensor loss(Outputs made, LeJepa.Sketch against) {
    Tensor all = torch.stack(new TensorVector(made.embeddings().toArray(Tensor[]::new)));
    Tensor alike =
        CentreInvariance.loss(all, all.size(0) > Views.WHOLE ? all.narrow(0, 0, Views.WHOLE) : all);
    Tensor gaussian = SigReg.loss(all, against.directions());
    return gaussian
        .mul(new Scalar(settings.sigreg()))
        .add(alike.mul(new Scalar(1 - settings.sigreg())));
  }

  @Override
  public void beforeStep(Moment at) {
    step = at.total();
  }

  /** Of the step; a resumed run draws the same. */
  private Tensor directions(long at) {
    Draw draw = Draw.of(seed, "directions", at);
    float[] values = new float[settings.dim() * settings.directions()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) draw.at(i).gaussian();
    }
    Tensor rows = torch.empty(settings.directions(), settings.dim()).to(ScalarType.Float);
    Tensors.fill(rows, values);
    return Tensors.unit(rows).t().contiguous().to(network.device().torch(), ScalarType.Float);
  }

  @Override
  public void close() {}
}
