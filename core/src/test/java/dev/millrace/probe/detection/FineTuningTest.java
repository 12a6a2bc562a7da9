package dev.millrace.probe.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Compute;
import dev.millrace.engine.Device;
import dev.millrace.engine.Parameters;
import dev.millrace.engine.Precision;
import dev.millrace.vision.encoder.Normalisations;
import dev.millrace.vision.encoder.file.EncoderFile;
import dev.millrace.vision.encoder.resnet.ResNetShape;
import dev.millrace.vision.view.Normalisation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FineTuningTest {
  private static final Device CPU = new Device("cpu");

  @BeforeAll
  static void threads() {
    Compute.begin(1, CPU); // what a few steps come to depends on the order of sums
  }

  private static FineTuning.Settings settings(int epochs, long seed) {
    return new FineTuning.Settings(seed, 40, List.of(1.0), 0.5, epochs, 3, 0.03, 0.1, 0.9, 1e-4, 5);
  }

  /** A detector on an untrained encoder, with few channels; the caller closes it. */
  private static FasterRcnn detector(
      ResNetShape.Stem stem, List<AnnotatedPicture> pictures, FineTuning.Settings how)
      throws IOException {
    ResNetShape shape = new ResNetShape("resnet18", 6, stem);
    try (EncoderFile encoder = untrained(shape, pictures, how)) {
      return new FasterRcnn(
          few(FasterRcnn.Settings.of(shape)),
          encoder.net(),
          2,
          CPU,
          Precision.FP32,
          Draw.of(how.seed(), "detector"));
    }
  }

  /** With statistics of the pictures; the caller closes it. */
  private static EncoderFile untrained(
      ResNetShape shape, List<AnnotatedPicture> pictures, FineTuning.Settings how)
      throws IOException {
    EncoderFile encoder = EncoderFile.untrained(shape, 32, Map.of(), CPU);
    encoder.net().initialise(Draw.of(1, "encoder"));
    BatchStatistics.take(encoder.net(), pictures, how, Normalisation.imagenet());
    return encoder;
  }

  /** Fewer boxes, for pictures of two objects. */
  private static FasterRcnn.Settings few(FasterRcnn.Settings s) {
    RegionProposals.Settings p = s.proposals();
    BoxHead.Settings h = s.head();
    return new FasterRcnn.Settings(
        s.channels(),
        s.frozen(),
        s.normalisations(),
        s.headNorm(),
        s.anchors(),
        new RegionProposals.Settings(
            p.matcher(), new BalancedSampler(128, 0.5), 200, 200, 100, 100, p.nms(), p.smallest()),
        new BoxHead.Settings(
            h.hidden(),
            h.pooling(),
            h.matcher(),
            new BalancedSampler(128, 0.25),
            h.score(),
            h.nms(),
            h.detections()));
  }

  @Test
  void anEncodersStatisticsAreThoseOfTheDetectionPicturesWhateverItBrought() throws IOException {
    List<AnnotatedPicture> pictures = Rectangles.pictures(12, 64, 40, 1);
    FineTuning.Settings how = settings(1, 3);
    Map<String, float[]> fresh = statistics(pictures, how, 0, 1);
    assertThat(fresh).hasSize(2 * 20);
    for (float brought : new float[] {1e6f, Float.NaN}) {
      Map<String, float[]> other = statistics(pictures, how, brought, 1);
      fresh.forEach((name, values) -> assertThat(other.get(name)).as(name).isEqualTo(values));
    }
    assertThat(fresh.get("bn1.running_var")).satisfies(v -> assertThat(v[0]).isPositive());
    Map<String, float[]> dark = statistics(Rectangles.pictures(12, 64, 40, 9), how, 0, 1);
    assertThat(dark.get("bn1.running_mean")).isNotEqualTo(fresh.get("bn1.running_mean"));
  }

  private static Map<String, float[]> statistics(
      List<AnnotatedPicture> pictures, FineTuning.Settings how, float mean, float variance)
      throws IOException {
    ResNetShape shape = new ResNetShape("resnet18", 6, ResNetShape.Stem.SMALL);
    Map<String, float[]> found = new TreeMap<>();
    try (PointerScope scope = new PointerScope();
        EncoderFile encoder = EncoderFile.untrained(shape, 32, Map.of(), CPU)) {
      encoder.net().initialise(Draw.of(1, "encoder"));
      Map<String, Tensor> state = encoder.net().state();
      state.forEach(
          (name, tensor) -> {
            if (name.contains("running_mean")) {
              tensor.detach().fill_(new Scalar(mean));
            } else if (name.contains("running_var")) {
              tensor.detach().fill_(new Scalar(mean == 0 ? variance : mean));
            }
          });
      BatchStatistics.take(encoder.net(), pictures, how, Normalisation.imagenet());
      encoder
          .net()
          .state()
          .forEach(
              (name, tensor) -> {
                if (name.contains("running_")) {
                  found.put(name, Tensors.floats(tensor));
                }
              });
    }
    return found;
  }

  @Test
  void whichNewLayersAreNormalisedIsAsAskedFor() throws IOException {
    ResNetShape shape = new ResNetShape("resnet18", 6, ResNetShape.Stem.SMALL);
    FasterRcnn.Settings usual = few(FasterRcnn.Settings.of(shape));
    List<AnnotatedPicture> pictures = Rectangles.pictures(2, 64, 40, 1);
    for (HeadNorm norm : HeadNorm.values()) {
      try (EncoderFile encoder = untrained(shape, pictures, settings(1, 1));
          FasterRcnn detector =
              new FasterRcnn(
                  usual.with(usual.frozen(), usual.normalisations(), norm),
                  encoder.net(),
                  2,
                  CPU,
                  Precision.FP32,
                  Draw.of(1, "detector"))) {
        List<String> normalised =
            detector.parameters().layout().entries().stream()
                .map(Parameters.Entry::name)
                .filter(name -> name.contains(".normalised.") && !name.startsWith("encoder."))
                .map(name -> name.substring(0, name.indexOf('.')))
                .distinct()
                .toList();
        assertThat(normalised)
            .as("%s", norm)
            .isEqualTo(
                switch (norm) {
                  case NONE -> List.of();
                  case PYRAMID -> List.of("fpn");
                  case GROUP -> List.of("fpn", "box");
                });
      }
    }
  }

  @Test
  void normalisationsOfEncoderPyramidAndHeadLearnAndNothingIsFrozenByDefault() throws IOException {
    List<AnnotatedPicture> pictures = Rectangles.pictures(6, 64, 40, 1);
    FineTuning.Settings how = settings(1, 3);
    ResNetShape shape = new ResNetShape("resnet18", 6, ResNetShape.Stem.SMALL);
    FasterRcnn.Settings usual = few(FasterRcnn.Settings.of(shape));
    try (EncoderFile encoder = untrained(shape, pictures, how);
        FasterRcnn detector =
            new FasterRcnn(
                usual.with(usual.frozen(), usual.normalisations(), HeadNorm.GROUP),
                encoder.net(),
                2,
                CPU,
                Precision.FP32,
                Draw.of(how.seed(), "detector"))) {
      List<String> names =
          detector.parameters().layout().entries().stream().map(Parameters.Entry::name).toList();
      assertThat(names)
          .contains("encoder.conv1.weight", "encoder.conv1.normalised.weight")
          .contains("encoder.layer4.1.conv2.normalised.bias")
          .contains("fpn.inner.0.normalised.weight", "fpn.layer.3.normalised.bias")
          .contains("box.fc6.normalised.weight", "box.fc7.normalised.bias");
      Map<String, float[]> before = new TreeMap<>();
      names.forEach(name -> before.put(name, Tensors.floats(detector.parameters().get(name))));
      new FineTuning(how, detector, Normalisation.imagenet()).train(pictures, step -> {});
      for (String name : names) {
        assertThat(Tensors.floats(detector.parameters().get(name)))
            .as(name)
            .isNotEqualTo(before.get(name));
      }
    }
    assertThat(FasterRcnn.Settings.paper().frozen()).isZero();
  }

  @Test
  void groupsOfSixteenChannelsOrMoreDivideThemEvenly() {
    assertThat(Weights.groups(256)).isEqualTo(16);
    assertThat(Weights.groups(32)).isEqualTo(2);
    assertThat(Weights.groups(8)).isEqualTo(1);
    assertThat(Weights.groups(50)).isEqualTo(2);
    assertThat(Weights.groups(53)).isEqualTo(1);
  }

  private static float[] weights(FasterRcnn detector) {
    return Tensors.floats(detector.parameters().flat());
  }

  @Test
  void aHandfulOfPicturesIsLearnedByHeart() throws IOException {
    List<AnnotatedPicture> pictures = Rectangles.pictures(6, 64, 40, 3);
    FineTuning.Settings how = settings(60, 1);
    try (FasterRcnn detector = detector(ResNetShape.Stem.SMALL, pictures, how)) {
      FineTuning tuning = new FineTuning(how, detector, Normalisation.imagenet());
      List<Double> losses = new ArrayList<>();
      tuning.train(pictures, step -> losses.add(step.loss()));
      assertThat(losses.get(losses.size() - 1)).isLessThan(losses.get(0) / 3);
      List<List<Detection>> found = tuning.detect(pictures);
      CocoEvaluation.Result result = CocoEvaluation.of(pictures, found, Rectangles.CLASSES);
      assertThat(result.ap50()).isGreaterThan(0.95);
      // At half the overlap anchors alone nearly suffice; this needs what the coder adds to them.
      assertThat(result.ap75()).isGreaterThan(0.75);
    }
  }

  @ParameterizedTest
  @EnumSource
  void equalSeedsGiveEqualDetectorsWithEitherStem(ResNetShape.Stem stem) throws IOException {
    List<AnnotatedPicture> pictures = Rectangles.pictures(4, 48, 40, 3);
    float[][] ends = new float[3][];
    for (int run = 0; run < 3; run++) {
      FineTuning.Settings how = settings(1, run == 2 ? 8 : 7);
      try (FasterRcnn detector = detector(stem, pictures, how)) {
        new FineTuning(how, detector, Normalisation.imagenet()).train(pictures, step -> {});
        ends[run] = weights(detector);
      }
    }
    assertThat(ends[0]).isEqualTo(ends[1]);
    assertThat(ends[0]).isNotEqualTo(ends[2]);
  }

  @Test
  void everyTrainedPartLearnsAndTheFrozenStagesAreNoneOfThem() throws IOException {
    List<AnnotatedPicture> pictures = Rectangles.pictures(3, 64, 40, 3);
    FineTuning.Settings how = settings(2, 1);
    ResNetShape shape = new ResNetShape("resnet18", 6, ResNetShape.Stem.SMALL);
    try (EncoderFile encoder = untrained(shape, pictures, how);
        FasterRcnn detector =
            new FasterRcnn(
                few(FasterRcnn.Settings.of(shape)).with(1, Normalisations.FROZEN, HeadNorm.NONE),
                encoder.net(),
                2,
                CPU,
                Precision.FP32,
                Draw.of(how.seed(), "detector"))) {
      Parameters parameters = detector.parameters();
      float[] before = weights(detector);
      new FineTuning(how, detector, Normalisation.imagenet()).train(pictures, step -> {});
      float[] after = weights(detector);
      for (Parameters.Entry entry : parameters.layout().entries()) {
        boolean moved = false;
        for (long i = entry.offset(); i < entry.offset() + entry.size(); i++) {
          moved |= before[(int) i] != after[(int) i];
        }
        assertThat(moved).as(entry.name()).isTrue();
      }
      List<String> names =
          parameters.layout().entries().stream().map(Parameters.Entry::name).toList();
      assertThat(names)
          .contains("encoder.layer2.0.conv1.weight", "encoder.layer4.1.conv2.weight")
          .noneMatch(name -> name.startsWith("encoder.conv1"))
          .noneMatch(name -> name.startsWith("encoder.layer1"))
          .noneMatch(name -> name.contains("normalised"));
    }
  }

  @Test
  void aStepLeavesNoNativeMemoryBehind() throws IOException {
    List<AnnotatedPicture> pictures = Rectangles.pictures(3, 64, 40, 3);
    FineTuning.Settings how = settings(1, 1);
    try (FasterRcnn detector = detector(ResNetShape.Stem.SMALL, pictures, how)) {
      FineTuning tuning = new FineTuning(how, detector, Normalisation.imagenet());
      tuning.train(pictures, step -> {});
      tuning.detect(pictures);
      long before = Pointer.totalCount();
      tuning.train(pictures, step -> {});
      tuning.detect(pictures);
      assertThat(Pointer.totalCount()).isLessThanOrEqualTo(before);
    }
  }

  @Test
  void aPictureOfNothingTeachesBackground() throws IOException {
    AnnotatedPicture full = Rectangles.pictures(1, 64, 40, 3).get(0);
    AnnotatedPicture empty =
        new AnnotatedPicture(full.image(), full.width(), full.height(), List.of());
    FineTuning.Settings how = settings(1, 1);
    try (FasterRcnn detector = detector(ResNetShape.Stem.SMALL, List.of(empty), how)) {
      List<FineTuning.Step> steps = new ArrayList<>();
      new FineTuning(how, detector, Normalisation.imagenet()).train(List.of(empty), steps::add);
      assertThat(steps).hasSize(1);
      assertThat(steps.get(0).proposalBoxes()).isZero();
      assertThat(steps.get(0).boxes()).isZero();
      assertThat(steps.get(0).proposalClasses()).isPositive();
    }
  }

  @Test
  void aLossThatIsNoNumberStopsWithTheStep() throws IOException {
    List<AnnotatedPicture> pictures = Rectangles.pictures(3, 64, 40, 3);
    FineTuning.Settings how =
        new FineTuning.Settings(
            1, 40, List.of(1.0), 0.5, 20, 3, 1e20, 0, 0.9, 0, Double.POSITIVE_INFINITY);
    try (FasterRcnn detector = detector(ResNetShape.Stem.SMALL, pictures, how)) {
      FineTuning tuning = new FineTuning(how, detector, Normalisation.imagenet());
      assertThatThrownBy(() -> tuning.train(pictures, step -> {}))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("lower --detection-lr");
    }
  }

  @Test
  void nonsensicalSettingsAreRefusedByName() {
    assertThatThrownBy(() -> new FineTuning.Settings(1, 31, List.of(1.0), 0, 1, 1, 1, 0, 0, 0, 1))
        .hasMessageContaining("--detection-size 31");
    assertThatThrownBy(() -> new FineTuning.Settings(1, 32, List.of(1.0), 0, 0, 1, 1, 0, 0, 0, 1))
        .hasMessageContaining("--detection-epochs 0");
    assertThatThrownBy(() -> new FineTuning.Settings(1, 32, List.of(1.0), 0, 1, 0, 1, 0, 0, 0, 1))
        .hasMessageContaining("--detection-batch 0");
    assertThatThrownBy(
            () -> new FineTuning.Settings(1, 32, List.of(1.0), 0, 1, 1, Double.NaN, 0, 0, 0, 1))
        .hasMessageContaining("--detection-lr NaN");
    assertThatThrownBy(() -> new FineTuning.Settings(1, 32, List.of(-1.0), 0, 1, 1, 1, 0, 0, 0, 1))
        .hasMessageContaining("scales [-1.0]");
    assertThatThrownBy(() -> new FineTuning.Settings(1, 32, List.of(1.0), 0, 1, 1, 1, 0, 0, 0, 0))
        .hasMessageContaining("clip of 0.0");
    assertThatThrownBy(() -> new Matcher(0.3, 0.7, true)).hasMessageContaining("overlaps 0.3");
    assertThatThrownBy(() -> new BalancedSampler(0, 0.5)).hasMessageContaining("0 samples");
    assertThatThrownBy(() -> new RoiAlign(0, 2)).hasMessageContaining("0 cells");
    assertThatThrownBy(() -> new BoxCoder(0, 1)).hasMessageContaining("weights 0.0");
    assertThatThrownBy(() -> new Anchors.Settings(8, List.of())).hasMessageContaining("ratios []");
    assertThatThrownBy(() -> new Box(1, 0, 0, 0)).hasMessageContaining("no box");
    FasterRcnn.Settings paper = FasterRcnn.Settings.paper();
    assertThatThrownBy(
            () ->
                new FasterRcnn.Settings(
                    0,
                    1,
                    paper.normalisations(),
                    paper.headNorm(),
                    paper.anchors(),
                    paper.proposals(),
                    paper.head()))
        .hasMessageContaining("0 channels");
  }

  @Test
  void paperSettingsAreTorchvisions() {
    FasterRcnn.Settings paper = FasterRcnn.Settings.paper();
    assertThat(paper.proposals().sampler()).isEqualTo(new BalancedSampler(256, 0.5));
    assertThat(paper.head().sampler()).isEqualTo(new BalancedSampler(512, 0.25));
    assertThat(paper.head().hidden()).isEqualTo(1024);
    // Sides 32 … 512 on the ImageNet stem's strides and one beyond.
    int[] sides = new int[5];
    for (int l = 0; l < 5; l++) {
      float[] cell = Anchors.cell(paper.anchors(), 4 << l);
      sides[l] = (int) (cell[6] - cell[4]);
    }
    assertThat(sides).containsExactly(32, 64, 128, 256, 512);
  }
}
