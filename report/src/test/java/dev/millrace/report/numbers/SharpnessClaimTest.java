package dev.millrace.report.numbers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.report.LedgerFile;
import dev.millrace.study.record.Records;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SharpnessClaimTest {
  @TempDir private Path folder;

  @Test
  void aFullHeadsRiseIsShownAndNotCounted() throws Exception {
    LedgerFile ledger = new LedgerFile();
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
    Study study = new Study(Records.read(ledger.into(folder)), List.of(), LedgerFile.NAMES);
    Claim claim = new SharpnessClaim(study).claim();
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
}
