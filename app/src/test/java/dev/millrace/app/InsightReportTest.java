package dev.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.recipe.RunInsight;
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
}
