package dev.millrace.study;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.study.record.Ledger;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class WorkQueueTest {
  private static final String STUDY =
      """
      data:
        generated: {streams: {class: 2}}
        elsewhere: {streams: {class: 2}}
      methods: [moco-v2]
      remedies: [st, jt]
      seeds: [1]
      settings: {width: 4}
      questions:
        - {task: knn, data: own}
      insight: {parts: [cka], against-joint: true}
      """;

  @TempDir private Path folder;

  private WorkQueue queue(String text) throws IOException {
    Path file = Files.writeString(folder.resolve("mine.yaml"), text);
    Path root = folder.resolve("out");
    try (StudyFolder study = StudyFolder.open(root, file)) {
      return new WorkQueue(StudyFile.read(file), study, Ledger.read(StudyFolder.ledger(root)));
    }
  }

  @Test
  void aSetThatIsNotHereTakesOutTheRunsThatNeedItAndNoOthers() throws IOException {
    WorkQueue queue = queue(STUDY);
    assertThat(queue.block(Set.of("elsewhere")))
        .hasSize(2)
        .allMatch(run -> run.data().equals("elsewhere"));
    assertThat(queue.waiting()).hasSize(2).allMatch(run -> run.data().equals("generated"));
    assertThat(queue.comparisons()).isEqualTo(1);
  }

  @Test
  void aSetThatOnlyQuestionsAskAboutTakesOutAllThatAsk() throws IOException {
    WorkQueue queue = queue(STUDY.replace("data: own", "data: [own, asked]"));
    assertThat(queue.block(Set.of("asked"))).hasSize(4);
    assertThat(queue.waiting()).isEmpty();
    assertThat(queue.comparisons()).isZero();
  }

  @Test
  void nothingIsTakenOutWhereNothingIsMissing() throws IOException {
    WorkQueue queue = queue(STUDY);
    assertThat(queue.block(Set.of())).isEmpty();
    assertThat(queue.waiting()).hasSize(4);
  }
}
