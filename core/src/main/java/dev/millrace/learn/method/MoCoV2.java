package dev.millrace.learn.method;

import static org.bytedeco.pytorch.global.torch.cat;

import dev.millrace.draw.Draw;
import dev.millrace.learn.network.Head;
import dev.millrace.learn.network.Mlp;
import dev.millrace.learn.network.Mode;
import dev.millrace.learn.network.Moment;
import dev.millrace.learn.network.Network;
import dev.millrace.learn.network.Outputs;
import dev.millrace.learn.network.Ranks;
import dev.millrace.learn.network.Views;
import dev.millrace.learn.objective.InfoNce;
import dev.millrace.refusal.Require;
import dev.millrace.setting.Knob;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;

/**
 * MoCo v2: Chen, Fan, Girshick, He, "Improved Baselines with Momentum Contrastive Learning", arXiv
 * 2003.04297, on He et al., "Momentum Contrast for Unsupervised Visual Representation Learning",
 * CVPR 2020. A query must find its key, the momentum encoder's output for the other view, among a
 * queue of keys of earlier batches.
 *
 * <p>In a stream a chunk may be smaller than the queue, so that a query meets older keys of its own
 * picture: every key bears which picture it is of, and those are no negatives.
 */
public final class MoCoV2 implements Method<MoCoV2.Contrast> {
  /**
   * The method's knobs.
   *
   * @param queue K, keys kept as negatives, at least 1, or {@link #AUTO}; the paper's is 65536
   * @param momentum m of the key encoder, in [0, 1]; the paper's is 0.999
   * @param temperature τ of the logits, above 0; the paper's is 0.2
   * @param dim width of query and key, at least 1; the paper's is 128
   * @param bnSplits parts of a batch that the key encoder normalises each by itself, as many
   *     devices would; 1 for none. With one part, batch normalisation shares statistics between a
   *     query's positive and its batch, by which the original's section 3.3 found that a net can
   *     cheat
   * @param symmetric whether each view is query and key in turn and the loss is the mean of both
   *     ways, as in Chen and He, "Exploring Simple Siamese Representation Learning", CVPR 2021, eq.
   *     2; both views' keys enter the queue, as in MoCo's published example for CIFAR. A step then
   *     costs twice the forward and backward passes
   */
  public record Settings(
      @Knob(
              value =
                  "MoCo's queue length K; auto: the largest multiple of --batch up to 4096 and up to a quarter of the smallest chunk of a batch or more, one batch at least",
              auto = true)
          int queue,
      @Knob("momentum of the key encoder") double momentum,
      @Knob("softmax temperature") double temperature,
      @Knob("width of the projector's output") int dim,
      @Knob("parts of a batch that MoCo's key encoder normalises each by itself (1: the whole)")
          int bnSplits,
      @Knob(
              value = "MoCo: each view is query and key in turn; a step costs twice as much",
              name = "symmetric-loss")
          boolean symmetric)
      implements MethodSettings {
    /** A queue that is as long as the chunks allow; decided before a method is made. */
    public static final int AUTO = Integer.MIN_VALUE;

    /** One view the query, the other the key, as in the paper. */
    public Settings(int queue, double momentum, double temperature, int dim, int bnSplits) {
      this(queue, momentum, temperature, dim, bnSplits, false);
    }

    /** Refuses values outside their ranges. */
    public Settings {
      Require.component(
          queue == AUTO || queue >= 1,
          "queue",
          queue + " holds no negatives; expected auto, or at least 1");
      Require.component(momentum >= 0 && momentum <= 1, "momentum", momentum + " is not in 0 … 1");
      Require.positive(temperature, "temperature");
      Require.component(dim >= 1, "dim", dim + " is below 1");
      Require.component(
          bnSplits >= 1, "bnSplits", bnSplits + " is below 1; 1 normalises the batch as a whole");
    }

    /** For small pictures and short runs. */
    public static Settings small() {
      return new Settings(AUTO, 0.995, 0.1, 128, 1);
    }

    /** With this many keys, or {@link #AUTO}. */
    public Settings queue(int queue) {
      return new Settings(queue, momentum, temperature, dim, bnSplits, symmetric);
    }

    /** With another momentum of the key encoder. */
    public Settings momentum(double momentum) {
      return new Settings(queue, momentum, temperature, dim, bnSplits, symmetric);
    }

    /** With another temperature. */
    public Settings temperature(double temperature) {
      return new Settings(queue, momentum, temperature, dim, bnSplits, symmetric);
    }

    /** With another width of query and key. */
    public Settings dim(int dim) {
      return new Settings(queue, momentum, temperature, dim, bnSplits, symmetric);
    }

    /** With a key encoder that normalises so many parts of a batch each by itself. */
    public Settings bnSplits(int bnSplits) {
      return new Settings(queue, momentum, temperature, dim, bnSplits, symmetric);
    }

    /** With each view query and key in turn, or not. */
    public Settings symmetric(boolean symmetric) {
      return new Settings(queue, momentum, temperature, dim, bnSplits, symmetric);
    }

    /** The paper's values for ImageNet; its eight devices made eight splits. */
    public static Settings paper() {
      return new Settings(65_536, 0.999, 0.2, 128, 8);
    }
  }

