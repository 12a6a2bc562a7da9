package dev.millrace.app.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.evaluation.Conditions;
import dev.millrace.evaluation.SuiteTable;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SuiteReportTest {
  private static final Conditions CONDITIONS =
      new Conditions(
          null, null, 5840, null, 20.0, 32, null, null, 5, null, 600, null, null, null, null, null,
          null, null, null, null, null);

  @Test
  void theTableHasAColumnAnEncoderABlockATaskAndALineForWhatIsMissing() {
    List<Double> none = Arrays.asList(null, null);
    SuiteTable table =
        new SuiteTable(
            List.of("pretrained", "untrained"),
            List.of(
                new SuiteTable.Row(
                    "mnist", "test", "linear", null, "top1", List.of(90.5, 80.25), none, null),
                new SuiteTable.Row(
                    "pacs",
                    "left-out",
                    "linear",
                    null,
                    "top1",
                    Arrays.asList(50.0, null),
                    none,
                    null),
                new SuiteTable.Row(
                    "omniglot",
                    "all",
                    "few-shot",
                    5,
                    "top1",
                    List.of(70.0, 60.0),
                    List.of(0.5, 0.25),
                    20.0,
                    Map.of("omniglot", CONDITIONS),
                    null),
                new SuiteTable.Row(
                    "bccd", null, "detection", null, null, List.of(), List.of(), "not there")),
            List.of(
                new SuiteTable.Summary("linear", 1, List.of(90.5, 80.25), List.of(1.0, 2.0)),
                new SuiteTable.Summary(
                    SuiteTable.OWN, 2, List.of(80.25, 70.25), List.of(1.0, 2.0))));
    List<String> lines =
        SuiteReport.lines(table).stream().map(line -> line.strip().replaceAll(" +", " ")).toList();
    assertThat(lines)
        .containsExactly(
            "task set metric pretrained untrained chance",
            "linear mnist top1 90.50 80.25 -",
            "linear pacs, left out top1 50.00 - -",
            "average over 1 set, linear 90.50 80.25",
            "mean rank over 1 set, linear 1.00 2.00",
            "",
            "few-shot, 5-shot omniglot top1 70.00 ± 0.50 60.00 ± 0.25 20.00",
            "detection bccd not judged: not there",
            "average over 2 sets, each set's own task 80.25 70.25",
            "mean rank over 2 sets, each set's own task 1.00 2.00",
            "",
            "± of few-shot is over the episodes of one encoder, not over seeds",
            "few-shot, 5-shot on omniglot: judged on 5840, 32 px, 5 ways, 600 episodes");
  }
}
