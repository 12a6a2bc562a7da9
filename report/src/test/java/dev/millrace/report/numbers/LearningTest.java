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

  /** A run whose chunks end at such losses, where guessing has 1. */
  private void losses(int seed, double... ends) {
    List<Map<String, Object>> losses = new ArrayList<>();
    for (double end : ends) {
      losses.add(Map.of("chunk", losses.size(), "epochs", List.of(0.99, end), "guessing", 1.0));
    }
    ledger.run("three", "class", "moco-v2", "st", seed).with("losses", losses);
  }

  @Test
  void everyChunkOfEveryRunIsHeldAgainstGuessingWhateverTheMeanOrTheLastSays() throws Exception {
    losses(1, 0.3, 0.3, 0.3);
    losses(2, 0.3, 0.96, 0.3);
    losses(3, 0.3, 0.3, 0.3);
    assertThat(learning().fault(row("class"))).isEmpty();
    assertThat(learning().exceptions(row("class")))
        .contains(
            "SSL (MoCo v2), ST, seed 2, chunk 2 ends at a loss of 0.96 where guessing has 1.00");
    losses(4, 0.95, 0.3, 0.3);
    assertThat(learning().exceptions(row("class"))).isEmpty();
    assertThat(learning().fault(row("class")))
        .contains(
            "SSL (MoCo v2), ST, did not learn a chunk in 2 of 4 runs: seed 2, chunk 2 ends at a"
                + " loss of 0.96 where guessing has 1.00, seed 4, chunk 1 ends at a loss of 0.95"
                + " where guessing has 1.00");
  }

  @Test
  void theChunkThatARunOfTheSupervisedStudyDidNotLearnIsNamed() throws Exception {
    Records records = Records.read(Path.of("..", "docs", "study", "supervised"));
    Learning learning = new Learning(new Study(records, List.of(), LedgerFile.NAMES));
    Cell supervised = new Cell("cifar10-restart", "class", "supervised", "st");
    assertThat(learning.exceptions(supervised))
        .hasValueSatisfying(
            words ->
                assertThat(words)
                    .contains("seed 4, chunk 3 ends at a loss of 0.66 where guessing has 0.69"));
    assertThat(learning.fault(supervised)).isEmpty();
    assertThat(learning.exceptions(supervised.by("supervised-mlp"))).isEmpty();
    assertThat(learning.exceptions(supervised.by("moco-v2"))).isEmpty();
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
