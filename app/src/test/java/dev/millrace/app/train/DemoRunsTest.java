package dev.millrace.app.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoRunsTest {
  private static final DemoPlan SMALL = new DemoPlan("class", 1, "cpu", 320, 80, 1);

  @TempDir private Path folder;
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();

  private List<DemoRuns.Row> rows(String name, int atOnce, BooleanSupplier stop)
      throws IOException {
    PrintStream to = new PrintStream(said, true, StandardCharsets.UTF_8);
    try (DemoProgress progress = new DemoProgress(to, null)) {
      Path runs = Files.createDirectories(folder.resolve(name));
      return new DemoRuns(SMALL, runs, progress, stop).rows(atOnce);
    }
  }

  @Test
  void noNumberDependsOnHowManyRunsGoOnAtOnce() throws IOException {
    List<DemoRuns.Row> one = rows("one", 1, () -> false);
    assertThat(rows("three", 3, () -> false)).isEqualTo(one);
    assertThat(one)
        .extracting(DemoRuns.Row::name)
        .containsExactly("raw_pixels", "untrained", "sequential", "replay", "joint");
    assertThat(one).extracting(row -> row.after().size()).containsExactly(1, 1, 4, 4, 1);
    // Nothing is replayed in the first chunk, and then something is.
    assertThat(one.get(3).after().get(0)).isEqualTo(one.get(2).after().get(0));
    assertThat(said.toString(StandardCharsets.UTF_8))
        .contains("sequential: chunk 4 of 4 learned", "joint: chunk 1 of 1 learned");
  }

  @Test
  void whatFailsInOneRunEndsTheOthersAndIsWhatIsReported() throws IOException {
    Path runs = Files.createDirectories(folder.resolve("failing"));
    Files.writeString(runs.resolve("replay"), "no folder");
    assertThatThrownBy(() -> rows("failing", 3, () -> false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("replay");
  }

  @Test
  void aStopEndsAllRuns() {
    assertThatThrownBy(() -> rows("stopped", 3, () -> true))
        .isInstanceOfAny(DemoRuns.StoppedException.class, CancellationException.class);
  }
}
