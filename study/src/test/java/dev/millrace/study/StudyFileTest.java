package dev.millrace.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.study.record.Primary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StudyFileTest {
  private static final String STUDY =
      """
      data:
        cifar10:
          streams: {instance: 5, class: 5}
          settings: {images: 1000}
        pacs:
          streams: {domain: 4}
      methods: {moco-v2: {}, supervised: {lr: 0.05}}
      remedies: {st: {}, replay: {replay: 0.2}, mas: {}, both: {mas: 0.5}, jt: {}}
      seeds: [1, 2]
      settings: {width: 8, epochs: 3}
      exclude:
        - {method: supervised, remedy: [replay, mas, both]}
      questions:
        - {task: [knn, linear], data: [own, cifar10]}
        - {task: few-shot, data: omniglot}
      insight: {parts: [forgetting], against-joint: true}
      """;

  @TempDir private Path folder;

  private StudyFile read(String text) throws IOException {
    return StudyFile.read(Files.writeString(folder.resolve("mine.yaml"), text));
  }

  @Test
  void theRunsAreTheProductWithoutTheExcluded() throws IOException {
    StudyFile study = read(STUDY);
    // For a seed: 3 streams of moco-v2 with 4 remedies, of supervised with one, and 2 sets jointly.
    assertThat(study.runs()).hasSize(2 * (3 * 4 + 3 + 2 * 2));
    assertThat(study.name()).isEqualTo("mine");
    assertThat(study.runs())
        .filteredOn(run -> run.method().equals("supervised"))
        .extracting(PlannedRun::remedy)
        .containsOnly("st", "jt");
  }

  @Test
  void aRemedyThatCannotRunIsRefusedBeforeTheFirstRunOfTheStudy() throws IOException {
    StudyFile study = read(STUDY.replace("mas: {},", "der: {replay: 0.02}, mas: {},"));
    assertThat(Refusals.of(study.runs()))
        .singleElement()
        .asString()
        .startsWith("remedies.der beside methods.moco-v2, supervised on data.cifar10, pacs: ")
        .contains("--der needs replayed pictures")
        .contains("--memory-images 256 in place of --replay");
    assertThatThrownBy(() -> Refusals.require(study.runs()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("remedies.der");
    assertThat(Refusals.of(read(STUDY).runs())).isEmpty();
  }

  @Test
  void aRemedyHasOtherSettingsOnASetThatItNames() throws IOException {
    String memory = "replay: {memory-images: 400, on: {pacs: {memory-images: 159}}}";
    List<PlannedRun> runs = read(STUDY.replace("replay: {replay: 0.2}", memory)).runs();
    assertThat(runs.stream().filter(run -> run.remedy().equals("replay")))
        .isNotEmpty()
        .allSatisfy(
            run ->
                assertThat(run.settings().asMap())
                    .containsEntry("memory-images", run.data().equals("pacs") ? 159 : 400)
                    .containsEntry("replay", 0.0));
    assertThatThrownBy(
            () -> read(STUDY.replace("replay: {replay: 0.2}", memory.replace("pacs", "pasc"))))
        .hasMessageContaining("remedies.replay.on: key pasc is unknown")
        .hasMessageContaining("nearest: pacs");
    assertThatThrownBy(
            () -> read(STUDY.replace("replay: {replay: 0.2}", memory.replace("159", "0"))))
        .hasMessageContaining("remedies.replay.on.pacs: memory-images is 0");
  }

  @Test
  void aQueueThatIsLeftToJointTrainingIsWarnedOf() throws IOException {
    assertThat(UnequalQueues.lines(read(STUDY)))
        .singleElement()
        .asString()
        .contains("moco-v2 on cifar10, moco-v2 on pacs")
        .doesNotContain("supervised");
    assertThat(UnequalQueues.lines(read(STUDY.replace("width: 8", "width: 8, queue: 64"))))
        .isEmpty();
  }

  @Test
  void aRemedyCanBeThereSeveralTimesWithSettingsOfItsOwn() throws IOException {
    StudyFile study = read(STUDY.replace("mas: {},", "replay-half: {replay-draw: half}, mas: {},"));
    assertThat(study.runs())
        .filteredOn(run -> run.remedy().equals("replay-half"))
        .isNotEmpty()
        .allSatisfy(
            run ->
                assertThat(run.settings().asMap())
                    .containsEntry("replay", 0.1)
                    .containsEntry("replay-draw", "half"));
    for (String wrong : List.of("jt-two", "st-two", "joint-two", "replai-half", "-half")) {
      assertThatThrownBy(() -> read(STUDY.replace("mas: {},", wrong + ": {}, mas: {},")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("remedies");
    }
    assertThatThrownBy(() -> read(STUDY.replace("mas: {},", "replay-two: {mas: 1}, mas: {},")))
        .hasMessageContaining("remedies.replay-two: mas makes a remedy");
    assertThatThrownBy(() -> read(STUDY.replace("mas: {},", "mas: {cassle-temperature: 0.1},")))
        .hasMessageContaining(
            "remedies.mas: cassle-temperature is a setting of a remedy that is off there");
  }

  @Test
  void thePrimaryEndpointIsReadAndWhatNoQuestionAsksIsRefused() throws IOException {
    assertThat(read(STUDY).primary()).isEqualTo(Primary.DEFAULT);
    StudyFile study = read(STUDY + "primary: {tasks: [own], measure: linear, margin: 0.5}\n");
    assertThat(study.primary()).isEqualTo(new Primary(List.of("own"), List.of("linear"), 0.5));
    assertThat(study.protocol().get(0)).contains("judged by: linear on own", "0.5 points");
    assertThat(ids(study.runs())).isEqualTo(ids(read(STUDY).runs()));
    Primary both = read(STUDY + "primary: {tasks: [own], measure: [knn, linear]}\n").primary();
    assertThat(both).isEqualTo(new Primary(List.of("own"), List.of("knn", "linear"), 1));
    for (String wrong :
        List.of(
            "measure: liner",
            "measure: [knn, liner]",
            "tasks: [omniglot], measure: knn",
            "margin: 0",
            "sets: [own]")) {
      assertThatThrownBy(() -> read(STUDY + "primary: {" + wrong + "}\n"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("primary");
    }
  }

  @Test
  void aSecondEndpointIsReadBesideThePrimaryOne() throws IOException {
    assertThat(read(STUDY).secondary()).isEmpty();
    String primary = "primary: {tasks: [own], measure: linear}\n";
    StudyFile study =
        read(STUDY + primary + "secondary: {tasks: [own], measure: knn, margin: 2}\n");
    assertThat(study.secondary()).contains(new Primary(List.of("own"), List.of("knn"), 2));
    assertThat(study.protocol().get(1)).contains("beside that by: knn on own", "2.0 points");
    assertThat(ids(study.runs())).isEqualTo(ids(read(STUDY).runs()));
    assertThatThrownBy(() -> read(STUDY + "secondary: {tasks: [own], measure: knn}\n"))
        .hasMessageContaining("secondary is judged beside primary, which is not there");
    assertThatThrownBy(() -> read(STUDY + primary + primary.replace("primary", "secondary")))
        .hasMessageContaining("secondary is the same as primary");
    assertThatThrownBy(() -> read(STUDY + primary + "secondary: {measure: liner}\n"))
        .hasMessageContaining("secondary: measure");
  }

  @Test
  void jointTrainingThatGoesOnKeepsEveryPictureAndDrawsFromAllAlike() throws IOException {
    StudyFile study = read(STUDY.replace("mas: {}", "mas: {}, joint-warm: {}"));
    assertThat(study.runs())
        .filteredOn(run -> run.remedy().equals("joint-warm"))
        .isNotEmpty()
        .allSatisfy(
            run -> {
              assertThat(run.joint()).isFalse();
              assertThat(run.settings().asMap()).containsEntry("replay", 1.0);
              assertThat(run.settings().asMap()).containsEntry("replay-draw", "uniform");
            });
  }

  @Test
  void jointTrainingDrawsAsManyPicturesAsAStreamWhoseEpochsHaveALength() throws IOException {
    StudyFile study =
        read(
            STUDY.replace(
                "streams: {domain: 4}", "streams: {domain: 4}\n    settings: {epoch-images: 640}"));
    assertThat(study.runs())
        .filteredOn(run -> run.data().equals("pacs"))
        .allSatisfy(
            run ->
                assertThat(run.settings().training().epochImages())
                    .isEqualTo(run.joint() ? 4 * 640 : 640));
    String two =
        STUDY.replace("class: 5}", "class: 2}").replace("images: 1000", "epoch-images: 640");
    assertThatThrownBy(() -> read(two))
        .hasMessageEndingWith(
            "data.cifar10: with epoch-images joint training needs as many passes as its streams, and they have 5 and 2 chunks; give each number of chunks an entry of its own");
    String one = two.replace("exclude:", "exclude:\n  - {data: cifar10, stream: class}");
    assertThat(read(one).runs())
        .filteredOn(run -> run.joint() && run.data().equals("cifar10"))
        .allSatisfy(run -> assertThat(run.settings().training().epochImages()).isEqualTo(5 * 640));
    String alone =
        STUDY
            .replace(
                "streams: {domain: 4}", "streams: {domain: 4}\n    settings: {epoch-images: 640}")
            .replace("exclude:", "exclude:\n  - {data: pacs, stream: domain}");
    assertThat(read(alone).runs())
        .filteredOn(run -> run.data().equals("pacs"))
        .isNotEmpty()
        .allSatisfy(run -> assertThat(run.settings().training().epochImages()).isEqualTo(4 * 640));
    String none = two.replace("exclude:", "exclude:\n  - {data: cifar10, remedy: jt}");
    assertThat(read(none).runs()).noneMatch(run -> run.joint() && run.data().equals("cifar10"));
  }

  @Test
  void jointTrainingIsMadeOnceForASetMethodAndSeed() throws IOException {
    List<PlannedRun> joint = read(STUDY).runs().stream().filter(PlannedRun::joint).toList();
    assertThat(joint).hasSize(2 * 2 * 2);
    assertThat(joint)
        .allSatisfy(
            run -> {
              assertThat(run.stream()).isEqualTo("joint");
              assertThat(run.settings().stream().chunks()).isEqualTo(1);
              assertThat(run.settings().remedies()).isEmpty();
            });
  }

  @Test
  void whatIsAskedOfEveryRunIsSaidInWords() throws IOException {
    StudyFile study = read(STUDY.replace("[own, cifar10]}", "[own, cifar10], images: 500}"));
    assertThat(study.protocol())
        .containsExactly(
            "knn, linear on own, cifar10; of each at most 500 training pictures",
            "few-shot on omniglot",
            "insight: forgetting, on at most 2000 pictures; the loss on a batch of the default size");
  }

  @Test
  void everyStreamIsComparedWithItsJointRunAndTheJointRunWithNothing() throws IOException {
    StudyFile study = read(STUDY);
    for (PlannedRun run : study.runs()) {
      PlannedRun with = study.comparison(run);
      if (run.joint()) {
        assertThat(with).isNull();
      } else {
        assertThat(with.joint()).isTrue();
        assertThat(List.of(with.data(), with.method(), with.seed()))
            .isEqualTo(List.of(run.data(), run.method(), run.seed()));
      }
    }
    StudyFile without = read(STUDY.replace(", against-joint: true", ""));
    assertThat(without.runs()).allMatch(run -> without.comparison(run) == null);
  }

  @Test
  void aStreamIsMadeOfTheSetsThatNameItAlone() throws IOException {
    assertThat(read(STUDY).runs())
        .filteredOn(run -> run.data().equals("pacs") && !run.joint())
        .extracting(PlannedRun::stream)
        .containsOnly("domain");
  }

  @Test
  void settingsComeFromTheStudyThenTheSetTheMethodAndTheRemedy() throws IOException {
    StudyFile study = read(STUDY);
    PlannedRun both =
        study.runs().stream()
            .filter(run -> run.remedy().equals("both") && run.stream().equals("class"))
            .findFirst()
            .orElseThrow();
    assertThat(both.settings().encoder().width()).isEqualTo(8);
    assertThat(both.settings().data().images()).isEqualTo(1000);
    assertThat(both.settings().stream().chunks()).isEqualTo(5);
    assertThat(both.settings().asMap()).containsEntry("replay", 0.1);
    assertThat(both.settings().asMap()).containsEntry("mas", 0.5);
    assertThat(both.settings().training().lr()).isEqualTo(0.015);
    assertThat(study.runs())
        .filteredOn(run -> run.method().equals("supervised"))
        .allSatisfy(run -> assertThat(run.settings().training().lr()).isEqualTo(0.05));
  }

  @Test
  void setsAreMadeOneAfterAnotherWhereTheFileSaysSoAndTheRunsAreTheSame() throws IOException {
    List<PlannedRun> bySeed = read(STUDY).runs();
    List<PlannedRun> byData = read(STUDY + "order: data\n").runs();
    assertThat(ids(byData)).containsExactlyInAnyOrderElementsOf(ids(bySeed));
    assertThat(read(STUDY + "order: seed\n").runs()).isEqualTo(bySeed);
    long first = byData.stream().takeWhile(run -> run.data().equals("cifar10")).count();
    assertThat(byData.stream().filter(run -> run.data().equals("cifar10"))).hasSize((int) first);
    assertThatThrownBy(() -> read(STUDY + "order: dta\n"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("dta")
        .hasMessageContaining("nearest: data");
  }

  @Test
  void everyRunHasItsReferenceBeforeIt() throws IOException {
    StudyFile study = read(STUDY);
    for (PlannedRun run : study.runs()) {
      PlannedRun reference = study.reference(run);
      assertThat(reference.data()).isEqualTo(run.data());
      assertThat(reference.seed()).isEqualTo(run.seed());
      assertThat(study.runs().indexOf(reference)).isLessThanOrEqualTo(study.runs().indexOf(run));
    }
  }

  @Test
  void idsAndNamesTellRunsApart() throws IOException {
    StudyFile study = read(STUDY);
    Set<String> ids = study.runs().stream().map(PlannedRun::id).collect(Collectors.toSet());
    Set<String> names = study.runs().stream().map(PlannedRun::name).collect(Collectors.toSet());
    assertThat(ids).hasSameSizeAs(study.runs()).allMatch(id -> id.matches("[0-9a-f]{12}"));
    assertThat(names).hasSameSizeAs(study.runs());
  }

  @Test
  void anotherQuestionIsAnotherIdOfTheSameTraining() throws IOException {
    PlannedRun before = read(STUDY).runs().get(0);
    PlannedRun after = read(STUDY.replace("[knn, linear]", "[knn]")).runs().get(0);
    assertThat(after.name()).isEqualTo(before.name());
    assertThat(after.id()).isNotEqualTo(before.id());
  }

  @Test
  void whatDiffersFromMachineToMachineIsInNoId() throws IOException {
    PlannedRun run = read(STUDY).runs().get(0);
    PlannedRun elsewhere =
        new PlannedRun(
            run.data(),
            run.stream(),
            run.method(),
            run.remedy(),
            run.seed(),
            run.settings().with("threads", 7).with("keep", 5).with("device", "cuda"),
            run.questions(),
            run.insight());
    assertThat(elsewhere.id()).isEqualTo(run.id());
    assertThat(elsewhere.name()).isEqualTo(run.name());
    PlannedRun wider =
        new PlannedRun(
            run.data(),
            run.stream(),
            run.method(),
            run.remedy(),
            run.seed(),
            run.settings().with("width", 9),
            run.questions(),
            run.insight());
    assertThat(wider.id()).isNotEqualTo(run.id());
    assertThat(wider.name()).isNotEqualTo(run.name());
  }

  @Test
  void oneHeadOverAllClassesIsARowOfItsOwnInStreamsByClassAlone() throws IOException {
    StudyFile study =
        read(
            STUDY
                .replace("supervised: {lr: 0.05}", "supervised: {}, supervised-full: {}")
                .replace("{method: supervised,", "{method: [supervised, supervised-full],"));
    List<PlannedRun> full =
        study.runs().stream().filter(run -> run.method().equals("supervised-full")).toList();
    assertThat(full).hasSize(2).allMatch(run -> run.stream().equals("class"));
    assertThat(full)
        .allSatisfy(
            run -> {
              assertThat(run.settings().methodName()).isEqualTo("supervised");
              assertThat(run.settings().asMap()).containsEntry("head", "full");
              assertThat(study.reference(run).method()).isEqualTo("supervised");
            });
    assertThat(study.runs().stream().map(PlannedRun::id)).doesNotHaveDuplicates();
  }

  @Test
  void ordersAreAFactorOfTheirOwnThatJointTrainingDoesNotHave() throws IOException {
    StudyFile study = read(STUDY + "order-seeds: [7, 8]\n");
    StudyFile before = read(STUDY);
    assertThat(study.runs()).hasSize(2 * (2 * (3 * 4 + 3) + 2 * 2)).doesNotHaveDuplicates();
    assertThat(study.runs()).extracting(PlannedRun::name).doesNotHaveDuplicates();
    assertThat(study.runs().stream().filter(PlannedRun::joint).map(PlannedRun::id))
        .containsExactlyElementsOf(
            before.runs().stream().filter(PlannedRun::joint).map(PlannedRun::id).toList());
    PlannedRun run = study.runs().stream().filter(one -> !one.joint()).findFirst().orElseThrow();
    assertThat(run.settings().stream().ordering()).isEqualTo(7);
    assertThat(run.shown()).endsWith("seed 1, order 7");
    assertThat(study.comparison(run).seed()).isEqualTo(1);
  }

  @Test
  void aRuleThatNamesAnOrderLeavesJointTrainingIn() throws IOException {
    // The joint runs' order follows from their seeds, 1 and 2.
    String rule = "  - {method: supervised, remedy: [replay, mas, both]}\n";
    assertThat(STUDY).contains(rule);
    StudyFile study =
        read(STUDY.replace(rule, rule + "  - {order-seed: 1}\n") + "order-seeds: [1, 7]\n");
    assertThat(study.runs()).hasSize(2 * (3 * 4 + 3 + 2 * 2));
    assertThat(study.runs().stream().filter(PlannedRun::joint)).hasSize(2 * 2 * 2);
    assertThat(study.runs())
        .filteredOn(run -> !run.joint())
        .allMatch(run -> run.settings().stream().ordering() == 7);
  }

  @Test
  void anOrderThatIsTheSeedsIsTheRunThatItWas() throws IOException {
    List<PlannedRun> before = read(STUDY.replace("seeds: [1, 2]", "seeds: [1]")).runs();
    List<PlannedRun> named =
        read(STUDY.replace("seeds: [1, 2]", "seeds: [1]\norder-seeds: [1]")).runs();
    assertThat(named).extracting(PlannedRun::id).containsExactlyElementsOf(ids(before));
    assertThat(named).extracting(PlannedRun::name).containsExactlyElementsOf(names(before));
  }

  private static List<String> ids(List<PlannedRun> runs) {
    return runs.stream().map(PlannedRun::id).toList();
  }

  private static List<String> names(List<PlannedRun> runs) {
    return runs.stream().map(PlannedRun::name).toList();
  }
}
