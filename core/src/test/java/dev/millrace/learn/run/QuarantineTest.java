package dev.millrace.learn.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.recipe.Millrace;
import dev.millrace.recipe.Settings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pictures that cannot be decoded, in a run over real files. */
class QuarantineTest {
  private static final int PICTURES = 40;

  @TempDir Path folder;

  private Path data;

  private Settings pictures(double maxBad) throws IOException {
    data = Files.createDirectories(folder.resolve("data"));
    for (int i = 0; i < PICTURES; i++) {
      good(i);
    }
    Files.writeString(file(7), "a text that was renamed");
    return Settings.defaults(data.toString())
        .with(
            Map.of(
                "width", 4, "size", 16, "epochs", 2, "batch", 13, "queue", 32, "threads", 1,
                "max-bad", maxBad));
  }

  private Path file(int i) {
    return data.resolve("%02d.ppm".formatted(i));
  }

  private void good(int i) throws IOException {
    byte[] head = "P6 16 16 255\n".getBytes(StandardCharsets.US_ASCII);
    byte[] bytes = Arrays.copyOf(head, head.length + 3 * 16 * 16);
    for (int at = head.length; at < bytes.length; at++) {
      bytes[at] = (byte) (at * (i + 3));
    }
    Files.write(file(i), bytes);
  }

  @Test
  void aBadPictureIsNamedWithItsReasonAndLeftOut() throws IOException {
    Path run = folder.resolve("run");
    Millrace.Outcome outcome = Millrace.pretrain(pictures(0.05), run);
    assertThat(outcome.steps()).isEqualTo(6); // 2 epochs of 39 / 13
    assertThat(run.resolve("quarantine.jsonl"))
        .content()
        .hasLineCount(1)
        .contains("07.ppm")
        .contains("reason");
  }

  @Test
  void aPictureMendedMeanwhileDoesNotMakeTheResumedRunAnother() throws IOException {
    Settings settings = pictures(0.05);
    Millrace.Outcome whole = Millrace.pretrain(settings, folder.resolve("whole"));
    Path run = folder.resolve("stopped");
    StopAfter two = new StopAfter(2);
    Millrace.pretrain(settings, run, two, two);
    good(7);
    assertThat(Millrace.resume(run, event -> {}, () -> false).encoderSha256())
        .isEqualTo(whole.encoderSha256());
    assertThat(run.resolve("quarantine.jsonl")).content().hasLineCount(1);
  }

  @Test
  void tooManyBadPicturesAreListedAndAResumeAfterTheMendTrainsOnAll() throws IOException {
    Path run = folder.resolve("run");
    Settings settings = pictures(0.01);
    // Its beginning is a picture's, so that only decoding finds that it is cut off.
    byte[] cut =
        java.util.Arrays.copyOf("P6 100 100 255\n".getBytes(StandardCharsets.US_ASCII), 17_000);
    Files.write(file(7), cut);
    assertThatThrownBy(() -> Millrace.pretrain(settings, run))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1 of the 40 pictures of chunk 1 (all of data) cannot be decoded")
        .hasMessageContaining("--max-bad 0.01")
        .hasMessageContaining("07.ppm")
        .hasMessageContaining("Mend or remove them and run `millrace resume " + run + "`")
        .hasMessageContaining("add --max-bad 0.03 to it");
    assertThat(run.resolve("quarantine.jsonl")).content().hasLineCount(1).contains("07.ppm");
    good(7);
    Millrace.Outcome outcome = Millrace.resume(run, event -> {}, () -> false);
    assertThat(outcome.steps()).isEqualTo(6); // 2 epochs of 40 / 13
    assertThat(run.resolve("quarantine.jsonl")).content().isEmpty();
  }

  @Test
  void theCheckOfAnotherSetOfTheSameSizeIsNotTakenForThisOne() throws IOException {
    Settings settings = pictures(0.05);
    Path run = folder.resolve("run");
    StopAfter two = new StopAfter(2);
    Millrace.pretrain(settings, run, two, two);
    Path check = run.resolve("checks/0.json");
    String other = Files.readString(check).replaceAll("\"ids\":\"\\w+\"", "\"ids\":\"00\"");
    Files.writeString(check, other.replaceAll("\"bad\":.*", "\"bad\":[]}"));
    Millrace.resume(run, event -> {}, () -> false);
    assertThat(run.resolve("quarantine.jsonl")).content().contains("07.ppm");
  }

  @Test
  void aDamagedRecordOfTheCheckIsMadeAgain() throws IOException {
    Settings settings = pictures(0.05);
    Millrace.Outcome whole = Millrace.pretrain(settings, folder.resolve("whole"));
    Path run = folder.resolve("stopped");
    StopAfter two = new StopAfter(2);
    Millrace.pretrain(settings, run, two, two);
    Files.writeString(run.resolve("checks/0.json"), "{\"images\":4");
    assertThat(Millrace.resume(run, event -> {}, () -> false).encoderSha256())
        .isEqualTo(whole.encoderSha256());
  }

  @Test
  void aPictureSpoiltAfterTheCheckIsNamedWhereTheRunStops() throws IOException {
    Settings settings = pictures(0.05);
    Path run = folder.resolve("run");
    StopAfter two = new StopAfter(2);
    Millrace.pretrain(settings, run, two, two);
    byte[] spoilt = Files.readAllBytes(file(3));
    spoilt[0] = 'X';
    Files.write(file(3), spoilt);
    assertThatThrownBy(() -> Millrace.resume(run, event -> {}, () -> false))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(
            "03.ppm passed the check at the chunk's start, but failed now: not a");
  }
}
