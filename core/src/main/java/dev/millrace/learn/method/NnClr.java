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
import dev.millrace.learn.objective.NeighbourNce;
import dev.millrace.refusal.Require;
import dev.millrace.setting.Knob;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * NNCLR: Dwibedi et al., "With a Little Help from My Friends: Nearest-Neighbor Contrastive Learning
 * of Visual Representations", ICCV 2021. The nearest to one view's embedding among those of earlier
 * batches must find the prediction from the other view among those of the batch.
 *
 * <p>A chunk may be smaller than the queue, whose nearest row is then mostly an older view of the
 * same picture, and a neighbour that is no friend. As in {@link MoCoV2} every row bears which
 * picture it is of, and a picture's own rows are passed over. Published code has no need to: its
 * queue is a fraction of one epoch.
 */
public final class NnClr implements Method<NnClr.Neighbours> {
  /** Below every cosine. */
  private static final double FARTHER = -2;

  /**
   * The method's knobs.
   *
   * @param queue rows of earlier batches among which neighbours are looked for, at least 1, or
   *     {@link MoCoV2.Settings#AUTO}
   * @param temperature τ of the logits, above 0
   * @param hidden width of the heads' hidden layers, at least 1
   * @param dim d, width of the embeddings, at least 1
   */
  public record Settings(
      @Knob(
              value =
                  "rows of earlier batches among which NNCLR looks for neighbours; auto: as MoCo's",
              name = "queue",
              auto = true)
          int queue,
      @Knob("softmax temperature") double temperature,
      @Knob(value = "width of the heads' hidden layers", name = "projector-hidden") int hidden,
      @Knob("width of the projector's output") int dim)
      implements MethodSettings {
    /** Refuses values outside their ranges. */
    public Settings {
      Require.component(
          queue == MoCoV2.Settings.AUTO || queue >= 1,
          "queue",
          queue + " holds no neighbours; expected auto, or at least 1");
      Require.positive(temperature, "temperature");
      Require.component(hidden >= 1, "hidden", hidden + " is below 1");
      Require.component(dim >= 1, "dim", dim + " is below 1");
    }

    /** The paper's values for ImageNet. */
    public static Settings paper() {
      return new Settings(98_304, 0.1, 2048, 256);
    }

    /** For small pictures and short runs. */
    public static Settings small() {
      return new Settings(MoCoV2.Settings.AUTO, 0.2, 2048, 128);
    }

    /** With another value: rows of earlier batches among which neighbours are looked for. */
    public Settings queue(int queue) {
      return new Settings(queue, temperature, hidden, dim);
    }

    /** With another value: τ of the logits. */
    public Settings temperature(double temperature) {
      return new Settings(queue, temperature, hidden, dim);
    }

    /** With another value: width of the heads' hidden layers. */
    public Settings hidden(int hidden) {
      return new Settings(queue, temperature, hidden, dim);
    }

    /** With another value: d, width of the embeddings. */
    public Settings dim(int dim) {
      return new Settings(queue, temperature, hidden, dim);
    }
  }

  /**
   * What predictions are compared with.
   *
   * @param nearest to each view's embeddings, {@code [N, d] float32} each
   * @param first embeddings of the first view, {@code [N, d] float32}, rows of norm 1
   * @param pictures of them, {@code [N, 2] int64}; null where nobody knows
   */
  record Neighbours(List<Tensor> nearest, Tensor first, Tensor pictures) implements Targets {
    @Override
    public List<Tensor> tensors() {
      return Tensors.present(nearest, first, pictures);
    }
  }

  private final Settings settings;
  private final Network network;
  private final Head predictor;
  private final KeyQueue queue;

  /**
   * The method over a network that has its {@link #heads}.
   *
   * @param network stays the caller's
   */
  public NnClr(Settings settings, Network network, long seed) {
    this.settings = settings;
    this.network = network;
    predictor = predictor(settings);
    queue =
        new KeyQueue(settings.queue(), settings.dim(), network.device(), Draw.of(seed, "queue"));
  }

  /** Its projector, normalised throughout, and its predictor. */
  public static List<Head> heads(Settings settings, int features) {
    return List.of(
        Mlp.normalisedThroughout(
            "projector", features, settings.hidden(), settings.hidden(), settings.dim()),
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
  public NnClr.Neighbours targets(Views views, Outputs made, Mode mode) {
    List<Tensor> unit = made.embeddings().stream().map(z -> Tensors.unit(z.detach())).toList();
    Tensor own = queue.own(views.pictures());
    return new Neighbours(
        unit.stream().map(rows -> nearest(rows, own)).toList(),
        unit.get(0).clone(),
        views.pictures());
  }

  @Override
  public NnClr.Neighbours gathered(NnClr.Neighbours own, Ranks ranks) {
    return new Neighbours(
        Tensors.gathered(own.nearest(), ranks),
        ranks.gather(own.first()),
        Tensors.gathered(own.pictures(), ranks));
  }

  /** Eq. 3: the mean of both ways. */
  @Override
  public Tensor loss(Outputs made, NnClr.Neighbours against) {
    return NeighbourNce.loss(
            against.nearest().get(0), made.predictions().get(1), settings.temperature())
        .add(
            NeighbourNce.loss(
                against.nearest().get(1), made.predictions().get(0), settings.temperature()))
        .mul(new Scalar(0.5));
  }

  /**
   * The nearest row of the queue to each, {@code [N, d] float32}, of another picture where there is
   * one.
   *
   * @param own which rows are of a picture itself, {@code [N, K] bool}; null where nobody knows
   */
  private Tensor nearest(Tensor unit, Tensor own) {
    try (NoGradGuard stop = new NoGradGuard()) {
      Tensor alike = unit.matmul(queue.keys().t());
      Tensor others = own == null ? alike : alike.masked_fill(own, new Scalar(FARTHER));
      return queue.keys().index_select(0, others.argmax(new LongOptional(1), false));
    }
  }

  @Override
  public void afterStep(Outputs made, Neighbours against, Moment at) {
    Tensor of = against.pictures();
    queue.add(against.first(), of);
  }

  @Override
  public Map<String, Tensor> state() {
    return queue.state();
  }

  @Override
  public void close() {
    queue.close();
  }
}
