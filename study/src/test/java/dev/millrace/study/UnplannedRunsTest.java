package dev.millrace.study;

import static dev.millrace.file.Json.JSON;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.study.record.Ledger;
import dev.millrace.study.record.Records;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class UnplannedRunsTest {
  private static final String NAME_IT =
      "a setting that the file does not name is this version's default; name the ledger's there if its runs are to count";

  private static final String STUDY =
      """
      data:
        generated: {streams: {class: 2}}
      methods: [moco-v2]
      remedies: [st, jt]
      seeds: [1, 2]
      settings: {width: 4%s}
      questions:
        - {task: knn, data: own}
      """;

  @TempDir private Path folder;

  private StudyFile study(String settings) throws IOException {
    return read(STUDY.formatted(settings));
  }

  private StudyFile read(String text) throws IOException {
    return StudyFile.read(Files.writeString(folder.resolve("mine.yaml"), text));
  }

  /** A ledger that has the runs of a file, as if it had been made by it. */
  private Records ledger(StudyFile made, String... unknown) throws IOException {
    Path file = folder.resolve(Ledger.NAME);
    try (Ledger ledger = Ledger.open(file)) {
      for (PlannedRun run : made.runs()) {
        ObjectNode line = JSON.createObjectNode();
        line.put("kind", "run").put("id", run.id()).put("status", "done");
        line.put("data", run.data()).put("stream", run.stream()).put("method", run.method());
        line.put("remedy", run.remedy()).put("seed", run.seed());
        ObjectNode settings = JSON.valueToTree(run.settings().asMap());
        line.set("settings", settings.without(List.of(unknown)));
        ledger.append(line);
      }
    }
    return Records.read(folder);
  }

  @Test
  void runsWhoseHeadTheDataDecidedAreThoseThatWerePlanned() throws IOException {
    StudyFile study =
        read(
            """
            data:
              two: {sets: [mnist, fashion-mnist], streams: {given: 2}}
            methods: [supervised]
            remedies: [st]
            seeds: [1]
            questions:
              - {task: knn, data: own}
            """);
    Path file = folder.resolve(Ledger.NAME);
    try (Ledger ledger = Ledger.open(file)) {
      PlannedRun run = study.runs().get(0);
      ObjectNode line = JSON.createObjectNode();
      line.put("kind", "run").put("id", run.id()).put("status", "done").put("head", "full");
      line.put("data", run.data()).put("stream", run.stream()).put("method", run.method());
      ledger.append(line.put("remedy", run.remedy()).put("seed", run.seed()));
    }
    Records records = Records.read(folder);
    assertThat(records.runs().get(0).cell().method()).isEqualTo("supervised-full");
    assertThat(UnplannedRuns.lines(study, records)).isEmpty();
  }

  @Test
  void runsThatAnotherDefaultTookOutOfAStudyAreToldWithWhatToNameInTheFile() throws IOException {
    Records made = ledger(study(", schedule: restart"));
    assertThat(UnplannedRuns.lines(study(""), made))
        .containsExactly(
            "not done, though the ledger has 4 such runs: lr is 0.03 there and 0.015 here, publish is branch there and merge here, schedule is restart there and wsd here",
            NAME_IT);
  }

  @Test
  void aLedgerOfAVersionThatDidNotKnowASettingDidAsBeforeIt() throws IOException {
    Records made = ledger(study(", schedule: restart"), "schedule", "publish", "order-square");
    assertThat(UnplannedRuns.lines(study(", lr: 0.03"), made).get(0))
        .isEqualTo(
            "not done, though the ledger has 4 such runs: publish is branch there and merge here, schedule is restart there and wsd here");
  }

  @Test
  void theLedgerOfAnOlderVersionDiffersInTheScheduleAloneAndOnlyWhereTheFileLeavesThatOut()
      throws IOException {
    Path small = Path.of("..", "docs", "study", "small");
    String text = Files.readString(StudyFolder.file(small));
    assertThat(UnplannedRuns.lines(read(text), Records.read(small))).isEmpty();
    String unnamed = text.replace("  schedule: restart\n", "").replace("  lr: 0.03\n", "");
    assertThat(unnamed).doesNotContain("schedule:", " lr:");
    assertThat(UnplannedRuns.lines(read(unnamed), Records.read(small)))
        .containsExactly(
            "not done, though the ledger has 60 such runs: lr is 0.03 there and 0.015 here, publish is branch there and merge here, schedule is restart there and wsd here",
            NAME_IT);
  }

  @Test
  void whatIsDoneAlreadySilencesNothingOfTheRest() throws IOException {
    ledger(study(""));
    Records made = ledger(study(", epochs: 3"));
    assertThat(UnplannedRuns.lines(study(""), made)).isEmpty();
    String square = ", epochs: 3, order-square: true"; // joint runs have no order
    assertThat(UnplannedRuns.lines(study(square), made))
        .containsExactly(
            "not done, though the ledger has 2 such runs: order-square is false there and true here",
            NAME_IT);
  }

  @Test
  void theNearestOfTheLedgersRunsIsComparedWithAndWhatTrainsAlikeIsNoDifference()
      throws IOException {
    ledger(study(", schedule: restart, epochs: 3"));
    Records made = ledger(study(", epochs: 3, log: csv, keep: 5"));
    assertThat(UnplannedRuns.lines(study(""), made).get(0))
        .isEqualTo("not done, though the ledger has 4 such runs: epochs is 3 there and 12 here");
  }

  @Test
  void anotherQuestionIsNoOtherSetting() throws IOException {
    Records made = ledger(study(""));
    assertThat(UnplannedRuns.lines(read(STUDY.formatted("").replace("knn", "linear")), made))
        .containsExactly("not done, though the ledger has 4 such runs: other questions or insight");
  }

  @Test
  void nothingIsSaidOfALedgerThatHasNothingAndOfAnotherStudysThatItIsOne() throws IOException {
    assertThat(UnplannedRuns.lines(study(""), Records.read(folder))).isEmpty();
    Records made = ledger(study(""));
    assertThat(UnplannedRuns.lines(read(STUDY.formatted("").replace("moco-v2", "simclr")), made))
        .containsExactly("the ledger has 4 runs, and none is one that the study's file plans");
  }
}
