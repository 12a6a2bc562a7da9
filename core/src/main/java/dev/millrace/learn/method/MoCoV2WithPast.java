package dev.millrace.learn.method;

import static org.bytedeco.pytorch.global.torch.cat;
import static org.bytedeco.pytorch.global.torch.zeros;

import dev.millrace.draw.Draw;
import dev.millrace.learn.network.Head;
import dev.millrace.learn.network.Mlp;
import dev.millrace.learn.network.Mode;
import dev.millrace.learn.network.Moment;
import dev.millrace.learn.network.Network;
import dev.millrace.learn.network.Outputs;
import dev.millrace.learn.network.Ranks;
import dev.millrace.learn.network.Views;
import dev.millrace.learn.objective.PseudoNegatives;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;

/**
 * PNR over MoCo v2: Cha, Cho, Moon, "Regularizing with Pseudo-Negatives for Continual
 * Self-Supervised Learning", ICML 2024. From the second chunk on a query q meets the negatives of
 * both models, the queue of keys and a second queue of what the network of the last chunk's end,
 * kept frozen, made of earlier batches; and so does its prediction h(q), whose positive is what the
 * frozen network makes of the same view. It changes the negatives of the loss itself, and so is a
 * method around a method: until a second chunk begins it is MoCo v2.
 *
 * <p>Published code fills the second queue with random directions, which are negatives until they
 * are replaced; here they are left out. A step costs one forward pass of the frozen network more
 * per query.
 */
public final class MoCoV2WithPast implements Method<MoCoV2WithPast.BothModels> {
  /**
   * What queries and predictions are compared with.
   *
   * @param now keys and negatives of the momentum encoder
   * @param past the frozen network's embeddings of each query's own view, {@code [N, d] float32},
   *     rows of norm 1; empty before a second chunk
   * @param pastQueue those of earlier batches, {@code [K, d] float32}; null before a second chunk
   * @param left which of them are no negatives of a query: of its own picture, or never filled,
   *     {@code [N, K] bool}; null where nobody knows
   */
  record BothModels(MoCoV2.Contrast now, List<Tensor> past, Tensor pastQueue, Tensor left)
      implements Targets {
    @Override
    public List<Tensor> tensors() {
      List<Tensor> all = new ArrayList<>(now.tensors());
      all.addAll(Tensors.present(past, pastQueue, left));
      return all;
    }
  }

  private final MoCoV2 moco;
  private final MoCoV2.Settings settings;
  private final double weight;
  private final Network network;
  private final Mlp predictor;
  private final Network frozen;
  private final KeyQueue pastQueue;

  /** {@code [1] float32}: how many chunks began; the past is that before the last of them. */
  private final Tensor began;

  /**
   * Around a method over a network that has the heads of both.
   *
   * @param moco closed with this
   * @param settings of moco
   * @param weight of the predictions' part of the loss, above 0; 1 in the paper
   * @param hidden width of the predictor's hidden layer
   * @param network stays the caller's
   * @param seed of the second queue's first keys, which are no negatives
   */
  public MoCoV2WithPast(
      MoCoV2 moco,
      MoCoV2.Settings settings,
      double weight,
      int hidden,
      Network network,
      long seed) {
    this.moco = moco;
    this.settings = settings;
    this.weight = weight;
    this.network = network;
    predictor = predictor(settings.dim(), hidden);
    frozen = network.twin();
    pastQueue =
        new KeyQueue(
            settings.queue(), settings.dim(), network.device(), Draw.of(seed, "past queue"));
    try (PointerScope scope = new PointerScope()) {
      began = zeros(1).retainReference();
    }
  }

  /** Its predictor, beside the heads of MoCo v2. */
  public static List<Head> heads(int dim, int hidden) {
    return List.of(predictor(dim, hidden));
  }

  /**
   * The loss of one who guesses from the second chunk on: query and prediction each have their
   * positive among the keys of both queues.
   *
   * @param settings with a queue that is decided
   */
  public static double guess(MoCoV2.Settings settings, double weight) {
    return (1 + weight) * Math.log(2.0 * settings.queue() + 1);
  }

  private static Mlp predictor(int dim, int hidden) {
    return Mlp.normalised("pnr", dim, hidden, dim);
  }

