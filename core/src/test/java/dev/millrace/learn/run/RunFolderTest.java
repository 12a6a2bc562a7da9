package dev.millrace.learn.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.file.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunFolderTest {
  @TempDir Path root;

  private RunFolder run() throws IOException {
    Files.writeString(root.resolve("run.yaml"), "");
    return RunFolder.of(root).require();
  }

  @Test
  void aRunOfAVersionWithoutAStateIsFinishedWhereItHasAnEncoder() throws IOException {
    RunFolder run = run();
    assertThat(run.finished(2)).isFalse();
    Files.writeString(run.encoder(), "weights");
    assertThat(run.finished(2)).isTrue();
    assertThat(run.state()).isNull();
  }

  @Test
  void aRunWithAnEncoderIsNotFinishedBeforeThatHasLearnedAllChunks() throws IOException {
    RunFolder run = run();
    try (RunDirectory directory = RunDirectory.open(root)) {
      directory.begin(2);
      assertThat(run.finished(2)).isFalse();
      Files.writeString(run.encoder(), "weights");
      assertThat(run.finished(2)).isFalse();
      directory.published(2, 2);
      assertThat(run.finished(2)).isTrue();
      assertThat(run.state()).isEqualTo(new RunState(2, 2, Sha256.of("weights")));
      assertThat(run.finished(3)).as("run.yaml has one more").isFalse();
      directory.published(3, 2);
      assertThat(run.finished(3)).isFalse();
      assertThat(directory.isExtended(3)).isTrue();
      Files.writeString(run.encoder(), "more weights");
      directory.published(3, 3);
      assertThat(run.finished(3)).isTrue();
      assertThat(directory.isExtended(3)).isFalse();
    }
  }

  @Test
  void aRunWhoseEncoderWasTakenAwayIsToBeFinishedAgain() throws IOException {
    RunFolder run = run();
    Files.writeString(run.encoder(), "weights");
    try (RunDirectory directory = RunDirectory.open(root)) {
      directory.published(1, 1);
    }
    Files.delete(run.encoder());
    assertThat(run.finished(1)).isFalse();
  }

  @Test
  void aChangedLetterOfTheStateIsSeenAndTheNextCallWritesItAgain() throws IOException {
    RunFolder run = run();
    Files.writeString(run.encoder(), "weights");
    try (RunDirectory directory = RunDirectory.open(root)) {
      directory.published(2, 1);
      String line = Files.readString(run.stateFile());
      Files.writeString(run.stateFile(), line.replace("\"learned\":1", "\"learned\":2"));
      assertThatThrownBy(() -> run.finished(2))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("state.json is damaged")
          .hasMessageContaining("`millrace resume " + root + "` writes it again");
      directory.published(2, 2);
      assertThat(run.finished(2)).isTrue();
    }
  }
}
