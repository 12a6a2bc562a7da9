package dev.millrace.learn.remedy;

import static org.bytedeco.pytorch.global.torch.cat;

import dev.millrace.learn.network.Head;
import dev.millrace.learn.network.Mlp;
import dev.millrace.learn.network.Mode;
import dev.millrace.learn.network.Moment;
import dev.millrace.learn.network.Network;
import dev.millrace.learn.network.Outputs;
import dev.millrace.learn.network.Views;
import dev.millrace.learn.objective.CrossContrast;
import dev.millrace.learn.objective.NtXent;
import dev.millrace.refusal.Require;
import dev.millrace.setting.Knob;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Osiris-R: Zhang, Charlin, Zemel, Ren, "Integrating Present and Past in Unsupervised Continual
 * Learning", CoLLAs 2024. Beside the method's loss, a second head h tells pictures of today, X,
 * from replayed ones, Y, and those from each other: the loss gains λ·½(cross(hX, hY) +
 * NT-Xent(hY)). In the published code the method's own loss sees X only and replayed pictures come
 * on top; here they are the batch's replayed rows, and the method's loss sees all rows. h is drawn
 * afresh instead of copied from the projector.
 *
 * <p>It needs features of both views: where the method embeds one (MoCo v2 without {@code
 * --symmetric-loss}), a step costs one more forward and backward pass.
 */
public final class Osiris implements Remedy {
  /** Width of the second head's output. */
  private static final int EMBEDDING = 128;

  /**
   * The remedy's knobs.
   *
   * @param weight λ beside the method's loss, at least 0; the paper's is 1
   * @param temperature τ of both losses, above 0
   * @param hidden width of the second head's hidden layer, at least 1
   */
  public record Settings(
      @Knob(
              value =
                  "weight of Osiris-R: a second head tells today's pictures from replayed ones, and those from each other",
              name = "*",
              neutral = "0.0")
          double weight,
      @Knob(
              value = "softmax temperature of Osiris' losses",
              name = "*-temperature",
              neutral = "0.1")
          double temperature,
      @Knob(
              value = "width of the hidden layer of Osiris' second head",
              name = "*-hidden",
              neutral = "2048")
          int hidden)
      implements RemedySettings {
    /** Refuses values outside their ranges. */
    public Settings {
      Require.component(
          weight >= 0 && weight < Double.POSITIVE_INFINITY,
          "weight",
          weight + " is not a number of at least 0");
      Require.positive(temperature, "temperature");
      Require.component(hidden >= 1, "hidden", hidden + " is below 1");
    }

    @Override
    public boolean on() {
      return weight > 0;
    }

    /** With another weight. */
    public Settings weight(double weight) {
      return new Settings(weight, temperature, hidden);
    }

    /** With another temperature. */
    public Settings temperature(double temperature) {
      return new Settings(weight, temperature, hidden);
    }

    /** With another width of the second head's hidden layer. */
    public Settings hidden(int hidden) {
      return new Settings(weight, temperature, hidden);
    }

    /** The paper's temperature and head with the given weight. */
    public static Settings of(double weight) {
      return new Settings(weight, 0.1, 2048);
    }
  }

  private final Settings settings;
  private final Network network;
  private final Head head;
  private int chunk;

  /** Pictures that this step embedded beside the method. */
  private long beside;

  /**
   * A remedy; it has no state but its head.
   *
   * @param network that is trained, with its {@link #heads}; stays the caller's
   */
  public Osiris(Settings settings, Network network) {
    this.settings = settings;
    this.network = network;
    head = head(settings, network.encoder().spec().dim());
  }

  /** Its second head, which the optimiser trains with the rest. */
  public static List<Head> heads(Settings settings, int features) {
    return List.of(head(settings, features));
  }

  private static Head head(Settings settings, int features) {
    return Mlp.of("osiris", features, settings.hidden(), EMBEDDING);
  }

  @Override
  public String name() {
    return "osiris";
  }

  @Override
  public Views mix(Views now, Optional<Views> remembered, Moment at) {
    chunk = at.chunk();
    return now;
  }

  @Override
  public Optional<Tensor> penalty(Views views, Outputs made) {
    beside = 0;
    Tensor old = Rows.old(views, chunk);
    Tensor fresh = Rows.fresh(views, chunk);
    if (old.size(0) < 1 || fresh.size(0) < 1) {
      return Optional.empty();
    }
    List<Tensor> x = new ArrayList<>();
    List<Tensor> y = new ArrayList<>();
    for (int v = 0; v < 2; v++) {
      Tensor features =
          v < made.features().size()
              ? made.features().get(v)
              : network.features(views.view(v), Mode.TRAINING);
      Tensor own = network.through(head, features, Mode.TRAINING).to(ScalarType.Float);
      Tensor h = views.ranks().gather(own);
      x.add(h.index_select(0, fresh));
      y.add(h.index_select(0, old));
    }
    beside = views.view(0).size(0) * (2 - Math.min(2, made.features().size()));
    return Optional.of(loss(x, y, settings.temperature(), settings.weight()));
  }

  /**
   * What is added to the method's loss.
   *
   * @param x hX, today's pictures by the second head, {@code [N, d] float32} of each of two views
   * @param y hY, replayed ones, likewise
   * @param tau τ of both losses
   * @param weight λ
   * @return scalar float32; call inside a pointer scope, which closes it and what it is made of
   */
  public static Tensor loss(List<Tensor> x, List<Tensor> y, double tau, double weight) {
    Tensor ys = cat(new TensorVector(y.get(0), y.get(1)));
    Tensor xs = cat(new TensorVector(x.get(0), x.get(1)));
    // The mean over today's and over replayed pictures.
    Tensor cross =
        CrossContrast.loss(x.get(0), x.get(1), ys, tau)
            .add(CrossContrast.loss(y.get(0), y.get(1), xs, tau))
            .mul(new Scalar(0.5));
    Tensor among = NtXent.loss(y.get(0), y.get(1), tau);
    return cross.add(among).mul(new Scalar(weight / 2));
  }

  @Override
  public Passes passes(Views views, Outputs made) {
    return Passes.backwards(beside);
  }
}
