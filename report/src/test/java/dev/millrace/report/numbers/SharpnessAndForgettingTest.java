package dev.millrace.report.numbers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.report.LedgerFile;
import dev.millrace.study.record.Cell;
import dev.millrace.study.record.Primary;
import dev.millrace.study.record.Records;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SharpnessAndForgettingTest {
  private static final String SSL = "moco-v2";
  private static final int CHUNKS = 8;

  @TempDir private Path folder;
  private final LedgerFile ledger = new LedgerFile();

  private List<SharpnessAndForgetting.Correlation> correlations() throws IOException {
    return SharpnessAndForgetting.of(
        new Study(Records.read(ledger.into(folder)), List.of(), LedgerFile.NAMES));
  }

  /** What an encoder at the end of a chunk shows. */
  private interface OfChunk {
    double at(int chunk);
  }

  private LedgerFile.Run run(String stream, String method, long seed, OfChunk rise, OfChunk loss) {
    double[][] accuracy = new double[CHUNKS][CHUNKS];
    List<Map<String, Object>> sharpness = new ArrayList<>();
    for (int chunk = 0; chunk < CHUNKS; chunk++) {
      accuracy[chunk][chunk] = 60;
      accuracy[CHUNKS - 1][chunk] = 60 - (chunk == CHUNKS - 1 ? 0 : loss.at(chunk));
      sharpness.add(
          Map.of(
              "chunk", chunk, "adaptive", Map.of("of", "logistic head", "noise", rise.at(chunk))));
    }
    boolean alike = stream.equals("instance");
    return ledger
        .run("set", stream, method, Cell.SEQUENTIAL, seed)
        .result("linear", "set", 50)
        .insight(
            "forgetting",
            List.of(
                Map.of(
                    "task",
                    "linear",
                    "parts",
                    IntStream.range(0, CHUNKS)
                        .mapToObj(c -> alike ? "whole set" : "classes of chunk " + (c + 1))
                        .toList(),
                    "accuracy",
                    accuracy)))
        .insight("sharpness", sharpness);
  }

  @Test
  void eachSeedIsOneCorrelationOverItsEncodersButThoseOfTheLastChunk() throws Exception {
    run("class", SSL, 0, chunk -> chunk, chunk -> chunk * chunk); // the sharper forget more
    run("class", SSL, 1, chunk -> 10 - chunk, chunk -> chunk * chunk);
    List<SharpnessAndForgetting.Correlation> all = correlations();
    assertThat(all).hasSize(1);
    assertThat(all.get(0).encoders()).isEqualTo(14);
    assertThat(all.get(0).chunks()).isEqualTo(7);
    assertThat(all.get(0).pooled().n()).isEqualTo(2);
    assertThat(all.get(0).pooled().mean()).isCloseTo(0, within(1e-9)); // one up, one down
    assertThat(all.get(0).pooled().deviation()).isCloseTo(Math.sqrt(2), within(1e-9));
    assertThat(all.get(0).within().measured()).isFalse(); // two seeds have none
  }

  @Test
  void aDifferenceBetweenChunksIsACorrelationPooledAndNoneWithin() throws Exception {
    for (int seed = 0; seed < 5; seed++) {
      // Early chunks are sharper and lose more; from seed to seed the loss is even about the middle
      // of the rises, so that neither goes with the other.
      int s = seed;
      run(
          "class",
          SSL,
          seed,
          chunk -> 100 - 10 * chunk + s,
          chunk -> 50 - 5 * chunk + (s - 2) * (s - 2) / 10.0);
    }
    SharpnessAndForgetting.Correlation one = correlations().get(0);
    assertThat(one.pooled().mean()).isGreaterThan(0.9);
    assertThat(one.within().mean()).isCloseTo(0, within(1e-9));
  }

  @Test
  void whoForgetsMoreInTheSeedsWhereItIsSharperHasAWithinCorrelationOfOne() throws Exception {
    for (int seed = 0; seed < 5; seed++) {
      int s = seed;
      // Late chunks are sharper and lose less, and so do methods; seeds alone go the other way.
      run("class", SSL, seed, chunk -> 10 * chunk + s, chunk -> 40 - 5 * chunk + s * s / 10.0);
      run("class", "supervised", seed, chunk -> 200 + chunk + s, chunk -> 1 + s * s / 100.0);
    }
    SharpnessAndForgetting.Correlation one = correlations().get(0);
    assertThat(one.rows()).isEqualTo(2);
    assertThat(one.encoders()).isEqualTo(2 * 5 * 7);
    assertThat(one.within().mean()).isCloseTo(1, within(1e-9));
    assertThat(one.within().n()).isEqualTo(5);
    assertThat(one.pooled().mean()).isLessThan(-0.5);
  }

  @Test
  void aRowOfFewerSeedsTakesNoSeedFromTheOthers() throws Exception {
    for (int seed = 0; seed < 6; seed++) {
      run("class", SSL, seed, chunk -> chunk, chunk -> chunk);
      if (seed < 4) {
        run("class", "supervised", seed, chunk -> 10 + chunk, chunk -> 10 + chunk);
      }
    }
    SharpnessAndForgetting.Correlation one = correlations().get(0);
    assertThat(one.pooled().n()).isEqualTo(6);
    assertThat(one.encoders()).isEqualTo((6 + 4) * 7);
    assertThat(one.pooled().mean()).isCloseTo(1, within(1e-9));
  }

  @Test
  void fullHeadsAndWhoDidNotLearnAreLeftOut() throws Exception {
    for (int seed = 0; seed < 6; seed++) {
      run("class", SSL, seed, chunk -> chunk, chunk -> chunk);
      run("class", "supervised-full", seed, chunk -> -chunk, chunk -> 40 + chunk);
      run("class", "supervised", seed, chunk -> -chunk, chunk -> 40 + chunk)
          .with("losses", LedgerFile.losses(CHUNKS, 5.2, 5.3));
    }
    run("class", SSL, 6, chunk -> -chunk, chunk -> chunk)
        .with("losses", LedgerFile.losses(1, 5.2, 5.3)); // a single run that did not
    SharpnessAndForgetting.Correlation one = correlations().get(0);
    assertThat(one.rows()).isEqualTo(1);
    assertThat(one.encoders()).isEqualTo(6 * 7);
    assertThat(one.pooled()).isEqualTo(new Spread(6, 1, 0));
  }

  @Test
  void theEncodersOfAllStreamsTogetherHaveOneEstimateWithItsInterval() throws Exception {
    for (int seed = 0; seed < 6; seed++) {
      int s = seed;
      for (String stream : List.of("class", "distant")) {
        run(stream, SSL, seed, chunk -> chunk + s, chunk -> chunk + (s * 7 + chunk) % 5);
      }
    }
    List<SharpnessAndForgetting.Correlation> all = correlations();
    assertThat(all)
        .extracting(SharpnessAndForgetting.Correlation::place)
        .containsExactly(
            "set, class stream, by linear",
            "set, distant stream, by linear",
            SharpnessAndForgetting.ALL);
    SharpnessAndForgetting.Correlation together = all.get(2);
    assertThat(together.encoders()).isEqualTo(2 * 6 * 7);
    assertThat(together.within().mean()).isCloseTo(all.get(0).within().mean(), within(1e-9));
    assertThat(together.within().half(0.95)).isPositive();
  }

  @Test
  void whatIsForgottenIsTheMeanOverThePrimaryMeasures() throws Exception {
    for (int seed = 0; seed < 2; seed++) {
      double[][] rising = new double[CHUNKS][CHUNKS];
      double[][] falling = new double[CHUNKS][CHUNKS];
      List<Map<String, Object>> sharpness = new ArrayList<>();
      for (int chunk = 0; chunk < CHUNKS; chunk++) {
        rising[CHUNKS - 1][chunk] = 10;
        falling[CHUNKS - 1][chunk] = 10;
        rising[chunk][chunk] = 20 + chunk;
        falling[chunk][chunk] = 40 - 2 * chunk;
        sharpness.add(
            Map.of("chunk", chunk, "adaptive", Map.of("of", "logistic head", "noise", chunk)));
      }
      List<String> parts = IntStream.range(0, CHUNKS).mapToObj(c -> "chunk " + c).toList();
      ledger
          .run("set", "class", SSL, Cell.SEQUENTIAL, seed)
          .insight("sharpness", sharpness)
          .insight(
              "forgetting",
              List.of(
                  Map.of("task", "knn", "parts", parts, "accuracy", rising),
                  Map.of("task", "linear", "parts", parts, "accuracy", falling)));
    }
    Records records = Records.read(ledger.into(folder));
    for (List<String> measures : List.of(List.of("knn"), List.of("knn", "linear"))) {
      Primary primary = new Primary(List.of("own"), measures, 1);
      Study study = new Study(records, List.of(), primary, LedgerFile.NAMES);
      SharpnessAndForgetting.Correlation one = SharpnessAndForgetting.of(study).get(0);
      assertThat(one.place())
          .endsWith(measures.size() > 1 ? "by mean of kNN and linear" : "by kNN");
      assertThat(one.pooled().mean()).isCloseTo(measures.size() > 1 ? -1 : 1, within(1e-9));
    }
  }

  @Test
  void anInstanceStreamHasNothingToForgetAndNoCorrelation() throws Exception {
    for (int seed = 0; seed < 3; seed++) {
      run("instance", SSL, seed, chunk -> chunk, chunk -> chunk);
    }
    assertThat(correlations()).isEmpty();
  }

  /** The share of made-up studies, without any correlation, whose interval leaves 0 out. */
  private static double found(int seeds, double ofSeed, int... seedsOfRows) {
    Random random = new Random(5);
    int studies = 5_000;
    int found = 0;
    for (int study = 0; study < studies; study++) {
      double[] sharp = random.doubles(seeds).map(x -> ofSeed * x).toArray();
      double[] forgetful = random.doubles(seeds).map(x -> ofSeed * x).toArray();
      List<SharpnessAndForgetting.Row> rows = new ArrayList<>();
      for (int of : seedsOfRows) {
        Map<Long, Map<Integer, List<SharpnessAndForgetting.Encoder>>> row = new TreeMap<>();
        for (int seed = 0; seed < of; seed++) {
          Map<Integer, List<SharpnessAndForgetting.Encoder>> chunks = new TreeMap<>();
          for (int chunk = 0; chunk < 4; chunk++) {
            chunks.put(
                chunk,
                List.of(
                    new SharpnessAndForgetting.Encoder(
                        sharp[seed] + random.nextDouble(), forgetful[seed] + random.nextDouble())));
          }
          row.put((long) seed, chunks);
        }
        rows.add(new SharpnessAndForgetting.Row(row));
      }
      Spread within = SharpnessAndForgetting.within(rows);
      found += Math.abs(within.mean()) > within.half(0.95) ? 1 : 0;
    }
    return found / (double) studies;
  }

  @Test
  void whereNothingGoesTogetherAboutOneStudyInTwentyFindsAWithinCorrelation() {
    for (int seeds : new int[] {3, 5, 8}) {
      // Of three seeds contributions often come out equal, which is no finding.
      double least = seeds == 3 ? 0.015 : 0.04;
      assertThat(found(seeds, 0, seeds, seeds)).as("%d seeds", seeds).isBetween(least, 0.06);
      assertThat(found(seeds, 1, seeds, seeds)).as("%d alike", seeds).isBetween(0.005, 0.06);
    }
    assertThat(found(5, 0, 5, 3)).isBetween(0.03, 0.06); // a row of fewer seeds
  }

  @Test
  void rankCorrelationTakesTiesByTheirMeanRankAndKnowsNothingOfEqualNumbers() {
    assertThat(
            SharpnessAndForgetting.spearman(new double[] {1, 2, 2, 4}, new double[] {1, 3, 2, 4}))
        .isCloseTo(4.5 / Math.sqrt(4.5 * 5), within(1e-12));
    assertThat(SharpnessAndForgetting.spearman(new double[] {1, 1}, new double[] {1, 2})).isNull();
  }
}
