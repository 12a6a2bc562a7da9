package dev.millrace.study;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.terminal.Window;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProgressBoardTest {
  private static final String RUN = "tiny-imagenet distant moco-v2 replay seed 1";

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  private ProgressBoard board(boolean terminal, int planned) {
    return new ProgressBoard(
        new PrintStream(bytes, true, StandardCharsets.UTF_8),
        terminal,
        new Window(() -> 79),
        "small",
        planned);
  }

  private String written() {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private static JsonNode progress(int step) throws Exception {
    return new ObjectMapper()
        .readTree(
            "{\"doing\":\"training\",\"trained\":%s,\"images_per_s\":900}".formatted(step / 100.0));
  }

  /** What a terminal of one line shows in the end, and how many lines went by above it. */
  private List<String> screen() {
    List<String> lines = new java.util.ArrayList<>();
    StringBuilder line = new StringBuilder();
    String text = written();
    for (int i = 0; i < text.length(); i++) {
      if (text.startsWith("\r\u001b[K", i)) {
        line.setLength(0);
        i += 3;
      } else if (text.charAt(i) == '\n') {
        lines.add(line.toString());
        line.setLength(0);
      } else {
        line.append(text.charAt(i));
      }
    }
    lines.add(line.toString());
    return lines;
  }

  @Test
  void onATerminalOneLineOfEightyColumnsIsReplacedAndNeverScrolls() throws Exception {
    ProgressBoard board = board(true, 60);
    board.counts(12, 0, new TimeLeft(200, true));
    board.started(RUN);
    for (int step = 0; step < 5; step++) {
      board.progress(RUN, progress(step));
      Thread.sleep(110);
    }
    assertThat(written()).doesNotContain("\n").contains("\r\u001b[K");
    assertThat(screen()).hasSize(1).allMatch(line -> line.length() <= 79);
    assertThat(screen().get(0))
        .startsWith("12 of 60 runs done, 1 at work, about 3 min 20 s left; 4 % of tiny-imag");
    board.say("done in 4.0 s: " + RUN);
    assertThat(screen()).hasSize(2).first().isEqualTo("done in 4.0 s: " + RUN);
    board.close();
    assertThat(screen().get(1)).isEmpty();
  }

  @Test
  void elsewhereEventsAreLinesAndNothingIsDrawnOver() throws Exception {
    ProgressBoard board = board(false, 1);
    board.started(RUN);
    board.progress(RUN, progress(50));
    board.say("done");
    board.close();
    assertThat(written()).isEqualToNormalizingNewlines("started: " + RUN + "\ndone\n");
  }

  @Test
  void oneRunIsARunAndFailuresAreSaidWhereThereAreAny() {
    ProgressBoard board = board(true, 1);
    board.counts(0, 1, TimeLeft.unknown());
    board.tick();
    assertThat(screen().get(0)).isEqualTo("0 of 1 run done, 1 failed");
  }

  @Test
  void noTimeIsNeverLeftWhileThereIsWorkAndAGuessIsALeast() {
    assertThat(new TimeLeft(0.2, true).words()).isEqualTo(", nearly done");
    assertThat(new TimeLeft(0, false).words()).isEmpty();
    assertThat(new TimeLeft(8.4, false).words()).isEqualTo(", at least 8.0 s left");
    assertThat(new TimeLeft(40, true).words()).isEqualTo(", about 40 s left");
    assertThat(TimeLeft.unknown().words()).isEmpty();
  }
}
