package dev.millrace.report.numbers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.report.LedgerFile;
import dev.millrace.study.record.Records;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SharpnessClaimTest {
  private static final String SSL = "moco-v2";

  @TempDir private Path folder;
  private final LedgerFile ledger = new LedgerFile();

  private Claim claim() throws IOException {
    return new SharpnessClaim(
            new Study(Records.read(ledger.into(folder)), List.of(), LedgerFile.NAMES))
        .claim();
  }

  @Test
  void aFullHeadsRiseIsShownAndNotCounted() throws Exception {
    for (int seed = 1; seed <= 5; seed++) {
      for (String method : List.of("moco-v2", "supervised", "supervised-full")) {
        double rise = (method.equals("moco-v2") ? 3 : method.equals("supervised") ? 8 : 2) + seed;
        ledger
            .run("set", "class", method, "st", seed)
            .insight(
                "sharpness",
                List.of(
                    Map.of(
                        "chunk",
                        0,
                        "adaptive",
                        Map.of("of", "logistic head", "noise", rise + 0.1 * (seed % 2)))));
      }
    }
    Claim claim = claim();
    assertThat(claim.verdict()).isEqualTo(Verdict.HELD); // whatever the full head shows
    assertThat(claim.evidence()).extracting(Claim.Evidence::counts).containsExactly(true, false);
    Claim.Evidence full = claim.evidence().get(1);
    assertThat(full.where()).endsWith("SL, full head (for comparison, not counted)");
    assertThat(full.verdict()).isEqualTo(Verdict.UNDECIDED);
    assertThat(full.numbers())
        .contains("the loss rises by", "difference −1", "over 5 seeds")
        .doesNotContain("no measure that does not depend");
    assertThat(full.measured()).hasSize(1);
    assertThat(full.measured().get(0).value().mean()).isNegative();
  }

  @Test
  void sharpnessThatDependsOnTheScaleOfWeightsIsShownWithoutAVerdict() throws Exception {
    for (int seed = 1; seed <= 6; seed++) {
      ledger.run("set", "class", SSL, "st", seed).keskar(3 + seed);
      ledger.run("set", "class", "supervised", "st", seed).keskar(8 + seed);
    }
    assertThat(claim().verdict()).isEqualTo(Verdict.UNDECIDED);
    assertThat(claim().evidence().get(0).numbers()).contains("Keskar's sharpness 6.50");
  }

  private void rises(String method, int seed, double percent) {
    ledger
        .run("set", "class", method, "st", seed)
        .insight(
            "sharpness",
            List.of(
                Map.of("chunk", 0, "adaptive", Map.of("of", "logistic head", "noise", percent))));
  }

  @Test
  void sharpnessRelativeToTheWeightsDecides() throws Exception {
    for (int seed = 1; seed <= 5; seed++) {
      rises(SSL, seed, 3 + 0.1 * seed);
      rises("supervised", seed, 8 + 0.2 * seed);
      rises("supervised-full", seed, 1);
    }
    assertThat(claim().verdict()).isEqualTo(Verdict.HELD);
    assertThat(claim().evidence()).extracting(Claim.Evidence::counts).containsExactly(true, false);
    assertThat(claim().evidence().get(0).numbers())
        .contains("the loss rises by 3.30", "against 8.60", "difference +5.3", "over 5 seeds")
        .contains("could tell, of 1 comparison (those of this claim) with a deviation of 0.16");
    assertThat(claim().evidence().get(1).numbers()).doesNotContain("could tell");
  }

  private static Map<String, Object> rise(int chunk, double percent) {
    return Map.of("chunk", chunk, "adaptive", Map.of("of", "logistic head", "noise", percent));
  }

  @Test
  void sharpnessIsComparedOverTheChunksThatBothHave() throws Exception {
    for (int seed = 1; seed <= 5; seed++) {
      double noise = 0.1 * seed;
      ledger
          .run("set", "class", SSL, "st", seed)
          .insight("sharpness", List.of(rise(0, 3 + noise), rise(1, 4 + noise), rise(3, 90)));
      ledger
          .run("set", "class", "supervised", "st", seed)
          .insight(
              "sharpness",
              List.of(rise(0, 8 + 2 * noise), rise(1, 9 + 2 * noise), Map.of("chunk", 3)));
    }
    assertThat(claim().verdict()).isEqualTo(Verdict.HELD);
    assertThat(claim().evidence().get(0).numbers())
        .contains("the loss rises by 3.80", "against 9.10", "difference +5.3");
  }
}
