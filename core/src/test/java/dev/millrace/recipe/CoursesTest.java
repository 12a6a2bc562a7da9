package dev.millrace.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a trunk takes, and how it goes on. */
class CoursesTest {
  private static final String SET = "generated:images=32;test=8;size=16;classes=4";

  @TempDir private Path folder;

  private static Settings trunk(Object... more) {
    Map<String, Object> changes =
        new HashMap<>(
            Map.of("width", 4, "size", 16, "epochs", 2, "batch", 8, "queue", 16, "threads", 1));
    changes.put("schedule", "wsd");
    for (int i = 0; i < more.length; i += 2) {
      changes.put((String) more[i], more[i + 1]);
    }
    return Settings.defaults(SET).with(changes);
  }

  private Path run(Object... more) throws IOException {
    Path run = folder.resolve("run");
    Millrace.pretrain(trunk(more), run);
    return run;
  }

  private static void extended(Path run, int seed, Object... own) throws IOException {
    Extension extension = Extension.of(SET + ";seed=" + seed);
    for (int i = 0; i < own.length; i += 2) {
      extension = extension.with((String) own[i], own[i + 1]);
    }
    Millrace.extend(run, extension, event -> {}, () -> false);
  }

  private static double lr(Path run, int chunk) throws IOException {
    return Settings.ofRun(run).ofChunk(chunk).training().lr();
  }

  @ParameterizedTest
  @CsvSource({
    "merge, decay, 0.3, branch",
    "branch, merge-window, 0.3, merge",
    "branch, merge-form, exponential, merge"
  })
  void whatOnlyTheOtherWayOfPublishingHasIsRefused(
      String publish, String name, String value, String other) {
    assertThatThrownBy(() -> Courses.check(trunk("publish", publish, name, value)))
        .hasMessage(
            "--%s %s is of --publish %s, and --publish is %s; give --publish %s, or leave --%s out"
                .formatted(name, value, other, publish, other, name));
    assertThatCode(() -> Courses.check(trunk("publish", other, name, value)))
        .doesNotThrowAnyException();
  }

  @Test
  void aWarmUpThatIsOverRefusesNoShorterChunk() throws IOException {
    Path run = run("epochs", 3, "warmup", 2.5);
    extended(run, 2, "epochs", 1);
    assertThat(Settings.ofRun(run).ofChunk(1).training().epochs()).isEqualTo(1);
    assertThat(Settings.ofRun(run).ofChunk(1).training().warmup()).isEqualTo(0.5);
    assertThat(Settings.ofRun(run).ofChunk(0).training().warmup()).isEqualTo(2.5);
  }

  @Test
  void aRateThatAnExtensionGivesIsTheTrunksFromThenOn() throws IOException {
    Path run = run("lr", 0.02);
    extended(run, 2, "lr", 0.01);
    extended(run, 3);
    assertThat(lr(run, 1)).isEqualTo(0.01);
    assertThat(lr(run, 2)).isEqualTo(0.01);
    extended(run, 4, "lr", 0.02);
    extended(run, 5);
    assertThat(lr(run, 3)).isEqualTo(0.02);
    assertThat(lr(run, 4)).isEqualTo(0.02);
  }

  @Test
  void aRateOfARestartingRunIsOfOneChunk() throws IOException {
    Path run = run("schedule", "restart", "lr", 0.02);
    extended(run, 2, "lr", 0.01);
    extended(run, 3);
    assertThat(lr(run, 2)).isEqualTo(0.02);
  }
}
