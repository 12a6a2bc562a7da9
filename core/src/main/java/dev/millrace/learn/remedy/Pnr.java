package dev.millrace.learn.remedy;

import dev.millrace.learn.network.Head;
import dev.millrace.learn.network.Mlp;
import dev.millrace.learn.network.Mode;
import dev.millrace.learn.network.Network;
import dev.millrace.learn.network.Outputs;
import dev.millrace.learn.network.Views;
import dev.millrace.refusal.Require;
import dev.millrace.setting.Knob;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
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
   * @param negative μ, weight of what keeps predictions from the other view's past, at least 0; not
   *     a number where it is left open, which a run that begins decides by its method, and which
   *     files of runs from before it was a setting have
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
              value =
                  "weight of what keeps PNR's predictions from what the past made of the other view (byol, barlow-twins, vicreg), or auto: the paper's for CIFAR, beside the method's loss as it is weighed: 0.5, 10 times --loss-scale, 0.92 times --invariance",
              name = "*-negative",
              neutral = "auto",
              auto = true)
          double negative,
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
      Require.component(
          Double.isNaN(negative) || (negative >= 0 && negative < Double.POSITIVE_INFINITY),
          "negative",
          negative + " is neither auto nor a number of at least 0");
      Require.component(hidden >= 1, "hidden", hidden + " is below 1");
    }

    @Override
    public boolean on() {
      return weight > 0;
    }

    /** With another weight. */
    public Settings weight(double weight) {
      return new Settings(weight, negative, hidden);
    }

    /** With another weight of what keeps predictions from the other view's past. */
    public Settings negative(double negative) {
      return new Settings(weight, negative, hidden);
    }

    /** With another width of the predictor's hidden layer. */
    public Settings hidden(int hidden) {
      return new Settings(weight, negative, hidden);
    }

    /** The paper's predictor with the given weight. */
    public static Settings of(double weight) {
      return new Settings(weight, Double.NaN, 2048);
    }
  }

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
