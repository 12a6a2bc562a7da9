package dev.millrace.report.numbers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.report.LedgerFile;
import dev.millrace.study.record.Cell;
import dev.millrace.study.record.Records;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LearningTest {
  private static final List<String> SETS = List.of("mnist", "cifar10", "tiny");
  private static final Map<String, Double> REACHED =
      Map.of("mnist", 95.0, "cifar10", 40.0, "tiny", 9.0);

  @TempDir private Path folder;
  private final LedgerFile ledger = new LedgerFile();

  private Cell row(String stream) {
    return new Cell("three", stream, "moco-v2", "st");
  }

  private Learning learning() throws IOException {
    return new Learning(new Study(Records.read(ledger.into(folder)), List.of(), LedgerFile.NAMES));
  }

  /** A run that begins with the set of a place, and learns its last chunk to such a share. */
  private void run(String stream, int begin, double last) {
    List<String> parts = new ArrayList<>(SETS);
    Collections.rotate(parts, -begin);
    double[][] accuracy = new double[3][3];
    for (int c = 0; c < 3; c++) {
      accuracy[c][c] = REACHED.get(parts.get(c)) * (c == 2 ? last : 1);
    }
    ledger
        .run("three", stream, "moco-v2", "st", begin)
        .with("chunks", 3)
        .with("losses", LedgerFile.losses(3, 1.0, 5.3))
        .insight(
            "forgetting", List.of(Map.of("task", "knn", "parts", parts, "accuracy", accuracy)));
  }

  @Test
  void aHardSetThatComesLateIsHeldAgainstItselfAndNotAgainstAnEasyOneThatCameFirst()
      throws Exception {
    run("given", 0, 0.9); // mnist, cifar10, tiny: 9 % where mnist had 95 %
    run("given", 2, 0.9); // and tiny first; cifar10 never is
    assertThat(learning().fault(row("given"))).isEmpty();
    assertThat(learning().unchecked(row("given")))
        .hasValueSatisfying(
            words -> assertThat(words).contains("accuracy on cifar10 where that comes first"));
    run("given", 1, 0.9);
    assertThat(learning().fault(row("given"))).isEmpty();
    assertThat(learning().unchecked(row("given"))).isEmpty();
  }

  @Test
  void whoLearnsSetsThatComeLateToLessThanHalfOfWhatTheyReachFirstNoLongerLearns()
      throws Exception {
    for (String stream : List.of("given", "domain")) {
      for (int begin = 0; begin < 3; begin++) {
        run(stream, begin, 0.3);
      }
      Optional<String> fault = learning().fault(row(stream));
      assertThat(fault)
          .hasValueSatisfying(
              words ->
                  assertThat(words)
                      .contains("learned chunk 3 to 30 % of the accuracy by kNN", "come first"));
    }
  }

  @Test
  void chunksOfClassesAreDrawnAlikeAndHeldAgainstTheFirst() throws Exception {
    run("class", 0, 1);
    assertThat(learning().fault(row("class")))
        .hasValueSatisfying(
            words ->
                assertThat(words)
                    .contains("chunk 2 to 40.0 % by kNN where the first reached 95.0 %"));
  }
}
