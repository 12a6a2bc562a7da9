package dev.millrace.report.numbers;

import static dev.millrace.report.LedgerFile.losses;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.report.LedgerFile;
import dev.millrace.study.record.Primary;
import dev.millrace.study.record.Records;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Claim 3: who forgets less. */
class ForgettingClaimTest {
  private static final String SSL = "moco-v2";
  private static final double[][] LEARNED = {{50, 10}, {45, 60}};

  @TempDir private Path folder;
  private final LedgerFile ledger = new LedgerFile();

  private Study study(Primary primary) throws IOException {
    return new Study(Records.read(ledger.into(folder)), List.of(), primary, LedgerFile.NAMES);
  }

  private Claim claim(int number) throws IOException {
    return new Claims(study(Primary.DEFAULT)).all().get(number - 1);
  }

  private void forgets(String method, int seed, double points, double[][] a) {
    ledger
        .run("set", "class", method, "st", seed)
        .forgetting("knn", 52, points, a)
        .with("losses", losses(2, 1.0, 5.3));
  }

  @Test
  void whoForgetsLessIsJudgedBySeedAgainstBothKindsOfSupervision() throws Exception {
    for (int seed = 1; seed <= 5; seed++) {
      forgets(SSL, seed, 5 + seed, LEARNED);
      forgets("supervised", seed, 9 + seed + 0.1 * (seed % 2), LEARNED);
      forgets("supervised-mlp", seed, 2 + seed + 0.1 * (seed % 2), LEARNED);
    }
    Claim claim = claim(3);
    assertThat(claim.verdict()).isEqualTo(Verdict.IN_PART);
    assertThat(claim.evidence())
        .extracting(Claim.Evidence::verdict)
        .containsExactly(Verdict.HELD, Verdict.DID_NOT_HOLD);
    assertThat(claim.evidence().get(0).numbers())
        .contains("backward transfer −8.0", "difference +4.1", "over 5 seeds")
        .doesNotContain("not checked");
  }

  @Test
  void whoLearnedAndForgotAllOfItIsEvidence() throws Exception {
    double[] untrained = {30, 30};
    for (int seed = 1; seed <= 5; seed++) {
      forgets(SSL, seed, 5 + 0.1 * seed, LEARNED);
      ledger
          .run("set", "class", "supervised", "st", seed)
          .forgetting("knn", 25, 35 + 0.2 * seed, new double[][] {{60, 10}, {20, 40}}, untrained)
          .with("losses", losses(2, 1.0, 5.3));
    }
    assertThat(claim(3).verdict()).isEqualTo(Verdict.HELD);
  }

  @Test
  void equalForgettingIsNotLess() throws Exception {
    for (int seed = 1; seed <= 5; seed++) {
      forgets(SSL, seed, 5, LEARNED);
      forgets("supervised", seed, 5, LEARNED);
    }
    assertThat(claim(3).verdict()).isNotEqualTo(Verdict.HELD);
  }

  private static Map<String, Object> transfer(String task, double points) {
    return Map.of(
        "task", task, "parts", List.of("a", "b"), "accuracy", LEARNED, "backward_transfer", points);
  }

  /** SSL's backward transfer is better by linear and, a little more, worse by kNN. */
  private void twoMeasuresOfForgetting() {
    for (int seed = 1; seed <= 5; seed++) {
      for (String method : List.of(SSL, "supervised")) {
        boolean ssl = method.equals(SSL);
        ledger
            .run("set", "class", method, "st", seed)
            .insight(
                "forgetting",
                List.of(
                    transfer("knn", ssl ? -9 : -2 + 0.1 * seed),
                    transfer("linear", ssl ? -1 : -6 - 0.1 * seed)));
      }
    }
  }

  @Test
  void theSameComparisonByAnotherMeasureIsShownAndNotCounted() throws Exception {
    twoMeasuresOfForgetting();
    assertThat(claim(3).evidence()).extracting(Claim.Evidence::counts).containsExactly(true, false);
    assertThat(claim(3).evidence().get(1).where()).endsWith("kNN (for comparison, not counted)");
    assertThat(claim(3).verdict()).isEqualTo(Verdict.HELD);
    assertThat(claim(3).tally()).isEmpty();
  }

  @Test
  void forgettingIsJudgedByTheMeanOverThePrimaryMeasuresAndByNoneOfThemAlone() throws Exception {
    twoMeasuresOfForgetting();
    Primary both = new Primary(List.of("own"), List.of("knn", "linear"), 1);
    Claim claim = new Claims(study(both)).all().get(2);
    assertThat(claim.evidence())
        .extracting(Claim.Evidence::counts)
        .containsExactly(true, false, false);
    assertThat(claim.evidence().get(0).where()).endsWith("mean of kNN and linear");
    assertThat(claim.evidence().get(0).measured().get(0).value().mean())
        .isCloseTo((-7 - 0.3 + 5 + 0.3) / 2, within(1e-9));
    assertThat(claim.verdict()).isEqualTo(Verdict.DID_NOT_HOLD);
  }

