package dev.millrace.app.analyse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.analysis.RunInsight;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class InsightReportTest {
  @Test
  void backwardTransferComesFirstAndTheMaximumWithAWordOfItsBias() {
    RunInsight.Forgetting forgetting =
        new RunInsight.Forgetting(
            "knn",
            List.of("classes of chunk 1", "classes of chunk 2"),
            List.of(List.of(50.0, 10.0), List.of(44.0, 60.0)),
            List.of(20.0, 22.0),
            52,
            6.5,
            -6,
            -12.0);
    List<String> lines =
        InsightReport.lines(
            Path.of("runs", "a"),
            new RunInsight(List.of(forgetting), null, null, null, null),
            null,
            null);
    int first = lines.indexOf(lines.stream().filter(l -> l.contains("backward")).findFirst().get());
    assertThat(lines.get(first)).startsWith("  backward transfer -6.00");
    assertThat(lines.get(first + 1)).contains("forgetting by maximum 6.50 (biased");
  }

  @Test
  void columnsOfSharpnessStandApartWithinEightyColumns() {
    RunInsight.Adaptive adaptive =
        new RunInsight.Adaptive(
            "logistic head",
            512,
            10,
            0.6,
            2.3,
            null,
            120.1,
            10.9,
            0.1,
            16,
            112.14,
            0.002,
            10000.22,
            30,
            22269.9,
            2100.3,
            32);
    RunInsight.Sharpness sharpness =
        new RunInsight.Sharpness(
            0, adaptive, 64, 3.6339, 0.001, 16.213, 1119.55, 30, 12279.5, 1150.1, 32);
    List<String> lines =
        InsightReport.lines(
            Path.of("runs", "a"),
            new RunInsight(null, null, List.of(sharpness), null, null),
            null,
            null);
    for (String header : List.of("sharpness ", "scale-dependent ")) {
      int at = lines.indexOf(lines.stream().filter(l -> l.startsWith(header)).findFirst().get());
      assertThat(lines.get(at)).hasSizeLessThanOrEqualTo(80).contains("top eigenvalue ");
      assertThat(lines.get(at + 1)).hasSameSizeAs(lines.get(at)).doesNotContain("null");
      assertThat(lines.get(at + 1).split("(?<! ±) {1,}(?!±)")).hasSizeGreaterThan(4);
    }
  }
}
