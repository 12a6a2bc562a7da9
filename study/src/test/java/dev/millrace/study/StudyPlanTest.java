package dev.millrace.study;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StudyPlanTest {
  @Test
  void setsThatAreNotHereAreNamedFirstAndNothingIsTimedForThem(@TempDir Path folder)
      throws Exception {
    Path file = folder.resolve("study.yaml");
    Files.writeString(
        file,
        """
        name: away
        data:
          no-such-set:
            streams: {class: 2}
        methods: [moco-v2]
        remedies: [st, jt]
        seeds: [1]
        settings: {queue: 64}
        questions:
          - {task: [knn], data: [own, no-such-task]}
        """);
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    StudyPlan plan =
        StudyPlan.of(
            StudyFile.read(file),
            folder,
            new StudyRunner.Means(1, 1, "cpu"),
            new PrintStream(said, true, StandardCharsets.UTF_8));
    assertThat(said.toString(StandardCharsets.UTF_8).lines())
        .hasSize(2)
        .anyMatch(line -> line.startsWith("no-such-set is neither"))
        .anyMatch(line -> line.startsWith("no-such-task is neither"));
    assertThat(plan.missing()).containsOnlyKeys("no-such-set", "no-such-task");
    assertThat(plan.rows())
        .hasSize(2)
        .allSatisfy(row -> assertThat(row.lacks()).contains("no-such-set", "no-such-task"));
  }
}
