package dev.millrace.learn.remedy;

import static org.bytedeco.pytorch.global.torch.cat;

import dev.millrace.learn.network.Head;
import dev.millrace.learn.network.Mlp;
import dev.millrace.learn.network.Mode;
import dev.millrace.learn.network.Network;
import dev.millrace.learn.network.Outputs;
import dev.millrace.learn.network.Views;
import dev.millrace.learn.objective.NegativeCosine;
import dev.millrace.learn.objective.PseudoNegatives;
import dev.millrace.learn.objective.RedundancyReduction;
import dev.millrace.refusal.Require;
import dev.millrace.setting.Knob;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BinaryOperator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * PNR: Cha, Cho, Moon, "Regularizing with Pseudo-Negatives for Continual Self-Supervised Learning",
 * ICML 2024. From the second chunk on a predictor on the embeddings must find what the network of
 * the last chunk's end, kept frozen, makes of the same view, and keep away from what it makes of
 * others: of other pictures where the method has negatives (SimCLR), of the picture's other view
 * where it has none (BYOL, Barlow Twins, VICReg), since what moves there is what the past did not
 * know. A step costs one more forward pass per view, without gradient. The frozen network
 * normalises by its running statistics.
 *
 * <p>MoCo v2's negatives are a queue, which no hook reaches: there PNR is a method around MoCo v2,
 * and as a remedy does nothing.
 */
public final class Pnr implements Remedy {
  /** What is added to a method's loss, of the whole batch, each list with one tensor per view. */
  @FunctionalInterface
  public interface Form {
    /**
     * The term, a scalar float32.
     *
     * @param now embeddings z, {@code [N, d] float32} each, with their graph
     * @param predictions p of the past from them, with their graph
     * @param past embeddings ẑ of the frozen network, without a graph
     * @param weight of the predictions' part, above 0
     */
    Tensor of(List<Tensor> now, List<Tensor> predictions, List<Tensor> past, double weight);
  }

  /**
   * The remedy's knobs.
   *
   * @param weight of the predictions' part of the loss, at least 0; 1 in the paper
   * @param hidden width of the predictor's hidden layer, at least 1
   */
  public record Settings(
      @Knob(
              value =
                  "weight of PNR's predictions of the past beside the loss of moco-v2, simclr, byol, barlow-twins or vicreg, from the second chunk on with the negatives of both models; a step takes one more forward pass per view that is embedded",
              name = "*",
              neutral = "0.0")
          double weight,
      @Knob(
              value = "width of the hidden layer of PNR's predictor",
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
      Require.component(hidden >= 1, "hidden", hidden + " is below 1");
    }

    @Override
    public boolean on() {
      return weight > 0;
    }

    /** With another weight. */
    public Settings weight(double weight) {
      return new Settings(weight, hidden);
    }

    /** With another width of the predictor's hidden layer. */
    public Settings hidden(int hidden) {
      return new Settings(weight, hidden);
    }

    /** The paper's predictor with the given weight. */
    public static Settings of(double weight) {
      return new Settings(weight, 2048);
    }
  }

  /** How hard BYOL's predictions are kept from the other view's past: the paper's μ for CIFAR. */
  private static final double APART = 0.5;

  /** The same for Barlow Twins: the paper's 1 where the loss is scaled by 0.1. */
  private static final double APART_OVER_SCALE = 10;

  /** The same for VICReg: the paper's 23 where the invariance weighs 25. */
  private static final double APART_OVER_INVARIANCE = 23.0 / 25;

  private final Settings settings;
  private final Form form;
  private final Network network;
  private final Mlp predictor;
  private final FrozenPast past;

  /** Of a method that has the negatives of both models itself. */
  public Pnr() {
    settings = null;
    form = null;
    network = null;
    predictor = null;
    past = null;
  }

  /**
   * A remedy that has seen nothing yet.
   *
   * @param form the method's
   * @param network that is trained, with its {@link #heads}; stays the caller's
   * @param embedding width of the embeddings
   */
  public Pnr(Settings settings, Form form, Network network, int embedding) {
    this.settings = settings;
    this.form = form;
    this.network = network;
    predictor = predictor(settings, embedding);
    past = new FrozenPast(network, Mode.EVALUATION);
  }

  /** Its predictor, which the optimiser trains with the rest. */
  public static List<Head> heads(Settings settings, int embedding) {
    return List.of(predictor(settings, embedding));
  }

  private static Mlp predictor(Settings settings, int embedding) {
    return Mlp.normalised("pnr", embedding, settings.hidden(), embedding);
  }

