package dev.millrace.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class WindowTest {
  @Test
  void aLineIsAsWideAsTheWindowAtMostAndSaysWhereItWasCut() {
    Window window = new Window(() -> 24);
    assertThat(window.cut("a".repeat(24))).isEqualTo("a".repeat(24));
    assertThat(window.cut("a".repeat(25))).isEqualTo("a".repeat(23) + "…");
  }

  @Test
  void aWindowOfNoWidthStillShowsAWord() {
    assertThat(new Window(() -> 0).cut("a".repeat(25))).hasSize(20);
  }

  @Test
  void aStreamThatIsNoTerminalHasAWindowToo() {
    PrintStream to = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
    assertThat(Window.of(to).cut("a".repeat(40))).hasSize(40);
  }
}
