package dev.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.recipe.Probing;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProbeTableTest {
  private static Probing.Result knn(String encoder, Integer chunk, double value, Double ci95) {
    return new Probing.Result(
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
    List<Probing.Result> both = List.of(knn("untrained", null, 1, 1.0), knn("x.pth", null, 2, 1.0));
    ProbeTable table = ProbeTable.of(both, true);
    assertThat(table.own()).isEqualTo(both);
    assertThat(table.notBetter()).isEmpty();
  }

  @Test
  void answersOfOlderVersionsHaveNoConditionsAndStandInTheTable() {
    String text = ProbeTable.of(List.of(knn("pretrained", 1, 50, null)), false).lines().toString();
    assertThat(text).contains("50.00").doesNotContain("null", "chance");
  }
}
