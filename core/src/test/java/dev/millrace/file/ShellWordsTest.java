package dev.millrace.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

@DisabledOnOs(OS.WINDOWS)
final class ShellWordsTest {
  private static final List<String> NASTY =
      List.of(
          "",
          " ",
          "my run's $HOME",
          "out with ünï 空/run ' \" 1",
          "*",
          "~",
          "~/x",
          "-x",
          "--",
          "a;b",
          "`id`",
          "$(id)",
          "a\nb",
          "\n",
          "'",
          "''",
          "\\",
          "a\\'b",
          "#",
          "a#b",
          "!",
          "!!",
          "{a,b}",
          "[ab]",
          "a&b",
          "|",
          "<x>",
          "a=b",
          "FOO=bar",
          "a\tb",
          "é",
          "(x)",
          "%s",
          "%%");

  /** What a program is given, each word ended by a zero byte, by a real shell. */
  private static List<String> given(List<String> words) throws IOException {
    List<Object> command = new ArrayList<>(List.of("printf", "%s\\001"));
    command.addAll(words);
    Process process =
        new ProcessBuilder("sh", "-c", ShellWords.of(command.toArray()))
            .redirectErrorStream(true)
            .start();
    process.getOutputStream().close();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return List.of(out.substring(0, out.length() - 1).split("\001", -1));
  }

  @Test
  void aShellHandsEveryNastyWordOnAsItIs() throws IOException {
    assertThat(given(NASTY)).isEqualTo(NASTY);
  }

  @Property(tries = 60)
  void aShellHandsAnyWordsOnAsTheyAre(
      @ForAll @Size(min = 1, max = 8)
          List<@CharRange(from = ' ', to = '~') @Chars({'\n', '\t', 'é', '空', '\u0301'}) String>
              words)
      throws IOException {
    assertThat(given(words)).isEqualTo(words);
  }

  @Test
  void aPathThatLooksLikeAFlagIsTakenForAPath() {
    assertThat(ShellWords.resume(Path.of("-run"))).isEqualTo("`millrace resume ./-run`");
  }

  @Test
  void plainWordsStayAsTheyAre() {
    assertThat(ShellWords.of("./millrace", "resume", "runs/photos-1_a.b"))
        .isEqualTo("./millrace resume runs/photos-1_a.b");
  }
}
