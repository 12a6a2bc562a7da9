package dev.millrace.study;

import static dev.millrace.file.Json.JSON;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.study.record.Ledger;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class UnplannedRunsTest {
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
    return StudyFile.read(Files.writeString(folder.resolve("mine.yaml"), STUDY.formatted(settings)));
  }

  /** A ledger that has the runs of a file, as if it had been made by it. */
  private Ledger ledger(StudyFile made) throws IOException {
    Path file = folder.resolve(Ledger.NAME);
    try (Ledger ledger = Ledger.open(file)) {
      for (PlannedRun run : made.runs()) {
        ObjectNode line = JSON.createObjectNode();
        line.put("kind", "run").put("id", run.id()).put("status", "done");
        line.put("data", run.data()).put("stream", run.stream()).put("method", run.method());
        line.put("remedy", run.remedy()).put("seed", run.seed());
        line.set("settings", JSON.valueToTree(run.settings().asMap()));
        ledger.append(line);
      }
    }
    return Ledger.read(file);
  }

  private static List<String> lines(StudyFile study, Ledger ledger) {
    return UnplannedRuns.lines(
        study.runs(), study.runs().stream().map(PlannedRun::id).toList(), ledger);
  }

  @Test
  void runsThatAnotherDefaultTookOutOfAStudyAreToldWithWhatToNameInTheFile() throws IOException {
    Ledger made = ledger(study(", schedule: restart"));
    assertThat(lines(study(""), made))
        .containsExactly(
            "the ledger has 4 runs, and none is one that the study's file plans: generated joint moco-v2 jt seed 1 differs in",
            "  lr (0.03 in the ledger, 0.015 here), schedule (restart in the ledger, wsd here), publish (branch in the ledger, merge here)",
            "name the ledger's in the file if its runs are to count, as another version may have had other defaults");
  }

  @Test
  void theNearestOfTheLedgersRunsIsComparedWith() throws IOException {
    ledger(study(", schedule: restart, epochs: 3"));
    Ledger made = ledger(study(", epochs: 3"));
    assertThat(lines(study(""), made)).contains("  epochs (3.0 in the ledger, 12.0 here)");
  }

  @Test
  void nothingIsSaidWhereOneOfThemIsPlannedOrNoneIsThere() throws IOException {
    StudyFile study = study("");
    Ledger nothing = Ledger.read(folder.resolve(Ledger.NAME));
    assertThat(lines(study, nothing)).isEmpty();
    ledger(study(", epochs: 3"));
    assertThat(lines(study, ledger(study))).isEmpty();
  }

  @Test
  void aLedgerOfAnotherStudyIsOneWithoutAnyOfTheFilesRuns() throws IOException {
    Ledger made = ledger(study(""));
    StudyFile other =
        StudyFile.read(
            Files.writeString(
                folder.resolve("other.yaml"),
                STUDY.formatted("").replace("moco-v2", "simclr")));
    assertThat(lines(other, made))
        .containsExactly("the ledger has 4 runs, and none is one that the study's file plans");
  }
}
