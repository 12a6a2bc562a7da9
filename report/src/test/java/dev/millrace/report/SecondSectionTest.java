package dev.millrace.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.study.record.Primary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecondSectionTest {
  private static final Primary OWN = new Primary(List.of("own"), List.of("linear"), 1);
  private static final Primary TRANSFER = new Primary(List.of("other"), List.of("linear"), 1);
  private static final double[] NOISE = {-0.3, 0.1, 0.3, -0.2, 0.1, 0};

  @TempDir private Path folder;

  /** Equal on its own set, ten points below on another; with replay the other way. */
  @BeforeEach
  void ledger() throws IOException {
    LedgerFile ledger = new LedgerFile();
    for (int seed = 0; seed < NOISE.length; seed++) {
      row(ledger, "joint", "jt", seed, 50, 40);
      row(ledger, "domain", "st", seed, 50 + NOISE[seed], 30 + NOISE[seed]);
      row(ledger, "domain", "replay", seed, 45 + NOISE[seed], 40 + NOISE[seed]);
    }
    ledger.into(folder);
  }

  private static void row(
      LedgerFile ledger, String stream, String remedy, int seed, double own, double other) {
    ledger
        .run("set", stream, "moco-v2", remedy, seed)
        .result("linear", "set", own)
        .result("linear", "other", other);
  }

  private String page(Optional<Primary> second) throws IOException {
    return Files.readString(
        StudyReport.write(folder, "two", List.of(), List.of(), OWN, second).file());
  }

  @Test
  void theSecondEndpointJudgesRowsByItselfAndMovesNoClaim() throws Exception {
    String plain = page(Optional.empty());
    assertThat(plain).doesNotContain("second endpoint");
    assertThat(folder.resolve("plots/second-set-domain-stream.svg")).doesNotExist();
    String page = page(Optional.of(TRANSFER));
    String section = page.substring(page.indexOf("<h2 id=\"second\">"));
    section = section.substring(0, section.indexOf("<h2 id=\"accuracy\">"));
    assertThat(section)
        .contains("linear on other", "JT 40.0")
        .containsPattern(">ST</th>.*−10.0 ± 0.2.*below JT")
        .containsPattern(">ST \\+ replay</th>.*0.0 ± 0.2.*equal to JT");
    assertThat(folder.resolve("plots/second-set-domain-stream.svg")).exists();
    assertThat(verdicts(page)).isEqualTo(verdicts(plain)).isNotEmpty();
  }

  private static String verdicts(String page) {
    return page.substring(page.indexOf("<p class=\"answer\">"), page.indexOf("</ol>"));
  }

  @Test
  void aSetIsMeantBesideAStreamThatItIsPartOfAsWell() throws Exception {
    LedgerFile ledger = new LedgerFile();
    for (int seed = 0; seed < 6; seed++) {
      for (String stream : List.of("joint", "class")) {
        String remedy = stream.equals("joint") ? "jt" : "st";
        double value = remedy.equals("jt") ? 40 : 30 + NOISE[seed];
        ledger
            .run("own-restart", stream, "moco-v2", remedy, seed)
            .result("linear", "own-restart", value)
            .with("settings", Map.of("data", List.of("other"), "seed", seed));
        ledger
            .run("two", stream, "moco-v2", remedy, seed)
            .result("linear", "two/other", value)
            .result("linear", "two/third", 90)
            .with("settings", Map.of("data", List.of("other", "third"), "seed", seed));
      }
    }
    ledger.into(folder);
    assertThat(page(Optional.of(TRANSFER)))
        .contains("By the second endpoint: own-restart, class stream")
        .contains("By the second endpoint: two, class stream")
        .doesNotContainPattern("second endpoint: two, class stream(?s:.){0,1500}>65\\.0");
  }

  @Test
  void theSeedsOfARowAreThoseThatItsGapIsTakenOver() throws Exception {
    LedgerFile ledger = new LedgerFile();
    for (int seed = 0; seed < 6; seed++) {
      row(ledger, "domain", "st", seed, 50, 30 + NOISE[seed]);
      if (seed < 4) {
        row(ledger, "joint", "jt", seed, 50, 40);
      }
    }
    ledger.into(folder);
    String page = page(Optional.of(TRANSFER));
    String section = page.substring(page.indexOf("By the second endpoint: set, domain stream"));
    assertThat(section).containsPattern("^(?s:.){0,900}?>ST</th><td class=\"n\">4</td>");
  }

  @Test
  void fewerThanFiveSeedsOfTheSecondEndpointDecideNothing() throws Exception {
    LedgerFile ledger = new LedgerFile();
    for (int seed = 0; seed < 4; seed++) {
      row(ledger, "joint", "jt", seed, 50, 40);
      row(ledger, "domain", "st", seed, 50, 30 + NOISE[seed]);
    }
    ledger.into(folder);
    assertThat(page(Optional.of(TRANSFER))).containsPattern(">ST</th>.*−10.0 ± 0.4.*not decided");
  }
}
