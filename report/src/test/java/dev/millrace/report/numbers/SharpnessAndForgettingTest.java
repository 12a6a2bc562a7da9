package dev.millrace.report.numbers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.report.LedgerFile;
import dev.millrace.study.record.Cell;
import dev.millrace.study.record.Records;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
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

  private void run(String stream, String method, long seed, OfChunk rise, OfChunk loss) {
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
    ledger
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
  void seedsThatLackARowDoNotCountSinceTheyPoolOtherMethods() throws Exception {
    for (int seed = 0; seed < 6; seed++) {
      run("class", SSL, seed, chunk -> chunk, chunk -> chunk);
      if (seed < 3) { // supervised: flat and forgetful, which turns the pooled correlation
        run("class", "supervised", seed, chunk -> -chunk, chunk -> 40 + chunk);
      }
    }
    SharpnessAndForgetting.Correlation one = correlations().get(0);
    assertThat(one.pooled().n()).isEqualTo(3);
    assertThat(one.encoders()).isEqualTo(3 * 2 * 7);
    assertThat(one.pooled().mean()).isLessThan(0);
    assertThat(one.pooled().deviation()).isCloseTo(0, within(1e-9));
  }

  @Test
  void anInstanceStreamHasNothingToForgetAndNoCorrelation() throws Exception {
    for (int seed = 0; seed < 3; seed++) {
      run("instance", SSL, seed, chunk -> chunk, chunk -> chunk);
    }
    assertThat(correlations()).isEmpty();
  }

  @Test
  void whereNothingGoesTogetherAboutOneStudyInTwentyFindsAWithinCorrelation() throws Exception {
    Random random = new Random(5);
    int found = 0;
    int studies = 60;
    for (int study = 0; study < studies; study++) {
      for (int seed = 0; seed < 5; seed++) {
        double sharp = random.nextGaussian(); // of one seed, at all of its chunks
        double forgetful = random.nextGaussian();
        run(
            "class" + study,
            SSL,
            seed,
            chunk -> sharp + random.nextGaussian(),
            chunk -> forgetful + random.nextGaussian());
      }
    }
    for (SharpnessAndForgetting.Correlation one : correlations()) {
      found += Math.abs(one.within().mean()) > one.within().half(0.95) ? 1 : 0;
    }
    assertThat(found).isBetween(0, studies / 7);
  }

  @Test
  void rankCorrelationTakesTiesByTheirMeanRankAndKnowsNothingOfEqualNumbers() {
    assertThat(
            SharpnessAndForgetting.spearman(new double[] {1, 2, 2, 4}, new double[] {1, 3, 2, 4}))
        .isCloseTo(4.5 / Math.sqrt(4.5 * 5), within(1e-12));
    assertThat(SharpnessAndForgetting.spearman(new double[] {1, 1}, new double[] {1, 2})).isNull();
  }
}
