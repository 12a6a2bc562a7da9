package dev.millrace.app.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class DemoSeedsTest {
  /** A row of the table of ten seeds, of which the last number of each cell is what it ended at. */
  private static final Pattern SEED = Pattern.compile("(?m)^\\| ([0-9]) \\| (.*) \\|$");

  private static final List<String> COLUMNS =
      List.of("raw_pixels", "untrained", "sequential", "replay", "joint");

  /** Of one decimal: a mean of rounded numbers may lie that far from the rounded mean. */
  private static final double ROUNDED = 0.101;

  @Test
  void whatTheDemoSaysOfOtherSeedsIsWhatThePageOfResultsShows() throws IOException {
    String page = Files.readString(Path.of("..", "docs", "results.md"));
    String table = page.substring(page.indexOf("## The demo"), page.indexOf("## Schedules"));
    Map<String, DoubleSummaryStatistics> shown = new LinkedHashMap<>();
    Matcher row = SEED.matcher(table);
    while (row.find()) {
      List<Double> ends =
          Arrays.stream(row.group(2).split("\\|"))
              .map(cell -> cell.substring(cell.lastIndexOf(',') + 1).strip())
              .map(Double::valueOf)
              .toList();
      for (int i = 0; i < COLUMNS.size(); i++) {
        shown
            .computeIfAbsent(COLUMNS.get(i), name -> new DoubleSummaryStatistics())
            .accept(ends.get(i));
      }
    }
    assertThat(DemoSeeds.of("class")).containsOnlyKeys(COLUMNS);
    DemoSeeds.of("class")
        .forEach(
            (name, spread) -> {
              DoubleSummaryStatistics of = shown.get(name);
              assertThat(of.getCount()).isEqualTo(10);
              assertThat(spread.mean()).as(name).isCloseTo(of.getAverage(), within(ROUNDED));
              assertThat(spread.least()).as(name).isCloseTo(of.getMin(), within(ROUNDED));
              assertThat(spread.most()).as(name).isCloseTo(of.getMax(), within(ROUNDED));
            });
  }
}
