package dev.millrace.report;

import static dev.millrace.report.LedgerFile.map;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.report.numbers.Study;
import dev.millrace.study.record.Cell;
import dev.millrace.study.record.Primary;
import dev.millrace.study.record.Replicate;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

class StudyReportTest {
  private static final String EVIL =
      "<script>alert('x')</script><img src=x onerror=alert(2)>&\"'\u0007]]>\n=cmd()\u001b[31m\u202e\uffff";

  @TempDir private Path folder;

  private String page() throws IOException {
    return Files.readString(StudyReport.write(folder));
  }

  private static Document parsed(String xml) throws Exception {
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    factory.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
    return factory.newDocumentBuilder().parse(new InputSource(new StringReader(xml)));
  }

  private static List<String> all(String pattern, String text) {
    List<String> found = new ArrayList<>();
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    while (matcher.find()) {
      found.add(matcher.group(1));
    }
    return found;
  }

  @Test
  void aWholeStudyIsOnePageThatIsWellFormedAndLoadsNothing() throws Exception {
    RealisticLedger.write(folder);
    String page = page();
    parsed(page);
    assertThat(page).doesNotContain("http://", "https://", "src=", "url(", "@import", "<script");
    assertThat(all("href=\"([^\"]*)\"", page)).isNotEmpty().allMatch(link -> link.startsWith("#"));
    assertThat(page).doesNotContain("NaN", "null", "Infinity");
  }

  @Test
  void everyLinkAndLabelNamesAnIdThatIsThereOnce() throws Exception {
    RealisticLedger.write(folder);
    String page = page();
    List<String> ids = all(" id=\"([^\"]*)\"", page);
    assertThat(ids).doesNotHaveDuplicates();
    assertThat(ids).containsAll(all("href=\"#([^\"]*)\"", page));
    assertThat(ids).containsAll(all("aria-labelledby=\"([^\"]*)\"", page));
  }

  @Test
  void everyPlotIsAFileOfItsOwnThatIsWellFormedAndNamedForThoseWhoDoNotSeeIt() throws Exception {
    RealisticLedger.write(folder);
    String page = page();
    try (var files = Files.list(folder.resolve("plots"))) {
      List<Path> plots = files.toList();
      assertThat(plots).hasSize(all("(<svg )", page).size()).hasSizeGreaterThan(30);
      for (Path plot : plots) {
        Document svg = parsed(Files.readString(plot));
        assertThat(svg.getDocumentElement().getTagName()).isEqualTo("svg");
        assertThat(svg.getDocumentElement().getAttribute("aria-label")).isNotBlank();
      }
    }
  }

  @Test
  void whatRemediesSendAndKeepStandsBesideTheCostAndIsOpenWhereItIsNotKnown() throws Exception {
    LedgerFile ledger = new LedgerFile();
    Map<String, Object> cost =
        map("cpu_s", 50, "wall_s", 25, "image_passes", 4000, "bytes_kept", 90_000_000);
    ledger.run("set", "class", "moco-v2", "st", 1).with("cost", new HashMap<>(cost));
    cost.putAll(map("remedy_passes", 8192, "remedy_backwards", 4096, "remedy_bytes", 3_000_000));
    cost.put("bytes_remembered", 40_000_000);
    ledger.run("set", "class", "moco-v2", "ewc", 1).with("cost", cost);
    ledger.into(folder);
    String page = page();
    assertThat(page)
        .contains("State of remedies", "8\u202f192", "4\u202f096 with a gradient back", "3.0 MB")
        .containsOnlyOnce("of which 40.0 MB replayed")
        .doesNotContain("NaN", "null");
  }

  @Test
  void textFromDataIsTextAndNothingElse() throws Exception {
    LedgerFile ledger = new LedgerFile();
    ledger
        .run(EVIL, EVIL, EVIL, EVIL, 1)
        .result(EVIL, EVIL, 50)
        .cost(10, 5, 1, 1)
        .with("settings", map(EVIL, EVIL))
        .with("version", EVIL)
        .with("finished", EVIL)
        .with("machine", map("cpu", EVIL, "cpus", 2, "threads", 1, "java", EVIL, "os", EVIL))
        .insight(
            "cka", List.of(map("a", 0, "b", 1, "layers", List.of(EVIL), "values", List.of(0.5))))
        .forgetting(EVIL, 50, 3, new double[][] {{50, 10}, {45, 60}});
    ledger.run(EVIL, EVIL, EVIL, "st", 2).failed(EVIL);
    ledger.into(folder);
    String page = page();
    parsed(page);
    assertThat(page).doesNotContain("<script", "alert('x')", "<img", "\u001b", "\u202e");
    assertThat(page).contains("&lt;script&gt;", "\\u001b[31m\\u202e");
    try (var files = Files.list(folder.resolve("plots"))) {
      for (Path plot : files.toList()) {
        parsed(Files.readString(plot));
        assertThat(plot.getFileName().toString()).matches("[a-z0-9-]+\\.svg");
      }
    }
  }

