package dev.millrace.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.learn.remedy.Replay;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's example is this test's code, and it runs. */
class ReadmeTest {
  @Test
  void theExampleTrainsAnEncoder(@TempDir Path folder) throws IOException {
    // region readme
    Settings settings =
        Settings.defaults("generated").stream(s -> s.order(StreamOrder.CLASS).chunks(2))
            .remedies(Replay.Settings.of(0.1))
            .data(d -> d.images(512))
            .training(t -> t.epochs(1).batch(64));
    Millrace.Outcome outcome = Millrace.pretrain(settings, folder.resolve("first"));
    System.out.println(outcome.encoder() + " after " + outcome.steps() + " steps");
    // endregion
    assertThat(outcome.encoder()).isNotEmptyFile();
    assertThat(outcome.chunks()).isEqualTo(2);
  }

  @Test
  void theReadmeShowsTheExampleAsItRuns() throws IOException {
    String test =
        Files.readString(Path.of("src/test/java/dev/millrace/recipe/ReadmeTest.java"))
            .replaceAll("(?s).*// region readme\n(.*?)\\s*// endregion.*", "$1");
    String readme = Files.readString(Path.of("../README.md"));
    assertThat(readme.replaceAll("\\s+", "").contains(test.replaceAll("\\s+", "")))
        .as("the README shows this test's region")
        .isTrue();
  }
}
