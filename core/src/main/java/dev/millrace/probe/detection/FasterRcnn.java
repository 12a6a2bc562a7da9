package dev.millrace.probe.detection;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Device;
import dev.millrace.engine.Parameters;
import dev.millrace.engine.Precision;
import dev.millrace.vision.encoder.EncoderNet;
import dev.millrace.vision.encoder.EncoderSpec;
import dev.millrace.vision.encoder.Normalisations;
import dev.millrace.vision.encoder.Stages;
import dev.millrace.vision.encoder.TunedEncoder;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A detector in two stages on an encoder: Ren et al., "Faster R-CNN", NeurIPS 2015, with the
 * feature pyramid of Lin et al., CVPR 2017. Strides and channels are the encoder's. Not
 * thread-safe; close it to free the weights.
 */
public final class FasterRcnn implements AutoCloseable {
  /**
   * What the detector is made of.
   *
   * @param channels of every level of the pyramid, at least 1
   * @param frozen stages of the encoder that do not learn, stem included, 0 … 4
   * @param normalisations whether the encoder's learn, in the stages that do
   * @param headNorm of pyramid and box head
   */
  public record Settings(
      int channels,
      int frozen,
      Normalisations normalisations,
      HeadNorm headNorm,
      Anchors.Settings anchors,
      RegionProposals.Settings proposals,
      BoxHead.Settings head) {
    /** Refuses values outside their ranges. */
    public Settings {
      if (channels < 1 || frozen < 0 || frozen > 4) {
        throw new IllegalArgumentException(
            "found a pyramid of %d channels on %d frozen stages, expected at least 1 and 0 … 4: try 256 and 0"
                .formatted(channels, frozen));
      }
    }

    /** torchvision's {@code fasterrcnn_resnet50_fpn}, but for nothing frozen, as in MoCo. */
    public static Settings paper() {
      return new Settings(
          256,
          0,
          Normalisations.TRAINED,
          HeadNorm.NONE,
          Anchors.Settings.paper(),
          RegionProposals.Settings.paper(),
          BoxHead.Settings.paper());
    }

    /**
     * The paper's for an encoder narrower than 64 and few small pictures: pyramid and box head
     * shrink with the encoder, and half as many boxes are sampled, which small pictures do not
     * hold.
     */
    public static Settings of(Stages stages) {
      RegionProposals.Settings p = RegionProposals.Settings.paper();
      BoxHead.Settings h = BoxHead.Settings.paper();
      return new Settings(
          Math.max(8, Math.min(256, 2 * stages.width())),
          0,
          Normalisations.TRAINED,
          HeadNorm.NONE,
          Anchors.Settings.paper(),
          new RegionProposals.Settings(
              p.matcher(), p.sampler(), 1000, 500, 1000, 500, p.nms(), p.smallest()),
          new BoxHead.Settings(
              Math.max(32, Math.min(1024, 8 * stages.width())),
              h.pooling(),
              h.matcher(),
              new BalancedSampler(256, h.sampler().share()),
              h.score(),
              h.nms(),
              h.detections()));
    }

    /** These settings with other normalisations, and some of the encoder frozen. */
    public Settings with(int stages, Normalisations kept, HeadNorm norm) {
      return new Settings(channels, stages, kept, norm, anchors, proposals, head);
    }
  }

  private final Settings settings;
  private final Device device;
  private final Precision precision;
  private final Parameters parameters;
  private final Stages stages;
  private final TunedEncoder encoder;
  private final Pyramid pyramid;
  private final RegionProposals first;
  private final BoxHead second;

  /**
   * A detector on an encoder's present weights; its own layers are drawn.
   *
   * @param encoder stays the caller's and unchanged; may be closed before this is
   * @param classes K, at least 1
   * @param precision of encoder and pyramid; the stages' answers are float32
   * @param draw where new weights come from
   */
  public FasterRcnn(
      Settings settings,
      EncoderNet encoder,
      int classes,
      Device device,
      Precision precision,
      Draw draw) {
    if (classes < 1) {
      throw new IllegalArgumentException(
          "found no classes to detect; give a set whose annotations name at least one");
    }
    this.settings = settings;
    this.device = device;
    this.precision = precision;
    stages = stages(encoder.spec());
    int[] channels = stages.channels();
    Parameters.Layout.Builder layout = Parameters.Layout.builder();
    stages.tunedLayout(settings.frozen(), settings.normalisations(), layout, "encoder.");
    HeadNorm norm = settings.headNorm();
    Pyramid.layout(layout, channels, settings.channels(), norm.ofPyramid());
    RegionProposals.layout(layout, settings.channels(), settings.anchors().ratios().size());
    BoxHead.layout(layout, settings.head(), settings.channels(), classes, norm.ofBoxHead());
    parameters = new Parameters(layout.build(), device, true);
    this.encoder =
        stages.tuned(encoder, settings.frozen(), settings.normalisations(), parameters, "encoder.");
    Weights weights = new Weights(parameters);
    pyramid = new Pyramid(weights, channels.length, norm.ofPyramid());
    first = new RegionProposals(settings.proposals(), settings.anchors(), weights);
    second = new BoxHead(settings.head(), classes, weights, norm.ofBoxHead());
    pyramid.initialise(draw.at(0));
    first.initialise(draw.at(1));
    second.initialise(draw.at(2));
  }