  @Test
  void schedulesAreShownWhereRunsDifferInThem() throws Exception {
    LedgerFile ledger = new LedgerFile();
    ledger.run("set", "class", "moco-v2", "st", 1).result("knn", "set", 41.5);
    ledger.into(folder);
    assertThat(page()).doesNotContain(">Schedule<");
    ledger
        .run("set", "class", "moco-v2", "mas", 1)
        .with("settings", map("schedule", "wsd", "publish", "merge"))
        .result("knn", "set", 42);
    ledger
        .run("set", "class", "moco-v2", "ewc", 1)
        .with("settings", map("schedule", "wsd"))
        .result("knn", "set", 42);
    ledger.into(folder);
    assertThat(page()).contains(">Schedule<", ">restart<", ">wsd, merge<", ">wsd, branch<");
  }

  @Test
  void eachClaimHasALineForEveryFurtherScheduleWithAPictureOfItsOwn() throws Exception {
    LedgerFile ledger = new LedgerFile();
    for (String schedule : List.of("restart", "wsd")) {
      for (String stream : List.of("joint", "instance")) {
        ledger
            .run("set-" + schedule, stream, "moco-v2", stream.equals("joint") ? "jt" : "st", 1)
            .with("settings", map("schedule", schedule))
            .result("knn", "set-" + schedule, 42);
      }
    }
    ledger.into(folder);
    String page = page();
    parsed(page);
    String first = all("(?s)<ol class=\"claims\">.*?(<li>.*?)</li>", page).get(0);
    assertThat(all("class=\"group\">([^<]*)<", first))
        .containsExactly("set-restart, instance stream", "set-wsd, instance stream");
    assertThat(first).contains("Beside it, under wsd, branch");
    assertThat(page).contains("of which a chunk publishes the mean of its last weights (merge)");
    assertThat(folder.resolve("plots/claim-1-wsd-branch.svg")).exists();
    assertThat(page).doesNotContain("no row here does");
  }

  @Test
  void halfAStudyShowsWhatIsPendingAndInventsNoNumber() throws Exception {
    LedgerFile ledger = new LedgerFile();
    ledger.run("set", "distant", "moco-v2", "st", 1).result("knn", "set", 41.5);
    ledger.into(folder);
    Cell st = new Cell("set", "distant", "moco-v2", "st");
    List<Study.Planned> planned =
        List.of(
            planned(st, 1, String.format("%012x", 0)),
            planned(st, 2, "b"),
            planned(st.with("replay"), 1, "c"),
            planned(new Cell("set", "joint", "moco-v2", "jt"), 1, "d"));
    StudyReport report =
        StudyReport.write(
            folder, "a study", planned, List.of("kNN on set"), Primary.DEFAULT, Optional.empty());
    assertThat(report.planned()).isEqualTo(4);
    assertThat(report.done()).isEqualTo(1);
    String page = Files.readString(report.file());
    parsed(page);
    assertThat(page).contains("4 runs planned; 1 done, 0 failed, 3 pending", "kNN on set");
    assertThat(row(page, "ST")).contains("1 of 2", "41.5", "JT pending");
    assertThat(row(page, "ST + replay")).contains("pending").doesNotContainPattern("\\d\\.\\d");
    assertThat(row(page, "JT")).contains("pending").doesNotContainPattern("\\d\\.\\d");
  }

  private static Study.Planned planned(Cell cell, long seed, String id) {
    return new Study.Planned(cell, new Replicate(seed), id, null, "restart");
  }

  private static String row(String page, String name) {
    return all(Pattern.quote("<th scope=\"row\">" + name + "</th>") + "(.*?)</tr>", page).get(0);
  }

