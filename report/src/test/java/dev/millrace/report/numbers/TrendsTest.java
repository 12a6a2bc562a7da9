package dev.millrace.report.numbers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.report.LedgerFile;
import dev.millrace.study.record.Cell;
import dev.millrace.study.record.Primary;
import dev.millrace.study.record.Records;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrendsTest {
  private static final String SSL = "moco-v2";

  @TempDir private Path folder;
  private final LedgerFile ledger = new LedgerFile();

  private Study study() throws IOException {
    return new Study(Records.read(ledger.into(folder)), List.of(), LedgerFile.NAMES);
  }

  /** Two seeds of a row and of its joint training, one point to either side of a gap. */
  private void rows(String data, String stream, double gap, int chunks, Map<String, Object> set) {
    for (int seed = 0; seed < 2; seed++) {
      ledger
          .run(data, "joint", SSL, Cell.JOINT, seed)
          .with("settings", set)
          .result("linear", data, 50);
      ledger
          .run(data, stream, SSL, Cell.SEQUENTIAL, seed)
          .with("chunks", chunks)
          .with("settings", set)
          .result("linear", data, 50 + gap + 2 * seed - 1);
    }
  }

  private static Map<String, Object> settings(int epochs, int seed) {
    return Map.of("data", List.of("cifar10"), "epochs", epochs, "seed", seed, "lr", 0.03);
  }

  @Test
  void rowsThatDifferInEpochsAloneAreOneLineFromLeftToRight() throws Exception {
    rows("long", "class", -1, 5, settings(48, 1));
    rows("short", "class", -5, 5, settings(3, 2));
    rows("other", "class", -9, 5, Map.of("data", List.of("cifar10"), "epochs", 12, "lr", 0.1));
    List<Trends.Trend> gaps = new Trends(study()).gaps();
    assertThat(gaps).hasSize(1);
    assertThat(gaps.get(0).over()).isEqualTo(Trends.Over.EPOCHS);
    assertThat(gaps.get(0).place()).isEqualTo("cifar10, class stream");
    List<Trends.Point> points = gaps.get(0).lines().get(0).points();
    assertThat(points).extracting(Trends.Point::x).containsExactly(3.0, 48.0);
    assertThat(points.get(0).value().mean()).isCloseTo(-5, within(1e-9));
    assertThat(points.get(1).value().mean()).isCloseTo(-1, within(1e-9));
  }

  @Test
  void aSettingThatTheProgramGainedMeanwhileBreaksNoLine() throws Exception {
    Map<String, Object> newer = new HashMap<>(settings(12, 1));
    newer.putAll(Map.of("mask-ratio", 0.75, "order-square", false, "threads", 2));
    Map<String, Object> newest = new HashMap<>(settings(48, 1));
    newest.putAll(Map.of("mask-ratio", 0.75, "eta-lars", 1, "lr", 0.030, "threads", 1));
    Map<String, Object> masked = new HashMap<>(settings(96, 1));
    masked.put("mask-ratio", 0.5);
    rows("short", "class", -5, 5, settings(3, 1));
    rows("middle", "class", -3, 5, newer);
    rows("long", "class", -1, 5, newest);
    rows("masked", "class", -9, 5, masked);
    List<Trends.Trend> gaps = new Trends(study()).gaps();
    assertThat(gaps).hasSize(1);
    assertThat(points(gaps.get(0), 0)).containsExactly("3: -5.0", "12: -3.0", "48: -1.0");
    assertThat(gaps.get(0).besides()).isEmpty();
  }

  @Test
  void forgettingIsTheMeanOverThePrimaryMeasuresAndItsPlaceNamesThem() throws Exception {
    for (int epochs : List.of(3, 12)) {
      for (int seed = 0; seed < 2; seed++) {
        ledger
            .run("of-" + epochs, "class", SSL, Cell.SEQUENTIAL, seed)
            .with("settings", settings(epochs, 1))
            .insight(
                "forgetting",
                List.of(transfer("knn", -epochs), transfer("linear", -2 * epochs - seed)));
      }
    }
    Primary both = new Primary(List.of("own"), List.of("knn", "linear"), 1);
    Study study = new Study(Records.read(ledger.into(folder)), List.of(), both, LedgerFile.NAMES);
    Trends.Trend trend = new Trends(study).backwardTransfer().get(0);
    assertThat(trend.place()).isEqualTo("cifar10, class stream, by mean of kNN and linear");
    assertThat(trend.lines().get(0).points().get(1).value().mean())
        .isCloseTo(-(12 + 24.5) / 2, within(1e-9));
    assertThat(new Trends(study()).backwardTransfer().get(0).place()).endsWith(", by linear");
  }

  private static Map<String, Object> transfer(String task, double points) {
    return Map.of(
        "task",
        task,
        "parts",
        List.of("a", "b"),
        "accuracy",
        new double[][] {{50, 20}, {45, 50}},
        "backward_transfer",
        points);
  }

  @Test
  void chunksAndStrengthOfShiftAreAxesOfTheirOwn() throws Exception {
    rows("two", "class", -1, 2, settings(12, 1));
    rows("ten", "class", -3, 10, settings(12, 1));
    rows("far", "distant", -6, 10, settings(12, 1));
    List<Trends.Trend> gaps = new Trends(study()).gaps();
    assertThat(gaps)
        .extracting(Trends.Trend::over)
        .containsExactly(Trends.Over.CHUNKS, Trends.Over.SHIFT);
    assertThat(gaps)
        .extracting(Trends.Trend::place)
        .containsExactly("cifar10, class stream", "cifar10");
    assertThat(points(gaps.get(0), 0)).containsExactly("2: -1.0", "10: -3.0");
    assertThat(points(gaps.get(1), 0)).containsExactly("2: -3.0", "3: -6.0");
    assertThat(gaps).allMatch(trend -> trend.lines().size() == 1 && trend.besides().isEmpty());
    Spread gap = gaps.get(0).lines().get(0).points().get(0).value();
    assertThat(gap.n()).isEqualTo(2);
    assertThat(gap.deviation()).isCloseTo(Math.sqrt(2), within(1e-9)); // a point to either side
  }

  private static List<String> points(Trends.Trend trend, int line) {
    return trend.lines().get(line).points().stream()
        .map(point -> "%.0f: %.1f".formatted(point.x(), point.value().mean()))
        .toList();
  }

  @Test
  void whatMayDifferAlongALineIsNamedWhereItDoes() throws Exception {
    Map<String, Object> five = new HashMap<>(settings(12, 1));
    five.put("queue", 960);
    Map<String, Object> ten = new HashMap<>(five);
    ten.put("queue", 448);
    rows("five", "class", -1, 5, five);
    rows("ten", "class", -3, 10, ten);
    Trends.Trend trend = new Trends(study()).gaps().get(0);
    assertThat(points(trend, 0)).containsExactly("5: -1.0", "10: -3.0");
    assertThat(trend.besides()).containsExactly("queue 960, 448 from left to right");
  }

  /** Two seeds of plain sequential training that lose so many points, one to either side. */
  private void forgets(
      String data, String stream, String method, double lost, Map<String, Object> set) {
    List<String> parts =
        stream.equals("instance") ? List.of("whole set", "whole set") : List.of("a", "b");
    Map<String, Object> settings = new HashMap<>(set);
    settings.put("method", method);
    for (int seed = 0; seed < 2; seed++) {
      ledger
          .run(data, stream, method, Cell.SEQUENTIAL, seed)
          .with("settings", settings)
          .result("linear", data, 50)
          .insight(
              "forgetting",
              List.of(
                  Map.of(
                      "task",
                      "linear",
                      "parts",
                      parts,
                      "accuracy",
                      new double[][] {{50, 20}, {45, 50}},
                      "backward_transfer",
                      -lost + 2 * seed - 1)));
    }
  }

  @Test
  void anInstanceStreamForgetsNothingAndIsNoPointOfForgetting() throws Exception {
    forgets("far", "class", SSL, 4, settings(12, 1));
    forgets("far", "distant", SSL, 7, settings(12, 1));
    forgets("far", "instance", SSL, 9, settings(12, 1));
    forgets("long", "instance", SSL, 9, settings(48, 1));
    List<Trends.Trend> transfers = new Trends(study()).backwardTransfer();
    assertThat(transfers).extracting(Trends.Trend::over).containsExactly(Trends.Over.SHIFT);
    assertThat(points(transfers.get(0), 0)).containsExactly("2: -4.0", "3: -7.0");
  }

  @Test
  void aMethodThatAStudyHasAtOnePlaceIsAPointBesideTheOthersLine() throws Exception {
    forgets("short", "class", SSL, 4, settings(3, 1));
    forgets("middle", "class", SSL, 6, settings(12, 1));
    Map<String, Object> rate = new HashMap<>(settings(12, 1));
    rate.put("lr", 0.1);
    forgets("middle", "class", "supervised", 9, rate);
    List<Trends.Trend> transfers = new Trends(study()).backwardTransfer();
    assertThat(transfers).hasSize(1);
    assertThat(transfers.get(0).lines())
        .extracting(Trends.Line::method)
        .containsExactly(SSL, "supervised");
    assertThat(points(transfers.get(0), 0)).containsExactly("3: -4.0", "12: -6.0");
    assertThat(points(transfers.get(0), 1)).containsExactly("12: -9.0");
    assertThat(transfers.get(0).besides()).containsExactly("SL has lr 0.1, SSL (MoCo v2) 0.03");
  }

  @Test
  void ofSeveralSinglePointsOfAMethodTheOneMostLikeTheLineIsDrawn() throws Exception {
    Map<String, Object> apart = new HashMap<>(settings(12, 1));
    apart.putAll(Map.of("lr", 0.1, "batch", 8));
    forgets("apart", "class", "supervised", 20, apart);
    forgets("middle", "class", "supervised", 9, settings(12, 1));
    forgets("short", "class", SSL, 4, settings(3, 1));
    forgets("middle", "class", SSL, 6, settings(12, 1));
    Trends.Trend trend = new Trends(study()).backwardTransfer().get(0);
    assertThat(trend.lines()).hasSize(2);
    assertThat(points(trend, 1)).containsExactly("12: -9.0");
    assertThat(trend.besides()).isEmpty();
  }

  @Test
  void aStudyThatVariesNothingHasNoTrend() throws Exception {
    rows("cifar10", "class", -1, 5, settings(12, 1));
    rows("pacs", "domain", -2, 4, Map.of("data", List.of("pacs"), "epochs", 24));
    assertThat(new Trends(study()).gaps()).isEmpty();
    assertThat(new Trends(study()).backwardTransfer()).isEmpty();
  }
}
