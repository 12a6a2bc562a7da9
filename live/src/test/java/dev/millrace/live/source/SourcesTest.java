package dev.millrace.live.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SourcesTest {
  @TempDir private Path temp;

  private static Source of(String words) {
    return Sources.of(words, Instant::now, false);
  }

  @Test
  void aTokenFileWithoutATokenIsRefusedByName() throws IOException {
    Path file = temp.resolve("token");
    for (String blank : new String[] {"", " \n"}) {
      Files.writeString(file, blank);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> of("http://127.0.0.1:0;token-file=" + file))
          .withMessageContainingAll("--source", "token-file=" + file, "no token");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> of("http://127.0.0.1:0;token-file="))
        .withMessageContaining("no token");
    Files.writeString(file, "a-token\n");
    assertThat(of("http://127.0.0.1:0;token-file=" + file).name()).isEqualTo("http://127.0.0.1:0");
  }
}