  @Test
  void thePageIsTheSameInEveryLocale() throws Exception {
    LedgerFile ledger = new LedgerFile();
    for (int seed = 0; seed < 6; seed++) {
      ledger.run("set", "joint", "moco-v2", "jt", seed).result("knn", "set", 50 + seed * 0.1);
      ledger.run("set", "distant", "moco-v2", "st", seed).result("knn", "set", 41.5);
    }
    ledger.into(folder);
    String page = Files.readString(StudyReport.write(folder));
    Locale before = Locale.getDefault(Locale.Category.FORMAT);
    try {
      Locale.setDefault(Locale.Category.FORMAT, Locale.forLanguageTag("fa-IR-u-nu-arabext"));
      assertThat(Files.readString(StudyReport.write(folder))).isEqualTo(page);
    } finally {
      Locale.setDefault(Locale.Category.FORMAT, before);
    }
  }

  @Test
  void aFailedRunStandsWithItsReason() throws Exception {
    LedgerFile ledger = new LedgerFile();
    ledger.run("set", "class", "moco-v2", "mas", 7).failed("no space left on device");
    ledger.into(folder);
    StudyReport report =
        StudyReport.write(
            folder, "a study", List.of(), List.of(), Primary.DEFAULT, Optional.empty());
    assertThat(report.failed()).isEqualTo(1);
    assertThat(Files.readString(report.file()))
        .contains("Failed runs", "no space left on device", ">7<");
  }

  @Test
  void aFailedComparisonStandsWithItsReasonUntilItIsMade() throws Exception {
    String line =
        "{\"kind\":\"comparison\",\"id\":\"c\",\"status\":\"%s\",\"attempts\":2,\"error\":\"no memory\","
            + "\"data\":\"set\",\"stream\":\"class\",\"method\":\"moco-v2\",\"remedy\":\"st\",\"seed\":1}";
    new LedgerFile().raw(line.formatted("failed")).into(folder);
    assertThat(page()).contains("compared with JT", "no memory");
    new LedgerFile().raw(line.formatted("done")).raw(line.formatted("failed")).into(folder);
    assertThat(page()).doesNotContain("no memory");
  }

  @Test
  void anEmptyFolderGivesAPageThatSaysThatThereIsNothing() throws Exception {
    String page = page();
    parsed(page);
    assertThat(page).contains("Not enough data for an answer yet", "not measured");
  }

  @Test
  void equalLedgersGiveEqualBytes() throws Exception {
    RealisticLedger.write(folder);
    String first = page();
    assertThat(page()).isEqualTo(first);
  }

