package dev.millrace.learn.remedy;

import dev.millrace.learn.network.Head;
import dev.millrace.learn.network.Mlp;
import dev.millrace.learn.network.Mode;
import dev.millrace.learn.network.Network;
import dev.millrace.learn.network.Outputs;
import dev.millrace.learn.network.Views;
import dev.millrace.learn.objective.NegativeCosine;
import dev.millrace.refusal.Require;
import dev.millrace.setting.Knob;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Projected functional regularisation: Gomez-Villa et al., "Continually Learning Self-Supervised
 * Representations with Projected Functional Regularization", CVPR Workshops 2022. A predictor m on
 * the encoder's features must find those of the encoder of the last chunk's end, kept frozen, of
 * the same view: the loss gains λ·½Σ(1 − cos(m(f xᵢ), f̂ xᵢ)), the half for two views. Without the
 * predictor the features themselves must stay: feature distillation, as learning without forgetting
 * (Li and Hoiem, ECCV 2016) does with outputs. From the second chunk on a step costs one more
 * forward pass per view that is embedded, without gradient. The frozen encoder normalises by its
 * running statistics.
 *
 * <p>Published code learns from the second chunk on at 0.4 of the rate in the encoder, and at 0.8
 * of it in projector and m; here all have one rate.
 */
public final class Pfr implements Remedy {
  /**
   * The remedy's knobs.
   *
   * @param weight λ of the distillation beside the method's loss, at least 0
   * @param hidden width of the predictor's hidden layer, at least 1; 0 for no predictor
   */
  public record Settings(
      @Knob(
              value =
                  "weight of PFR's distillation of features to the encoder of the last chunk's end; a step takes one more forward pass per view that is embedded",
              name = "*",
              neutral = "0.0")
          double weight,
      @Knob(
              value =
                  "width of the hidden layer of PFR's predictor; 0: none, the features themselves must stay",
              name = "*-hidden",
              neutral = "512")
          int hidden)
      implements RemedySettings {
    /** Refuses values outside their ranges. */
    public Settings {
      Require.component(
          weight >= 0 && weight < Double.POSITIVE_INFINITY,
          "weight",
          weight + " is not a number of at least 0");
      Require.component(hidden >= 0, "hidden", hidden + " is below 0");
    }

    @Override
    public boolean on() {
      return weight > 0;
    }

    /** With another weight. */
    public Settings weight(double weight) {
      return new Settings(weight, hidden);
    }

    /** With another width of the predictor's hidden layer; 0 for no predictor. */
    public Settings hidden(int hidden) {
      return new Settings(weight, hidden);
    }

    /** A predictor of the given weight; the published code's is 1. */
    public static Settings of(double weight) {
      return new Settings(weight, 512);
    }
  }

  private final Settings settings;
  private final Network network;
  private final FrozenPast past;

  /**
   * A remedy that has seen nothing yet.
   *
   * @param network that is trained, with its {@link #heads}; stays the caller's
   */
  public Pfr(Settings settings, Network network) {
    this.settings = settings;
    this.network = network;
    past = new FrozenPast(network, Mode.EVALUATION);
  }

  /** Its predictor, if it has one, which the optimiser trains with the rest. */
  public static List<Head> heads(Settings settings, int features) {
    return settings.hidden() == 0
        ? List.of()
        : List.of(Mlp.normalised("pfr", features, settings.hidden(), features));
  }

  @Override
  public String name() {
    return "pfr";
  }

  @Override
  public Optional<Tensor> penalty(Views views, Outputs made) {
    if (!past.has()) {
      return Optional.empty();
    }
    List<Tensor> predictions = new ArrayList<>();
    List<Tensor> frozen = new ArrayList<>();
    for (int v = 0; v < made.features().size(); v++) {
      Tensor features = made.features().get(v);
      Tensor predicted = features;
      for (Head predictor : heads(settings, (int) features.size(1))) {
        predicted = network.through(predictor, features, Mode.TRAINING);
      }
      predictions.add(views.ranks().gather(predicted.to(ScalarType.Float)));
      frozen.add(views.ranks().gather(past.features(views.view(v))));
    }
    return Optional.of(loss(predictions, frozen, settings.weight()));
  }

  /**
   * What is added to the method's loss: λ times the mean over views and rows of 1 − cos.
   *
   * @param predictions m(f x) of the whole batch, {@code [N, d] float32} for each view
   * @param past f̂ x of the same
   * @param weight λ
   * @return scalar float32; call inside a pointer scope, which closes it and what it is made of
   */
  public static Tensor loss(List<Tensor> predictions, List<Tensor> past, double weight) {
    Tensor sum = null;
    for (int v = 0; v < predictions.size(); v++) {
      Tensor one = NegativeCosine.loss(predictions.get(v), past.get(v)); // 2 − 2 cos
      sum = sum == null ? one : sum.add(one);
    }
    return sum.mul(new Scalar(weight / (2 * predictions.size())));
  }

  @Override
  public Passes passes(Views views, Outputs made) {
    return Passes.forwards(past.has() ? views.view(0).size(0) * made.features().size() : 0);
  }

  @Override
  public void endChunk(EndOfChunk end) {
    past.endChunk(end);
  }

  @Override
  public Map<String, Tensor> state() {
    return past.state();
  }

  @Override
  public void close() {
    past.close();
  }
}
