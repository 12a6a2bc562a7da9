package dev.millrace.learn.remedy;

import dev.millrace.learn.network.Head;
import dev.millrace.learn.network.Mlp;
import dev.millrace.learn.network.Mode;
import dev.millrace.learn.network.Network;
import dev.millrace.learn.network.Outputs;
import dev.millrace.learn.network.Prototypes;
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
    INVARIANT,
    /** Cross-entropy of prototypes' softmax at τ = 0.1: SwAV, DINO. */
    ASSIGNED
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
                  "how CaSSLe compares: contrastive, predictive (cosine), decorrelative (Barlow Twins), invariant (25 times the mean squared error), assigned (cross-entropy of scores against prototypes, of swav and dino), or auto: as the method's own loss does",
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

  private final Settings settings;
  private final Network network;
  private final Mlp predictor;
  private final FrozenPast past;

  /** What predictions are scored against, for the assigned form; else null. */
  private final Prototypes own;

  /** What the frozen network's embeddings are scored against, likewise. */
  private final Prototypes taught;

  /**
   * A remedy that has seen nothing yet.
   *
   * @param network that is trained, with its {@link #heads}; stays the caller's
   * @param embedding width of the embeddings
   * @param prototypes that the method has; 0 for none
   */
  public Cassle(Settings settings, Network network, int embedding, int prototypes) {
    if (settings.form() == Form.AUTO) {
      throw new IllegalArgumentException("the form is to be decided by the method; it is auto");
    }
    this.settings = settings;
    this.network = network;
    predictor = predictor(settings, embedding);
    past = new FrozenPast(network, Mode.TRAINING);
    boolean scored = settings.form() == Form.ASSIGNED;
    own = scored ? own(embedding, prototypes) : null;
    taught = scored ? Prototypes.of(Prototypes.NAME, embedding, prototypes) : null;
  }

  /**
   * Its predictor, and for the assigned form its prototypes, which the optimiser trains with the
   * rest.
   *
   * @param prototypes that the method has; 0 for none
   */
  public static List<Head> heads(Settings settings, int embedding, int prototypes) {
    Head predictor = predictor(settings, embedding);
    return settings.form() == Form.ASSIGNED
        ? List.of(predictor, own(embedding, prototypes))
        : List.of(predictor);
  }

  private static Prototypes own(int embedding, int prototypes) {
    return Prototypes.of("distill-" + Prototypes.NAME, embedding, prototypes);
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
      Tensor said = network.through(predictor, made.embeddings().get(v), Mode.TRAINING);
      Tensor known = past.embeddings(views.view(v));
      said = own != null ? own.scores(network, said) : said.to(ScalarType.Float);
      predictions.add(views.ranks().gather(said));
      frozen.add(views.ranks().gather(own != null ? past.scores(taught, known) : known));
    }
    double weight = settings.weight();
    return Optional.of(
        switch (settings.form()) {
          case PREDICTIVE -> CassleLoss.predictive(predictions, frozen, weight);
          case DECORRELATIVE ->
              CassleLoss.decorrelative(
                  predictions, frozen, CassleLoss.LAMBDA, CassleLoss.SCALE, weight);
          case INVARIANT ->
              CassleLoss.invariant(predictions, frozen, CassleLoss.INVARIANCE, weight);
          case ASSIGNED -> CassleLoss.assigned(predictions, frozen, CassleLoss.SHARPNESS, weight);
          default -> CassleLoss.contrastive(predictions, frozen, settings.temperature(), weight);
        });
  }

  @Override
  public Passes passes(Views views, Outputs made) {
    return Passes.forwards(past.has() ? views.view(0).size(0) * made.embeddings().size() : 0);
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
