package dev.millrace.app.report;

import dev.millrace.app.report.numbers.Ledger;
import dev.millrace.app.report.numbers.Study;
import dev.millrace.file.AtomicFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * What was found inside runs as one page that opens offline: the sections of a study's report that
 * need no study.
 */
public final class InsightPage {
  private InsightPage() {}

  /**
   * Writes the page over one of before.
   *
   * @param against what runs were compared with, if they were
   * @param lines of kind {@code run} and {@code comparison}, as a study's ledger has them; runs
   *     that differ in nothing a ledger tells need data of different names
   * @throws IOException if it cannot be written
   */
  public static void write(Path file, String against, List<String> lines) throws IOException {
    Study study = new Study(Ledger.of(lines), List.of());
    Page page =
        Page.of(
            "Insight",
            "<p class=\"soft\">What runs forgot, how alike their encoders are, how sharp their"
                + " minima are, and whether their features are alive.</p>\n",
            "Made by Millrace from what was found inside these runs.",
            List.of(
                ForgettingSection.of(study),
                LikenessSection.of(study, against),
                ChunkMeasureSection.sharpness(study),
                LandscapeSection.of(study),
                ChunkMeasureSection.health(study)));
    AtomicFiles.write(file, page.html().getBytes(StandardCharsets.UTF_8));
  }
}
