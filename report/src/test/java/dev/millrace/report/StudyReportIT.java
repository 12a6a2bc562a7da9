package dev.millrace.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The report in a real browser: headless Chromium, if there is one. */
final class StudyReportIT {
  private static final List<String> NAMES =
      List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome");

  /** Looks at the page through frames of several widths, and tells what it sees as JSON. */
  private static final String LOOK =
      """
      <!DOCTYPE html><html><body>%s<pre id="seen"></pre><script>
      const luminance = c => c.match(/\\d+/g).slice(0, 3).reduce((sum, x) => sum + x / 765, 0);
      addEventListener('load', () => {
        const seen = [...document.querySelectorAll('iframe')].map(frame => {
          const page = frame.contentDocument, view = frame.contentWindow, root = page.documentElement;
          const height = root.scrollHeight;
          page.querySelectorAll('details').forEach(fold => fold.open = true);
          const cut = [...page.querySelectorAll('svg text')].filter(text => {
            const t = text.getBoundingClientRect(), s = text.closest('svg').getBoundingClientRect();
            return t.left < s.left - 1 || t.right > s.right + 1 || t.bottom > s.bottom + 1
              || t.top < s.top - 1;
          }).map(text => text.textContent);
          const body = view.getComputedStyle(page.body);
          return {width: root.clientWidth, scroll: root.scrollWidth, cut, height,
            opened: root.scrollHeight,
            more: [...page.querySelectorAll('.more')].some(e => e.getClientRects().length > 0),
            wide: [...page.querySelectorAll('main *, header *')].filter(e => !e.closest('.scroll')
              && e.getBoundingClientRect().right > root.clientWidth + 1).map(e => e.tagName),
            ground: luminance(body.backgroundColor), ink: luminance(body.color),
            loaded: view.performance.getEntriesByType('resource').length,
            figures: page.querySelectorAll('figure svg').length,
            sticky: view.getComputedStyle(page.querySelector('tbody tr:not(.group) th')).position};
        });
        document.getElementById('seen').textContent = JSON.stringify(seen);
      });
      </script></body></html>
      """;

  @TempDir private static Path folder;
  private static Path chromium;
  private static Path report;

  @BeforeAll
  static void write() throws IOException {
    Optional<Path> found =
        Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
            .flatMap(place -> NAMES.stream().map(name -> Path.of(place, name)))
            .filter(Files::isExecutable)
            .findFirst();
    assumeTrue(
        found.isPresent(),
        "SKIPPED: the report was not looked at in a browser, for there is no Chromium on the PATH"
            + " (Debian: apt install chromium)");
    chromium = found.get();
    RealisticLedger.write(folder);
    report = StudyReport.write(folder);
  }

  @ParameterizedTest
  @CsvSource({"light, 1", "dark, 0"})
  void nothingIsCutOffOrTooWideOrComplainedAboutAtAnyWidth(String theme, int scheme)
      throws Exception {
    int[] widths = {390, 800, 1280, 1920};
    StringBuilder frames = new StringBuilder();
    for (int width : widths) {
      frames.append(
          String.format(
              "<iframe src=\"report.html\" style=\"border:0;width:%dpx;height:900px\"></iframe>",
              width));
    }
    Path look = folder.resolve("look-" + theme + ".html");
    Files.writeString(look, LOOK.replace("%s", frames));
    Path out = folder.resolve(theme + ".out");
    Path err = folder.resolve(theme + ".err");
    browser(
        out,
        err,
        "--allow-file-access-from-files",
        "--enable-logging=stderr",
        "--blink-settings=preferredColorScheme=" + scheme,
        "--window-size=2000,1000",
        "--dump-dom",
        look.toUri().toString());
    assertThat(Files.readAllLines(err)).noneMatch(line -> line.contains("CONSOLE"));
    JsonNode seen = seen(Files.readString(out));
    assertThat(seen).hasSize(widths.length);
    for (int i = 0; i < widths.length; i++) {
      JsonNode page = seen.get(i);
      assertThat(page.path("width").asInt()).isBetween(widths[i] - 20, widths[i]);
      assertThat(page.path("scroll").asInt()).isEqualTo(page.path("width").asInt());
      assertThat(page.path("wide")).as("too wide at " + widths[i]).isEmpty();
      assertThat(page.path("cut")).as("cut off at " + widths[i]).isEmpty();
      assertThat(page.path("loaded").asInt()).isZero();
      assertThat(page.path("height").asInt()).as("ten screens as it opens").isBetween(900, 8000);
      assertThat(page.path("opened").asInt()).isGreaterThan(20000);
      assertThat(page.path("more").asBoolean()).as("tables go on").isEqualTo(widths[i] < 700);
      assertThat(page.path("figures").asInt()).isGreaterThan(30);
      assertThat(page.path("sticky").asText()).isEqualTo("sticky");
      double contrast = page.path("ink").asDouble() - page.path("ground").asDouble();
      assertThat(theme.equals("dark") ? contrast : -contrast).as(theme).isGreaterThan(0.6);
    }
  }

  @Test
  void printedItIsAFewPagesAndWhatIsFoldedStaysSo() throws Exception {
    Path paper = folder.resolve("report.pdf");
    browser(
        folder.resolve("print.out"),
        folder.resolve("print.err"),
        "--no-pdf-header-footer",
        "--print-to-pdf=" + paper,
        report.toUri().toString());
    String pdf = Files.readString(paper, StandardCharsets.ISO_8859_1);
    assertThat(Pattern.compile("/Type /Page\\b").matcher(pdf).results().count()).isBetween(2L, 14L);
  }

  /** Runs the browser, which ends. */
  private static void browser(Path out, Path err, String... more) throws Exception {
    List<String> line =
        new ArrayList<>(
            List.of(
                chromium.toString(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--user-data-dir=" + Files.createTempDirectory(folder, "profile")));
    line.addAll(List.of(more));
    Process browser =
        new ProcessBuilder(line).redirectOutput(out.toFile()).redirectError(err.toFile()).start();
    try {
      assertThat(browser.waitFor(180, TimeUnit.SECONDS)).as("the browser ends").isTrue();
    } finally {
      browser.destroyForcibly().waitFor();
    }
  }

  private static JsonNode seen(String dom) throws IOException {
    Matcher matcher = Pattern.compile("<pre id=\"seen\">(.*?)</pre>", Pattern.DOTALL).matcher(dom);
    assertThat(matcher.find()).as("the page tells what it sees").isTrue();
    return new ObjectMapper()
        .readTree(matcher.group(1).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"));
  }
}