  /**
   * SimCLR's: its loss with the negatives of both models, and the predictions' with the same.
   *
   * @param temperature τ of the method
   */
  public static Form contrastive(double temperature) {
    return (now, predictions, past, weight) -> {
      Tensor z = together(now);
      Tensor then = together(past);
      return PseudoNegatives.beside(z, then, temperature)
          .add(
              PseudoNegatives.predicted(together(predictions), then, z, temperature)
                  .mul(new Scalar(weight)));
    };
  }

  /** BYOL's: 2 − 2 cos to the own view's past, less half of that to the other's. */
  public static Form predictive() {
    return predictive(APART);
  }

  /**
   * The same, and how hard predictions are kept apart.
   *
   * @param mu μ of the other view's past
   */
  public static Form predictive(double mu) {
    return (now, predictions, past, weight) ->
        apart(predictions, past, weight, NegativeCosine::loss, mu, NegativeCosine::loss);
  }

  /**
   * Barlow Twins': its own loss to the own view's past, and the cosine to the other's.
   *
   * @param lambda weight of its correlations off the diagonal
   * @param scale what its loss is multiplied by
   */
  public static Form decorrelative(double lambda, double scale) {
    return decorrelative(lambda, scale, APART_OVER_SCALE * scale);
  }

  /**
   * The same, and how hard predictions are kept apart.
   *
   * @param mu μ of the other view's past
   */
  public static Form decorrelative(double lambda, double scale, double mu) {
    return (now, predictions, past, weight) ->
        apart(
            predictions,
            past,
            weight,
            (p, then) -> RedundancyReduction.loss(p, then, lambda, scale),
            mu,
            NegativeCosine::plain);
  }

  /**
   * VICReg's: the mean squared difference to the own view's past, less most of that to the other's.
   *
   * @param invariance weight of the views' difference in its loss
   */
  public static Form invariant(double invariance) {
    return invariant(invariance, APART_OVER_INVARIANCE);
  }

  /**
   * The same, and how hard predictions are kept apart.
   *
   * @param mu μ of the other view's past, where the invariance is 1
   */
  public static Form invariant(double invariance, double mu) {
    // Both weighed before they are taken apart: runs go on to the bit in this order.
    BinaryOperator<Tensor> squared =
        (p, then) -> p.sub(then).square().mean().mul(new Scalar(invariance));
    return (now, predictions, past, weight) ->
        apart(predictions, past, weight, squared, mu, squared);
  }

  /** w (mean of near(pᵢ, ẑᵢ) − μ mean of far(pᵢ, ẑⱼ)), i and j the two views. */
  private static Tensor apart(
      List<Tensor> predictions,
      List<Tensor> past,
      double weight,
      BinaryOperator<Tensor> near,
      double mu,
      BinaryOperator<Tensor> far) {
    Tensor own =
        near.apply(predictions.get(0), past.get(0))
            .add(near.apply(predictions.get(1), past.get(1)));
    Tensor other =
        far.apply(predictions.get(0), past.get(1)).add(far.apply(predictions.get(1), past.get(0)));
    return own.sub(other.mul(new Scalar(mu))).mul(new Scalar(weight / 2));
  }

  private static Tensor together(List<Tensor> rows) {
    return cat(new TensorVector(rows.toArray(Tensor[]::new)));
  }

  @Override
  public String name() {
    return "pnr";
  }

  @Override
  public Optional<Tensor> penalty(Views views, Outputs made) {
    if (past == null || !past.has()) {
      return Optional.empty();
    }
    List<Tensor> now = new ArrayList<>();
    List<Tensor> predictions = new ArrayList<>();
    List<Tensor> frozen = new ArrayList<>();
    for (int v = 0; v < made.embeddings().size(); v++) {
      Tensor z = made.embeddings().get(v);
      Tensor p = network.through(predictor, z, Mode.TRAINING);
      now.add(views.ranks().gather(z.to(ScalarType.Float)));
      predictions.add(views.ranks().gather(p.to(ScalarType.Float)));
      frozen.add(views.ranks().gather(past.embeddings(views.view(v))));
    }
    return Optional.of(form.of(now, predictions, frozen, settings.weight()));
  }

  /** Those of the frozen network: one per view; of MoCo v2 one per query of which it predicts. */
  @Override
  public Passes passes(Views views, Outputs made) {
    long each = views.view(0).size(0);
    if (past == null) {
      return Passes.forwards(each * made.predictions().size());
    }
    return Passes.forwards(past.has() ? each * made.embeddings().size() : 0);
  }

  @Override
  public void endChunk(EndOfChunk end) {
    if (past != null) {
      past.endChunk(end);
    }
  }

  @Override
  public Map<String, Tensor> state() {
    return past == null ? Map.of() : past.state();
  }

  @Override
  public void close() {
    if (past != null) {
      past.close();
    }
  }
}
