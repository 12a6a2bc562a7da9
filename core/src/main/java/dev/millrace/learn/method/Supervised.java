package dev.millrace.learn.method;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Device;
import dev.millrace.engine.Parameters;
import dev.millrace.engine.Precision;
import dev.millrace.learn.objective.CrossEntropy;
import dev.millrace.vision.encoder.ResNet;
import dev.millrace.vision.encoder.ResNetShape;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Supervised pre-training, the comparison of Hu et al., "How Well Does Self-Supervised Pre-Training
 * Perform with Streaming Data?", ICLR 2022: cross entropy over all classes of the stream. With a
 * hidden layer before the classifier it is the fairer baseline of arXiv 2311.13321.
 */
public final class Supervised implements Method {
  /**
   * The method's knobs.
   *
   * @param classes C, classes of the whole stream, at least 2
   * @param mlp whether a hidden layer of the encoder's width stands before the classifier
   * @param newHead whether each chunk starts with a freshly drawn head
   */
  public record Settings(int classes, boolean mlp, boolean newHead) {
    /** Refuses values outside their ranges. */
    public Settings {
      if (classes < 2) {
        throw new IllegalArgumentException(
            "supervised pre-training found "
                + classes
                + " classes; it needs labelled data with at least 2");
      }
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
    if (settings.newHead()) {
      head.initialise(weights, Draw.of(seed, "head", chunk));
    }
  }

  @Override
  public Tensor loss(Batch batch) {
    Tensor logits; // [N, C]
    try (Precision.Autocast cast = precision.autocast(device)) {
      logits = head.forward(weights, encoder.forward(batch.views().get(0), true));
    }
    return CrossEntropy.loss(logits.to(ScalarType.Float), batch.labels());
  }

  @Override
  public FixedLoss fix(Batch batch) {
    try (PointerScope scope = new PointerScope()) {
      Tensor view = batch.views().get(0).clone();
      Tensor labels = batch.labels().clone();
      return new FixedLoss(
          () -> CrossEntropy.loss(head.forward(weights, encoder.differentiable(view)), labels),
          view,
          labels);
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
  }
}