  /**
   * What queries are compared with.
   *
   * @param keys of the second view, {@code [N, d] float32}, rows of norm 1; of both views, one
   *     after the other, where the loss is symmetric
   * @param negatives the queue, {@code [K, d] float32}
   * @param own which of them are of a query's own picture, {@code [N, K] bool}; null where nobody
   *     knows
   * @param pictures of the keys of each view, {@code [N, 2] int64}; null where nobody knows
   */
  record Contrast(List<Tensor> keys, Tensor negatives, Tensor own, Tensor pictures)
      implements Targets {
    /** The pictures of all keys, view after view; null where nobody knows. */
    Tensor ofAll() {
      return pictures == null || keys.size() == 1
          ? pictures
          : cat(new TensorVector(pictures, pictures));
    }

    @Override
    public List<Tensor> tensors() {
      return Tensors.present(keys, negatives, own, pictures);
    }
  }

  private final Settings settings;
  private final Network network;
  private final Mlp projector;
  private final Network twin;
  private final KeyQueue queue;
  private final QueueShares shares = new QueueShares();

  /**
   * The method over a network that has its {@link #heads}.
   *
   * @param network stays the caller's
   * @param seed of the queue's first keys
   */
  public MoCoV2(Settings settings, Network network, long seed) {
    this.settings = settings;
    this.network = network;
    projector = projector(settings, network.encoder().spec().dim());
    twin = network.twin();
    queue =
        new KeyQueue(settings.queue(), settings.dim(), network.device(), Draw.of(seed, "queue"));
  }

  /** Its projector, with a hidden layer of the features' width. */
  public static List<Head> heads(Settings settings, int features) {
    return List.of(projector(settings, features));
  }

  private static Mlp projector(Settings settings, int features) {
    return Mlp.of("projector", features, features, settings.dim());
  }

  @Override
  public int views() {
    return 2;
  }

  @Override
  public void takeOver() {
    twin.copyFrom(network);
  }

  @Override
  public void beforeStep(Moment at) {
    twin.follow(network, settings.momentum()); // eq. 2
  }

  /** Queries, rows of norm 1: of the first view, of both where the loss is symmetric. */
  @Override
  public Outputs outputs(Views views, Mode mode) {
    List<Tensor> shown = settings.symmetric() ? views.views() : views.views().subList(0, 1);
    List<Tensor> features = shown.stream().map(view -> network.features(view, mode)).toList();
    List<Tensor> queries =
        features.stream().map(of -> Tensors.unit(network.through(projector, of, mode))).toList();
    return new Outputs(features, queries);
  }

  @Override
  public Contrast targets(Views views, Outputs made, Mode mode) {
    Tensor of = views.pictures();
    // A fixed loss outlives the queue's present keys; a step has used them when they are replaced.
    Tensor negatives = mode == Mode.DIFFERENTIABLE ? queue.keys().clone() : queue.keys();
    Tensor second = keys(views.view(1), mode);
    return settings.symmetric()
        ? new Contrast(List.of(second, keys(views.view(0), mode)), negatives, queue.own(of), of)
        : new Contrast(List.of(second), negatives, queue.own(of), of);
  }

  @Override
  public Contrast gathered(Contrast own, Ranks ranks) {
    Tensor of = Tensors.gathered(own.pictures(), ranks);
    return new Contrast(Tensors.gathered(own.keys(), ranks), own.negatives(), queue.own(of), of);
  }

  /** Eq. 1, the mean of both ways where it is symmetric. */
  @Override
  public Tensor loss(Outputs made, Contrast against) {
    Tensor loss = oneWay(made, against, 0);
    return settings.symmetric() ? loss.add(oneWay(made, against, 1)).mul(new Scalar(0.5)) : loss;
  }

  private Tensor oneWay(Outputs made, Contrast against, int way) {
    return InfoNce.loss(
        made.embeddings().get(way),
        against.keys().get(way),
        against.negatives(),
        against.own(),
        settings.temperature());
  }

  @Override
  public void afterStep(Outputs made, Contrast against, Moment at) {
    Tensor past = against.pictures() == null ? null : queue.past(at.chunk());
    shares.look(made.embeddings().get(0), against, past, settings.temperature());
    Tensor keys = cat(new TensorVector(against.keys().toArray(Tensor[]::new)));
    queue.add(keys, against.ofAll());
  }

  @Override
  public Map<String, Double> watched() {
    return shares.last();
  }

  /**
   * The key encoder's embeddings, {@code [N, d] float32}, rows of norm 1, without a graph; each
   * split of the batch normalised by itself. The sampler's order is random and the query's batch is
   * whole, so the splits need no shuffling of their own.
   */
  private Tensor keys(Tensor view, Mode mode) {
    try (NoGradGuard stop = new NoGradGuard()) {
      // A chunk smaller than a batch makes fewer parts: each needs two pictures to normalise.
      long size = network.parts().size(view.size(0));
      long splits = Math.max(1, Math.min(settings.bnSplits(), size / 2));
      TensorVector parts = new TensorVector();
      for (long begin = 0; splits > 1 && begin < view.size(0); begin += size) {
        for (long part = 0; part < splits; part++) {
          long from = begin + part * size / splits;
          long to = begin + (part + 1) * size / splits;
          parts.push_back(twin.features(view.narrow(0, from, to - from), mode));
        }
      }
      Tensor features = splits == 1 ? twin.features(view, mode) : cat(parts);
      return Tensors.unit(twin.through(projector, features, mode));
    }
  }

  @Override
  public Optional<Network> twin() {
    return Optional.of(twin);
  }

  @Override
  public Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    twin.state().forEach((name, tensor) -> state.put("key." + name, tensor));
    state.putAll(queue.state());
    return state;
  }

  @Override
  public void close() {
    twin.close();
    queue.close();
    shares.close();
  }
}
