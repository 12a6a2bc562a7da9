package dev.millrace.learn.method;

import static org.bytedeco.pytorch.global.torch.cat;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Device;
import dev.millrace.engine.Parameters;
import dev.millrace.engine.Precision;
import dev.millrace.learn.objective.InfoNce;
import dev.millrace.learn.optim.MomentumTwin;
import dev.millrace.vision.encoder.ResNet;
import dev.millrace.vision.encoder.ResNetShape;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * MoCo v2: Chen, Fan, Girshick, He, "Improved Baselines with Momentum Contrastive Learning", arXiv
 * 2003.04297, on He et al., "Momentum Contrast for Unsupervised Visual Representation Learning",
 * CVPR 2020. A query must find its key, the momentum encoder's output for the other view, among a
 * queue of keys of earlier batches.
 *
 * <p>In a stream a chunk may be smaller than the queue, so that a query meets older keys of its own
 * picture: every key bears which picture it is of, and those are no negatives.
 */
public final class MoCoV2 implements Method {
  /**
   * The method's knobs.
   *
   * @param queue K, keys kept as negatives, at least 1
   * @param momentum m of the key encoder, in [0, 1]
   * @param temperature τ of the logits, above 0
   * @param dim width of query and key, at least 1
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
      int queue, double momentum, double temperature, int dim, int bnSplits, boolean symmetric) {
    /** One view the query, the other the key, as in the paper. */
    public Settings(int queue, double momentum, double temperature, int dim, int bnSplits) {
      this(queue, momentum, temperature, dim, bnSplits, false);
    }

    /** Refuses values outside their ranges. */
    public Settings {
      if (queue < 1) {
        throw new IllegalArgumentException(
            "--queue " + queue + " holds no negatives; expected at least 1");
      }
      if (!(momentum >= 0 && momentum <= 1)) {
        throw new IllegalArgumentException("--momentum " + momentum + " is not in 0 … 1");
      }
      if (!(temperature > 0)) {
        throw new IllegalArgumentException("--temperature " + temperature + " is not above 0");
      }
      if (dim < 1) {
        throw new IllegalArgumentException("--dim " + dim + " is below 1");
      }
      if (bnSplits < 1) {
        throw new IllegalArgumentException(
            "--bn-splits " + bnSplits + " is below 1; 1 normalises the batch as a whole");
      }
    }

