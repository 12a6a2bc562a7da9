package dev.millrace.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sets that come one after another, each a chunk. */
final class GivenSetsTest {
  @TempDir private Path folder;

  private StudyFile read(String text) throws IOException {
    return StudyFile.read(Files.writeString(folder.resolve("mine.yaml"), text));
  }

  private static final String GIVEN =
      """
      data:
        three:
          sets: [cifar10, gtsrb, mnist]
          streams: {given: 3}
          settings: {images: 1000}
      methods: {moco-v2: {}}
      remedies: {st: {}, jt: {}}
      seeds: [1, 2, 3]
      questions: [{task: linear, data: [own, mnist, pacs]}]
      """;

  @Test
  void setsThatAreGivenHaveEachPlaceOnceOverAsManySeeds() throws IOException {
    List<PlannedRun> runs = read(GIVEN).runs();
    assertThat(runs.stream().filter(run -> !run.joint()).map(run -> run.settings().data().sets()))
        .containsExactly(
            List.of("cifar10", "gtsrb", "mnist"),
            List.of("gtsrb", "mnist", "cifar10"),
            List.of("mnist", "cifar10", "gtsrb"));
    assertThat(runs.stream().filter(PlannedRun::joint).map(run -> run.settings().data().sets()))
        .containsOnly(List.of("cifar10", "gtsrb", "mnist"));
    assertThat(runs).extracting(PlannedRun::id).doesNotHaveDuplicates();
  }

  @Test
  void ordersOfGivenSetsAreAFactorOfTheirOwn() throws IOException {
    assertThat(read(GIVEN.replace("seeds: [1, 2, 3]", "seeds: [7]\norder-seeds: [1, 3]")).runs())
        .filteredOn(run -> !run.joint())
        .extracting(run -> run.settings().data().sets().get(0))
        .containsExactly("cifar10", "mnist");
  }

  @Test
  void aQuestionAboutOwnSetsIsOneAboutEachAndSaysOfWhich() throws IOException {
    PlannedRun any = read(GIVEN).runs().get(0);
    List<String> own = any.settings().data().sets();
    assertThat(any.questions().get(0).sets(own))
        .containsExactlyInAnyOrder("cifar10", "gtsrb", "mnist", "pacs");
    assertThat(Question.label("three", own, "mnist")).isEqualTo("three/mnist");
    assertThat(Question.label("three", own, "pacs")).isEqualTo("pacs");
    assertThat(Question.label("photos", List.of("pacs"), "pacs")).isEqualTo("photos");
  }

  @Test
  void givenSetsAreAsManyAsTheirChunksAndOneSetIsNotGiven() {
    assertThatThrownBy(() -> read(GIVEN.replace("given: 3", "given: 2")))
        .hasMessageContaining("data.three")
        .hasMessageContaining("{given: 3}, a chunk per set");
    assertThatThrownBy(() -> read(GIVEN.replace("given: 3", "class: 3")))
        .hasMessageContaining("{given: 3}, a chunk per set");
    assertThatThrownBy(() -> read(GIVEN.replace("sets: [cifar10, gtsrb, mnist]", "set: mnist")))
        .hasMessageContaining("`sets` in place of `set`");
    assertThatThrownBy(() -> read(GIVEN.replace("sets: [cifar10, gtsrb, mnist]", "sets: [mnist]")))
        .hasMessageContaining("two or more sets, in place of `set`");
  }

  @Test
  void setsThatHaveTheirOwnClassesHaveARowOfAHeadOverAllOfThem() throws IOException {
    String given = GIVEN.replace("{moco-v2: {}}", "{supervised: {}, supervised-full: {}}");
    assertThat(read(given).runs()).extracting(PlannedRun::method).containsOnly("supervised");
    List<PlannedRun> own =
        read(given.replace("images: 1000", "images: 1000, own-classes: true")).runs();
    assertThat(own)
        .filteredOn(run -> run.method().equals("supervised-full"))
        .hasSize(3)
        .allMatch(run -> run.settings().asMap().get("head").equals("full"));
    assertThat(own).extracting(PlannedRun::id).doesNotHaveDuplicates();
  }
}
