package dev.millrace.report.numbers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.report.LedgerFile;
import dev.millrace.study.record.Cell;
import dev.millrace.study.record.Primary;
import dev.millrace.study.record.Records;
import java.io.IOException;
import java.nio.file.Path;
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
}
