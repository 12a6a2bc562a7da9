package dev.millrace.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.probe.FewShot;
import dev.millrace.probe.FineTuning;
import dev.millrace.probe.SplitParts;
import dev.millrace.recipe.Millrace;
import dev.millrace.recipe.Settings;
import dev.millrace.stream.source.Catalogue;
import dev.millrace.stream.source.DataSet;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A small suite on a real run of a few steps. */
class SuiteTest {
  private static final String ONE = "generated:images=96;test=48;classes=3;size=16";
  private static final String DOMAINS = "generated:images=90;test=90;classes=3;domains=3;size=16";
  private static final Suite SMALL =
      new Suite(
          "small",
          List.of(
              new Suite.Entry(ONE, "linear", false),
              new Suite.Entry(DOMAINS, "linear", true),
              new Suite.Entry("mnist", "linear", false),
              new Suite.Entry("bccd", "detection", false)));

  @TempDir static Path runs;

  private static Path run;

  @BeforeAll
  static void pretrain() throws IOException {
    Settings tiny =
        Settings.defaults("generated:images=64;test=8;classes=4;size=16")
            .with(Map.of("width", 4, "size", 16, "epochs", 1, "batch", 32, "queue", 64))
            .with(Map.of("threads", 1, "stream", "class", "chunks", 2));
    run = Millrace.pretrain(tiny, runs.resolve("finished")).run();
  }

  @BeforeEach
  void forget() throws IOException {
    Files.deleteIfExists(run.resolve("probes.jsonl"));
  }

  private static TaskSettings settings(long seed) {
    return new TaskSettings(
        List.of(
            new FewShot.Settings(2, 1, 3, 20, FewShot.Head.PROTOTYPE, seed),
            new FewShot.Settings(2, 2, 3, 20, FewShot.Head.PROTOTYPE, seed)),
        FineTuning.Settings.defaults(),
        DetectionSettings.small(seed),
        seed);
  }

  private static ProbeRequest request(boolean untrained, boolean raw, int images, long seed) {
    return new ProbeRequest(
        Suite.TASKS,
        List.of(),
        new ProbeRequest.Encoders(null, false, null, untrained, raw, false, false),
        new ProbeRequest.Pictures(images, null, null),
        settings(seed),
        1,
        "cpu",
        null);
  }

  /** Counts what a call does. */
  private static final class Told implements ProbeListener {
    final List<String> fresh = new ArrayList<>();
    final List<String> kept = new ArrayList<>();
    int extracted;
    RuntimeException failAt;
    int after = Integer.MAX_VALUE;

    @Override
    public void extracted(String encoder, String data, int pictures, double seconds) {
      extracted++;
    }

    @Override
    public void answered(ProbeResult result, String encoder, double seconds, boolean old) {
      (old ? kept : fresh).add(encoder + " " + result.task() + " " + result.data());
      if (fresh.size() == after) {
        throw failAt;
      }
    }
  }

  private static SuiteOutcome ask(ProbeRequest request, ProbeListener told) throws IOException {
    return Probing.suite(run, SMALL, request, new Catalogue(null, null), told);
  }

