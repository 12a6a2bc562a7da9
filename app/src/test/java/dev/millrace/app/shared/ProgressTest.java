package dev.millrace.app.shared;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.learn.remedy.Passes;
import dev.millrace.learn.run.Position;
import dev.millrace.learn.run.RunEvent;
import dev.millrace.stream.Chunk;
import dev.millrace.stream.Image;
import dev.millrace.stream.ImageSet;
import dev.millrace.terminal.TerminalLine;
import dev.millrace.terminal.Window;
import dev.millrace.vision.decode.PictureCheck;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProgressTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream to = new PrintStream(bytes, true, StandardCharsets.UTF_8);
  private final Chunk chunk = new Chunk(1, "part 2 of 4", new OnePicture());

  @Test
  void noLineOnATerminalIsWiderThanItsWindow() {
    try (Progress progress = new Progress(to, new TerminalLine(to, new Window(() -> 79)))) {
      progress.on(new RunEvent.ChunkOpened(chunk, 4, 64_000, 1, 200, 1000, 0));
      progress.on(step(0, 1, 12.345, 0.5));
    }
    String drawn = written().substring(written().indexOf('\n') + 1);
    for (String part : drawn.split("\r\u001b\\[K")) {
      assertThat(part.length()).isLessThan(80);
    }
    assertThat(drawn).contains("chunk 2/4").contains("loss 12.345").contains("left");
  }

  @Test
  void aStepsLineSaysAtWhichRateAndOnWhichPartOfTheTrunkItWasMade() {
    try (Progress progress = new Progress(to, new TerminalLine(to, new Window(() -> 120)))) {
      progress.on(new RunEvent.ChunkOpened(chunk, 4, 64, 1, 2, 2, 0));
      progress.on(
          new RunEvent.Stepped(
              new Position(1, 0, 1, 1, 32),
              1,
              0,
              0.7,
              0.015,
              32,
              0.1,
              Map.of(),
              Position.Part.BRANCH,
              Passes.NONE,
              0.7));
    }
    assertThat(written()).contains("epoch 1/2, lr 0.015 (branch)");
  }

  @Test
  void theLossOfALearnedChunkIsTheMeanOfItsLastEpoch() {
    try (Progress progress = new Progress(to, null)) {
      progress.on(new RunEvent.ChunkOpened(chunk, 4, 64, 1, 2, 2, 0));
      progress.on(step(0, 1, 0.7, 0.1));
      progress.on(step(0, 2, 1.7, 0.1));
      progress.on(step(1, 3, 5.0, 0.1));
      progress.on(step(1, 4, 5.5, 0.1));
      progress.on(new RunEvent.ChunkLearned(new Position(2, 0, 0, 4, 256), chunk, null));
    }
    assertThat(written()).contains("chunk 2 (part 2 of 4) learned, loss 5.250 in its last epoch");
  }

  @Test
  void aSinglePictureIsOnePicture() {
    try (Progress progress = new Progress(to, null)) {
      progress.on(new RunEvent.ChunkOpened(chunk, 4, 1, 1, 1, 1, 0));
      progress.on(
          new RunEvent.Quarantined(
              chunk, List.of(new PictureCheck.Bad("a.jpg", "cut off")), false));
    }
    assertThat(written())
        .contains("chunk 2 of 4 (part 2 of 4): 1 picture, 1 epoch of 1 step\n")
        .contains("chunk 2: 1 picture is left out");
  }

  private RunEvent.Stepped step(int epoch, int total, double loss, double seconds) {
    return new RunEvent.Stepped(
        new Position(1, epoch, total % 2, total, 64L * total),
        1,
        epoch,
        loss,
        0.03,
        64,
        seconds,
        Map.of());
  }

  private String written() {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private static final class OnePicture implements ImageSet {
    @Override
    public String name() {
      return "one";
    }

    @Override
    public int size() {
      return 1;
    }

    @Override
    public Image image(int index) {
      return new Image("a.jpg", Image.NONE, Image.NONE, () -> new byte[0]);
    }

    @Override
    public List<String> classes() {
      return List.of();
    }

    @Override
    public List<String> domains() {
      return List.of();
    }
  }
}