  private boolean past() {
    return began.item_float() > 1;
  }

  @Override
  public int views() {
    return moco.views();
  }

  @Override
  public void takeOver() {
    moco.takeOver();
  }

  /** Freezes it; a resumed chunk continues with what it began with. */
  @Override
  public void holdOnTo(Network past) {
    moco.holdOnTo(past);
    if (began.item_float() > 0) {
      frozen.copyFrom(past);
    }
  }

  @Override
  public void beginChunk(int chunk) {
    moco.beginChunk(chunk);
    began.add_(new Scalar(1.0));
  }

  @Override
  public void beforeStep(Moment at) {
    moco.beforeStep(at);
  }

  @Override
  public Outputs outputs(Views views, Mode mode) {
    Outputs made = moco.outputs(views, mode);
    if (!past()) {
      return made;
    }
    return new Outputs(
        made.features(),
        made.embeddings(),
        made.embeddings().stream()
            .map(query -> Tensors.unit(network.through(predictor, query, mode)))
            .toList());
  }

  @Override
  public BothModels targets(Views views, Outputs made, Mode mode) {
    MoCoV2.Contrast now = moco.targets(views, made, mode);
    if (!past()) {
      return new BothModels(now, List.of(), null, null);
    }
    List<Tensor> past = new ArrayList<>();
    try (NoGradGuard stop = new NoGradGuard()) {
      for (int way = 0; way < made.embeddings().size(); way++) {
        Tensor features = frozen.features(views.view(way), Mode.EVALUATION);
        past.add(Tensors.unit(frozen.embed(features, Mode.EVALUATION)));
      }
    }
    Tensor keys = pastQueue.keys();
    return new BothModels(
        now, past, mode == Mode.DIFFERENTIABLE ? keys.clone() : keys, left(views.pictures()));
  }

  /** Of the second queue: which keys are no negatives of these pictures. */
  private Tensor left(Tensor of) {
    Tensor own = pastQueue.own(of);
    return own == null ? null : own.logical_or_(pastQueue.unknown().unsqueeze(0));
  }

  @Override
  public BothModels gathered(BothModels own, Ranks ranks) {
    MoCoV2.Contrast now = moco.gathered(own.now(), ranks);
    return own.past().isEmpty()
        ? new BothModels(now, List.of(), null, null)
        : new BothModels(
            now, Tensors.gathered(own.past(), ranks), own.pastQueue(), left(now.pictures()));
  }

  /** Both parts, the mean of both ways where the loss is symmetric. */
  @Override
  public Tensor loss(Outputs made, BothModels against) {
    if (against.past().isEmpty()) {
      return moco.loss(made, against.now());
    }
    Tensor negatives = cat(new TensorVector(against.now().negatives(), against.pastQueue()));
    Tensor left =
        against.left() == null
            ? null
            : cat(new TensorVector(against.now().own(), against.left()), 1);
    double tau = settings.temperature();
    return IntStream.range(0, made.embeddings().size())
        .mapToObj(
            way ->
                PseudoNegatives.queued(
                    made.embeddings().get(way),
                    against.now().keys().get(way),
                    made.predictions().get(way),
                    against.past().get(way),
                    negatives,
                    left,
                    tau,
                    weight))
        .reduce(Tensor::add)
        .orElseThrow()
        .div(new Scalar((double) made.embeddings().size()));
  }

  @Override
  public void afterStep(Outputs made, BothModels against, Moment at) {
    moco.afterStep(made, against.now(), at);
    if (!against.past().isEmpty()) {
      Tensor keys = cat(new TensorVector(against.past().toArray(Tensor[]::new)));
      pastQueue.add(keys, against.now().ofAll());
    }
  }

  @Override
  public Map<String, Double> watched() {
    return moco.watched();
  }

  @Override
  public Optional<Network> twin() {
    return moco.twin();
  }

  @Override
  public Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>(moco.state());
    frozen.state().forEach((name, tensor) -> state.put("past." + name, tensor));
    pastQueue.state().forEach((name, tensor) -> state.put("past." + name, tensor));
    state.put("past.began", began);
    return state;
  }

  @Override
  public void close() {
    moco.close();
    frozen.close();
    pastQueue.close();
    began.releaseReference();
  }
}
