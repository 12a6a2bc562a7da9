package dev.millrace.study;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.recipe.PartSettings;
import dev.millrace.recipe.Settings;
import dev.millrace.recipe.TrainingSettings;
import dev.millrace.study.record.Records;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The studies that the project ships under configs/study, and the ledgers of those that were made.
 */
final class ShippedStudiesTest {
  @Test
  void theRunsOfTheCommittedStudyAreStillKnown() throws IOException {
    Set<String> planned =
        StudyFile.read(Path.of("../configs/study/small.yaml")).runs().stream()
            .map(PlannedRun::id)
            .collect(Collectors.toSet());
    Records done = Records.read(Path.of("../docs/study/small"));
    assertThat(done.runs()).isNotEmpty().allMatch(run -> planned.contains(run.id()));
    assertThat(done.runs())
        .filteredOn(run -> run.cell().method().equals("supervised-full"))
        .isNotEmpty()
        .allMatch(run -> List.of("class", "distant").contains(run.stream()));
    assertThat(done.comparisons())
        .filteredOn(one -> one.cell().method().equals("supervised"))
        .noneMatch(one -> List.of("class", "distant").contains(one.stream()));
  }

  @ParameterizedTest
  @CsvSource({
    "small, 60",
    "schedule, 119",
    "schedule-five, 79",
    "schedule-forms, 29",
    "methods-short, 14",
    "remedies-short, 44",
    "replay-draw, 12",
    "osiris, 16",
    "queue, 21",
    "sharpness, 10",
    "supervised, 51"
  })
  void theRunsOfALedgerAreThoseOfItsStudysFile(String name, int made) throws IOException {
    Path study = Path.of("..", "docs", "study", name);
    List<String> runs =
        Records.read(study).runs().stream()
            .filter(run -> !run.cell().baseline())
            .map(run -> run.id())
            .toList();
    assertThat(runs).hasSizeGreaterThanOrEqualTo(made);
    assertThat(StudyFile.read(StudyFolder.file(study)).runs())
        .extracting(PlannedRun::id)
        .containsAll(runs);
  }

  private static StudyFile fiveHundred() throws IOException {
    return StudyFile.read(Path.of("../configs/study/five-hundred.yaml"));
  }

