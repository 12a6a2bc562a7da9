package dev.millrace.learn.method;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Device;
import dev.millrace.engine.Parameters;
import dev.millrace.engine.Precision;
import dev.millrace.learn.objective.CrossEntropy;
import dev.millrace.vision.encoder.ResNet;
import dev.millrace.vision.encoder.ResNetShape;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Supervised pre-training, the comparison of Hu et al., "How Well Does Self-Supervised Pre-Training
 * Perform with Streaming Data?", ICLR 2022: cross entropy over classes. One head over all classes
 * of a stream by class begins each later chunk far above guessing, and the shock unlearns the
 * encoder; so a chunk can have a head of its own, over its own classes. With a hidden layer before
 * the classifier it is the fairer baseline of arXiv 2311.13321.
 */
public final class Supervised implements Method {
  /** What the head spans. */
  public enum Head {
    /** All classes, in one head that lasts. */
    FULL,
    /** All classes, in a head that is drawn anew with each chunk. */
    NEW,
    /**
     * The classes of a picture's chunk alone, whose rows of the last layer are drawn anew with the
     * chunk; replayed pictures keep the rows that their chunk left, and a hidden layer lasts.
     */
    CHUNK
  }

  /**
   * The method's knobs.
   *
   * @param classes C, classes of the whole stream, at least 2
   * @param mlp whether a hidden layer of the encoder's width stands before the classifier
   * @param head what the head spans
   * @param own the classes of each chunk, 0 … C − 1; asked for {@link Head#CHUNK} alone
   */
  public record Settings(int classes, boolean mlp, Head head, List<Set<Integer>> own) {
    /** Refuses values outside their ranges. */
    public Settings {
      if (classes < 2) {
        throw new IllegalArgumentException(
            "supervised pre-training found "
                + classes
                + " classes; it needs labelled data with at least 2");
      }
      own = own.stream().map(Set::copyOf).toList();
    }
  }

  private static final String ENCODER = "encoder.";

  private final Settings settings;
  private final Precision precision;
  private final Device device;
  private final long seed;
  private final Projector head;
  private final Parameters weights;
  private final Parameters statistics;
  private final ResNet encoder;
  private final long encoderSize;

  /** {@code [chunks, C] bool}: classes that are not the chunk's; null where one head spans all. */
  private final Tensor foreign;

  /** Nets drawn from the seed alone. */
  public Supervised(
      Settings settings, ResNetShape shape, Device device, Precision precision, long seed) {
    this.settings = settings;
    this.precision = precision;
    this.device = device;
    this.seed = seed;
    head =
        settings.mlp()
            ? new Projector("head.", shape.dim(), shape.dim(), settings.classes())
            : new Projector("head.", shape.dim(), settings.classes());
    Parameters.Layout.Builder layout = Parameters.Layout.builder();
    ResNet.layout(shape, layout, ENCODER);
    encoderSize = layout.build().size();
    head.layout(layout);
    weights = new Parameters(layout.build(), device, true);
    Parameters.Layout.Builder statisticsLayout = Parameters.Layout.builder();
    ResNet.statisticsLayout(shape, statisticsLayout, ENCODER);
    statistics = new Parameters(statisticsLayout.build(), device, false);
    encoder = new ResNet(shape, weights, ENCODER, statistics, ENCODER);
    encoder.initialise(Draw.of(seed, "encoder"));
    head.initialise(weights, Draw.of(seed, "head", 0));
    foreign = settings.head() == Head.CHUNK ? foreign() : null;
  }

  private Tensor foreign() {
    try (PointerScope scope = new PointerScope()) {
      float[] other = new float[settings.own().size() * settings.classes()];
      Arrays.fill(other, 1);
      for (int c = 0; c < settings.own().size(); c++) {
        for (int k : settings.own().get(c)) {
          other[c * settings.classes() + k] = 0;
        }
      }
      Tensor mask =
          Tensor.create(other)
              .reshape(settings.own().size(), settings.classes())
              .to(device.torch(), ScalarType.Bool);
      mask.retainReference();
      return mask;
    }
  }

  @Override
  public int views() {
    return 1;
  }

  @Override
  public boolean labels() {
    return true;
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
    return encoder;
  }

  @Override
  public void startFrom(Map<String, Tensor> weights) {
    encoder.load(weights);
  }

  @Override
  public void startChunk(int chunk) {
    Draw draw = Draw.of(seed, "head", chunk);
    switch (settings.head()) {
      case FULL -> {}
      case NEW -> head.initialise(weights, draw);
      case CHUNK -> head.initialiseLast(weights, draw, settings.own().get(chunk));
    }
  }

  @Override
  public Tensor loss(Batch batch) {
    Tensor logits; // [N, C]
    try (Precision.Autocast cast = precision.autocast(device)) {
      logits = head.forward(weights, encoder.forward(batch.views().get(0), true));
    }
    return loss(logits.to(ScalarType.Float), batch.labels(), batch.pictures());
  }

  private Tensor loss(Tensor logits, Tensor labels, Tensor pictures) {
    return foreign == null
        ? CrossEntropy.loss(logits, labels)
        : CrossEntropy.loss(
            logits, labels, foreign.index_select(0, pictures.select(1, 0).contiguous()));
  }

  @Override
  public FixedLoss fix(Batch batch) {
    try (PointerScope scope = new PointerScope()) {
      Tensor view = batch.views().get(0).clone();
      Tensor labels = batch.labels().clone();
      Tensor pictures = foreign == null ? null : batch.pictures().clone();
      return new FixedLoss(
          () -> loss(head.forward(weights, encoder.differentiable(view)), labels, pictures),
          view,
          labels,
          pictures);
    }
  }

  @Override
  public Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    state.put("weights", weights.flat());
    state.put("statistics", statistics.flat());
    return state;
  }

  @Override
  public void close() {
    encoder.close();
    weights.close();
    statistics.close();
    if (foreign != null) {
      foreign.close();
    }
  }
}
