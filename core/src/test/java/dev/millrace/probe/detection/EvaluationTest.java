package dev.millrace.probe.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The evaluators; {@code coco-eval.json} holds five cases with what pycocotools answered. */
class EvaluationTest {
  private static final double TOLERANCE = 1e-4;

  private static Box box(JsonNode bbox) {
    double x = bbox.get(0).asDouble();
    double y = bbox.get(1).asDouble();
    return new Box(x, y, x + bbox.get(2).asDouble(), y + bbox.get(3).asDouble());
  }

  private static Truth truth(double x1, double y1, double x2, double y2) {
    return new Truth(new Box(x1, y1, x2, y2), 0);
  }

  private static Detection found(double score, double x1, double y1, double x2, double y2) {
    return new Detection(new Box(x1, y1, x2, y2), 0, score);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4})
  void allNumbersAreThoseOfPycocotools(int index) throws IOException {
    JsonNode root;
    try (var in = getClass().getResourceAsStream("/golden/detection/coco-eval.json")) {
      root = new ObjectMapper().readTree(in).get("cases").get(index);
    }
    Map<Integer, Integer> place = new HashMap<>();
    List<List<Truth>> truths = new ArrayList<>();
    List<List<Detection>> found = new ArrayList<>();
    for (JsonNode image : root.get("images")) {
      place.put(image.get("id").asInt(), truths.size());
      truths.add(new ArrayList<>());
      found.add(new ArrayList<>());
    }
    for (JsonNode a : root.get("annotations")) {
      truths
          .get(place.get(a.get("image_id").asInt()))
          .add(
              new Truth(
                  box(a.get("bbox")),
                  a.get("category_id").asInt() - 1,
                  a.get("area").asDouble(),
                  a.get("iscrowd").asInt() == 1,
                  false));
    }
    for (JsonNode d : root.get("detections")) {
      found
          .get(place.get(d.get("image_id").asInt()))
          .add(
              new Detection(
                  box(d.get("bbox")), d.get("category_id").asInt() - 1, d.get("score").asDouble()));
    }
    int classes = root.get("categories").asInt();
    CocoEvaluation.Result result = CocoEvaluation.of(truths, found, classes);
    JsonNode e = root.get("expected");
    assertThat(
            new double[] {
              result.ap(), result.ap50(), result.ap75(),
              result.small(), result.medium(), result.large(),
              result.recall1(), result.recall10(), result.recall100(),
              result.recallSmall(), result.recallMedium(), result.recallLarge()
            })
        .containsExactly(
            new double[] {
              e.get("AP").asDouble(), e.get("AP50").asDouble(), e.get("AP75").asDouble(),
              e.get("APs").asDouble(), e.get("APm").asDouble(), e.get("APl").asDouble(),
              e.get("AR1").asDouble(), e.get("AR10").asDouble(), e.get("AR100").asDouble(),
              e.get("ARs").asDouble(), e.get("ARm").asDouble(), e.get("ARl").asDouble()
            },
            within(TOLERANCE));
    for (int c = 0; c < classes; c++) {
      assertThat(result.perClass().get(c))
          .isCloseTo(root.get("AP_per_category").get(c).asDouble(), within(TOLERANCE));
    }
  }

  @Test
  void findingEverythingExactlyIsPerfectByBothCounts() {
    List<List<Truth>> truths =
        List.of(List.of(truth(0, 0, 10, 10), truth(20, 20, 70, 70)), List.of());
    List<List<Detection>> all =
        List.of(List.of(found(0.9, 20, 20, 70, 70), found(0.8, 0, 0, 10, 10)), List.of());
    CocoEvaluation.Result result = CocoEvaluation.of(truths, all, 1);
    assertThat(result.ap()).isEqualTo(1, within(1e-9));
    assertThat(result.small()).isEqualTo(1, within(1e-9));
    assertThat(result.large()).isEqualTo(-1);
    assertThat(Voc2007Evaluation.of(truths, all, 1, 0.5)[0]).isEqualTo(1, within(1e-9));
  }

  @Test
  void overlapsCountAtThresholdsAsPycocotoolsRoundsThem() {
    List<List<Truth>> truths = List.of(List.of(truth(0, 0, 100, 100)));
    assertThat(CocoEvaluation.of(truths, List.of(List.of(found(1, 0, 0, 85, 100))), 1).ap())
        .isEqualTo(0.8, within(1e-9));
    assertThat(CocoEvaluation.of(truths, List.of(List.of(found(1, 0, 0, 90, 100))), 1).ap())
        .isEqualTo(0.9, within(1e-9));
    // Below 0.9 by one bit, where numpy's ninth threshold is.
    Truth narrow = new Truth(new Box(0, 0, Math.nextDown(0.9), 1), 0);
    assertThat(
            CocoEvaluation.of(List.of(List.of(narrow)), List.of(List.of(found(1, 0, 0, 1, 1))), 1)
                .ap())
        .isEqualTo(0.9, within(1e-9));
  }

  @Test
  void elevenPointsTakeTheHighestPrecisionBeyondEachRecall() {
    // Four truths; right, wrong, right: precision 1 to recall 0.25, 2/3 to 0.5, nothing beyond.
    List<List<Truth>> truths =
        List.of(
            List.of(
                truth(0, 0, 10, 10),
                truth(20, 0, 30, 10),
                truth(40, 0, 50, 10),
                truth(60, 0, 70, 10)));
    List<List<Detection>> some =
        List.of(
            List.of(
                found(0.9, 0, 0, 10, 10), found(0.8, 80, 80, 90, 90), found(0.7, 20, 0, 30, 10)));
    double[] ap = Voc2007Evaluation.of(truths, some, 1, 0.5);
    assertThat(ap[0]).isEqualTo((3 * 1 + 3 * 2.0 / 3) / 11, within(1e-9));
    assertThat(Voc2007Evaluation.mean(ap)).isEqualTo(ap[0]);
  }

  @Test
  void aSecondDetectionOfATruthIsWrongAndOneOfADifficultTruthIsNothing() {
    Truth difficult = new Truth(new Box(50, 0, 60, 10), 0, 100, false, true);
    List<List<Truth>> truths = List.of(List.of(truth(0, 0, 10, 10), difficult));
    List<List<Detection>> once =
        List.of(List.of(found(0.9, 50, 0, 60, 10), found(0.8, 0, 0, 10, 10)));
    List<List<Detection>> twice =
        List.of(List.of(found(0.9, 0, 0, 10, 9), found(0.8, 0, 0, 10, 10)));
    assertThat(Voc2007Evaluation.of(truths, once, 1, 0.5)[0]).isEqualTo(1, within(1e-9));
    assertThat(CocoEvaluation.of(truths, once, 1).ap50()).isEqualTo(1, within(1e-9));
    // At overlap 0.95 the first of the two is wrong: precision one half at every recall.
    assertThat(CocoEvaluation.of(truths, twice, 1).ap()).isEqualTo((9 + 0.5) / 10, within(1e-9));
    assertThat(Voc2007Evaluation.of(truths, twice, 1, 0.5)[0]).isEqualTo(1, within(1e-9));
    assertThat(Voc2007Evaluation.of(truths, twice, 1, 0.95)[0]).isEqualTo(0.5, within(1e-9));
  }

  @Test
  void aClassWithoutTruthCountsForNothing() {
    List<List<Truth>> truths = List.of(List.of(truth(0, 0, 10, 10)));
    List<List<Detection>> all = List.of(List.of(found(0.9, 0, 0, 10, 10)));
    CocoEvaluation.Result result = CocoEvaluation.of(truths, all, 2);
    assertThat(result.perClass().get(0)).isEqualTo(1, within(1e-9));
    assertThat(result.perClass().get(1)).isEqualTo(-1);
    assertThat(result.ap()).isEqualTo(1, within(1e-9));
    assertThat(Voc2007Evaluation.of(truths, all, 2, 0.5)).containsExactly(1, -1);
  }
}
