package dev.millrace.app.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.evaluation.ProbeResult;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProbeTableTest {
  private static ProbeResult knn(String encoder, Integer chunk, double value, Double ci95) {
    return new ProbeResult(
        "knn", "photos", "held-out", chunk, null, "top1", value, ci95, encoder, null, null);
  }

  private static List<String> notBetter(double value) {
    return ProbeTable.of(
            List.of(
                knn("pretrained", 0, 10, 3.0),
                knn("pretrained", 1, value, 3.0),
                knn("untrained", null, 30, 4.0),
                knn("raw-pixels", null, 40, 4.0)),
            false)
        .notBetter();
  }

  @Test
  void whatIsNotBetterBeyondTheErrorIsSaidInALine() {
    assertThat(notBetter(36))
        .containsExactly("knn on photos: not better than raw pixels beyond the error");
    assertThat(notBetter(34))
        .containsExactly(
            "knn on photos: not better than untrained and raw pixels beyond the error");
    assertThat(notBetter(46)).isEmpty();
  }

  @Test
  void comparisonsThatWereAskedForByNameAreAnswersAndNoBaselines() {
    List<ProbeResult> both = List.of(knn("untrained", null, 1, 1.0), knn("x.pth", null, 2, 1.0));
    ProbeTable table = ProbeTable.of(both, true);
    assertThat(table.own()).isEqualTo(both);
    assertThat(table.notBetter()).isEmpty();
  }

  @Test
  void aFewShotIntervalSaysThatItIsOverEpisodesAndAnyOtherThatItIsOverPictures() {
    ProbeResult episodes =
        new ProbeResult(
            "few-shot",
            "photos",
            "all",
            1,
            5,
            "top1",
            70,
            0.5,
            "pretrained",
            null,
            new com.fasterxml.jackson.databind.ObjectMapper()
                .convertValue(
                    java.util.Map.of("judged_on", 40, "episodes", 600),
                    dev.millrace.evaluation.Conditions.class));
    ProbeTable table = ProbeTable.of(List.of(episodes, knn("pretrained", 1, 50, 2.0)), false);
    assertThat(table.lines().toString())
        .contains("600 episodes; ± is over the episodes of this one encoder, not over seeds");
    assertThat(table.json().get("results").toString())
        .contains("ci95_over=episodes", "ci95_over=pictures");
    assertThat(ProbeTable.json(knn("pretrained", 1, 50, null)).get("ci95_over")).isNull();
  }

  @Test
  void answersOfOlderVersionsHaveNoConditionsAndStandInTheTable() {
    String text = ProbeTable.of(List.of(knn("pretrained", 1, 50, null)), false).lines().toString();
    assertThat(text).contains("50.00").doesNotContain("null", "chance");
  }
}