  @Test
  void everyStudyOfTheProjectIsReadUnderItsOwnName() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("..", "configs", "study"))) {
      for (Path file : files.toList()) {
        StudyFile study = StudyFile.read(file);
        assertThat(file).hasFileName(study.name() + ".yaml");
        assertThat(study.runs()).as(file.toString()).isNotEmpty();
        assertThat(Refusals.of(study.runs())).as(file.toString()).isEmpty();
        assertThat(UnequalQueues.lines(study)).as(file.toString()).isEmpty();
        assertThat(study.runs())
            .as("what times a machine for " + file)
            .allSatisfy(run -> check(Timing.timed(run.settings().asMap())));
      }
    }
  }

  private static void check(Settings timed) {
    PartSettings.checkWithoutData(timed);
    assertThat(timed.data().sets()).singleElement().asString().startsWith("generated:");
    assertThat(timed.remedies()).isEmpty();
  }

  @Test
  void everyRunOfAStudyWithALedgerCouldBegin() throws IOException {
    try (Stream<Path> folders = Files.list(Path.of("..", "docs", "study"))) {
      for (Path folder : folders.filter(Files::isDirectory).toList()) {
        assertThat(Refusals.of(StudyFile.read(StudyFolder.file(folder)).runs()))
            .as(folder.toString())
            .isEmpty();
      }
    }
  }

  @Test
  void groupsOfFiveHundredAreMadeOneAfterAnother() throws IOException {
    List<String> made = fiveHundred().runs().stream().map(PlannedRun::data).distinct().toList();
    assertThat(made)
        .containsExactly(
            "rounding-1",
            "rounding-2",
            "rounding-3",
            "rounding-4",
            "rounding-5",
            "five-restart",
            "five-wsd",
            "cifar10-restart",
            "cifar10-wsd",
            "pacs-restart",
            "pacs-wsd",
            "tiny-restart",
            "cifar10-short",
            "cifar10-long",
            "cifar10-two",
            "cifar10-ten");
    assertThat(fiveHundred().runs())
        .filteredOn(run -> run.data().startsWith("five-"))
        .allMatch(run -> run.settings().data().ownClasses());
  }

  @Test
  void theHeightsOfTheCardsRatesAreMadeBeforeWhatNeedsThem() throws IOException {
    StudyFile card = StudyFile.read(Path.of("../configs/study/five-hundred-card.yaml"));
    List<String> made = card.runs().stream().map(PlannedRun::data).distinct().toList();
    assertThat(made.subList(0, 6)).allMatch(data -> data.matches("five-(rate|supervised)-.*"));
    assertThat(made.subList(6, made.size())).noneMatch(data -> data.contains("-rate-"));
    assertThat(card.runs())
        .filteredOn(run -> made.subList(0, 6).contains(run.data()))
        .allMatch(run -> run.seed() == 6);
    assertThat(card.runs()).extracting(PlannedRun::method).contains("supervised-full");
    assertThat(card.runs())
        .filteredOn(run -> run.stream().equals("class"))
        .isNotEmpty()
        .allMatch(run -> run.settings().stream().orderSquare());
  }

  @Test
  void remediesAreComparedWithMemoriesOfTwoInAHundred() throws IOException {
    StudyFile study = StudyFile.read(Path.of("../configs/study/remedies.yaml"));
    for (PlannedRun run : study.runs()) {
      int pictures = run.data().equals("pacs") ? 7993 : 20_000;
      int held = ((Number) run.settings().asMap().get("memory-images")).intValue();
      double share = ((Number) run.settings().asMap().get("replay")).doubleValue();
      if (run.remedy().equals("replay-large")) {
        assertThat(share).isEqualTo(0.1);
      } else if (held > 0 || share > 0) {
        assertThat(share > 0 ? share : (double) held / pictures)
            .as(run.shown())
            .isBetween(0.0198, 0.02);
      }
      if (held > 0 || share > 0 && !run.remedy().equals("lump")) {
        assertThat(run.settings().asMap().get("replay-draw")).as(run.shown()).isEqualTo("half");
      }
      assertThat(study.reference(run)).as(run.shown()).isNotNull();
    }
    // The worst orders of the five sets are among those of all rows, and of the best.
    assertThat(study.runs())
        .filteredOn(run -> run.data().equals("five") && run.seed() == 5 && !run.joint())
        .hasSize(23)
        .allMatch(run -> run.settings().data().sets().get(4).equals("mnist"));
    assertThat(seeds(study, "five", "given", "moco-v2", "replay")).hasSize(5);
  }

  @Test
  void everyMethodIsTunedByFourRatesOnASeedThatIsNotReported() throws IOException {
    StudyFile tuning = StudyFile.read(Path.of("../configs/study/methods-tuning.yaml"));
    StudyFile methods = StudyFile.read(Path.of("../configs/study/methods.yaml"));
    assertThat(methods.runs()).noneMatch(run -> run.seed() == 3);
    for (PlannedRun run : methods.runs()) {
      List<PlannedRun> rates =
          tuning.runs().stream().filter(one -> one.method().equals(run.method())).toList();
      assertThat(rates).as(run.method()).hasSize(4).allMatch(PlannedRun::joint);
      double least = rates.stream().mapToDouble(ShippedStudiesTest::rate).min().orElseThrow();
      double most = rates.stream().mapToDouble(ShippedStudiesTest::rate).max().orElseThrow();
      assertThat(rate(run)).as(run.shown()).isStrictlyBetween(least, most);
      Settings begun =
          rates.get(0).settings().with(Map.of("lr", rate(run), "seed", run.seed(), "knn-every", 1));
      if (run.joint()) {
        assertThat(run.settings()).as(run.shown()).isEqualTo(begun);
      }
    }
  }

  private static double rate(PlannedRun run) {
    return run.settings().training().lr();
  }

  @Test
  void theStudyOfFiveHundredPreTrainsThatManyEncodersEachRowBesideItsJointRun() throws IOException {
    StudyFile study = fiveHundred();
    int encoders = study.runs().stream().mapToInt(run -> run.settings().stream().chunks()).sum();
    assertThat(Files.readString(Path.of("../configs/study/five-hundred.yaml")))
        .contains("# %d runs leave %d encoders.".formatted(study.runs().size(), encoders));
    assertThat(encoders).isGreaterThan(900);
    assertThat(study.runs())
        .filteredOn(run -> !run.joint() && run.method().equals("moco-v2"))
        .allSatisfy(run -> assertThat(study.reference(run)).isNotNull());
    assertThat(rows(study, "five-wsd")).isEqualTo(30);
    assertThat(rows(study, "five-restart")).isEqualTo(20 + 2 * (5 + 3) + 3);
    assertThat(rows(study, "cifar10-wsd")).isEqualTo(25);
    assertThat(rows(study, "cifar10-restart")).isEqualTo(25 + 2 * (5 + 3) + 3);
    assertThat(rows(study, "pacs-wsd") + rows(study, "pacs-restart")).isEqualTo(80);
  }

  /** The seeds of a row. */
  private static Set<Long> seeds(
      StudyFile study, String data, String stream, String method, String remedy) {
    return study.runs().stream()
        .filter(run -> run.data().equals(data) && run.stream().equals(stream))
        .filter(run -> run.method().equals(method) && run.remedy().equals(remedy))
        .map(PlannedRun::seed)
        .collect(Collectors.toSet());
  }

  @Test
  void everyComparisonThatAClaimOfFiveHundredIsJudgedByHasFiveSeeds() throws IOException {
    StudyFile study = fiveHundred();
    List<List<String>> toJoint = new ArrayList<>(); // claims 1 and 2, with restarts and beside it
    toJoint.add(List.of("tiny-restart", "instance", "st"));
    for (String strong :
        List.of(
            "five-restart given",
            "five-wsd given",
            "pacs-restart domain",
            "pacs-wsd domain",
            "tiny-restart distant")) {
      for (String remedy : List.of("st", "replay", "mas")) {
        toJoint.add(List.of(strong.split(" ")[0], strong.split(" ")[1], remedy));
      }
    }
    for (List<String> row : toJoint) {
      Set<Long> pairs = seeds(study, row.get(0), row.get(1), "moco-v2", row.get(2));
      pairs.retainAll(seeds(study, row.get(0), "joint", "moco-v2", "jt"));
      assertThat(pairs).as(row.toString()).hasSizeGreaterThanOrEqualTo(5);
    }
    for (String data :
        List.of("five-restart given", "cifar10-restart class", "tiny-restart distant")) {
      for (String supervised : List.of("supervised", "supervised-mlp")) { // claims 3 and 4
        String[] row = data.split(" ");
        Set<Long> pairs = seeds(study, row[0], row[1], supervised, "st");
        pairs.retainAll(seeds(study, row[0], row[1], "moco-v2", "st"));
        assertThat(pairs).as(data + " " + supervised).hasSizeGreaterThanOrEqualTo(5);
      }
    }
    assertThat(seeds(study, "five-restart", "given", "moco-v2", "st")).hasSize(5); // 5 orders
  }

  @Test
  void streamsOfFiveHundredHaveThePassesOfTheirJointRunAndAQueueOfAQuarterOfAChunk()
      throws IOException {
    StudyFile study = fiveHundred();
    for (PlannedRun run : study.runs()) {
      TrainingSettings training = run.settings().training();
      int chunks = run.settings().stream().chunks();
      if (run.joint()) {
        continue;
      }
      PlannedRun joint = study.reference(run);
      if (joint != null) {
        assertThat(joint.settings().training().epochs()).isEqualTo(training.epochs());
        assertThat(joint.settings().training().epochImages())
            .isEqualTo(training.epochImages() * chunks);
        assertThat(joint.settings().data().images()).isEqualTo(run.settings().data().images());
        assertThat(joint.settings().data().imagesPerClass())
            .isEqualTo(run.settings().data().imagesPerClass());
        assertThat(joint.settings().data().sets())
            .containsExactlyInAnyOrderElementsOf(run.settings().data().sets());
        assertThat(queue(joint)).isEqualTo(queue(run));
      }
      assertThat(4 * queue(run)).as(run.shown()).isLessThanOrEqualTo(chunk(run, chunks));
    }
    assertThat(study.runs())
        .filteredOn(run -> run.data().startsWith("cifar10-"))
        .extracting(ShippedStudiesTest::queue)
        .containsOnly(448);
  }

  private static int queue(PlannedRun run) {
    return ((Number) run.settings().asMap().get("queue")).intValue();
  }

  /** Pictures of the smallest chunk. */
  private static int chunk(PlannedRun run, int chunks) {
    int images = run.settings().data().images();
    int perClass = run.settings().data().imagesPerClass();
    if (run.data().startsWith("pacs")) {
      return 1336; // photos, of PACS's training part
    }
    int classes = run.data().startsWith("cifar10") ? 10 : 200;
    return run.stream().equals("given") ? images : classes * perClass / chunks;
  }

  private static long rows(StudyFile study, String data) {
    return study.runs().stream().filter(run -> run.data().equals(data)).count();
  }

  @Test
  void everyStudyThatShipsCanBeRead() throws IOException {
    Path shipped = Path.of("..", "configs", "study");
    for (String name : List.of("tiny", "small", "paper", "scale")) {
      assertThat(StudyFile.read(shipped.resolve(name + ".yaml")).name()).isEqualTo(name);
    }
    assertThat(StudyFile.read(shipped.resolve("scale.yaml")).runs()).hasSize(512);
  }
}
