package dev.millrace.report.numbers;

import static dev.millrace.report.LedgerFile.losses;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.report.LedgerFile;
import dev.millrace.study.record.Cell;
import dev.millrace.study.record.Primary;
import dev.millrace.study.record.Records;
import dev.millrace.study.record.RunRecord;
import dev.millrace.study.record.Task;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClaimsTest {
  private static final String SSL = "moco-v2";
  private static final Cell ST = new Cell("set", "distant", SSL, "st");
  private static final Cell JT = new Cell("set", "joint", SSL, "jt");
  private static final double[][] LEARNED = {{50, 10}, {45, 60}};

  @TempDir private Path folder;
  private final LedgerFile ledger = new LedgerFile();

  private Study study() throws IOException {
    return study(Primary.DEFAULT);
  }

  private Study study(Primary primary) throws IOException {
    return new Study(Records.read(ledger.into(folder)), List.of(), primary, LedgerFile.NAMES);
  }

  private Claim claim(int number) throws IOException {
    return new Claims(study()).all().get(number - 1);
  }

  private void row(String stream, String remedy, double... accuracies) {
    for (int seed = 0; seed < accuracies.length; seed++) {
      ledger.run("set", stream, SSL, remedy, seed).result("knn", "set", accuracies[seed]);
    }
  }

  private void jointAtFifty() {
    row("joint", "jt", 50, 50, 50, 50, 50, 50);
  }

  @Test
  void mildShiftHoldsWithinTheMarginAndFailsBelowIt() throws Exception {
    jointAtFifty();
    row("instance", "st", 49.8, 49.9, 50.1, 50.2, 49.7, 50);
    assertThat(claim(1).verdict()).isEqualTo(Verdict.HELD);
    assertThat(claim(1).evidence().get(0).numbers())
        .contains("95 % t-interval −0.2 … +0.1, 90 % −0.2 … +0.1, over 6 seeds")
        .contains(
            "could tell, of 1 comparison (all gaps of ST to JT) with a deviation of 0.19 between"
                + " its seeds: a gap")
        .contains("equality where there is no gap in 100 %");
    row("class", "st", 45, 45.5, 45.2, 45.1, 45.3, 45.4);
    assertThat(claim(1).evidence().get(1).verdict()).isEqualTo(Verdict.DID_NOT_HOLD);
    assertThat(Answer.of(study()).sentence())
        .startsWith("It depends on the stream")
        .contains("within 1 point, for set, instance stream");
    row("domain", "st", 55, 55.5, 55.2, 55.1, 55.3, 55.4);
    assertThat(Answer.of(study()).sentence()).contains("within 1 point or above it, for");
  }

  @Test
  void aMarginOfTheStudysFileDecides() throws Exception {
    jointAtFifty();
    row("instance", "st", 48.4, 48.5, 48.6, 48.5, 48.4, 48.5);
    assertThat(claim(1).verdict()).isEqualTo(Verdict.DID_NOT_HOLD);
    Primary wide = new Primary(List.of(), List.of(), 2);
    assertThat(new Claims(study(wide)).all().get(0).verdict()).isEqualTo(Verdict.HELD);
    assertThat(new Claims(study(wide)).all().get(0).rule()).contains("±2 points");
  }

  @Test
  void fourSeedsDecideNothingAndTheIntervalIsShown() throws Exception {
    row("joint", "jt", 50, 50, 50, 50);
    row("instance", "st", 50, 50.1, 50, 49.9);
    assertThat(claim(1).verdict()).isEqualTo(Verdict.UNDECIDED);
    assertThat(claim(1).evidence().get(0).numbers())
        .contains("95 % t-interval −0.1 … +0.1", "over 4 seeds", "a verdict asks for 5 seeds");
    assertThat(Answer.of(study()).sentence())
        .contains("do not decide", "5 independent seeds, and there are 4");
  }

  @Test
  void ordersOfOneSeedThatShareTheirJointRunAreOneNumber() throws Exception {
    row("joint", "jt", 50);
    for (int order = 0; order < 6; order++) {
      ledger
          .run("set", "instance", SSL, "st", 0)
          .with("order_seed", order)
          .result("knn", "set", 49 + order % 2);
    }
    Study study = study();
    assertThat(study.faults()).isEmpty();
    assertThat(study.unit()).isEqualTo("order");
    Cell cell = new Cell("set", "instance", SSL, "st");
    assertThat(new Endpoint(study).of(cell).n()).isEqualTo(6);
    assertThat(new Endpoint(study).gap(cell)).isEqualTo(new Spread(1, -0.5, Double.NaN));
    assertThat(claim(1).verdict()).isEqualTo(Verdict.UNDECIDED);
    assertThat(claim(1).evidence().get(0).numbers()).contains("1 seed,", "asks for 5 seeds");
    assertThat(claim(1).rule()).contains("5 independent seeds; several orders of one seed");
    assertThat(claim(3).rule()).contains("5 independent orders, which count singly");
    assertThat(claim(4).rule()).contains("5 independent orders, which count singly");
    assertThat(Answer.of(study).sentence())
        .contains("5 independent seeds, and there is 1", ", one seed)")
        .doesNotContain("order");
  }

  @Test
  void severalOrdersOfASeedAreAveragedBeforeSeedsAreCounted() throws Exception {
    row("joint", "jt", 50, 60);
    for (int seed = 0; seed < 2; seed++) {
      for (int order = 1; order <= 3; order++) {
        ledger
            .run("set", "distant", SSL, "st", seed)
            .with("order_seed", order)
            .result("knn", "set", 48 + 10 * seed + order);
      }
    }
    assertThat(new Endpoint(study()).gap(ST)).isEqualTo(new Spread(2, 0, 0));
  }

  @Test
  void beingEqualToJointTrainingDecidesNothingWhereNothingWasLearned() throws Exception {
    double[][] a = {{22, 10}, {20, 24}};
    for (int seed = 0; seed < 5; seed++) {
      ledger.run("set", "joint", SSL, "jt", seed).result("knn", "set", 22);
      ledger
          .run("set", "instance", SSL, "st", seed)
          .result("knn", "set", 22 + 0.01 * seed)
          .forgetting("knn", 22, 30, a, new double[] {22, 23});
    }
    assertThat(claim(1).verdict()).isEqualTo(Verdict.UNDECIDED);
    assertThat(claim(1).evidence().get(0).numbers())
        .contains("no better than an untrained encoder");
    assertThat(Answer.of(study()).sentence()).contains("do not decide");
  }

  @Test
  void aRemedyBringsBackOnlyWhatWasLost() throws Exception {
    jointAtFifty();
    row("distant", "st", 40, 40.5, 40.1, 40.2, 40.3, 40.4);
    row("distant", "replay", 49.9, 49.8, 49.9, 50.1, 50, 50);
    assertThat(claim(2).verdict()).isEqualTo(Verdict.HELD);
    assertThat(Answer.of(study()).sentence()).startsWith("No").contains("ST + replay");
    row("domain", "st", 50, 50.1, 49.9, 50, 50, 50.1);
    row("domain", "replay", 51, 51, 51.1, 51, 51, 51);
    assertThat(claim(2).evidence())
        .extracting(Claim.Evidence::verdict)
        .containsExactly(Verdict.HELD, Verdict.NOTHING_LOST);
    assertThat(claim(2).verdict()).isEqualTo(Verdict.HELD);
    assertThat(claim(2).tally()).isEqualTo("held in 1 of 2, nothing to bring back in 1");
  }

  @Test
  void whereAllThatIsLostCountsAsEqualThereIsNothingToBringBack() throws Exception {
    jointAtFifty();
    row("distant", "st", 49.6, 49.7, 49.5, 49.6, 49.65, 49.55); // shown to be below, within a point
    row("distant", "replay", 49.4, 49.5, 49.3, 49.4, 49.45, 49.35);
    assertThat(claim(2).verdict()).isEqualTo(Verdict.NOTHING_LOST);
    assertThat(claim(2).verdict().words()).isEqualTo("nothing to bring back");
    assertThat(claim(2).evidence().get(0).numbers()).contains("over ST −0.2 points; 95 %");
    assertThat(Answer.of(study()).sentence()).startsWith("Yes, here");
  }

  @Test
  void aRemedyThatIsNotShownToAddAnythingBringsNothingBackThoughItIsEqualToJointTraining()
      throws Exception {
    jointAtFifty();
    row("distant", "st", 48.7, 49.1, 48.7, 49.1, 48.7, 49.1); // below, and not within a point
    row("distant", "replay", 49.4, 49, 49.4, 49, 49.4, 49); // within a point, at +0.3 ± 0.5 over ST
    Gaps gaps = new Gaps(study());
    assertThat(gaps.judged(ST)).isEqualTo(Relation.BELOW);
    assertThat(gaps.judged(ST.with("replay"))).isEqualTo(Relation.EQUAL);
    assertThat(claim(2).verdict()).isEqualTo(Verdict.UNDECIDED);
    assertThat(Answer.of(study()).sentence())
        .contains("No remedy that was measured surely brings it back")
        .doesNotContain("mends it");
  }

  @Test
  void aRemedyThatAddsNothingIsFoundToBringSomethingBackInAtMostSixStudiesOfAHundred()
      throws Exception {
    Random random = new Random(3);
    int studies = 100;
    int held = 0;
    for (int study = 0; study < studies; study++) {
      LedgerFile one = new LedgerFile();
      for (int seed = 0; seed < 6; seed++) {
        for (String remedy : List.of("jt", "st", "replay")) {
          one.run("set", remedy.equals("jt") ? "joint" : "distant", SSL, remedy, seed)
              .result("knn", "set", remedy.equals("jt") ? 50 : 49.3 + 0.5 * random.nextGaussian());
        }
      }
      Study made = new Study(Records.read(one.into(folder)), List.of(), LedgerFile.NAMES);
      held += new Claims(made).all().get(1).verdict() == Verdict.HELD ? 1 : 0;
    }
    assertThat(held).isLessThanOrEqualTo(studies * 6 / 100);
  }

  @Test
  void theSignOfAMeanOverTwoSeedsIsNoVerdictOnRemedies() throws Exception {
    row("joint", "jt", 50, 50);
    row("distant", "st", 45, 45);
    row("distant", "replay", 45.4, 44);
    assertThat(Answer.of(study()).details().get(0))
        .contains(
            "The remedy with the best mean, ST + replay, is 0.3 ± 8.9 points below ST, which may be"
                + " nothing, and ends 5.3 ± 8.9 points below joint training")
        .doesNotContain("No remedy helps");
  }

  @Test
  void aRuleNamesNoTestThatItsClaimDoesNotMake() throws Exception {
    assertThat(claim(1).rule())
        .contains("Equal is a gap", "within ±1 point", "all gaps of ST to JT");
    assertThat(claim(2).rule()).contains("its gain over ST is shown to be above 0");
    for (int number : List.of(3, 4)) {
      assertThat(claim(number).rule())
          .contains("95 % t-interval")
          .doesNotContain("qual", "±1 point");
    }
    assertThat(claim(3).rule()).contains("the comparisons of this claim that count");
  }

  private void scheduled(String data, String stream, String remedy, String schedule, double level) {
    for (int seed = 0; seed < 6; seed++) {
      ledger
          .run(data, stream, SSL, remedy, seed)
          .with("settings", Map.of("schedule", schedule, "seed", seed))
          .result("knn", data, level + 0.01 * seed);
    }
  }

  @Test
  void anotherScheduleIsJudgedBesideThePapersAndNeverWithIt() throws Exception {
    for (String schedule : List.of("restart", "wsd")) {
      String data = "set-" + schedule;
      boolean restart = schedule.equals("restart");
      scheduled(data, "joint", "jt", schedule, 50);
      scheduled(data, "instance", "st", schedule, restart ? 49.99 : 45);
      scheduled(data, "given", "st", schedule, 40);
      scheduled(data, "given", "replay", schedule, restart ? 41 : 50.01);
      scheduled(data, "given", "mas", schedule, 42);
    }
    assertThat(claim(1).verdict()).isEqualTo(Verdict.HELD);
    assertThat(claim(1).evidence()).hasSize(1);
    assertThat(claim(2).verdict()).isEqualTo(Verdict.DID_NOT_HOLD);
    Map<String, List<Claim>> beside = Claims.beside(study());
    assertThat(beside).containsOnlyKeys("wsd, branch");
    assertThat(beside.get("wsd, branch"))
        .extracting(Claim::verdict)
        .startsWith(Verdict.DID_NOT_HOLD, Verdict.HELD);
    assertThat(Answer.of(study()).sentence())
        .contains("Under the schedule wsd, branch: No")
        .doesNotContain("for set-wsd");
  }

  @Test
  void aFurtherScheduleMakesNoComparisonOfThePapersHarder() throws Exception {
    double[] gaps = {-0.8, 0.75, -0.7, 0.1, 0.7, 0.75}; // p of being equal is 0.02
    for (int seed = 0; seed < 6; seed++) {
      for (String schedule : List.of("restart", "wsd")) {
        for (int set = 0; set < (schedule.equals("wsd") ? 4 : 1); set++) {
          String data = schedule + set;
          for (String stream : List.of("joint", "instance")) {
            boolean joint = stream.equals("joint");
            ledger
                .run(data, stream, SSL, joint ? "jt" : "st", seed)
                .with("settings", Map.of("schedule", schedule, "seed", seed))
                .result("knn", data, joint ? 50 : 50 + gaps[seed]);
          }
        }
      }
    }
    assertThat(claim(1).verdict()).isEqualTo(Verdict.HELD);
    assertThat(Claims.beside(study()).get("wsd, branch").get(0).verdict())
        .isEqualTo(Verdict.UNDECIDED);
  }

  @Test
  void severalGivenSetsAreAStrongShift() throws Exception {
    jointAtFifty();
    row("given", "st", 40, 40.5, 40.1, 40.2, 40.3, 40.4);
    row("given", "replay", 49.9, 49.8, 49.9, 50.1, 50, 50);
    assertThat(claim(2).verdict()).isEqualTo(Verdict.HELD);
  }

  @Test
  void remediesThatAllStayBelowDoNotBringItBack() throws Exception {
    jointAtFifty();
    row("distant", "st", 40, 40.5, 40.1, 40.2, 40.3, 40.4);
    row("distant", "mas", 41, 41.5, 41.1, 41.2, 41.3, 41.4);
    row("distant", "replay", 42, 42.5, 42.1, 42.2, 42.3, 42.4);
    assertThat(claim(2).verdict()).isEqualTo(Verdict.DID_NOT_HOLD);
    assertThat(Answer.of(study()).sentence()).contains("No remedy");
    row("distant", "both", 55, 44, 50, 52, 40, 47);
    assertThat(claim(2).verdict()).isEqualTo(Verdict.UNDECIDED);
  }

  @Test
  void aRemedyThatWasNotRunDidNotFailToBringItBack() throws Exception {
    jointAtFifty();
    row("distant", "st", 40, 40.5, 40.1, 40.2, 40.3, 40.4);
    row("distant", "replay-half", 41, 41.5, 41.1, 41.2, 41.3, 41.4);
    row("distant", "both", 41, 41.5, 41.1, 41.2, 41.3, 41.4);
    assertThat(claim(2).verdict()).isEqualTo(Verdict.UNDECIDED);
    assertThat(claim(2).evidence().get(0).numbers()).contains("Not decided: MAS was not run");
    row("distant", "mas", 41, 41.5, 41.1, 41.2, 41.3, 41.4);
    assertThat(claim(2).verdict()).isEqualTo(Verdict.DID_NOT_HOLD);
    assertThat(claim(2).evidence().get(0).numbers()).doesNotContain("was not run");
  }

  @Test
  void aRemedyThatThePaperDoesNotNameIsShownAndDecidesNothing() throws Exception {
    jointAtFifty();
    row("distant", "st", 40, 40.5, 40.1, 40.2, 40.3, 40.4);
    row("distant", "cassle", 49.9, 49.8, 49.9, 50.1, 50, 50);
    assertThat(claim(2).verdict()).isEqualTo(Verdict.NOT_MEASURED);
    row("distant", "replay", 41, 41.5, 41.1, 41.2, 41.3, 41.4);
    row("distant", "mas", 41, 41.5, 41.1, 41.2, 41.3, 41.4);
    Claim.Evidence evidence = claim(2).evidence().get(0);
    assertThat(evidence.verdict()).isEqualTo(Verdict.DID_NOT_HOLD);
    assertThat(evidence.numbers()).contains("CaSSLe (for comparison, not counted) − JT: −0.1");
    assertThat(evidence.measured()).extracting(one -> one.cell().remedy()).doesNotContain("cassle");
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

  @Test
  void sharpnessThatDependsOnTheScaleOfWeightsIsShownWithoutAVerdict() throws Exception {
    for (int seed = 1; seed <= 6; seed++) {
      ledger.run("set", "class", SSL, "st", seed).keskar(3 + seed);
      ledger.run("set", "class", "supervised", "st", seed).keskar(8 + seed);
    }
    assertThat(claim(4).verdict()).isEqualTo(Verdict.UNDECIDED);
    assertThat(claim(4).evidence().get(0).numbers()).contains("Keskar's sharpness 6.50");
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
    assertThat(claim(4).verdict()).isEqualTo(Verdict.HELD);
    assertThat(claim(4).evidence()).extracting(Claim.Evidence::counts).containsExactly(true, false);
    assertThat(claim(4).evidence().get(0).numbers())
        .contains("the loss rises by 3.30", "against 8.60", "difference +5.3", "over 5 seeds")
        .contains("could tell, of 1 comparison (those of this claim) with a deviation of 0.16");
    assertThat(claim(4).evidence().get(1).numbers()).doesNotContain("could tell");
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
    assertThat(claim(4).verdict()).isEqualTo(Verdict.HELD);
    assertThat(claim(4).evidence().get(0).numbers())
        .contains("the loss rises by 3.80", "against 9.10", "difference +5.3");
  }

  private void noisyJoint(double... alternating) {
    for (int seed = 0; seed < 6; seed++) {
      int sign = seed % 2 == 0 ? 1 : -1;
      LedgerFile.Run run = ledger.run("set", "joint", SSL, "jt", seed);
      for (int task = 0; task < alternating.length; task++) {
        run.result(
            "linear",
            List.of("set", "flowers", "pets").get(task),
            40 + 20 * task + sign * alternating[task]);
      }
      run.result("knn", "set", 10 + sign);
    }
  }

  @Test
  void aNoisyTaskWeighsLessByTheVarianceOfEqualRunsWhereTheStudyNamesNone() throws Exception {
    noisyJoint(1, 1, 3);
    Study study = study();
    Endpoint endpoint = new Endpoint(study);
    List<Task> tasks = endpoint.tasks("set");
    assertThat(tasks).extracting(Task::data).containsExactly("set", "flowers", "pets");
    assertThat(endpoint.noise("set", tasks.get(2)).deviation())
        .isCloseTo(3 * endpoint.noise("set", tasks.get(0)).deviation(), within(1e-9));
    assertThat(endpoint.weight("set", tasks.get(0))).isCloseTo(9 / 19.0, within(1e-9));
    assertThat(endpoint.of(JT).mean()).isCloseTo((9 * 40 + 9 * 60 + 80) / 19.0, within(1e-9));
    assertThat(endpoint.words("set")).isEqualTo("linear on set 47 %, flowers 47 %, pets 5 %");
  }

  @Test
  void ofTwoTasksTheQuieterWeighsNoMoreThanOneOfTheNoiseBetweenThem() throws Exception {
    noisyJoint(1, 3);
    Endpoint endpoint = new Endpoint(study());
    double share = endpoint.weight("set", endpoint.tasks("set").get(0));
    assertThat(share).isCloseTo((1 / 4.0) / (1 / 4.0 + 1 / 9.0), within(1e-9));
  }

  @Test
  void noiseIsThatOfRunsOfOneOrderAndNotWhatOrdersDo() throws Exception {
    noisyJoint(1);
    for (int seed = 0; seed < 6; seed++) { // each of an order of its own
      ledger.run("set", "distant", SSL, "st", seed).result("linear", "set", 20 + 10 * seed);
    }
    Endpoint.Noise joint = noise();
    assertThat(joint.freedom()).isEqualTo(5);
    assertThat(joint.deviation()).isCloseTo(Math.sqrt(6 / 5.0), within(1e-9));
    for (int seed = 0; seed < 6; seed++) { // two orders, each in three seeds
      ledger
          .run("set", "class", SSL, "st", seed)
          .with("order_seed", 100 + seed % 2)
          .result("linear", "set", 30 + 20 * (seed % 2));
    }
    assertThat(noise().freedom()).isEqualTo(9);
    assertThat(noise().deviation()).isCloseTo(Math.sqrt(6 / 9.0), within(1e-9));
  }

  private Endpoint.Noise noise() throws IOException {
    Endpoint endpoint = new Endpoint(study());
    return endpoint.noise("set", endpoint.tasks("set").get(0));
  }

  @Test
  void tasksOutsideTheNamedEndpointAreNotInIt() throws Exception {
    ledger
        .run("set", "distant", SSL, "st", 1)
        .result("knn", "set", 40)
        .result("linear", "set", 50)
        .result("knn", "flowers", 90);
    assertThat(new Endpoint(study(new Primary(List.of("own"), List.of("knn"), 1))).of(ST).mean())
        .isEqualTo(40);
    assertThat(new Endpoint(study()).of(ST).mean()).isEqualTo(50);
  }

  @Test
  void aVariantOfARemedyStandsBesideItAndIsJudgedByItself() throws Exception {
    jointAtFifty();
    row("distant", "st", 45, 45.1, 45.2, 45.3, 44.9, 45);
    row("distant", "replay", 45, 45.1, 45.2, 45.3, 44.9, 45);
    row("distant", "replay-half", 50, 50.1, 49.9, 50.2, 49.8, 50);
    Study study = study();
    assertThat(study.names().remedy("replay-half")).isEqualTo("ST + replay, half");
    assertThat(study.cells())
        .extracting(Cell::remedy)
        .containsExactly("st", "replay", "replay-half", "jt");
    assertThat(claim(2).evidence().get(0).verdict()).isEqualTo(Verdict.HELD);
    assertThat(Answer.of(study).sentence()).contains("ST + replay, half mends it");
  }

  @Test
  void anEndpointOfSeveralMeasuresIsTheirMeanHoweverNoisyOneIs() throws Exception {
    for (int seed = 0; seed < 6; seed++) {
      int sign = seed % 2 == 0 ? 1 : -1;
      ledger
          .run("set", "joint", SSL, "jt", seed)
          .result("knn", "set", 40 + 5 * sign)
          .result("linear", "set", 50 + 0.2 * sign)
          .result("few-shot", "set", 90);
    }
    Study study = study(new Primary(List.of("own"), List.of("knn", "linear"), 1));
    Endpoint endpoint = new Endpoint(study);
    RunRecord first = study.seeds(JT).values().iterator().next();
    assertThat(endpoint.value(first)).isCloseTo((45 + 50.2) / 2, within(1e-9));
    assertThat(endpoint.words("set")).isEqualTo("kNN on set 50 %; linear on set 50 %");
  }
}
