package dev.millrace.learn.remedy;

import static org.bytedeco.pytorch.global.torch.cat;

import dev.millrace.learn.network.Head;
import dev.millrace.learn.network.Mlp;
import dev.millrace.learn.network.Mode;
import dev.millrace.learn.network.Network;
import dev.millrace.learn.network.Outputs;
import dev.millrace.learn.network.Views;
import dev.millrace.learn.objective.Distillation;
import dev.millrace.learn.objective.NegativeCosine;
import dev.millrace.learn.objective.RedundancyReduction;
import dev.millrace.refusal.Require;
import dev.millrace.setting.Knob;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * CaSSLe: Fini et al., "Self-Supervised Models are Continual Learners", CVPR 2022. A predictor on
 * the embeddings must find what the network of the last chunk's end, kept frozen, makes of the same
 * views: what is new may be added, what was known must stay computable. From the second chunk on a
 * step costs one more forward pass per view, without gradient. The frozen network normalises by the
 * batch, as in the published code.
 */
public final class Cassle implements Remedy {
  /** How predictions are compared: as the method that is trained compares its views. */
  public enum Form {
    /** Like the method's own loss. */
    AUTO,
    /** Each among all of the batch, by cross-entropy: MoCo, SimCLR. */
    CONTRASTIVE,
    /** 2 − 2 cos: BYOL, SimSiam. */
    PREDICTIVE,
    /** Barlow Twins' loss with λ = 0.005, times 0.1. */
    DECORRELATIVE,
    /** 25 times the mean squared error: VICReg. */
    INVARIANT
  }

  /**
   * The remedy's knobs.
   *
   * @param weight λ of the distillation beside the method's loss, at least 0
   * @param temperature τ of its logits, above 0
   * @param hidden width of the predictor's hidden layer, at least 1
   * @param form how predictions are compared with what the frozen network makes
   */
  public record Settings(
      @Knob(
              value =
                  "weight of CaSSLe's distillation to the network of the last chunk's end; a step takes one more forward pass per view that is embedded",
              name = "*")
          double weight,
      @Knob(
              value = "softmax temperature of CaSSLe's distillation",
              name = "*-temperature",
              neutral = "0.2")
          double temperature,
      @Knob(
              value = "width of the hidden layer of CaSSLe's predictor",
              name = "*-hidden",
              neutral = "2048")
          int hidden,
      @Knob(
              value =
                  "how CaSSLe compares: contrastive, predictive (cosine), decorrelative (Barlow Twins), invariant (25 times the mean squared error), or auto: as the method's own loss does",
              name = "*-form",
              neutral = "contrastive")
          Form form)
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

    /** Like the method's own loss. */
    public Settings(double weight, double temperature, int hidden) {
      this(weight, temperature, hidden, Form.AUTO);
    }

    @Override
    public boolean on() {
      return weight > 0;
    }

    /** With another weight. */
    public Settings weight(double weight) {
      return new Settings(weight, temperature, hidden, form);
    }

    /** With another temperature. */
    public Settings temperature(double temperature) {
      return new Settings(weight, temperature, hidden, form);
    }

    /** With another width of the predictor's hidden layer. */
    public Settings hidden(int hidden) {
      return new Settings(weight, temperature, hidden, form);
    }

    /** With another way to compare. */
    public Settings form(Form form) {
      return new Settings(weight, temperature, hidden, form);
    }

