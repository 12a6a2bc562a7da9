package dev.millrace.probe.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.draw.Draw;
import dev.millrace.engine.Device;
import dev.millrace.engine.Natives;
import dev.millrace.engine.Parameters;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Every part of the detector against torchvision's; {@code golden/detection.py} made the values.
 */
class GoldenDetectionTest {
  private static final Device CPU = new Device("cpu");
  private static final List<Level> LEVELS =
      List.of(new Level(16, 24, 1), new Level(8, 12, 2), new Level(4, 6, 4));
  private static final int[][] SIZES = {{24, 16}, {20, 14}};

  private static JsonNode golden;

  @BeforeAll
  static void read() throws Exception {
    Natives.load();
    try (var in =
        GoldenDetectionTest.class.getResourceAsStream("/golden/detection/detection.json")) {
      golden = new ObjectMapper().readTree(in);
    }
  }

  private static float[] floats(JsonNode list) {
    float[] values = new float[list.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) list.get(i).asDouble();
    }
    return values;
  }

  private static int[] ints(JsonNode list) {
    int[] values = new int[list.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = list.get(i).asInt();
    }
    return values;
  }

  private static void near(float[] ours, JsonNode theirs, double tolerance) {
    assertThat(ours).hasSize(theirs.size());
    for (int i = 0; i < ours.length; i++) {
      double wanted = theirs.get(i).asDouble();
      assertThat((double) ours[i])
          .as("value %d", i)
          .isCloseTo(wanted, within(tolerance * Math.max(1, Math.abs(wanted))));
    }
  }

  private static Tensor leaf(float[] values, long... shape) {
    return Tensors.of(values, CPU, shape).set_requires_grad(true);
  }

  @Test
  void anchorsAreTorchvisions() {
    near(Anchors.of(Anchors.Settings.paper(), LEVELS), golden.get("anchors"), 0);
  }

  @Test
  void boxesAreCodedAndDecodedAsTorchvisionDoes() {
    JsonNode g = golden.get("coder");
    float[] references = floats(g.get("references"));
    for (String stage : List.of("proposals", "detections")) {
      BoxCoder coder = stage.equals("proposals") ? BoxCoder.proposals() : BoxCoder.detections();
      near(coder.encode(floats(g.get("boxes")), references), g.get(stage).get("encoded"), 1e-5);
      float[] decoded = new float[references.length];
      for (int i = 0; i < Boxes.count(references); i++) {
        coder.decode(floats(g.get(stage).get("offsets")), i, references, i, decoded, i);
      }
      near(decoded, g.get(stage).get("decoded"), 1e-5);
    }
  }

  @Test
  void matchesAreTorchvisions() {
    JsonNode g = golden.get("matcher");
    float[] truths = floats(g.get("truths"));
    float[] boxes = floats(g.get("boxes"));
    assertThat(RegionProposals.Settings.paper().matcher().match(truths, boxes))
        .isEqualTo(ints(g.get("first")));
    assertThat(BoxHead.Settings.paper().matcher().match(truths, boxes))
        .isEqualTo(ints(g.get("second")));
  }

  @Test
  void suppressionKeepsTheSameBoxesInTheSameOrder() {
    JsonNode g = golden.get("nms");
    float[] boxes = floats(g.get("boxes"));
    float[] scores = floats(g.get("scores"));
    assertThat(Nms.keep(boxes, scores, new int[scores.length], 0.5, 1000))
        .isEqualTo(ints(g.get("all")));
    assertThat(Nms.keep(boxes, scores, ints(g.get("groups")), 0.7, 1000))
        .isEqualTo(ints(g.get("grouped")));
  }

  @Test
  void pooledFeaturesAndTheirGradientsAreThoseOfMultiScaleRoiAlign() {
    JsonNode g = golden.get("roi_align");
    try (PointerScope scope = new PointerScope()) {
      List<Tensor> maps = new ArrayList<>();
      TensorVector rows = new TensorVector();
      for (int l = 0; l < 3; l++) {
        Level level = LEVELS.get(l);
        maps.add(leaf(floats(g.get("levels").get(l)), 2, 3, level.height(), level.width()));
        rows.push_back(FasterRcnn.rows(maps.get(l)).reshape(-1, 3));
      }
      float[] first = floats(g.get("rois").get(0));
      float[] second = floats(g.get("rois").get(1));
      int[] image = new int[Boxes.count(first) + Boxes.count(second)];
      java.util.Arrays.fill(image, Boxes.count(first), image.length, 1);
      Tensor pooled =
          new RoiAlign(3, 2)
              .of(torch.cat(rows, 0), LEVELS, 2, Boxes.join(first, second), image, CPU);
      // Ours has the channels last.
      Tensor planes = pooled.permute(0, 2, 1).reshape(image.length, 3, 3, 3);
      near(Tensors.floats(planes), g.get("pooled"), 1e-5);
      planes.mul(Tensors.of(floats(g.get("mix")), CPU, image.length, 3, 3, 3)).sum().backward();
      for (int l = 0; l < 3; l++) {
        near(Tensors.floats(maps.get(l).grad()), g.get("gradients").get(l), 1e-5);
      }
    }
  }

  @Test
  void pyramidLevelsAreTorchvisions() {
    JsonNode g = golden.get("pyramid");
    int[] channels = {2, 3, 4};
    int[][] grids = {{9, 11}, {5, 6}, {3, 3}};
    Parameters.Layout.Builder layout = Parameters.Layout.builder();
    Pyramid.layout(layout, channels, 4, false);
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard();
        Parameters parameters = new Parameters(layout.build(), CPU, true)) {
      List<Tensor> stages = new ArrayList<>();
      for (int s = 0; s < 3; s++) {
        for (String part : List.of("inner", "layer")) {
          JsonNode pair = g.get(part).get(s);
          String name = "fpn." + part + "." + s;
          boolean inner = part.equals("inner");
          long in = inner ? channels[s] : 4;
          long kernel = inner ? 1 : 3;
          parameters
              .get(name + ".weight")
              .copy_(Tensors.of(floats(pair.get(0)), CPU, 4, in, kernel, kernel));
          parameters.get(name + ".bias").copy_(Tensors.of(floats(pair.get(1)), CPU, 4));
        }
        stages.add(
            Tensors.of(
                floats(g.get("stages").get(s)), CPU, 1, channels[s], grids[s][0], grids[s][1]));
      }
      List<Tensor> levels = new Pyramid(new Weights(parameters), 3, false).forward(stages);
      assertThat(levels).hasSize(4);
      for (int l = 0; l < 4; l++) {
        near(Tensors.floats(levels.get(l)), g.get("levels").get(l), 1e-4);
      }
    }
  }

  @Test
  void firstStagesLossGradientAndProposalsAreTorchvisions() {
    JsonNode g = golden.get("rpn");
    RegionProposals.Settings p = RegionProposals.Settings.paper();
    RegionProposals stage =
        new RegionProposals(
            new RegionProposals.Settings(
                p.matcher(), new BalancedSampler(1 << 20, 0.5), 60, 40, 50, 30, 0.7, 1e-3),
            Anchors.Settings.paper(),
            null);
    float[] anchors = Anchors.of(Anchors.Settings.paper(), LEVELS);
    long count = Boxes.count(anchors);
    try (PointerScope scope = new PointerScope()) {
      Tensor logits = leaf(floats(g.get("logits")), 2, count);
      Tensor offsets = leaf(floats(g.get("offsets")), 2, count, 4);
      int[] counts = LEVELS.stream().mapToInt(level -> 3 * level.places()).toArray();
      RegionProposals.Answer answer = new RegionProposals.Answer(anchors, counts, logits, offsets);
      List<float[]> truths =
          List.of(floats(g.get("truths").get(0)), floats(g.get("truths").get(1)));
      DetectionLoss loss = stage.loss(answer, truths, Draw.of(1, "samples"), CPU);
      assertThat(loss.classes().item_double()).isCloseTo(g.get("classes").asDouble(), within(1e-5));
      assertThat(loss.boxes().item_double()).isCloseTo(g.get("boxes").asDouble(), within(1e-5));
      loss.sum().backward();
      near(Tensors.floats(logits.grad()), g.get("logits_gradient"), 1e-6);
      near(Tensors.floats(offsets.grad()), g.get("offsets_gradient"), 1e-6);
      List<float[]> proposals = stage.proposals(answer, SIZES, false);
      for (int i = 0; i < 2; i++) {
        near(proposals.get(i), g.get("proposals").get(i), 1e-4);
      }
    }
  }

  @Test
  void secondStagesLossGradientAndDetectionsAreTorchvisions() {
    JsonNode g = golden.get("head");
    BoxHead.Settings p = BoxHead.Settings.paper();
    BoxHead stage =
        new BoxHead(
            new BoxHead.Settings(8, p.pooling(), p.matcher(), p.sampler(), p.score(), p.nms(), 15),
            3,
            null,
            false);
    int[] labels = ints(g.get("labels"));
    long rows = labels.length;
    List<float[]> proposals =
        List.of(floats(g.get("proposals").get(0)), floats(g.get("proposals").get(1)));
    try (PointerScope scope = new PointerScope()) {
      Tensor logits = leaf(floats(g.get("logits")), rows, 4);
      Tensor offsets = leaf(floats(g.get("offsets")), rows, 4, 4);
      BoxHead.Answer answer = new BoxHead.Answer(logits, offsets);
      int[] foreground =
          java.util.stream.IntStream.range(0, labels.length).filter(i -> labels[i] > 0).toArray();
      float[] wanted = Boxes.rows(floats(g.get("wanted")), foreground);
      BoxHead.Sample sample =
          new BoxHead.Sample(
              Boxes.join(proposals.get(0), proposals.get(1)),
              new int[labels.length],
              java.util.Arrays.stream(labels).asLongStream().toArray(),
              foreground,
              wanted);
      DetectionLoss loss = stage.loss(answer, sample, CPU);
      assertThat(loss.classes().item_double()).isCloseTo(g.get("classes").asDouble(), within(1e-5));
      assertThat(loss.boxes().item_double()).isCloseTo(g.get("boxes").asDouble(), within(1e-5));
      loss.sum().backward();
      near(Tensors.floats(logits.grad()), g.get("logits_gradient"), 1e-6);
      near(Tensors.floats(offsets.grad()), g.get("offsets_gradient"), 1e-6);
      List<List<Detection>> found = stage.detections(answer, proposals, SIZES);
      for (int i = 0; i < 2; i++) {
        JsonNode theirs = g.get("found").get(i);
        List<Detection> ours = found.get(i);
        assertThat(ours.stream().mapToInt(Detection::label).map(l -> l + 1).toArray())
            .isEqualTo(ints(theirs.get("labels")));
        float[] boxes = new float[4 * ours.size()];
        float[] scores = new float[ours.size()];
        for (int d = 0; d < scores.length; d++) {
          Box box = ours.get(d).box();
          boxes[4 * d] = (float) box.x1();
          boxes[4 * d + 1] = (float) box.y1();
          boxes[4 * d + 2] = (float) box.x2();
          boxes[4 * d + 3] = (float) box.y2();
          scores[d] = (float) ours.get(d).score();
        }
        near(boxes, theirs.get("boxes"), 1e-4);
        near(scores, theirs.get("scores"), 1e-5);
      }
    }
  }
}