    /** The paper's values for ImageNet; its eight devices made eight splits. */
    public static Settings paper() {
      return new Settings(65_536, 0.999, 0.2, 128, 8);
    }
  }

  private static final String ENCODER = "encoder.";

  private final Settings settings;
  private final Precision precision;
  private final Device device;
  private final Projector projector;
  private final Parameters weights;
  private final Parameters statistics;
  private final Parameters keyStatistics;
  private final MomentumTwin twin;
  private final ResNet query;
  private final ResNet key;
  private final long encoderSize;
  private final KeyQueue queue;

  /** {@code [2] float32}, see {@link #watched()}; null before the first step. */
  private Tensor shares;

  /** Nets drawn from the seed alone. */
  public MoCoV2(
      Settings settings, ResNetShape shape, Device device, Precision precision, long seed) {
    this.settings = settings;
    this.precision = precision;
    this.device = device;
    this.projector = new Projector("projector.", shape.dim(), shape.dim(), settings.dim());
    Parameters.Layout.Builder layout = Parameters.Layout.builder();
    ResNet.layout(shape, layout, ENCODER);
    encoderSize = layout.build().size();
    projector.layout(layout);
    weights = new Parameters(layout.build(), device, true);
    Parameters.Layout.Builder statisticsLayout = Parameters.Layout.builder();
    ResNet.statisticsLayout(shape, statisticsLayout, ENCODER);
    statistics = new Parameters(statisticsLayout.build(), device, false);
    keyStatistics = new Parameters(statisticsLayout.build(), device, false);
    query = new ResNet(shape, weights, ENCODER, statistics, ENCODER);
    query.initialise(Draw.of(seed, "encoder"));
    projector.initialise(weights, Draw.of(seed, "projector"));
    twin = new MomentumTwin(weights, settings.momentum());
    key = new ResNet(shape, twin.weights(), ENCODER, keyStatistics, ENCODER);
    keyStatistics.copyFrom(statistics);
    queue = new KeyQueue(settings.queue(), settings.dim(), device, Draw.of(seed, "queue"));
  }

  @Override
  public int views() {
    return 2;
  }

  @Override
  public boolean labels() {
    return false;
  }

  @Override
  public Parameters weights() {
    return weights;
  }

  @Override
  public long encoderSize() {
    return encoderSize;
  }

  @Override
  public ResNet encoder() {
    return query;
  }

  /** The query encoder's, and alike its momentum twin's. */
  @Override
  public void startFrom(Map<String, Tensor> encoder) {
    query.load(encoder);
    twin.weights().copyFrom(weights);
    keyStatistics.copyFrom(statistics);
  }

  @Override
  public void startChunk(int chunk) {
    // The queue goes on: keys of the chunk before are negatives until new ones replace them.
  }

  @Override
  public Tensor loss(Batch batch) {
    twin.follow(); // eq. 2
    Tensor one = batch.views().get(0);
    Tensor two = batch.views().get(1);
    Tensor of = batch.pictures();
    Tensor negatives = queue.keys();
    Tensor own = queue.own(of);
    Tensor keys = keys(two, this::keyFeatures);
    Tensor queries = queries(one);
    Tensor loss = InfoNce.loss(queries, keys, negatives, own, settings.temperature()); // eq. 1
    watch(queries, keys, negatives, own, of);
    if (settings.symmetric()) {
      Tensor others = keys(one, this::keyFeatures);
      Tensor back = InfoNce.loss(queries(two), others, negatives, own, settings.temperature());
      loss = loss.add(back).mul(new Scalar(0.5));
      keys = cat(new TensorVector(keys, others));
      of = of == null ? null : cat(new TensorVector(of, of));
    }
    queue.add(keys, of);
    return loss;
  }

  /** Looks at what the negatives hold of the softmax; changes nothing. */
  private void watch(Tensor queries, Tensor keys, Tensor negatives, Tensor own, Tensor of) {
    if (shares != null) {
      shares.releaseReference();
      shares = null;
    }
    if (of == null) {
      return;
    }
    try (PointerScope scope = new PointerScope();
        NoGradGuard stop = new NoGradGuard()) {
      Tensor q = queries.detach().to(ScalarType.Float);
      Tensor logits =
          InfoNce.logits(q, keys.to(ScalarType.Float), negatives, null, settings.temperature());
      Tensor held = logits.softmax(1).narrow(1, 1, settings.queue());
      Tensor past = queue.past(of).unsqueeze(0);
      Tensor ofOwn = held.mul(own.to(ScalarType.Float)).sum(1).mean();
      Tensor ofPast = held.mul(past.to(ScalarType.Float)).sum(1).mean();
      shares = torch.stack(new TensorVector(ofOwn, ofPast));
      shares.retainReference();
    }
  }

  /**
   * {@code softmax_own}: the share of the softmax, in 0 … 1, that older keys of a query's own
   * picture would hold as negatives, were they not left out; {@code softmax_past}: that keys of
   * pictures of earlier chunks hold.
   */
  @Override
  public Map<String, Double> watched() {
    if (shares == null) {
      return Map.of();
    }
    try (PointerScope scope = new PointerScope()) {
      Tensor here = shares.cpu();
      Map<String, Double> watched = new LinkedHashMap<>();
      watched.put("softmax_own", (double) here.select(0, 0).item_float());
      watched.put("softmax_past", (double) here.select(0, 1).item_float());
      return watched;
    }
  }

  /** {@code [N, d] float32}, rows of norm 1, with their graph. */
  private Tensor queries(Tensor views) {
    try (Precision.Autocast cast = precision.autocast(device)) {
      return Tensors.unit(projector.forward(weights, query.forward(views, true)));
    }
  }

  /** {@code [N, d] float32}, rows of norm 1, without a graph. */
  private Tensor keys(Tensor views, UnaryOperator<Tensor> net) {
    try (NoGradGuard stop = new NoGradGuard();
        Precision.Autocast cast = precision.autocast(device)) {
      return Tensors.unit(projector.forward(twin.weights(), inSplits(views, net)));
    }
  }

  private Tensor keyFeatures(Tensor views) {
    return key.forward(views, true);
  }

  /**
   * The key encoder's features, each part of the batch by itself. The sampler's order is random and
   * the query's batch is whole, so the parts need no shuffling of their own.
   */
  private Tensor inSplits(Tensor views, UnaryOperator<Tensor> net) {
    long pictures = views.size(0);
    // A chunk smaller than a batch makes fewer parts: each needs two pictures to normalise.
    long splits = Math.max(1, Math.min(settings.bnSplits(), pictures / 2));
    if (splits == 1) {
      return net.apply(views);
    }
    TensorVector parts = new TensorVector();
    for (long part = 0; part < splits; part++) {
      long from = part * pictures / splits;
      long to = (part + 1) * pictures / splits;
      parts.push_back(net.apply(views.narrow(0, from, to - from)));
    }
    return cat(parts);
  }

  @Override
  public FixedLoss fix(Batch batch) {
    try (PointerScope scope = new PointerScope()) {
      Tensor one = batch.views().get(0).clone();
      Tensor two = batch.views().get(1).clone();
      Tensor negatives = queue.keys();
      Tensor keys = fixedKeys(two);
      Tensor own = queue.own(batch.pictures());
      if (!settings.symmetric()) {
        return new FixedLoss(() -> fixedLoss(one, keys, negatives, own), one, keys, negatives, own);
      }
      Tensor others = fixedKeys(one);
      return new FixedLoss(
          () ->
              fixedLoss(one, keys, negatives, own)
                  .add(fixedLoss(two, others, negatives, own))
                  .mul(new Scalar(0.5)),
          one,
          two,
          keys,
          others,
          negatives,
          own);
    }
  }

  private Tensor fixedLoss(Tensor views, Tensor keys, Tensor negatives, Tensor own) {
    Tensor queries = Tensors.unit(projector.forward(weights, query.differentiable(views)));
    return InfoNce.loss(queries, keys, negatives, own, settings.temperature());
  }

  /** As {@link #keys}, in single precision and with nothing of the key encoder written to. */
  private Tensor fixedKeys(Tensor views) {
    try (NoGradGuard stop = new NoGradGuard()) {
      return Tensors.unit(projector.forward(twin.weights(), inSplits(views, key::differentiable)));
    }
  }

  @Override
  public Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    state.put("weights", weights.flat());
    state.put("statistics", statistics.flat());
    state.put("key.weights", twin.weights().flat());
    state.put("key.statistics", keyStatistics.flat());
    state.putAll(queue.state());
    return state;
  }

  @Override
  public void close() {
    query.close();
    key.close();
    twin.close();
    weights.close();
    statistics.close();
    keyStatistics.close();
    queue.close();
    if (shares != null) {
      shares.releaseReference();
    }
  }
}
