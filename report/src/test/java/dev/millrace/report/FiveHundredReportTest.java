package dev.millrace.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.study.record.Primary;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FiveHundredReportTest {
  @TempDir private Path folder;

  @Test
  void theReportOfFiveHundredEncodersFitsTheFrontAndStaysBelowOneAndAHalfMegabytes()
      throws Exception {
    FiveHundredLedger.Made made = FiveHundredLedger.write(folder);
    assertThat(made.encoders()).isGreaterThan(500);
    Primary own = new Primary(List.of("own"), List.of("knn", "linear"), 1);
    Primary transfer = new Primary(List.of("cifar10"), List.of("linear"), 1);
    StudyReport report =
        StudyReport.write(
            folder, "five-hundred", made.planned(), List.of(), own, Optional.of(transfer));
    assertThat(report.done()).isGreaterThan(100).isLessThan(report.planned());
    assertThat(Files.size(report.file())).isLessThan(1_500_000);
    String page = Files.readString(report.file());
    assertThat(page).contains((report.planned() - report.done()) + " pending");
    // What differs along the ladder of chunks is said, and methods at one place are marks.
    assertThat(page).contains("Gap to JT over chunks", "Backward transfer over epochs");
    // The instance stream is no place of forgetting, neither in trends nor with sharpness.
    assertThat(page).doesNotContain("Backward transfer over strength of shift");
    String sharpness = page.substring(page.indexOf("Sharpness and later forgetting"));
    assertThat(sharpness.substring(0, sharpness.indexOf("</table>")))
        .contains("tiny-restart, distant stream", "cifar10-restart, class stream")
        .doesNotContain("instance stream");
    // Repetitions in another rounding are one floor, and no headings of their own.
    assertThat(page).contains("cifar10-restart, all at once, SSL (MoCo v2), JT, weight-decay");
    assertThat(page.substring(0, page.indexOf("<h2 id=\"runs\">"))).doesNotContain("rounding-1");
    // What stands open is read in a minute: the answer, the claims, and what the plots are named.
    String open =
        page.substring(page.indexOf("<body>"))
            .replaceAll("(?s)(</summary>).*?(</details>)", "$1$2")
            .replaceAll("(?s)<svg.*?</svg>", "")
            .replaceAll("<[^>]*>", " ");
    assertThat(open.trim().split("\\s+").length).isLessThan(800);
  }
}