  /**
   * The stages of an encoder that can learn to detect.
   *
   * @throws IllegalArgumentException if it has none, naming it
   */
  public static Stages stages(EncoderSpec encoder) {
    return encoder
        .stages()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "detection needs an encoder with stages of falling resolution, and %s has none; leave the task detection out"
                        .formatted(encoder.words())));
  }

  /**
   * What learns: the encoder's stages that are not frozen, all new layers; owned by this object.
   */
  public Parameters parameters() {
    return parameters;
  }

  /** The sides of a batch must be multiples of this, pixels: the encoder's coarsest stride. */
  public int multiple() {
    int[] strides = stages.strides();
    return strides[strides.length - 1];
  }

  /** The losses of both stages; scalars of the caller's scope. */
  record Losses(DetectionLoss proposals, DetectionLoss detections) {
    Tensor sum() {
      return proposals.sum().add(detections.sum());
    }
  }

  /**
   * The losses of a batch.
   *
   * @param draw decides which anchors and proposals are learned from
   */
  Losses losses(DetectionBatch batch, Draw draw) {
    Maps maps = maps(batch);
    RegionProposals.Answer answer = first.answer(maps.hidden(), maps.all());
    DetectionLoss proposals = first.loss(answer, batch.truths(), draw.at(0), device);
    BoxHead.Sample sample =
        second.sample(
            first.proposals(answer, batch.sizes(), true),
            batch.truths(),
            batch.labels(),
            draw.at(1));
    Tensor features =
        settings
            .head()
            .pooling()
            .of(maps.rows(), maps.pooled(), batch.size(), sample.boxes(), sample.image(), device);
    return new Losses(proposals, second.loss(second.answer(features), sample, device));
  }

  /** The detections of each picture of a batch, best first, in the pixels of the batch. */
  List<List<Detection>> detect(DetectionBatch batch) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Maps maps = maps(batch);
      RegionProposals.Answer answer = first.answer(maps.hidden(), maps.all());
      List<float[]> proposals = first.proposals(answer, batch.sizes(), false);
      float[] boxes = new float[0];
      List<Integer> image = new ArrayList<>();
      for (int i = 0; i < proposals.size(); i++) {
        boxes = Boxes.join(boxes, proposals.get(i));
        for (int p = 0; p < Boxes.count(proposals.get(i)); p++) {
          image.add(i);
        }
      }
      int[] images = image.stream().mapToInt(Integer::intValue).toArray();
      Tensor features =
          settings
              .head()
              .pooling()
              .of(maps.rows(), maps.pooled(), batch.size(), boxes, images, device);
      return second.detections(second.answer(features), proposals, batch.sizes());
    }
  }

  /**
   * A batch's features.
   *
   * @param hidden of every level, for the first stage
   * @param all grids of the levels
   * @param rows the levels that boxes are pooled from, {@code [Σ N · H · W, C]}
   * @param pooled their grids: all but the coarsest
   */
  private record Maps(List<Tensor> hidden, List<Level> all, Tensor rows, List<Level> pooled) {}

  private Maps maps(DetectionBatch batch) {
    List<Tensor> hidden = new ArrayList<>();
    List<Level> levels = new ArrayList<>();
    TensorVector rows = new TensorVector();
    Tensor x = batch.pictures().to(device.torch(), ScalarType.Float);
    int[] strides = stages.strides();
    try (Precision.Autocast autocast = precision.autocast(device)) {
      List<Tensor> pyramidLevels = pyramid.forward(encoder.stages(x));
      for (int l = 0; l < pyramidLevels.size(); l++) {
        Tensor level = pyramidLevels.get(l);
        boolean last = l == strides.length;
        levels.add(
            new Level(
                (int) level.size(2), (int) level.size(3), last ? 2 * strides[l - 1] : strides[l]));
        hidden.add(first.hidden(level));
        if (!last) {
          rows.push_back(rows(level).reshape(-1, settings.channels()));
        }
      }
    }
    return new Maps(
        hidden, levels, torch.cat(rows, 0), List.copyOf(levels.subList(0, strides.length)));
  }

  /** A level's places as rows: {@code [N, C, H, W]} to {@code [N, H · W, C] float32}. */
  static Tensor rows(Tensor level) {
    return level.permute(0, 2, 3, 1).reshape(level.size(0), -1, level.size(1)).to(ScalarType.Float);
  }

  @Override
  public void close() {
    encoder.close();
    parameters.close();
  }
}
