package dev.millrace.report;

import static dev.millrace.report.LedgerFile.map;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InsightPageTest {
  @TempDir private Path folder;

  private final LedgerFile ledger = new LedgerFile();

  private String page() throws Exception {
    ledger.into(folder);
    return InsightPage.html(
        "runs/joint", Files.readAllLines(folder.resolve("LEDGER.jsonl")), LedgerFile.NAMES);
  }

  private static List<String> all(String pattern, String text) {
    return Pattern.compile(pattern, Pattern.DOTALL)
        .matcher(text)
        .results()
        .map((MatchResult found) -> found.group(1))
        .toList();
  }

  private void forgets(String run, double average, double forgetting, double[][] accuracy) {
    ledger
        .run(run, "class", "moco-v2", "st", 1)
        .forgetting("knn", average, forgetting, accuracy, new double[] {20, 22});
  }

  @Test
  void aPageOpensWithWhatTheRunComesToAndHasOnlyWhatWasMeasured() throws Exception {
    forgets("runs/a", 47.5, 6, new double[][] {{51, 12}, {45, 50}});
    String page = page();
    assertThat(page).contains("<title>Insight: runs/a</title>");
    assertThat(all("<p class=\"answer\">([^<]*)</p>", page))
        .containsExactly(
            "runs/a: by kNN it forgot 6.0 points (backward transfer −6.0) and ends at 47.5 % (an untrained encoder 21.0 %).");
    assertThat(all("<h2 id=\"([^\"]*)\"", page)).containsExactly("forgetting");
    assertThat(page).doesNotContain("not measured", "Sharpness", "Health");
  }

  @Test
  void runsStandSideBySideOnOneScaleAndAreCompared() throws Exception {
    forgets("runs/a", 47.5, 6, new double[][] {{51, 12}, {45, 50}});
    forgets("runs/b", 85.0, 1, new double[][] {{90, 15}, {89, 81}});
    String page = page();
    assertThat(all("<p class=\"answer\">([^<]*)</p>", page))
        .containsExactly(
            "Of 2 runs runs/b forgot least by kNN (1.00 points), runs/a most (6.00 points).");
    assertThat(all("<li>(runs/.: by kNN)", page)).hasSize(2);
    // One plot has both lines, and both matrices have the colours of one scale, up to 90 %.
    assertThat(all("aria-label=\"(What the first chunk taught[^\"]*)\"", page))
        .singleElement()
        .asString()
        .contains("runs/a at 1: 51, 2: 45", "runs/b at 1: 90, 2: 89");
    assertThat(page).contains("class=\"figures by2\"");
    List<String> matrices = all("<svg ([^>]*aria-label=\"runs/.*?)</svg>", page);
    assertThat(matrices).hasSize(2);
    assertThat(matrices.get(1)).contains("fill=\"#fde725\"");
    assertThat(matrices.get(0)).doesNotContain("fill=\"#fde725\"");
  }

  @Test
  void ofChunksThatAreAlikeNothingIsForgottenAndTheNumberIsNamed() throws Exception {
    List<Double> untrained = List.of(2.0, 2.0);
    ledger
        .run("runs/i", "instance", "moco-v2", "st", 1)
        .insight(
            "forgetting",
            List.of(
                map(
                    "task",
                    "knn",
                    "parts",
                    List.of("whole set", "whole set"),
                    "accuracy",
                    List.of(List.of(31.0, 31.0), List.of(42.2, 42.2)),
                    "untrained",
                    untrained,
                    "average_accuracy",
                    42.2,
                    "forgetting",
                    -11.2,
                    "backward_transfer",
                    11.2,
                    "forward_transfer",
                    29.0)));
    String page = page();
    assertThat(all("<p class=\"answer\">([^<]*)</p>", page))
        .containsExactly(
            "runs/i: by kNN it ends at 42.2 % on the whole set (an untrained encoder 2.0 %).");
    assertThat(page)
        .contains("The whole set, chunk after chunk, kNN", "on the whole set")
        .doesNotContain("first chunk", "11.2", "Backward transfer", "<h2 id=\"forgetting\">Forg");
  }

  @Test
  void collapsedFeaturesAndSharpnessStandInTheAnswer() throws Exception {
    ledger
        .run("runs/c", "class", "moco-v2", "st", 1)
        .insight(
            "health",
            List.of(
                map(
                    "chunk",
                    0,
                    "effective_rank",
                    1.1,
                    "variance",
                    0.0001,
                    "collapsed",
                    true,
                    "collapse",
                    "to a line: effective rank 1.10 of 511")))
        .keskar(3.5);
    assertThat(all("<p class=\"answer\">([^<]*)</p>", page()))
        .containsExactly(
            "runs/c: its features collapsed after chunk 1 to a line: effective rank 1.10 of 511; Keskar&#39;s sharpness, which depends on the scale of weights, is 3.50 → 3.50 %.");
  }

  @Test
  void sharpnessRelativeToWeightsStandsInTheAnswerAndTheOldOneByItsName() throws Exception {
    for (String name : List.of("runs/flat", "runs/steep")) {
      ledger
          .run(name, "class", "moco-v2", "st", 1)
          .insight(
              "sharpness",
              List.of(
                  map(
                      "chunk",
                      0,
                      "keskar",
                      name.equals("runs/flat") ? 90.0 : 10.0,
                      "adaptive",
                      map("of", "logistic head", "loss", 0.5, "noise", name.length() * 1.0)),
                  map(
                      "chunk",
                      1,
                      "keskar",
                      20.0,
                      "adaptive",
                      map("of", "logistic head", "left_out", "near no minimum"))));
    }
    String page = page();
    assertThat(all("<p class=\"answer\">([^<]*)</p>", page))
        .allMatch(answer -> answer.contains("runs/flat has the flattest minima under noise"));
    assertThat(page)
        .contains("under noise on its filters the logistic head&#39;s loss rises by 9.00 → ? %")
        .contains("Scale-dependent sharpness at the end of each chunk", "rise under noise, %")
        .contains("chunk 2: near no minimum");
  }
}
