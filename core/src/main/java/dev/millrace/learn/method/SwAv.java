package dev.millrace.learn.method;

import dev.millrace.draw.Draw;
import dev.millrace.learn.network.Head;
import dev.millrace.learn.network.Mlp;
import dev.millrace.learn.network.Mode;
import dev.millrace.learn.network.Moment;
import dev.millrace.learn.network.Network;
import dev.millrace.learn.network.Outputs;
import dev.millrace.learn.network.Prototypes;
import dev.millrace.learn.network.Ranks;
import dev.millrace.learn.network.Views;
import dev.millrace.learn.objective.Sinkhorn;
import dev.millrace.learn.objective.SwappedPrediction;
import dev.millrace.refusal.Require;
import dev.millrace.setting.Knob;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * SwAV: Caron et al., "Unsupervised Learning of Visual Features by Contrasting Cluster
 * Assignments", NeurIPS 2020. From one view, the prototypes that another view was assigned to, when
 * every prototype takes an equal part of the batch and of a queue of earlier ones.
 */
public final class SwAv implements Method<SwAv.Assigned> {
  /** Views that are assigned to prototypes; of further ones it is only asked. */
  private static final int ASSIGNED = 2;

  /**
   * The method's knobs.
   *
   * @param prototypes K, at least 2
   * @param temperature τ of the predictions, above 0
   * @param epsilon ε of Sinkhorn's algorithm, above 0
   * @param iterations of Sinkhorn's algorithm, at least 1
   * @param queue rows of earlier batches that are assigned beside the batch, at least 1, or {@link
   *     MoCoV2.Settings#AUTO}
   * @param queueEpoch epochs of the first chunk before the queue begins to fill, at least 0
   * @param frozen epochs of the first chunk in which prototypes stay as they were drawn, at least 0
   * @param hidden width of the heads' hidden layers, at least 1
   * @param dim d, width of the embeddings, at least 1
   */
  public record Settings(
      @Knob("directions that embeddings are assigned to") int prototypes,
      @Knob("softmax temperature") double temperature,
      @Knob(
              value = "softness of the assignments by Sinkhorn's algorithm",
              name = "sinkhorn-epsilon")
          double epsilon,
      @Knob(value = "rounds of Sinkhorn's algorithm", name = "sinkhorn-iterations") int iterations,
      @Knob(
              value = "rows of earlier batches that SwAV assigns beside the batch; auto: as MoCo's",
              name = "queue",
              auto = true)
          int queue,
      @Knob("epochs of the first chunk before SwAV's queue begins to fill") int queueEpoch,
      @Knob(
              value = "epochs of the first chunk in which prototypes stay as they were drawn",
              name = "freeze-prototypes")
          int frozen,
      @Knob(value = "width of the heads' hidden layers", name = "projector-hidden") int hidden,
      @Knob("width of the projector's output") int dim)
      implements MethodSettings {
    /** Refuses values outside their ranges. */
    public Settings {
      Require.component(prototypes >= 2, "prototypes", prototypes + " is below 2");
      Require.positive(temperature, "temperature");
      Require.positive(epsilon, "epsilon");
      Require.component(iterations >= 1, "iterations", iterations + " is below 1");
      Require.component(
          queue == MoCoV2.Settings.AUTO || queue >= 1,
          "queue",
          queue + " holds no embeddings; expected auto, or at least 1");
      Require.component(queueEpoch >= 0, "queueEpoch", queueEpoch + " is below 0");
      Require.component(frozen >= 0, "frozen", frozen + " is below 0");
      Require.component(hidden >= 1, "hidden", hidden + " is below 1");
      Require.component(dim >= 1, "dim", dim + " is below 1");
    }

    @Override
    public int settling() {
      return frozen;
    }

    /** The paper's values for ImageNet in batches of 256. */
    public static Settings paper() {
      return new Settings(3000, 0.1, 0.05, 3, 3840, 15, 1, 2048, 128);
    }

    /** For small pictures and short runs. */
    public static Settings small() {
      return new Settings(512, 0.1, 0.05, 3, MoCoV2.Settings.AUTO, 1, 1, 2048, 128);
    }

    /** With another value: directions that embeddings are assigned to. */
    public Settings prototypes(int prototypes) {
      return new Settings(
          prototypes, temperature, epsilon, iterations, queue, queueEpoch, frozen, hidden, dim);
    }

    /** With another value: τ of the predictions. */
    public Settings temperature(double temperature) {
      return new Settings(
          prototypes, temperature, epsilon, iterations, queue, queueEpoch, frozen, hidden, dim);
    }

    /** With another value: ε of Sinkhorn's algorithm. */
    public Settings epsilon(double epsilon) {
      return new Settings(
          prototypes, temperature, epsilon, iterations, queue, queueEpoch, frozen, hidden, dim);
    }

    /** With another value: rounds of Sinkhorn's algorithm. */
    public Settings iterations(int iterations) {
      return new Settings(
          prototypes, temperature, epsilon, iterations, queue, queueEpoch, frozen, hidden, dim);
    }

    /** With another value: rows of earlier batches that are assigned beside the batch. */
    public Settings queue(int queue) {
      return new Settings(
          prototypes, temperature, epsilon, iterations, queue, queueEpoch, frozen, hidden, dim);
    }

    /** With another value: epochs of the first chunk before the queue begins to fill. */
    public Settings queueEpoch(int queueEpoch) {
      return new Settings(
          prototypes, temperature, epsilon, iterations, queue, queueEpoch, frozen, hidden, dim);
    }

    /** With another value: epochs of the first chunk in which prototypes stay. */
    public Settings frozen(int frozen) {
      return new Settings(
          prototypes, temperature, epsilon, iterations, queue, queueEpoch, frozen, hidden, dim);
    }

    /** With another value: width of the heads' hidden layers. */
    public Settings hidden(int hidden) {
      return new Settings(
          prototypes, temperature, epsilon, iterations, queue, queueEpoch, frozen, hidden, dim);
    }

    /** With another value: d, width of the embeddings. */
    public Settings dim(int dim) {
      return new Settings(
          prototypes, temperature, epsilon, iterations, queue, queueEpoch, frozen, hidden, dim);
    }
  }

