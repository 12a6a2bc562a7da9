package dev.millrace.report.numbers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.report.LedgerFile;
import dev.millrace.report.StudyReport;
import dev.millrace.study.record.Records;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RemedyBoardTest {
  @TempDir private Path folder;
  private final LedgerFile ledger = new LedgerFile();

  private RemedyBoard board() throws IOException {
    return new RemedyBoard(
        new Study(Records.read(ledger.into(folder)), List.of(), LedgerFile.NAMES));
  }

  private static RemedyBoard.Row row(String remedy) {
    return new RemedyBoard.Row("moco-v2", remedy);
  }

  private void run(String data, String remedy, long seed, double value, double kept) {
    ledger
        .run(data, remedy.equals("jt") ? "joint" : "class", "moco-v2", remedy, seed)
        .result("linear", data, value)
        .cost(100, remedy.equals("mas") ? 15 : 10, 1000, kept);
  }

  private void twoPlaces() {
    for (int seed = 0; seed < 2; seed++) {
      for (String data : List.of("a", "b")) {
        run(data, "jt", seed, 50 + seed, 1000);
        run(data, "st", seed, 46, 0);
        run(data, "mas", seed, data.equals("a") ? 52 : 43, 0);
        run(data, "replay", seed, data.equals("a") ? 49 : 49.5, 20);
      }
      run("b", "cassle", seed, 60, 0);
    }
  }

  @Test
  void aGapOfSeveralOrdersOfOneSeedIsOfOneSeed() throws Exception {
    run("a", "jt", 1, 50, 1000);
    for (int order = 0; order < 3; order++) {
      for (String remedy : List.of("st", "mas", "replay")) {
        ledger
            .run("a", "class", "moco-v2", remedy, 1)
            .with("order_seed", order)
            .result("linear", "a", 46 + order)
            .cost(100, 10, 1000, 0);
      }
    }
    ledger.into(folder);
    assertThat(Files.readString(StudyReport.write(folder)))
        .contains("<small>1 seed</small>")
        .doesNotContain("<small>1 order</small>");
  }

  @Test
  void remediesAreRankedByTheMeanOfTheirGapsAndOfSomePlacesOnlyLast() throws Exception {
    twoPlaces();
    RemedyBoard board = board();
    assertThat(board.methods()).containsExactly("moco-v2");
    assertThat(board.rows("moco-v2"))
        .containsExactly(row("replay"), row("mas"), row("st"), row("cassle"));
    assertThat(board.mean(row("replay"))).isCloseTo(-1.25, within(1e-9));
    assertThat(board.mean(row("mas"))).isCloseTo(-3, within(1e-9));
    assertThat(board.everywhere(row("cassle"))).isFalse();
  }

  @Test
  void theWorstPlaceAndTheWorstRunStandBesideTheMean() throws Exception {
    twoPlaces();
    RemedyBoard board = board();
    assertThat(board.worstPlace(row("mas"))).isCloseTo(-7.5, within(1e-9));
    assertThat(board.worstRun(row("mas"))).as("43 beside 51").isCloseTo(-8, within(1e-9));
  }

  @Test
  void theWorstRunIsThatOfAnyOrder() throws Exception {
    run("a", "jt", 0, 50, 0);
    for (int order = 1; order <= 3; order++) {
      ledger
          .run("a", "class", "moco-v2", "st", 0)
          .result("linear", "a", 46 + order)
          .with("order_seed", order);
    }
    RemedyBoard board = board();
    assertThat(board.worstPlace(row("st"))).isCloseTo(-2, within(1e-9));
    assertThat(board.worstRun(row("st"))).as("47 beside 50").isCloseTo(-3, within(1e-9));
    assertThat(board.kept(row("st"))).as("no cost is known").isEmpty();
    assertThat(board.time(row("st"))).isEmpty();
  }

  @Test
  void whatARemedyKeepsIsAShareOfTheBytesSeenAndItsTimeOneOfPlainTraining() throws Exception {
    twoPlaces();
    RemedyBoard board = board();
    assertThat(board.kept(row("replay")).orElseThrow()).isCloseTo(0.02, within(1e-9));
    assertThat(board.kept(row("st")).orElseThrow()).isZero();
    assertThat(board.time(row("mas")).orElseThrow()).isCloseTo(1.5, within(1e-9));
    assertThat(Files.readString(StudyReport.write(folder)))
        .contains("Remedies of SSL (MoCo v2), the best first", "not of all streams");
  }

  @Test
  void twoRowsAreNoLeaderboard() throws Exception {
    run("a", "jt", 0, 50, 0);
    run("a", "st", 0, 46, 0);
    run("a", "mas", 0, 47, 0);
    assertThat(board().methods()).isEmpty();
  }
}
