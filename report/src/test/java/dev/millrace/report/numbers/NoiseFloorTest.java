package dev.millrace.report.numbers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.report.LedgerFile;
import dev.millrace.report.StudyReport;
import dev.millrace.study.record.Cell;
import dev.millrace.study.record.Records;
import dev.millrace.study.record.Task;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NoiseFloorTest {
  private static final Cell JOINT = new Cell("cifar10", "joint", "moco-v2", Cell.JOINT);
  private static final Task KNN = new Task("knn", "cifar10", "test", null, "top1");

  @TempDir private Path folder;
  private final LedgerFile ledger = new LedgerFile();

  private NoiseFloor floor() throws IOException {
    return new NoiseFloor(
        new Study(Records.read(ledger.into(folder)), List.of(), LedgerFile.NAMES));
  }

  private void joint(String label, long seed, double value, Object... changed) {
    Map<String, Object> settings =
        new HashMap<>(Map.of("weight-decay", 5e-4, "lr", 0.03, "images", 20000, "seed", seed));
    for (int i = 0; i < changed.length; i += 2) {
      settings.put((String) changed[i], changed[i + 1]);
    }
    ledger
        .run(label, "joint", "moco-v2", Cell.JOINT, seed)
        .with("settings", settings)
        .result("knn", label, value);
  }

  /** A row of three seeds, one of which is repeated in two other roundings. */
  private void study() {
    joint("cifar10", 1, 50);
    joint("cifar10", 2, 54);
    joint("cifar10", 3, 46);
    joint("rounding-1", 1, 51, "weight-decay", 5.00001e-4);
    joint("rounding-2", 1, 49, "weight-decay", 5.00002e-4);
  }

  @Test
  void runsOfASeedThatDifferInARoundingAreTheFloorBesideTheDeviationBetweenSeeds()
      throws Exception {
    study();
    NoiseFloor floor = floor();
    assertThat(floor.all()).hasSize(1);
    NoiseFloor.Roundings one = floor.all().get(0);
    assertThat(one.cell()).isEqualTo(JOINT);
    assertThat(one.setting()).isEqualTo("weight-decay");
    assertThat(one.change()).isCloseTo(4e-6, within(1e-8));
    // The value by whatever label it was asked under: 50, 51, 49 and 50, 54, 46.
    NoiseFloor.Deviation rounding = floor.between(one, run -> run.results().get(0).value());
    assertThat(rounding).isEqualTo(new NoiseFloor.Deviation(1, 2));
    NoiseFloor.Deviation seeds = floor.betweenSeeds(one, run -> Accuracy.value(run, KNN));
    assertThat(seeds).isEqualTo(new NoiseFloor.Deviation(4, 2));
    // Chi-squared with two degrees of freedom: 0.0506 and 7.3778.
    assertThat(rounding.low()).isCloseTo(Math.sqrt(2 / 7.3778), within(1e-4));
    assertThat(rounding.high()).isCloseTo(Math.sqrt(2 / 0.0506356), within(1e-4));
  }

  @Test
  void repetitionsThatWereMadeFirstStandUnderTheRowThatHasOtherSeeds() throws Exception {
    joint("rounding-1", 1, 51, "weight-decay", 5.00001e-4);
    joint("rounding-2", 1, 49, "weight-decay", 5.00002e-4);
    joint("cifar10", 1, 50);
    joint("cifar10", 2, 54);
    assertThat(floor().all()).extracting(NoiseFloor.Roundings::cell).containsExactly(JOINT);
    assertThat(floor().labels()).containsExactlyInAnyOrder("rounding-1", "rounding-2");
  }

  @Test
  void aRowOfEqualSettingsUnderAnotherLabelIsNoSecondFloor() throws Exception {
    study();
    joint("two-chunks", 1, 50); // joint training knows no chunks, so this is the first row's run
    assertThat(floor().all()).hasSize(1);
    assertThat(floor().labels()).containsExactlyInAnyOrder("rounding-1", "rounding-2");
  }

  @Test
  void otherSettingsOtherSeedsAndOtherCountsAreNoRoundings() throws Exception {
    joint("cifar10", 1, 50);
    joint("other-seed", 2, 51, "weight-decay", 5.00001e-4);
    joint("a-hundredth", 1, 51, "weight-decay", 5.05e-4);
    joint("two-numbers", 1, 51, "weight-decay", 5.00001e-4, "lr", 0.03000001);
    joint("pictures", 1, 51, "images", 20001);
    joint("word", 1, 51, "schedule", "wsd");
    joint("equal", 1, 51);
    assertThat(floor().all()).isEmpty();
    assertThat(floor().labels()).isEmpty();
  }

  @Test
  void whatAnOlderVersionDidNotNameAndWhatChangesNoNumberHidesNoRounding() throws Exception {
    joint("cifar10", 1, 50, "threads", 2);
    joint("rounding-1", 1, 51, "weight-decay", 5.00001e-4, "threads", 1, "mask-ratio", 0.75);
    joint("rounding-2", 1, 49, "weight-decay", 5.00002e-4, "mask-ratio", 0.75, "lr", 0.030);
    joint("masked", 1, 49, "weight-decay", 5.00003e-4, "images", 10000);
    NoiseFloor floor = floor();
    assertThat(floor.all()).hasSize(1);
    assertThat(floor.all().get(0).repeated().get(0))
        .extracting(run -> run.data())
        .containsExactly("cifar10", "rounding-1", "rounding-2");
  }

  @Test
  void anotherDeviceIsNoRounding() throws Exception {
    joint("cifar10", 1, 50);
    ledger
        .run("card", "joint", "moco-v2", Cell.JOINT, 1)
        .with(
            "settings", Map.of("weight-decay", 5.00001e-4, "lr", 0.03, "images", 20000, "seed", 1))
        .with("machine", Map.of("cpu", "Test CPU", "cpus", 2, "device", "cuda"))
        .result("knn", "card", 40);
    assertThat(floor().all()).isEmpty();
  }

  @Test
  void roundingsOfSeveralSeedsArePooledWithinEachSeed() throws Exception {
    joint("cifar10", 1, 10);
    joint("cifar10", 2, 90);
    joint("again", 1, 12, "lr", 0.0300001);
    joint("again", 2, 94, "lr", 0.0300001);
    NoiseFloor floor = floor();
    assertThat(floor.all()).hasSize(1);
    NoiseFloor.Deviation pooled =
        floor.between(floor.all().get(0), run -> run.results().get(0).value());
    assertThat(pooled.deviation()).isCloseTo(Math.sqrt((2 + 8) / 2.0), within(1e-9));
    assertThat(pooled.freedom()).isEqualTo(2);
  }

  @Test
  void aLabelOfRepetitionsAloneStandsInTheFloorAndNowhereElse() throws Exception {
    study();
    assertThat(floor().labels()).containsExactlyInAnyOrder("rounding-1", "rounding-2");
    String page = Files.readString(StudyReport.write(folder));
    String noise =
        page.substring(page.indexOf("<h2 id=\"noise\">"), page.indexOf("<h2 id=\"runs\">"));
    assertThat(noise)
        .contains("cifar10, all at once, SSL (MoCo v2), JT, weight-decay changed by")
        .containsPattern(">Primary<.*?>3<.*?>1\\.00<small>0\\.52 … 6\\.28<.*?>3<.*?>4\\.00<.*?>6<");
    String runs = page.substring(page.indexOf("<h2 id=\"runs\">"));
    assertThat(runs).contains("rounding-1", "rounding-2");
    assertThat(page.replace(runs, "")).doesNotContain("rounding-1", "rounding-2");
    assertThat(page).contains("5 done");
  }

  @Test
  void whereNothingElseWouldBeLeftTheFirstLabelStays() throws Exception {
    joint("cifar10", 1, 50);
    joint("again", 1, 51, "lr", 0.0300001);
    assertThat(floor().labels()).containsExactly("again");
  }

  @Test
  void aStudyThatRepeatsNothingSaysNothingOfIt() throws Exception {
    joint("cifar10", 1, 50);
    ledger.into(folder);
    assertThat(Files.readString(StudyReport.write(folder))).doesNotContain("Noise floor");
  }
}