  /**
   * What predictions are compared with.
   *
   * @param scores of each assigned view, {@code [N, K] float32}
   * @param assignments of each assigned view, {@code [N, K] float32}, rows that sum to 1
   * @param unit embeddings of each of these, {@code [N, d] float32}, rows of norm 1
   * @param pictures of them, {@code [N, 2] int64}; null where nobody knows
   */
  record Assigned(List<Tensor> scores, List<Tensor> assignments, List<Tensor> unit, Tensor pictures)
      implements Targets {
    @Override
    public List<Tensor> tensors() {
      List<Tensor> all = new ArrayList<>(scores);
      all.addAll(assignments);
      all.addAll(unit);
      return Tensors.present(all, pictures);
    }
  }

  private final Settings settings;
  private final Network network;
  private final Scoring scoring;

  /** Of each assigned view its own. */
  private final List<KeyQueue> queues = new ArrayList<>();

  private final int crops;

  /**
   * The method over a network that has its {@link #heads}.
   *
   * @param network stays the caller's
   * @param crops views beside the first two, of which it is only asked
   */
  public SwAv(Settings settings, Network network, long seed, int crops) {
    this.settings = settings;
    this.network = network;
    scoring = new Scoring(network, prototypes(settings), settings.frozen());
    this.crops = crops;
    for (int v = 0; v < ASSIGNED; v++) {
      queues.add(
          new KeyQueue(
              settings.queue(), settings.dim(), network.device(), Draw.of(seed, "queue", v)));
    }
  }

  /** Its projector, with a normalised hidden layer, and the prototypes. */
  public static List<Head> heads(Settings settings, int features) {
    return List.of(
        Mlp.normalised("projector", features, settings.hidden(), settings.dim()),
        prototypes(settings));
  }

  private static Prototypes prototypes(Settings settings) {
    return Prototypes.of(Prototypes.NAME, settings.dim(), settings.prototypes());
  }

  @Override
  public int views() {
    return ASSIGNED + crops;
  }

  @Override
  public void beforeStep(Moment at) {
    scoring.beforeStep(at);
  }

  @Override
  public Outputs outputs(Views views, Mode mode) {
    return scoring.outputs(views, mode);
  }

  @Override
  public SwAv.Assigned targets(Views views, Outputs made, Mode mode) {
    try (NoGradGuard stop = new NoGradGuard()) {
      List<Tensor> unit = new ArrayList<>();
      List<Tensor> scores = new ArrayList<>();
      for (int v = 0; v < ASSIGNED; v++) {
        unit.add(Tensors.unit(made.embeddings().get(v).detach()));
        scores.add(made.predictions().get(v).detach());
      }
      return new Assigned(scores, assigned(scores), unit, views.pictures());
    }
  }

  /** All pictures are assigned together. */
  @Override
  public SwAv.Assigned gathered(SwAv.Assigned own, Ranks ranks) {
    try (NoGradGuard stop = new NoGradGuard()) {
      List<Tensor> scores = Tensors.gathered(own.scores(), ranks);
      return new Assigned(
          scores,
          assigned(scores),
          Tensors.gathered(own.unit(), ranks),
          Tensors.gathered(own.pictures(), ranks));
    }
  }

  private List<Tensor> assigned(List<Tensor> scores) {
    return IntStream.range(0, ASSIGNED)
        .mapToObj(v -> assigned(queues.get(v), scores.get(v)))
        .toList();
  }

  /** A view's scores, assigned beside those of its queue once that is full. */
  private Tensor assigned(KeyQueue queue, Tensor scores) {
    Tensor all = scores;
    if (!queue.unknown().any().item_bool()) {
      all = torch.cat(new TensorVector(scores, scoring.scores(network, queue.keys())), 0);
    }
    return Sinkhorn.assignments(all, settings.epsilon(), settings.iterations())
        .narrow(0, 0, scores.size(0))
        .clone();
  }

  /** Eq. 2, of every pair of views. */
  @Override
  public Tensor loss(Outputs made, SwAv.Assigned against) {
    return SwappedPrediction.loss(
        made.predictions(), against.assignments(), settings.temperature());
  }

  @Override
  public void afterStep(Outputs made, SwAv.Assigned against, Moment at) {
    if (at.first() && at.epoch() < settings.queueEpoch()) {
      return;
    }
    for (int v = 0; v < ASSIGNED; v++) {
      queues.get(v).add(against.unit().get(v), against.pictures());
    }
  }

  @Override
  public Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    for (int v = 0; v < ASSIGNED; v++) {
      String own = "view" + v + ".";
      queues.get(v).state().forEach((name, tensor) -> state.put(own + name, tensor));
    }
    return state;
  }

  @Override
  public void close() {
    queues.forEach(KeyQueue::close);
  }
}
