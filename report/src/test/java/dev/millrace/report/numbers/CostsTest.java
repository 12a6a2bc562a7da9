package dev.millrace.report.numbers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.report.LedgerFile;
import dev.millrace.study.record.Cell;
import dev.millrace.study.record.Records;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CostsTest {
  private static final String SSL = "moco-v2";
  private static final Cell ST = new Cell("set", "distant", SSL, "st");

  @TempDir private Path folder;
  private final LedgerFile ledger = new LedgerFile();

  private Study study() throws IOException {
    return new Study(Records.read(ledger.into(folder)), List.of(), LedgerFile.NAMES);
  }

  private static Verdict cheaper(Study study) {
    return new Claims(study).all().get(4).verdict();
  }

  @Test
  void withEqualChunksAndPassesStreamingCostsTwoOverChunksPlusOne() throws Exception {
    for (int seed = 1; seed <= 2; seed++) {
      ledger.run("set", "distant", SSL, "st", seed).cost(100, 25, 10, 0);
      ledger.run("set", "joint", SSL, "jt", seed).cost(400, 100, 40, 0);
    }
    Costs costs = new Costs(study());
    assertThat(costs.ofJointRedone(ST, Costs.Measure.CPU).mean()).isCloseTo(0.4, within(1e-12));
    assertThat(costs.jointRedone(ST, Costs.Measure.CPU)).containsExactly(25.0, 75.0, 150.0, 250.0);
    assertThat(costs.jointRedone(ST, Costs.Measure.BYTES)).containsExactly(10.0, 20.0, 30.0, 40.0);
    assertThat(costs.curve(ST, Costs.Measure.CPU)).containsExactly(25.0, 50.0, 75.0, 100.0);
    assertThat(cheaper(study())).isEqualTo(Verdict.ARITHMETIC);
  }

  @Test
  void timesOfDifferentMachinesAreNotDividedByEachOtherButImagePassesAre() throws Exception {
    for (Map<String, Object> other :
        List.<Map<String, Object>>of(
            Map.of("cpu", "One ten times as slow", "cpus", 2),
            Map.of("cpu", "Test CPU", "cpus", 16),
            Map.of("cpu", "Test CPU", "cpus", 2, "device", "cuda"))) {
      LedgerFile mixed = new LedgerFile();
      for (int seed = 1; seed <= 2; seed++) {
        LedgerFile.Run run = mixed.run("set", "distant", SSL, "st", seed).cost(100, 25, 10, 0);
        if (seed == 2) {
          run.with("machine", other);
        }
        mixed.run("set", "joint", SSL, "jt", seed).cost(400, 100, 40, 0);
        mixed.run("set", "distant", SSL, "mas", seed).cost(100, 30, 10, 0);
      }
      Study study = new Study(Records.read(mixed.into(folder)), List.of(), LedgerFile.NAMES);
      Costs costs = new Costs(study);
      assertThat(costs.ofJointRedone(ST, Costs.Measure.CPU).n()).isEqualTo(1);
      // A card's run is not in a row of the processor's at all.
      assertThat(costs.ofJointRedone(ST, Costs.Measure.PASSES).n())
          .isEqualTo(other.containsKey("device") ? 1 : 2);
      assertThat(costs.ofSequential(ST.with("mas"), Costs.Measure.WALL).n()).isEqualTo(1);
    }
  }

  @Test
  void jointTrainingThatGoesOnFromItsLastModelStandsBesideTheArithmetic() throws Exception {
    for (int seed = 1; seed <= 2; seed++) {
      ledger.run("set", "distant", SSL, "st", seed).cost(100, 25, 10, 0).result("knn", "set", 48);
      ledger.run("set", "joint", SSL, "jt", seed).cost(400, 100, 40, 0).result("knn", "set", 50);
    }
    assertThat(new Claims(study()).all().get(4).evidence().get(0).numbers())
        .contains("40 ± 0 % of the image passes", "8\u202f000 of 20\u202f000")
        .contains("would make 8\u202f000 as well, with 40 B of pictures kept", "not measured");
    for (int seed = 1; seed <= 2; seed++) {
      ledger
          .run("set", "distant", SSL, "joint-warm", seed)
          .cost(100, 25, 10, 10)
          .result("knn", "set", 49);
    }
    Claim claim = new Claims(study()).all().get(4);
    assertThat(claim.verdict()).isEqualTo(Verdict.ARITHMETIC);
    assertThat(claim.evidence().get(0).numbers())
        .contains("made 8\u202f000, kept 40 B of pictures and ends 1.0 ± 0.0 points below")
        .contains("ST 2.0 ± 0.0 points below");
  }

  @Test
  void aLineThatDoesNotTellItsDeviceWasMadeOnTheProcessor() throws Exception {
    ledger.run("set", "distant", SSL, "st", 1).cost(100, 25, 10, 0);
    ledger
        .run("set", "joint", SSL, "jt", 1)
        .cost(400, 100, 40, 0)
        .with("machine", Map.of("cpu", "Test CPU", "cpus", 2, "device", "cpu"));
    assertThat(new Costs(study()).ofJointRedone(ST, Costs.Measure.CPU).n()).isEqualTo(1);
  }
}
