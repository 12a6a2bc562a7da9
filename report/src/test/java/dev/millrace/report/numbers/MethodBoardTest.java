package dev.millrace.report.numbers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.report.LedgerFile;
import dev.millrace.report.StudyReport;
import dev.millrace.study.record.Cell;
import dev.millrace.study.record.Records;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MethodBoardTest {
  @TempDir private Path folder;
  private final LedgerFile ledger = new LedgerFile();

  private MethodBoard board() throws IOException {
    return new MethodBoard(
        new Study(Records.read(ledger.into(folder)), List.of(), LedgerFile.NAMES));
  }

  private static Cell joint(String method) {
    return new Cell("set", "joint", method, Cell.JOINT);
  }

  private LedgerFile.Run run(String method, String remedy, long seed, double value) {
    return ledger
        .run("set", remedy.equals("jt") ? "joint" : "class", method, remedy, seed)
        .result("linear", "set", value);
  }

  /** Looks at an own set, each so many seconds after the one before. */
  private static List<Map<String, Object>> looks(double apart, double... knn) {
    List<Map<String, Object>> looks = new ArrayList<>();
    for (int i = 0; i < knn.length; i++) {
      Map<String, Object> look = new HashMap<>();
      look.putAll(Map.of("chunk", 0, "epoch", i, "data", "set", "knn", knn[i]));
      look.putAll(Map.of("image_passes", 100 * (i + 1), "cpu_s", apart * (i + 1)));
      looks.add(look);
    }
    return looks;
  }

  private void threeMethods() {
    for (int seed = 0; seed < 2; seed++) {
      run("moco-v2", "jt", seed, 50 + seed)
          .cost(10, 400, 1, 1)
          .with("looks", looks(100, 30, 40, 44));
      run("moco-v2", "st", seed, 47 + seed);
      run("simclr", "jt", seed, 53 + seed).cost(10, 300, 1, 1).with("looks", looks(50, 36, 46, 48));
      run("byol", "jt", seed, 41).cost(10, 900, 1, 1).with("looks", looks(300, 30, 35, 40));
    }
  }

  @Test
  void methodsAreRankedByWhatJointTrainingReaches() throws Exception {
    threeMethods();
    MethodBoard board = board();
    assertThat(board.data()).containsExactly("set");
    assertThat(board.rows("set")).containsExactly(joint("simclr"), joint("moco-v2"), joint("byol"));
    assertThat(board.streams("set")).containsExactly("class");
    assertThat(board.gap(joint("moco-v2"), "class")).isEqualTo(new Spread(2, -3, 0));
    assertThat(board.sequential(joint("simclr"), "class").measured()).isFalse();
  }

  @Test
  void atEqualTimeALookLiesBetweenThoseAroundIt() throws Exception {
    threeMethods();
    MethodBoard board = board();
    double budget = board.budget("set").orElseThrow();
    assertThat(budget).as("the quickest is done").isEqualTo(150);
    assertThat(board.at(joint("simclr"), budget).mean()).isEqualTo(48);
    assertThat(board.at(joint("moco-v2"), budget).mean()).isCloseTo(35, within(1e-9));
    assertThat(board.at(joint("byol"), budget).measured()).as("before its first look").isFalse();
  }

  @Test
  void aMethodReachesTheReferenceBetweenTwoLooksOrNotAtAll() throws Exception {
    threeMethods();
    MethodBoard board = board();
    assertThat(board.reference("set")).contains(joint("moco-v2"));
    assertThat(board.reached(joint("moco-v2")).orElseThrow().seconds().mean()).isEqualTo(300);
    // 44 lies four fifths of the way from 36 to 46.
    assertThat(board.reached(joint("simclr")).orElseThrow().seconds().mean())
        .isCloseTo(90, within(1e-9));
    MethodBoard.Reached never = board.reached(joint("byol")).orElseThrow();
    assertThat(never.seconds().n()).isZero();
    assertThat(never.of()).isEqualTo(2);
    String page = Files.readString(StudyReport.write(folder));
    assertThat(page)
        .contains("Methods on set, the best first", "Looks after 2.5 min")
        .containsSubsequence("not reached", "by 0 of 2");
  }

  @Test
  void severalSetsOfOneLookAreTheirMean() throws Exception {
    threeMethods();
    List<Map<String, Object>> two = new ArrayList<>(looks(100, 30, 40));
    for (Map<String, Object> look : looks(100, 10, 60)) {
      look.put("data", "other");
      two.add(look);
    }
    run("dcl", "jt", 0, 44).with("looks", two);
    assertThat(board().at(joint("dcl"), 100).mean()).isEqualTo(20);
    assertThat(board().at(joint("dcl"), 1000).mean()).as("no further than it went").isEqualTo(50);
  }

  @Test
  void aSetThatALookLacksIsInNone() throws Exception {
    List<Map<String, Object>> two = new ArrayList<>(looks(100, 30, 40));
    Map<String, Object> once = looks(100, 90).get(0);
    once.put("data", "gone since");
    two.add(once);
    run("dcl", "jt", 0, 44).with("looks", two);
    assertThat(board().at(joint("dcl"), 100).mean()).isEqualTo(30);
  }

  @Test
  void methodsThatLearnFromLabelsMakeNoLeaderboardOfOne() throws Exception {
    run("moco-v2", "jt", 0, 50);
    run("simclr", "jt", 0, 51);
    run("supervised", "jt", 0, 70);
    run("supervised-mlp", "jt", 0, 71);
    assertThat(board().data()).isEmpty();
    run("byol", "jt", 0, 52);
    assertThat(board().rows("set")).hasSize(5).startsWith(joint("supervised-mlp"));
  }

  @Test
  void aRowWithoutCostsOrOfASeedWithoutLooksHasNoTime() throws Exception {
    threeMethods();
    run("dcl", "jt", 0, 44);
    run("dcl", "jt", 1, 44).with("looks", looks(10, 20, 44));
    MethodBoard board = board();
    assertThat(board.seconds(joint("dcl")).measured()).isFalse();
    MethodBoard.Reached reached = board.reached(joint("dcl")).orElseThrow();
    assertThat(reached.of()).isEqualTo(1);
    assertThat(reached.seconds().mean()).isEqualTo(20);
  }

  @Test
  void severalOwnSetsHaveAColumnPerMeasure() throws Exception {
    for (String method : List.of("moco-v2", "simclr", "byol")) {
      ledger
          .run("five", "joint", method, "jt", 0)
          .result("linear", "five/cifar10", 40)
          .result("linear", "five/mnist", 80);
    }
    ledger.into(folder);
    assertThat(Files.readString(StudyReport.write(folder)))
        .containsOnlyOnce(">JT, linear</th>")
        .contains("60.0");
  }

  @Test
  void timesOfSeveralMachinesAreNotHeldAgainstEachOther() throws Exception {
    threeMethods();
    run("dcl", "jt", 0, 44)
        .with("looks", looks(10, 50))
        .with("machine", Map.of("cpu", "Another", "cpus", 8, "threads", 1));
    MethodBoard board = board();
    assertThat(board.budget("set")).isEmpty();
    assertThat(board.reached(joint("simclr"))).isEmpty();
    assertThat(board.seconds(joint("simclr")).measured()).isFalse();
    assertThat(Files.readString(StudyReport.write(folder)))
        .contains("several kinds of machines: no times");
  }

  @Test
  void twoMethodsAreNoLeaderboardAndNothingIsMissing() throws Exception {
    run("moco-v2", "jt", 0, 50);
    run("simclr", "jt", 0, 51);
    assertThat(board().data()).isEmpty();
    assertThat(Files.readString(StudyReport.write(folder))).doesNotContain("Which method");
  }
}