  @Test
  void plotsOfAnEarlierReportThatAreNoLongerSoAreTakenAway() throws Exception {
    RealisticLedger.write(folder);
    page();
    new LedgerFile().into(folder);
    page();
    try (var files = Files.list(folder.resolve("plots"))) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void aPlannedStudyWithoutAnySeedOfARowKeepsTheTableRectangular() throws Exception {
    RealisticLedger.write(folder);
    Document page = parsed(page());
    var tables = page.getElementsByTagName("table");
    assertThat(tables.getLength()).isGreaterThan(5);
    for (int t = 0; t < tables.getLength(); t++) {
      var table = (org.w3c.dom.Element) tables.item(t);
      var rows = table.getElementsByTagName("tr");
      int columns = cells(rows.item(0));
      for (int r = 1; r < rows.getLength(); r++) {
        assertThat(cells(rows.item(r))).isEqualTo(columns);
      }
    }
  }

  /** What a browser shows before anything is opened: all but what is in folds. */
  private static String unfolded(String page) {
    return page.substring(page.indexOf("<body>"))
        .replaceAll("(?s)(</summary>).*?(</details>)", "$1$2");
  }

  @Test
  void thePageOpensWithItsAnswerAndOnePictureAndFoldsTheRest() throws Exception {
    RealisticLedger.write(folder);
    String page = page();
    String seen = unfolded(page);
    assertThat(seen).doesNotContain("<table", "aria-label=\"Health");
    assertThat(seen.indexOf("class=\"answer\"")).isLessThan(seen.indexOf("<figure"));
    assertThat(seen.indexOf("</figure>")).isLessThan(seen.indexOf("class=\"claims\""));
    assertThat(all("(<figure )", seen)).hasSize(1);
    assertThat(all("<p class=\"panel\">([^<]*)</p>", seen))
        .containsExactly(
            "tiny-imagenet, instance stream",
            "tiny-imagenet, class stream",
            "tiny-imagenet, distant stream",
            "pacs, domain stream");
    assertThat(all("(<span class=\"verdict)", seen)).hasSize(5);
    assertThat(all("<summary>.*?<h2 id=\"[^\"]*\">([^<]*)</h2> <span[^>]*>[^<]+<", seen))
        .hasSameSizeAs(all("(<summary>)", page))
        .contains("Downstream accuracy", "Loss landscapes", "Cost", "Runs, settings, machines");
    // No text of any length stands open: ten screens would be far more.
    assertThat(seen.replaceAll("(?s)<svg.*?</svg>|<[^>]*>", "").length()).isLessThan(5000);
  }

  @Test
  void thePictureIsExplainedInASentenceAndItsWeightsStandWithTheAccuracies() throws Exception {
    RealisticLedger.write(folder);
    String page = page();
    String caption =
        all("(?s)<figcaption>((?:(?!</figcaption>).)*)</figcaption>\\n</figure>", page).get(0);
    assertThat(caption.replaceAll("<[^>]*>", ""))
        .contains("primary endpoint (linear)", "all tasks and their weights")
        .doesNotContainPattern("\\d+ %,|flowers12|tiny-imagenet")
        .hasSizeLessThan(300);
    assertThat(page.indexOf("Share of the primary, %")).isGreaterThan(page.indexOf("accuracy-all"));
  }

  @Test
  void everyClaimWithNumbersHasAPictureOfEachComparisonThatCounts() throws Exception {
    RealisticLedger.write(folder);
    String claims = all("(?s)<ol class=\"claims\">(.*?)</ol>", page()).get(0);
    assertThat(all("(<svg )", claims)).hasSize(4); // sharpness has no number that decides
    String second = claims.split("<li>")[2];
    assertThat(all("class=\"group\">([^<]*)<", second))
        .containsExactly("tiny-imagenet, distant stream", "pacs, domain stream");
    assertThat(all("(<title>ST)", second)).hasSize(8);
    assertThat(claims.split("<li>")[1]).contains("class=\"none\""); // the band of what is equal
  }

  @Test
  void aStudyOfSixtyRunsAndTenTasksIsWellBelowOneAndAHalfMegabytes() throws Exception {
    RealisticLedger.write(folder);
    assertThat(Files.size(StudyReport.write(folder))).isLessThan(1_500_000);
  }

  @Test
  void nothingIsDrawnTwiceAndWhoWouldBeIsNamed() throws Exception {
    RealisticLedger.write(folder);
    String page = page();
    assertThat(all("<svg [^>]*>(.*?)</svg>", page)).hasSizeGreaterThan(30).doesNotHaveDuplicates();
    double[][] parts = {{50, 10}, {45, 60}};
    LedgerFile ledger = new LedgerFile();
    for (String remedy : List.of("st", "replay", "mas")) {
      ledger.run("set", "class", "moco-v2", remedy, 1).forgetting("knn", 50, 3, parts);
    }
    ledger.into(folder);
    assertThat(all("<figcaption>([^<]*<small>.*?)</figcaption>", page()))
        .containsExactly(
            "set, class stream: SSL (MoCo v2), ST, 1 seed<small>To the last digit the same, and so"
                + " drawn once: ST + replay; ST + MAS.</small>");
  }

  @Test
  void everyPlotTellsItsNumbersToThoseWhoDoNotSeeIt() throws Exception {
    RealisticLedger.write(folder);
    List<String> labels = all("<svg [^>]*aria-label=\"([^\"]*)\"", page());
    assertThat(labels).hasSizeGreaterThan(30).allMatch(label -> label.matches("(?s).*\\d.*"));
    assertThat(labels.get(0))
        .startsWith("tiny-imagenet, instance stream. points above or below joint training.")
        .containsPattern(
            "SSL \\(MoCo v2\\), JT \\d+\\.\\d %: ST [+−]\\d\\.\\d ± \\d\\.\\d; ST \\+ replay")
        .containsPattern("SL, JT \\d+\\.\\d %: ST −\\d");
    assertThat(labels)
        .anyMatch(label -> label.contains("after chunk. ST at 1: "))
        .anyMatch(label -> label.contains("%, after chunk; accuracy on part 1, 2, 3, 4. 1: "));
  }

  @Test
  void backwardTransferStandsBeforeForgettingByMaximumWhichIsCalledBiased() throws Exception {
    RealisticLedger.write(folder);
    String page = page();
    int forgetting = page.indexOf("<h2 id=\"forgetting\"");
    String section = page.substring(forgetting, page.indexOf("</table>", forgetting));
    assertThat(section.indexOf(">Backward transfer, points, ± 95 % t-interval<"))
        .isBetween(0, section.indexOf(">Forgetting by maximum, points<"));
    assertThat(section).contains("biased upward");
  }

  @Test
  void everyTaskStandsWithItsNoiseAndItsShareOfThePrimaryEndpoint() throws Exception {
    RealisticLedger.write(folder);
    String page = page();
    int noise = page.indexOf("Noise of each task after pre-training on tiny-imagenet");
    String table = page.substring(noise, page.indexOf("</table>", noise));
    assertThat(all("<th scope=\"row\">([^<]*)</th>", table))
        .containsExactly(
            "kNN, tiny-imagenet",
            "linear, tiny-imagenet",
            "kNN, caltech101",
            "linear, caltech101",
            "kNN, cifar10",
            "linear, cifar10",
            "kNN, flowers12",
            "linear, flowers12",
            "5-shot, omniglot");
    assertThat(row(table, "kNN, cifar10")).contains(">–<");
    assertThat(row(table, "linear, cifar10")).containsPattern(">\\d+\\.\\d\\d<.*>\\d+<");
    assertThat(page).contains("95 % t-interval over seeds", "over its episodes");
  }

  @Test
  void untrainedEncodersAndRawPixelsStandInThePictureOfTheirSet() throws Exception {
    LedgerFile ledger = new LedgerFile();
    ledger.run("set", "class", "moco-v2", "st", 1).result("knn", "set", 41.5);
    ledger.run("set", "joint", "moco-v2", "jt", 1).result("knn", "set", 42.5);
    ledger.run("set", "none", "moco-v2", "untrained", 1).result("knn", "set", 30);
    ledger.run("set", "none", "moco-v2", "raw", 1).result("knn", "set", 33.5);
    ledger.into(folder);
    String page = page();
    assertThat(all("aria-label=\"([^\"]*)\"", unfolded(page)))
        .containsExactly(
            "set, class stream. points above or below joint training. SSL (MoCo v2), JT 42.5 %:"
                + " ST −1.0. no pre-training, against SSL (MoCo v2), JT 42.5 %: untrained −12.5;"
                + " raw pixels −9.0");
    assertThat(row(page, "untrained")).contains("30.0", "−12.5");
  }

  @Test
  void anUntrainedEncoderThatWasNotAskedThePrimaryTasksHasNoPlaceInThePicture() throws Exception {
    LedgerFile ledger = new LedgerFile();
    ledger.run("set", "class", "moco-v2", "st", 1).result("linear", "set", 41.5);
    ledger.run("set", "joint", "moco-v2", "jt", 1).result("linear", "set", 42.5);
    ledger.run("set", "none", "moco-v2", "untrained", 1).result("knn", "set", 30);
    ledger.into(folder);
    assertThat(all("aria-label=\"([^\"]*)\"", unfolded(page())))
        .containsExactly(
            "set, class stream. points above or below joint training. SSL (MoCo v2), JT 42.5 %: ST"
                + " −1.0");
  }

  @Test
  void tablesSayOnATelephoneHowMuchMoreThereIs() throws Exception {
    RealisticLedger.write(folder);
    assertThat(page())
        .containsPattern("class=\"more\">9 tasks →</b>")
        .containsPattern("class=\"more\">\\d columns →</b>");
  }

  @Test
  void thePageIsCalledLikeTheStudyAndNamesThePaper() throws Exception {
    String page =
        Files.readString(
            StudyReport.write(
                    folder, "autumn", List.of(), List.of(), Primary.DEFAULT, Optional.empty())
                .file());
    assertThat(page)
        .contains("<title>Study: autumn</title>", "<h1>Study: autumn</h1>")
        .contains(
            "How Well Does Self-Supervised Pre-Training Perform with Streaming Data?",
            "Hu et al., ICLR 2022, arXiv 2104.12081");
  }

  private static int cells(org.w3c.dom.Node row) {
    int cells = 0;
    for (var cell = row.getFirstChild(); cell != null; cell = cell.getNextSibling()) {
      String span = ((org.w3c.dom.Element) cell).getAttribute("colspan");
      cells += span.isEmpty() ? 1 : Integer.parseInt(span);
    }
    return cells;
  }
}