  @Test
  void aMethodThatNoLongerLearnsGivesNoVerdict() throws Exception {
    double[][] lost = {{50, 10}, {5, 24}};
    for (int seed = 1; seed <= 5; seed++) {
      forgets(SSL, seed, 5, LEARNED);
      forgets("supervised", seed, 45 + seed, lost);
      ledger
          .run("set", "class", "supervised-mlp", "st", seed)
          .forgetting("knn", 52, 20 + seed, LEARNED)
          .with("losses", losses(2, 5.1, 5.3));
    }
    Claim claim = claim(3);
    assertThat(claim.verdict()).isEqualTo(Verdict.UNDECIDED);
    assertThat(claim.evidence().get(0).numbers())
        .contains("no verdict: SL, ST, learned chunk 2 to 24.0 % by kNN", "reached 50.0 %");
    assertThat(claim.evidence().get(1).numbers())
        .contains(
            "no verdict: SL + MLP, ST, did not learn a chunk in 5 of 5 runs: seed 1, chunk 1 ends"
                + " at a loss of 5.10 where guessing has 5.30, seed 2");
  }

  @Test
  void aRunThatDidNotLearnAChunkIsLeftOutOfForgettingAndNamed() throws Exception {
    List<Map<String, Object>> stuck = new ArrayList<>(losses(1, 0.2, 0.69));
    stuck.add(Map.of("chunk", 1, "epochs", List.of(0.7, 0.66), "guessing", 0.69));
    stuck.add(Map.of("chunk", 2, "epochs", List.of(0.3, 0.2), "guessing", 0.69));
    for (int seed = 1; seed <= 6; seed++) {
      forgets(SSL, seed, 5, LEARNED);
      forgets("supervised", seed, 9 + 0.1 * seed, LEARNED);
    }
    assertThat(claim(3).evidence().get(0).measured().get(0).value().n()).isEqualTo(6);
    ledger
        .run("set", "class", "supervised", "st", 4)
        .forgetting("knn", 52, -90, LEARNED)
        .with("losses", stuck);
    Claim.Evidence evidence = claim(3).evidence().get(0);
    assertThat(evidence.verdict()).isEqualTo(Verdict.HELD);
    assertThat(evidence.measured().get(0).value().n()).isEqualTo(5);
    assertThat(evidence.numbers())
        .contains("SL: backward transfer −9.3 ± 0.2", "over 5 seeds")
        .contains(
            "left out: SL, ST, seed 4, chunk 2 ends at a loss of 0.66 where guessing has 0.69");
    ledger
        .run("set", "class", SSL, "st", 5)
        .forgetting("knn", 52, 5, LEARNED)
        .with("losses", stuck);
    assertThat(claim(3).verdict()).isEqualTo(Verdict.UNDECIDED); // four seeds are left
    assertThat(claim(3).evidence().get(0).numbers())
        .contains("over 4 seeds", "ST, seed 5, chunk 2");
  }

  @Test
  void whoEndsNoBetterThanUntrainedIsNoEvidenceForAnyClaim() throws Exception {
    for (int seed = 1; seed <= 5; seed++) {
      for (String method : List.of(SSL, "supervised", "supervised-mlp")) {
        boolean untrained = method.equals("supervised");
        ledger
            .run("set", "class", method, "st", seed)
            .forgetting(
                "knn",
                52,
                (method.equals(SSL) ? 5 : 9) + 0.1 * seed * (untrained ? 2 : 3),
                LEARNED,
                untrained ? new double[] {60, 50} : new double[] {20, 20})
            .insight(
                "sharpness",
                List.of(
                    Map.of(
                        "chunk",
                        0,
                        "adaptive",
                        Map.of(
                            "of",
                            "logistic head",
                            "noise",
                            method.equals(SSL) ? 3 + 0.1 * seed : 8 + 0.2 * seed))));
      }
    }
    for (int number : List.of(3, 4)) {
      assertThat(claim(number).evidence())
          .extracting(Claim.Evidence::verdict)
          .containsExactly(Verdict.UNDECIDED, Verdict.HELD);
      assertThat(claim(number).evidence().get(0).numbers())
          .contains("no verdict: SL, ST,", "no better than an untrained encoder");
    }
  }

  @Test
  void anOlderLedgerSaysWhatCouldNotBeChecked() throws Exception {
    for (int seed = 1; seed <= 5; seed++) {
      ledger.run("set", "class", SSL, "st", seed).forgetting("knn", 52, 5, LEARNED);
      ledger.run("set", "class", "supervised", "st", seed).forgetting("knn", 52, 9 + seed, LEARNED);
    }
    assertThat(claim(3).verdict()).isEqualTo(Verdict.HELD);
    assertThat(claim(3).evidence().get(0).numbers())
        .contains("SL, ST: loss against guessing not in the ledger, so not checked");
  }

  @Test
  void aVerdictOnForgettingSaysNothingOfRowsThatAreNotThere() throws Exception {
    String whole = "SSL forgets less than SL, also than SL with an MLP projector";
    assertThat(claim(3).statement()).isEqualTo(whole);
    for (int seed = 1; seed <= 5; seed++) {
      ledger.run("set", "class", SSL, "st", seed).forgetting("knn", 52, 5, LEARNED);
      ledger.run("set", "class", "supervised", "st", seed).forgetting("knn", 52, 9 + seed, LEARNED);
    }
    assertThat(claim(3).statement())
        .isEqualTo("SSL forgets less than SL (than SL with an MLP projector: not measured)");
    for (int seed = 1; seed <= 5; seed++) {
      ledger
          .run("set", "class", "supervised-mlp", "st", seed)
          .forgetting("knn", 52, 9 + seed, LEARNED);
    }
    assertThat(claim(3).statement()).isEqualTo(whole);
  }
}
