package dev.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ExtendIT {
  @TempDir private Path folder;

  @Test
  void anExtendedRunEqualsOneOverTheLongerStream() throws Exception {
    Path whole = folder.resolve("whole");
    Command.done(Tiny.given(whole, Tiny.set(1), Tiny.set(2), Tiny.set(3)));
    Path grown = folder.resolve("grown");
    Command.done(Tiny.given(grown, Tiny.set(1), Tiny.set(2)));
    String before = Tiny.sha256(grown);

    Command.Ended ended = Command.done("extend", grown.toString(), "--data", Tiny.set(3), "--json");

    assertThat(ended.json().path("chunks").asInt()).isEqualTo(3);
    assertThat(Tiny.sha256(grown)).isNotEqualTo(before).isEqualTo(Tiny.sha256(whole));
  }
}