    /** The paper's temperature and predictor with the given weight; its own is 1. */
    public static Settings of(double weight) {
      return new Settings(weight, 0.2, 2048, Form.AUTO);
    }
  }

  private static final double LAMBDA = 0.005;

  /** What the loss of the decorrelative form is multiplied by, as Barlow Twins' in the paper. */
  public static final double SCALE = 0.1;

  /** What the squared error of the invariant form is multiplied by, as VICReg's in the paper. */
  public static final double INVARIANCE = 25;

  private final Settings settings;
  private final Network network;
  private final Mlp predictor;
  private final FrozenPast past;

  /**
   * A remedy that has seen nothing yet.
   *
   * @param network that is trained, with its {@link #heads}; stays the caller's
   * @param embedding width of the embeddings
   */
  public Cassle(Settings settings, Network network, int embedding) {
    if (settings.form() == Form.AUTO) {
      throw new IllegalArgumentException("the form is to be decided by the method; it is auto");
    }
    this.settings = settings;
    this.network = network;
    predictor = predictor(settings, embedding);
    past = new FrozenPast(network, Mode.TRAINING);
  }

  /** Its predictor, which the optimiser trains with the rest. */
  public static List<Head> heads(Settings settings, int embedding) {
    return List.of(predictor(settings, embedding));
  }

  private static Mlp predictor(Settings settings, int embedding) {
    return Mlp.normalised("distill", embedding, settings.hidden(), embedding);
  }

  @Override
  public String name() {
    return "cassle";
  }

  @Override
  public Optional<Tensor> penalty(Views views, Outputs made) {
    if (!past.has()) {
      return Optional.empty();
    }
    List<Tensor> predictions = new ArrayList<>();
    List<Tensor> frozen = new ArrayList<>();
    for (int v = 0; v < made.embeddings().size(); v++) {
      Tensor own = network.through(predictor, made.embeddings().get(v), Mode.TRAINING);
      predictions.add(views.ranks().gather(own.to(ScalarType.Float)));
      frozen.add(views.ranks().gather(past.embeddings(views.view(v))));
    }
    double weight = settings.weight();
    return Optional.of(
        switch (settings.form()) {
          case PREDICTIVE -> predictive(predictions, frozen, weight);
          case DECORRELATIVE -> decorrelative(predictions, frozen, LAMBDA, SCALE, weight);
          case INVARIANT -> invariant(predictions, frozen, INVARIANCE, weight);
          default -> contrastive(predictions, frozen, settings.temperature(), weight);
        });
  }

  /**
   * What the contrastive form adds.
   *
   * @param predictions of the whole batch, {@code [N, d] float32} for each view
   * @param past what the frozen network made of the same
   * @param temperature τ of the logits
   * @param weight λ beside the method's loss
   * @return scalar float32; call inside a pointer scope, which closes it and what it is made of
   */
  public static Tensor contrastive(
      List<Tensor> predictions, List<Tensor> past, double temperature, double weight) {
    return Distillation.loss(together(predictions), together(past), temperature)
        .mul(new Scalar(weight));
  }

  /** What the predictive form adds; arguments as above. */
  public static Tensor predictive(List<Tensor> predictions, List<Tensor> past, double weight) {
    return NegativeCosine.loss(together(predictions), together(past)).mul(new Scalar(weight));
  }

  /**
   * What the decorrelative form adds: of each view by itself, then the mean.
   *
   * @param lambda weight of the correlations off the diagonal
   * @param scale what the loss is multiplied by
   */
  public static Tensor decorrelative(
      List<Tensor> predictions, List<Tensor> past, double lambda, double scale, double weight) {
    Tensor sum = null;
    for (int v = 0; v < predictions.size(); v++) {
      Tensor one = RedundancyReduction.loss(predictions.get(v), past.get(v), lambda, scale);
      sum = sum == null ? one : sum.add(one);
    }
    return sum.div(new Scalar((double) predictions.size())).mul(new Scalar(weight));
  }

  /**
   * What the invariant form adds.
   *
   * @param invariance what the mean squared error is multiplied by
   */
  public static Tensor invariant(
      List<Tensor> predictions, List<Tensor> past, double invariance, double weight) {
    return together(predictions)
        .sub(together(past))
        .square()
        .mean()
        .mul(new Scalar(invariance))
        .mul(new Scalar(weight));
  }

  private static Tensor together(List<Tensor> views) {
    return cat(new TensorVector(views.toArray(Tensor[]::new)));
  }

  @Override
  public long passes(Views views, Outputs made) {
    return past.has() ? views.view(0).size(0) * made.embeddings().size() : 0;
  }

  @Override
  public void endChunk(EndOfChunk end) {
    past.endChunk(end);
  }

  /** The frozen weights; its normalisations use no running statistics. */
  @Override
  public Map<String, Tensor> state() {
    return past.state();
  }

  @Override
  public void close() {
    past.close();
  }
}
