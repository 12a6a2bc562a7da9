package dev.millrace.report;

import dev.millrace.file.AtomicFiles;
import dev.millrace.report.numbers.InsightAnswer;
import dev.millrace.report.numbers.Study;
import dev.millrace.study.record.Names;
import dev.millrace.study.record.Records;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * What was found inside runs as one page that opens offline: what it comes to, then the sections of
 * a study's report that need no study, as far as they were measured. Several runs stand side by
 * side on one scale.
 */
public final class InsightPage {
  private InsightPage() {}

  /**
   * Writes the page over one of before.
   *
   * @param against what runs were compared with, if they were
   * @param lines of kind {@code run} and {@code comparison}, as a study's ledger has them; the data
   *     of each bears the run's name
   * @param names what methods and remedies are called
   * @throws IOException if it cannot be written
   */
  public static void write(Path file, String against, List<String> lines, Names names)
      throws IOException {
    AtomicFiles.write(file, html(against, lines, names).getBytes(StandardCharsets.UTF_8));
  }

  static String html(String against, List<String> lines, Names names) {
    Study study = new Study(Records.of(lines), List.of(), names);
    InsightAnswer answer = InsightAnswer.of(study, against);
    Charts charts = Charts.ofRuns(study.cells());
    return Page.open(
            "Insight: " + String.join(", ", study.data()),
            "<p class=\"answer\">"
                + Html.escape(answer.sentence())
                + "</p>\n"
                + (answer.details().isEmpty() ? "" : Html.list(answer.details())),
            "Made by Millrace from what was found inside "
                + (study.cells().size() == 1 ? "this run." : "these runs."),
            Stream.of(
                    ForgettingSection.of(study, charts),
                    LikenessSection.of(study, against, charts),
                    SharpnessSection.of(study, charts),
                    LandscapeSection.of(study, charts),
                    ChunkMeasureSection.health(study, charts))
                .filter(Section::measured)
                .toList())
        .html();
  }
}
