package dev.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ExtendIT {
  @TempDir private static Path folder;

  private static Path whole;
  private static Path two;

  @BeforeAll
  static void trained() throws Exception {
    whole = folder.resolve("whole");
    Command.done(Tiny.given(whole, Tiny.set(1), Tiny.set(2), Tiny.set(3)));
    two = folder.resolve("two");
    Command.done(Tiny.given(two, Tiny.set(1), Tiny.set(2)));
  }

  @Test
  void anExtendedRunEqualsOneOverTheLongerStream() throws Exception {
    Path grown = folder.resolve("grown");
    Tiny.copy(two, grown);
    String before = Tiny.sha256(grown);

    Command.Ended ended = Command.done("extend", grown.toString(), "--data", Tiny.set(3), "--json");

    assertThat(ended.json().path("chunks").asInt()).isEqualTo(3);
    assertThat(Tiny.sha256(grown)).isNotEqualTo(before).isEqualTo(Tiny.sha256(whole));
  }

  @Test
  void anExtensionKilledInItsMidstAndResumedEqualsOneOverTheLongerStream() throws Exception {
    Path grown = folder.resolve("killed");
    Tiny.copy(two, grown);
    Path metrics = grown.resolve("metrics.jsonl");
    long before = Command.lines(metrics);

    Command extending = Command.start("extend", grown.toString(), "--data", Tiny.set(3), "--json");
    // The last line so far is of the second chunk; five lines more are in the middle of the third.
    assertThat(extending.reaches(() -> Command.lines(metrics) >= before + 5)).isTrue();
    extending.kill();
    assertThat(extending.await().code()).isEqualTo(137);
    assertThat(grown.resolve("encoder.safetensors")).doesNotExist();

    Command.Ended ended = Command.done("resume", grown.toString(), "--json");
    assertThat(ended.json().path("chunks").asInt()).isEqualTo(3);
    assertThat(Tiny.sha256(grown)).isEqualTo(Tiny.sha256(whole));
  }
}
