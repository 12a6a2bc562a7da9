package dev.millrace.report.numbers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.report.LedgerFile;
import dev.millrace.study.record.Cell;
import dev.millrace.study.record.Primary;
import dev.millrace.study.record.Records;
import dev.millrace.study.record.Replicate;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PlannedPowerTest {
  private final List<Study.Planned> planned = new ArrayList<>();

  private void row(
      String data, String stream, String method, String remedy, String schedule, int seeds) {
    for (int seed = 0; seed < seeds; seed++) {
      planned.add(
          new Study.Planned(
              new Cell(data, stream, method, remedy),
              new Replicate(seed),
              "id" + planned.size(),
              null,
              schedule));
    }
  }

  private PlannedPower power() {
    return new PlannedPower(
        new Study(Records.of(List.of()), planned, Primary.DEFAULT, LedgerFile.NAMES));
  }

  @Test
  void comparisonsAreCountedByFamilyScheduleAndNumberOfSeeds() {
    for (String data : List.of("a", "b")) {
      row(data, "joint", "moco-v2", "jt", "restart", 8);
      row(data, "class", "moco-v2", "st", "restart", data.equals("a") ? 8 : 5);
      row(data, "class", "moco-v2", "replay", "restart", 5);
      row(data, "class", "moco-v2", "mas", "restart", 3);
      row(data, "class", "supervised", "st", "restart", 8);
    }
    row("c", "joint", "moco-v2", "jt", "wsd, merge", 5);
    row("c", "class", "moco-v2", "st", "wsd, merge", 8); // three seeds without a joint run
    assertThat(power().groups())
        .containsExactly(
            new PlannedPower.Group("gaps of ST to JT, restart", 1, 2, 5),
            new PlannedPower.Group("gaps of ST to JT, restart", 1, 2, 8),
            new PlannedPower.Group("gaps of remedies to JT, restart", 2, 2, 5),
            new PlannedPower.Group("gaps of ST to JT, wsd, merge", 1, 1, 5));
    assertThat(power().lines())
        .anyMatch(line -> line.contains("gaps of ST to JT, restart: 1 of 2"))
        .anyMatch(line -> line.contains("2 gaps to JT have fewer than 5 seeds"));
  }

  @Test
  void whatCanBeToldIsWhatAReportSaysOnceTheSeedsLieSoFarApart() {
    PlannedPower.Group group = new PlannedPower.Group("gaps of ST to JT", 8, 8, 5);
    Power report = new Power(5, 0.36, 8, 1);
    assertThat(0.36 * group.smallestGap()).isCloseTo(report.smallestGap(), within(1e-6));
    assertThat(group.ofEqual(0.36, 1)).isEqualTo(report.ofEqual()).isCloseTo(0.8, within(0.02));
  }

  @Test
  void aStudyThatHoldsNothingAgainstJointTrainingSaysNothing() {
    row("a", "class", "moco-v2", "st", "restart", 5);
    assertThat(power().lines()).isEmpty();
  }
}
