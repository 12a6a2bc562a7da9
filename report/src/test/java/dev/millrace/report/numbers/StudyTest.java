package dev.millrace.report.numbers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.report.LedgerFile;
import dev.millrace.study.record.Cell;
import dev.millrace.study.record.Records;
import dev.millrace.study.record.Replicate;
import dev.millrace.study.record.RunRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StudyTest {
  private static final String SSL = "moco-v2";
  private static final Cell ST = new Cell("set", "distant", SSL, "st");

  @TempDir private Path folder;
  private static final Cell JT = new Cell("set", "joint", SSL, "jt");
  private final LedgerFile ledger = new LedgerFile();

  private Study study(Study.Planned... planned) throws IOException {
    return new Study(Records.read(ledger.into(folder)), List.of(planned), LedgerFile.NAMES);
  }

  /** A planned run, by its number in the ledger; −1 for one that the ledger does not have. */
  private static Study.Planned planned(Cell cell, long seed, int number) {
    return new Study.Planned(
        cell,
        new Replicate(seed),
        number < 0 ? "none" : String.format("%012x", number),
        null,
        "restart");
  }

  private Claim claim(int number) throws IOException {
    return new Claims(study()).all().get(number - 1);
  }

  private void pair(String stream, String remedy, double... accuracies) {
    for (int seed = 0; seed < accuracies.length; seed++) {
      ledger.run("set", stream, SSL, remedy, seed).result("knn", "set", accuracies[seed]);
    }
  }

  @Test
  void aGapIsNegativeWhereStreamingIsWorse() throws Exception {
    pair("joint", "jt", 50, 52);
    pair("distant", "st", 47, 50);
    Study study = study();
    Spread gap = new Accuracy(study).gap(ST, study.tasks("set"));
    assertThat(gap.mean()).isEqualTo(-2.5);
    assertThat(gap.deviation()).isCloseTo(Math.sqrt(0.5), within(1e-12));
  }

  @Test
  void aGapPairsSeedsSoThatWhatBothShareFallsOut() throws Exception {
    pair("joint", "jt", 10, 90);
    pair("distant", "st", 8, 88);
    Study study = study();
    Spread gap = new Accuracy(study).gap(ST, study.tasks("set"));
    assertThat(gap).isEqualTo(new Spread(2, -2, 0));
    assertThat(new Accuracy(study).of(ST, study.tasks("set")).deviation()).isGreaterThan(50);
  }

  @Test
  void whatAJointRunFoundWithoutTrainingIsARowOfItsOwnAndNoRun() throws Exception {
    pair("distant", "st", 47);
    ledger
        .run("set", "joint", SSL, "jt", 0)
        .result("knn", "set", 50)
        .with("baselines", Map.of("untrained", List.of(answer(12)), "raw", List.of(answer(9))));
    Study study = study(planned(ST, 0, 0), planned(JT, 0, 1));
    Cell untrained = new Cell("set", "none", SSL, Cell.UNTRAINED);
    Cell raw = new Cell("set", "none", SSL, Cell.RAW);
    Accuracy accuracy = new Accuracy(study);
    assertThat(study.cells()).contains(untrained, raw);
    assertThat(accuracy.of(untrained, study.tasks("set")).mean()).isEqualTo(12);
    assertThat(accuracy.of(raw, study.tasks("set")).mean()).isEqualTo(9);
    assertThat(accuracy.gap(untrained, study.tasks("set")).mean()).isEqualTo(-38);
    assertThat(study.doneOfPlan()).isEqualTo(2);
    assertThat(study.trained()).hasSize(2);
    assertThat(study.beyondPlan()).isEmpty();
  }

  private static Map<String, Object> answer(double value) {
    return Map.of("task", "knn", "data", "set", "split", "test", "metric", "top1", "value", value);
  }

  @Test
  void aSeedWithoutItsJointRunHasNoGap() throws Exception {
    pair("joint", "jt", 50);
    pair("distant", "st", 47, 50, 60);
    Study study = study();
    assertThat(new Accuracy(study).gap(ST, study.tasks("set")).n()).isEqualTo(1);
  }

  @Test
  void aRunThatLacksATaskOfTheEndpointHasNone() throws Exception {
    ledger.run("set", "distant", SSL, "st", 1).result("knn", "set", 10).result("knn", "a", 40);
    ledger.run("set", "distant", SSL, "st", 2).result("knn", "set", 90);
    Spread average = new Endpoint(study()).of(ST);
    assertThat(average.n()).isEqualTo(1);
    assertThat(average.mean()).isEqualTo(25);
  }

  @Test
  void theEncoderAfterTheLastChunkIsJudged() throws Exception {
    ledger
        .run("set", "distant", SSL, "st", 1)
        .with("chunks", 9)
        .result("knn", "set", 70)
        .with("chunks", 2)
        .result("knn", "set", 20);
    Study study = study();
    assertThat(new Accuracy(study).of(ST, study.tasks("set")).mean()).isEqualTo(70);
  }

  @Test
  void aComparisonOfEarlierSettingsIsNotAveragedWithThatOfTheRunThatIsShown() throws Exception {
    double[][][] alike = {{{0.9}}};
    double[][][] other = {{{0.1}}};
    ledger.run("set", "distant", SSL, "st", 1).with("id", "new").result("knn", "set", 50);
    ledger.comparison("set", "distant", SSL, "st", 1, alike, "stem").with("run", "new");
    ledger.comparison("set", "distant", SSL, "st", 1, other, "stem").with("run", "old");
    assertThat(new Analyses(study()).toJoint(ST, 0).values()[0][0]).isEqualTo(0.9);
  }

  @Test
  void aComparisonThatIsPlannedAndNotMadeIsPending() throws Exception {
    pair("distant", "st", 50, 51);
    ledger.comparison("set", "distant", SSL, "st", 0, new double[][][] {{{0.9}}}, "stem");
    Study.Planned made =
        new Study.Planned(
            ST, new Replicate(0), String.format("%012x", 0), "c00000000002", "restart");
    Study.Planned missing =
        new Study.Planned(ST, new Replicate(1), String.format("%012x", 1), "another", "restart");
    Study study = study(made, missing);
    assertThat(study.pendingComparisons()).containsExactly(missing);
    assertThat(study.comparisons()).hasSize(1);
    assertThat(study(missing).comparisons()).isEmpty();
    assertThat(study.pending()).isEmpty();
    assertThat(study.beyondPlan()).isEmpty();
  }

  @Test
  void anEmptyLedgerMeasuresNothingAndSaysSo() throws Exception {
    assertThat(new Claims(study()).all())
        .hasSize(5)
        .allSatisfy(claim -> assertThat(claim.verdict()).isEqualTo(Verdict.NOT_MEASURED));
    assertThat(Answer.of(study()).sentence()).contains("Not enough data");
  }

  @Test
  void aPlannedRunIsPendingUntilTheLedgerKnowsIt() throws Exception {
    pair("distant", "st", 50);
    ledger.run("set", "distant", SSL, "mas", 0).failed("no disk");
    pair("distant", "replay", 50);
    Study study = study(planned(ST, 0, 0), planned(ST, 1, -1), planned(ST.with("mas"), 0, 1));
    assertThat(study.pending()).containsExactly(planned(ST, 1, -1));
    assertThat(study.doneOfPlan()).isEqualTo(1);
    assertThat(study.failedOfPlan()).isEqualTo(1);
    assertThat(study.beyondPlan()).extracting(RunRecord::remedy).containsExactly("replay");
    assertThat(study.failed()).hasSize(1);
  }

  @Test
  void aPlannedRowWithoutARunStandsUnderTheScheduleOfItsPlan() throws Exception {
    pair("distant", "st", 50);
    Cell later = new Cell("set-wsd", "distant", SSL, "st");
    Study study =
        study(
            planned(ST, 0, 0),
            new Study.Planned(later, new Replicate(0), "later", null, "wsd, branch"),
            new Study.Planned(
                new Cell("set-wsd", "joint", SSL, "jt"),
                new Replicate(0),
                "joint",
                null,
                "wsd, branch"));
    Schedules schedules = new Schedules(study);
    assertThat(schedules.all()).containsExactly("restart", "wsd, branch");
    assertThat(schedules.under("restart").cells()).containsExactly(ST);
    assertThat(schedules.under("wsd, branch").cells()).hasSize(2).contains(later);
  }

  @Test
  void aRunThatIsDoneStandsForItsFailureWhateverTheOrder() throws Exception {
    ledger.run("set", "distant", SSL, "st", 1).with("id", "x").result("knn", "set", 50);
    ledger.run("set", "distant", SSL, "st", 1).with("id", "x").failed("killed");
    ledger.run("set", "distant", SSL, "st", 2).with("id", "y").failed("killed");
    ledger.run("set", "distant", SSL, "st", 2).with("id", "y").result("knn", "set", 51);
    assertThat(study().done()).hasSize(2);
    assertThat(study().failed()).isEmpty();
  }

  @Test
  void aTornLineIsNamedAndTheOthersAreRead() throws Exception {
    pair("distant", "st", 50);
    ledger.raw("{\"kind\":\"run\",\"id\":\"0a").raw("{\"kind\":\"walk\"}").raw("").raw("[]");
    Study study = study();
    assertThat(study.done()).hasSize(1);
    assertThat(study.faults().stream().map(f -> f.substring(0, 6)).collect(Collectors.toList()))
        .containsExactly("Line 2", "Line 3", "Line 5");
  }

  @Test
  void twoSettingsOfOneSeedAreNotAveragedAndOneIsNamed() throws Exception {
    ledger.run("set", "distant", SSL, "st", 1).with("id", "old").result("knn", "set", 10);
    ledger.run("set", "distant", SSL, "st", 1).with("id", "new").result("knn", "set", 50);
    Study study = study();
    assertThat(new Accuracy(study).of(ST, study.tasks("set")).mean()).isEqualTo(50);
    assertThat(study.faults()).singleElement().asString().contains("old").contains("new");
  }

  private LedgerFile.Run epochs(Cell cell, long seed, int epochs, double value) {
    return ledger
        .run("set", cell.stream(), cell.method(), cell.remedy(), seed)
        .with("settings", Map.of("epochs", epochs, "seed", seed, "lr", 0.03))
        .result("knn", "set", value);
  }

  @Test
  void runsOfOtherSettingsThanThePlansAreInNoNumberAndNamedAsBeyondIt() throws Exception {
    for (int seed = 0; seed < 5; seed++) {
      epochs(JT, seed, 4, 50);
      epochs(ST, seed, 4, 40);
    }
    epochs(JT, 0, 8, 60); // number 10
    epochs(ST, 0, 8, 59);
    epochs(ST, 0, 4, 10); // later in the ledger, and still not planned
    Study study =
        study(planned(JT, 0, 10), planned(ST, 0, 11), planned(JT, 1, -1), planned(ST, 1, -1));
    assertThat(new Endpoint(study).gap(ST)).isEqualTo(new Spread(1, -1, Double.NaN));
    assertThat(study.doneOfPlan()).isEqualTo(2);
    assertThat(study.done()).hasSize(2);
    assertThat(study.pending()).hasSize(2);
    assertThat(study.beyondPlan()).hasSize(11);
    assertThat(study.faults())
        .hasSize(2)
        .allMatch(fault -> fault.contains("beyond the plan"))
        .anyMatch(fault -> fault.contains("00000000000c (seed 0)"));
  }

  @Test
  void whereThePlanHasNoRunThatFinishedTheLedgersAreShownAsTheyWereMade() throws Exception {
    pair("joint", "jt", 50, 52);
    pair("distant", "st", 47, 50);
    Study study = study(planned(JT, 0, -1), planned(ST, 0, -1));
    assertThat(study.unplanned()).isTrue();
    assertThat(new Accuracy(study).gap(ST, study.tasks("set")).mean()).isEqualTo(-2.5);
    assertThat(study.planned()).isEqualTo(2);
    assertThat(study.doneOfPlan()).isZero();
    assertThat(study.pending()).hasSize(2);
    assertThat(study.beyondPlan()).isEmpty();
    Study begun = study(planned(JT, 0, 0), planned(ST, 0, -1));
    assertThat(begun.unplanned()).isFalse();
    assertThat(begun.trained()).hasSize(1);
    assertThat(begun.beyondPlan()).hasSize(3);
  }

  @Test
  void withoutAPlanARowOfSeveralSettingsIsNamedAndHasNoVerdictForAnyClaim() throws Exception {
    for (int seed = 0; seed < 5; seed++) {
      epochs(JT, seed, 4, 50);
      learned(epochs(ST, seed, 4, 40 + 0.1 * seed), 1);
      learned(ledger.run("set", "distant", "supervised", "st", seed), 9 + 0.1 * seed);
    }
    Study consistent = study();
    assertThat(new Gaps(consistent).judged(ST)).isEqualTo(Relation.BELOW);
    assertThat(claim(3).verdict()).isEqualTo(Verdict.HELD);
    assertThat(claim(4).verdict()).isEqualTo(Verdict.HELD);
    for (int seed = 5; seed < 11; seed++) {
      epochs(JT, seed, 40, 50);
      learned(epochs(ST, seed, 40, 40 + 0.1 * seed), 1);
      learned(ledger.run("set", "distant", "supervised", "st", seed), 9 + 0.1 * seed);
    }
    Study study = study();
    assertThat(study.faults())
        .hasSize(2)
        .allMatch(fault -> fault.contains("several settings (epochs 4 and 40)"));
    assertThat(new Endpoint(study).of(ST).n()).isEqualTo(6); // those of the last settings alone
    assertThat(new Gaps(study).judged(ST)).isEqualTo(Relation.OPEN);
    assertThat(new Gaps(study).words(ST)).contains("no verdict", "epochs 4 and 40");
    for (int number : List.of(2, 3, 4)) {
      assertThat(claim(number).verdict()).isIn(Verdict.UNDECIDED, Verdict.NOT_MEASURED);
    }
  }

  private static void learned(LedgerFile.Run run, double points) {
    run.forgetting("knn", 52, points, new double[][] {{50, 10}, {45, 60}})
        .insight(
            "sharpness",
            List.of(
                Map.of("chunk", 0, "adaptive", Map.of("of", "logistic head", "noise", points))));
  }

  @Test
  void whatDoesNotChangeNumbersAndWhatAnOlderVersionDidNotKnowIsNoOtherSetting() throws Exception {
    epochs(ST, 0, 4, 40).with("settings", Map.of("epochs", 4, "seed", 0, "keep", 2));
    epochs(ST, 1, 4, 40)
        .with("settings", Map.of("epochs", 4.0, "seed", 1, "keep", 3, "newer", "on"));
    epochs(ST, 2, 4, 40)
        .with("settings", Map.of("epochs", 4, "order-seed", 7, "data", List.of("b", "a")));
    epochs(ST, 3, 4, 40).with("settings", Map.of("epochs", 4, "data", List.of("a", "b")));
    assertThat(study().faults()).isEmpty();
    assertThat(new Endpoint(study()).of(ST).n()).isEqualTo(4);
  }

  private static Map<String, Object> machine(String device) {
    return Map.of("cpu", "Test CPU", "cpus", 2, "threads", 1, "device", device);
  }

  @Test
  void rowsOfTwoKindsOfDeviceArePairedWithNothing() throws Exception {
    for (int seed = 0; seed < 5; seed++) {
      epochs(JT, seed, 4, 50).with("machine", machine("cpu"));
      epochs(ST, seed, 4, 49).with("machine", machine("cuda"));
    }
    assertThat(new Endpoint(study()).of(ST)).isEqualTo(new Spread(5, 49, 0));
    assertThat(new Endpoint(study()).gap(ST).measured()).isFalse();
    assertThat(study().faults()).isEmpty();
  }

  @Test
  void aRowIsOfOneKindOfDeviceAndRunsOfAnotherAreNamedAndInNoMean() throws Exception {
    for (int seed = 0; seed < 6; seed++) {
      String device = seed < 4 ? "cpu" : "cuda:0";
      epochs(JT, seed, 4, seed < 5 ? 50 : 10).with("machine", machine(seed < 5 ? "cpu" : "cuda"));
      epochs(ST, seed, 4, 50 - seed).with("machine", machine(device));
      epochs(ST.with("replay"), seed, 4, 50 - seed).with("machine", machine("cpu"));
    }
    for (int seed = 0; seed < 5; seed++) { // another kind of processor rounds otherwise, little
      epochs(JT.by("simclr"), seed, 4, 50).with("machine", machine("cpu"));
      epochs(ST.by("simclr"), seed, 4, 49)
          .with("machine", Map.of("cpu", "Other CPU", "cpus", 2, "device", "cpu"));
    }
    Study study = study();
    assertThat(new Endpoint(study).of(JT)).isEqualTo(new Spread(5, 50, 0));
    assertThat(new Endpoint(study).of(ST)).isEqualTo(Spread.of(List.of(50.0, 49.0, 48.0, 47.0)));
    assertThat(new Endpoint(study).gap(ST)).isEqualTo(Spread.of(List.of(0.0, -1.0, -2.0, -3.0)));
    assertThat(new Endpoint(study).gap(ST.with("replay")).n()).isEqualTo(5);
    assertThat(new Endpoint(study).gain(ST.with("replay")).n()).isEqualTo(4);
    assertThat(study.faults())
        .hasSize(2)
        .allMatch(fault -> fault.contains("those on cpu are shown"))
        .anyMatch(fault -> fault.contains("seed 4 on cuda (00000000000d), seed 5 on cuda"));
    assertThat(claim(2).evidence().get(1).numbers()).contains("2 kinds of machine");
    Study planned = study(planned(JT, 4, 12), planned(JT, 5, 15), planned(JT, 6, -1));
    assertThat(planned.doneOfPlan()).isEqualTo(2);
    assertThat(planned.pending()).hasSize(1); // what was made on a card is not made again
  }

  @Test
  void fieldsThatANewerVersionAddsAreLeftOut() throws Exception {
    ledger.run("set", "distant", SSL, "st", 1).with("colour", "blue").result("knn", "set", 10);
    assertThat(study().done()).hasSize(1);
    assertThat(study().faults()).isEmpty();
  }

  @Test
  void aFolderThatIsNotThereIsRefused() {
    assertThatThrownBy(() -> Records.read(folder.resolve("gone")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("gone")
        .hasMessageContaining("LEDGER.jsonl");
    assertThat(Files.exists(folder.resolve("gone"))).isFalse();
  }
}
