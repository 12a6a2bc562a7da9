package dev.millrace.study;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.recipe.ScheduleSettings.Published;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StudyOrdersTest {
  private static final String STUDY =
      """
      data:
        pacs: {streams: {domain: 4}}
        both: {sets: [mnist, gtsrb], streams: {given: 2}}
      methods: [moco-v2]
      remedies: [st, jt]
      seeds: [1, 2, 3, 4]
      settings: {width: 4, order-square: %s}
      questions:
        - {task: knn, data: own}
      """;

  @TempDir private Path folder;

  private List<PlannedRun> planned(String text) throws IOException {
    return StudyFile.read(Files.writeString(folder.resolve("mine.yaml"), text)).runs();
  }

  private List<PlannedRun> runs(boolean square, boolean joint, String data) throws IOException {
    return planned(STUDY.formatted(square)).stream()
        .filter(run -> run.joint() == joint && run.data().equals(data))
        .toList();
  }

  /** All runs, where the file shares settings and joint training names a schedule of its own. */
  private List<PlannedRun> jointByRestarts(String shared) throws IOException {
    return planned(
        STUDY
            .formatted(false)
            .replace("remedies: [st, jt]", "remedies: {st: {}, jt: {schedule: restart}}")
            .replace("width: 4", "width: 4, " + shared));
  }

  @Test
  void aSquareIsOfWhatIsDrawnAndSeedsAreItsPlaces() throws IOException {
    assertThat(runs(true, false, "pacs"))
        .hasSize(4)
        .allMatch(run -> run.settings().stream().orderSquare())
        .extracting(run -> run.settings().stream().ordering())
        .containsExactly(1L, 2L, 3L, 4L);
    assertThat(runs(true, false, "pacs"))
        .extracting(PlannedRun::id)
        .doesNotContainAnyElementsOf(ids(runs(false, false, "pacs")));
  }

  @Test
  void jointTrainingAndGivenSetsAreTheRunsThatTheyWereWithoutIt() throws IOException {
    for (String data : List.of("pacs", "both")) {
      assertThat(ids(runs(true, true, data))).isEqualTo(ids(runs(false, true, data)));
    }
    assertThat(ids(runs(true, false, "both"))).isEqualTo(ids(runs(false, false, "both")));
  }

  @Test
  void whatAFileGivesStaysUnderARemedyThatNamesAScheduleOfItsOwn() throws IOException {
    assertThat(jointByRestarts("lr: 0.015"))
        .allMatch(run -> run.settings().training().lr() == 0.015);
  }

  @Test
  void aScheduleOfItsOwnPublishesAsIsUsualWhateverTheSharedOnePublishes() throws IOException {
    assertThat(jointByRestarts("schedule: wsd, publish: merge"))
        .allMatch(
            run ->
                run.settings().schedule().publish()
                    == (run.joint() ? Published.BRANCH : Published.MERGE));
  }

  private static List<String> ids(List<PlannedRun> runs) {
    return runs.stream().map(PlannedRun::id).toList();
  }
}