  private static SuiteTable.Row row(SuiteTable table, String data, String split, String task) {
    return table.rows().stream()
        .filter(r -> r.data().equals(data) && split.equals(r.split()) && r.task().equals(task))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void everySetIsAskedEveryTaskOnFeaturesTakenOnce() throws IOException {
    Told told = new Told();
    SuiteOutcome outcome = ask(request(false, false, 0, 0), told);
    // One set: 2 + 2 shots; three domains to themselves: 3 · 4, each left out: 3 · 2.
    assertThat(told.fresh).hasSize(4 + 12 + 6);
    assertThat(told.kept).isEmpty();
    assertThat(told.extracted).isEqualTo(2 + 3 * 2); // train and test of each
    assertThat(outcome.results()).hasSize(22);
    assertThat(Files.readAllLines(run.resolve("probes.jsonl"))).hasSize(22);
    assertThat(outcome.results())
        .filteredOn(r -> r.split().equals("left-out"))
        .extracting(ProbeResult::task)
        .containsOnly("knn", "linear");
  }

  @Test
  void setsThatCannotBeJudgedAreNamedWithTheReason() throws IOException {
    SuiteOutcome outcome = ask(request(false, false, 0, 0), new Told());
    assertThat(outcome.missing().keySet()).containsExactly("mnist", "bccd");
    assertThat(outcome.missing().get("mnist")).contains("not found under MILLRACE_DATA", "mnist*");
    assertThat(outcome.missing().get("bccd")).contains("not found under MILLRACE_DATA", "bccd*");
    assertThat(outcome.table().rows())
        .filteredOn(r -> r.missing() != null)
        .extracting(SuiteTable.Row::data)
        .containsExactly("mnist", "bccd");
    Suite nothing = new Suite("nothing", List.of(new Suite.Entry("mnist", "linear", false)));
    assertThatThrownBy(
            () ->
                Probing.suite(
                    run,
                    nothing,
                    request(false, false, 0, 0),
                    new Catalogue(null, null),
                    new Told()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("none of its sets is here (mnist)");
  }

  @Test
  void whatIsAnsweredIsNotAskedAgainAlsoAfterADeathInMidLine() throws IOException {
    Told dies = new Told();
    dies.after = 5; // a task of one line, which is then lost
    dies.failAt = new IllegalStateException("killed");
    assertThatThrownBy(() -> ask(request(false, false, 0, 0), dies)).hasMessage("killed");
    Path log = run.resolve("probes.jsonl");
    String text = Files.readString(log);
    List<String> lines = text.lines().toList();
    Files.writeString(log, text.substring(0, text.length() - 20)); // as if killed while it wrote

    Told again = new Told();
    SuiteOutcome outcome = ask(request(false, false, 0, 0), again);
    assertThat(again.kept).hasSize(lines.size() - 1);
    assertThat(again.kept.size() + again.fresh.size()).isEqualTo(22);

    Told last = new Told();
    assertThat(ask(request(false, false, 0, 0), last)).isEqualTo(outcome);
    assertThat(last.fresh).isEmpty();
    assertThat(last.kept).hasSize(22);
    assertThat(last.extracted).isZero();

    Files.delete(log);
    assertThat(ask(request(false, false, 0, 0), new Told())).isEqualTo(outcome);
  }

  @Test
  void anotherEncoderPictureNumberOrSeedIsAnotherQuestion() throws IOException {
    ask(request(false, false, 0, 0), new Told());
    for (ProbeRequest other :
        List.of(
            request(true, false, 0, 0),
            request(false, false, 50, 0),
            request(false, false, 0, 1))) {
      Told told = new Told();
      ask(other, told);
      assertThat(told.fresh)
          .as(other.toString())
          .filteredOn(what -> what.contains("linear"))
          .hasSize(7);
    }
    Told told = new Told();
    ask(request(false, false, 0, 0), told);
    assertThat(told.fresh).isEmpty();
  }

  @Test
  void aChangedEncoderIsAskedAgain() throws IOException {
    SuiteOutcome before = ask(request(false, false, 0, 0), new Told());
    Path file = run.resolve("chunks/1/encoder.safetensors");
    byte[] bytes = Files.readAllBytes(file);
    try {
      Files.copy(
          run.resolve("chunks/0/encoder.safetensors"),
          file,
          java.nio.file.StandardCopyOption.REPLACE_EXISTING);
      Told told = new Told();
      SuiteOutcome after = ask(request(false, false, 0, 0), told);
      assertThat(told.kept).isEmpty();
      assertThat(after.results()).isNotEqualTo(before.results());
    } finally {
      Files.write(file, bytes);
    }
  }

  @Test
  void encodersAskedTogetherOrOneAfterAnotherStandBesideEachOther() throws IOException {
    ask(request(false, false, 0, 0), new Told());
    SuiteTable table = ask(request(true, true, 0, 0), new Told()).table();
    assertThat(table.encoders()).containsExactly("untrained", "raw-pixels", "pretrained");
    for (SuiteTable.Row row : table.rows()) {
      if (row.missing() == null) {
        assertThat(row.values()).hasSize(3).doesNotContainNull();
      }
    }
    SuiteTable.Summary own =
        table.summaries().stream()
            .filter(s -> s.what().equals(SuiteTable.OWN))
            .findFirst()
            .orElseThrow();
    assertThat(own.sets()).isEqualTo(2);
    assertThat(own.meanRanks().stream().mapToDouble(r -> r).sum()).isCloseTo(6, within(1e-9));
    double one = row(table, ONE, "test", "linear").values().get(0);
    double itself = row(table, DOMAINS, "test", "linear").values().get(0);
    double left = row(table, DOMAINS, "left-out", "linear").values().get(0);
    assertThat(own.averages().get(0)).isCloseTo((one + (itself + left) / 2) / 2, within(1e-9));
    // By other settings there is one encoder only.
    assertThat(ask(request(false, false, 50, 0), new Told()).table().encoders())
        .containsExactly("pretrained");
  }

  @Test
  void theValueOfDomainsIsTheirMean() throws IOException {
    SuiteOutcome outcome = ask(request(false, false, 0, 0), new Told());
    double mean =
        outcome.results().stream()
            .filter(r -> r.data().startsWith(DOMAINS + "/"))
            .filter(r -> r.task().equals("knn") && r.split().equals("left-out"))
            .mapToDouble(ProbeResult::value)
            .average()
            .orElseThrow();
    SuiteTable.Row row = row(outcome.table(), DOMAINS, "left-out", "knn");
    assertThat(row.values().get(0)).isCloseTo(mean, within(1e-9));
    assertThat(row.ci95()).containsOnlyNulls();
  }

  @Test
  void ranksCountFromTheBestAndEqualOnesShareTheirs() {
    assertThat(SuiteTable.ranks(10, 30, 20)).containsExactly(3, 1, 2);
    assertThat(SuiteTable.ranks(10, 30, 30)).containsExactly(3, 1.5, 1.5);
    assertThat(SuiteTable.ranks(7)).containsExactly(1);
  }

  @Test
  void aDomainLeftOutIsJudgedByAllOfItsPicturesAndLearnsFromNoneOfThem() throws IOException {
    DataSet set = new Catalogue(null, null).open(DOMAINS);
    List<SplitParts> divisions = SplitParts.byDomain(DOMAINS, set, 0);
    assertThat(divisions).hasSize(6);
    for (int d = 0; d < 3; d++) {
      int domain = d;
      SplitParts itself = divisions.get(d);
      SplitParts left = divisions.get(3 + d);
      assertThat(left.data()).isEqualTo(DOMAINS + "/" + set.train().domains().get(d));
      assertThat(domains(itself.train())).containsOnly(domain);
      assertThat(domains(itself.test())).containsOnly(domain);
      assertThat(domains(left.train())).doesNotContain(domain).hasSize(60);
      assertThat(domains(left.test())).containsOnly(domain).hasSize(60);
    }
    assertThatThrownBy(() -> SplitParts.byDomain(ONE, new Catalogue(null, null).open(ONE), 0))
        .hasMessageContaining("has 0 domains, expected 2 or more");
  }

  @Test
  void aDomainLeftOutIsJudgedByAllOfItsPicturesWhateverNumberIsLearnedFrom() throws IOException {
    DataSet set = new Catalogue(null, null).open(DOMAINS);
    for (int images : new int[] {30, 1}) {
      List<SplitParts> divisions = SplitParts.byDomain(DOMAINS, set, images);
      int learned = 0;
      for (int d = 0; d < 3; d++) {
        int domain = d;
        SplitParts left = divisions.get(3 + d);
        assertThat(domains(left.test())).containsOnly(domain).hasSize(60);
        assertThat(left.test()).allMatch(piece -> piece.size() > 0);
        assertThat(domains(left.train())).doesNotContain(domain);
        learned += left.learned();
        assertThat(left.lacks().isEmpty()).isEqualTo(left.learned() > 0);
      }
      assertThat(learned).isEqualTo(2 * images);
    }
    // Where none are left out pieces are shared, and so are their features.
    List<SplitParts> whole = SplitParts.byDomain(DOMAINS, set, 0);
    for (int d = 0; d < 3; d++) {
      assertThat(whole.get(3 + d).test().get(0)).isSameAs(whole.get(d).train().get(0));
    }
  }

  private static List<Integer> domains(List<dev.millrace.stream.ImageSet> pieces) {
    List<Integer> domains = new ArrayList<>();
    for (var piece : pieces) {
      for (int i = 0; i < piece.size(); i++) {
        domains.add(piece.image(i).domain());
      }
    }
    return domains;
  }

  @Test
  void theTwelveAreTheTwelve() {
    Suite twelve = Suite.named("twelve");
    assertThat(twelve.sets())
        .isEqualTo(
            "cifar10, tiny-imagenet, caltech101, dtd10, flowers12, gtsrb, sign-digits, mnist,"
                + " fashion-mnist, pacs, omniglot, bccd");
    assertThat(new Catalogue(null, null).known())
        .extracting(known -> known.name())
        .containsAll(Arrays.asList(twelve.sets().split(", ")));
    assertThatThrownBy(() -> Suite.named("twelv"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("--suite twelv is unknown; allowed: twelve; nearest: twelve");
  }

  @Test
  void aSuiteTakesNoSetsOfItsCaller() {
    ProbeRequest asked = ProbeRequest.of(ONE);
    assertThatThrownBy(() -> ask(asked, new Told()))
        .hasMessageContaining("--suite small brings its own sets");
  }

  @Test
  void linesOfAnotherVersionAreNoAnswers() throws IOException {
    Files.writeString(
        run.resolve("probes.jsonl"),
        "{\"task\":\"knn\",\"data\":\"x\",\"value\":1}\nno json\n",
        StandardCharsets.UTF_8);
    assertThat(ProbeLog.of(run).all()).isEmpty();
    Told told = new Told();
    ask(request(false, false, 0, 0), told);
    assertThat(told.fresh).hasSize(22);
  }
}
