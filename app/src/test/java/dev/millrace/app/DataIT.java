package dev.millrace.app;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DataIT {
  @TempDir private Path folder;

  @Test
  void infoCountsAndDrawsAContactSheet() throws Exception {
    Path sheet = folder.resolve("sheet.png");
    JsonNode json =
        Command.done(
                "data",
                "info",
                "generated:images=64,classes=4",
                "--contact-sheet",
                sheet.toString(),
                "--json")
            .json();
    assertThat(json.path("classes").asInt()).isEqualTo(4);
    assertThat(json.path("splits").path("train").asInt()).isEqualTo(64);
    assertThat(json.path("quarantined").asInt()).isZero();
    assertThat(sheet).isNotEmptyFile();
  }

  @Test
  void whatASetDoesNotListIsCountedAndASheetInItIsRefused() throws Exception {
    Path set = Files.createDirectories(folder.resolve("set/cat")).getParent();
    Files.write(set.resolve("cat/1.ppm"), "P6\n1 1\n255\nabc".getBytes(US_ASCII));
    Files.createFile(set.resolve("cat/.DS_Store"));
    JsonNode json = Command.done("data", "info", set.toString(), "--json").json();
    JsonNode hidden = json.path("left_out").path(0);
    assertThat(hidden.path("kind").asText()).isEqualTo("hidden");
    assertThat(hidden.path("files").asInt()).isEqualTo(1);
    assertThat(hidden.path("names").path(0).asText()).isEqualTo("cat/.DS_Store");
    Path sheet = set.resolve("cat/sheet.png");
    Command.Ended ended =
        Command.run("data", "info", set.toString(), "--contact-sheet", sheet.toString());
    assertThat(ended.code()).isNotZero();
    assertThat(ended.err()).contains("lies in the set");
    assertThat(sheet).doesNotExist();
  }

  /** A line of another's, a colour, a tab, a turned direction. */
  private static final String NASTY = "1\nmillrace: all is well \u001b[31m\t\u202egnp";

  private static final String SHOWN = "1\\nmillrace: all is well \\u001b[31m\\t\\u202egnp";

  @Test
  void aNameWithALineBreakOrAnEscapeIsPrintedAsOneLineAndExactInJson() throws Exception {
    Path set = Files.createDirectories(folder.resolve("set/" + NASTY)).getParent();
    Files.createDirectories(set.resolve("dog"));
    Files.write(set.resolve("dog/1.ppm"), "P6\n1 1\n255\nabc".getBytes(US_ASCII));
    Files.writeString(set.resolve(NASTY + "/" + NASTY + ".jpg"), "no picture");
    Command.Ended text = Command.done("data", "info", set.toString());
    assertThat(text.out().lines())
        .anyMatch(line -> line.startsWith("  " + SHOWN + ": {"))
        .anyMatch(line -> line.startsWith("  " + SHOWN + "/" + SHOWN + ".jpg: "))
        .noneMatch(line -> line.startsWith("millrace: all is well"));
    JsonNode json = Command.done("data", "info", set.toString(), "--json").json();
    assertThat(json.path("class_images").has(NASTY)).isTrue();
    assertThat(json.at("/bad/0/id").asText()).isEqualTo(NASTY + "/" + NASTY + ".jpg");
    Command.Ended refused = Command.run("data", "info", set.resolve("no" + NASTY).toString());
    assertThat(refused.err())
        .contains("no" + SHOWN)
        .doesNotContain("\u001b", "\nmillrace: all is well");
  }

  @Test
  void allBadPicturesAreListedWhereThatIsAskedForAndAlwaysInJson() throws Exception {
    Path set = Files.createDirectories(folder.resolve("set"));
    Files.write(set.resolve("good.ppm"), "P6\n1 1\n255\nabc".getBytes(US_ASCII));
    for (int i = 0; i < 25; i++) {
      Files.writeString(set.resolve(i + ".jpg"), "no picture");
    }
    assertThat(Command.done("data", "info", set.toString()).out().lines())
        .contains("cannot be decoded: 25", "  … and 5 more; --all lists them")
        .filteredOn(line -> line.startsWith("  ") && line.contains(".jpg: "))
        .hasSize(20);
    assertThat(Command.done("data", "info", set.toString(), "--all").out().lines())
        .filteredOn(line -> line.startsWith("  ") && line.contains(".jpg: "))
        .hasSize(25);
    JsonNode bad = Command.done("data", "info", set.toString(), "--json").json().path("bad");
    assertThat(bad).hasSize(25).allMatch(one -> !one.path("reason").asText().isEmpty());
  }

  @Test
  void anUnknownSetFailsWithAMend() throws Exception {
    Command.Ended ended = Command.run("data", "info", "cifra10");
    assertThat(ended.code()).isEqualTo(2);
    assertThat(ended.err()).contains("cifra10");
  }

  @Test
  void theDoctorFindsThisMachineFit() throws Exception {
    JsonNode json = Command.done("doctor", "--json").json();
    assertThat(json.path("ok").asBoolean()).isTrue();
    assertThat(json.path("checks")).isNotEmpty();
  }

  @Test
  void infoTellsTheSizesAndTheCountOfEachClass() throws Exception {
    Path set = folder.resolve("set");
    int side = 8;
    for (String path : List.of("train/cat/1", "train/cat/2", "train/dog/3", "test/dog/4")) {
      Path file = set.resolve(path + ".ppm");
      Files.createDirectories(file.getParent());
      String header = "P6\n%d %d\n255\n".formatted(side, 2 * side);
      byte[] bytes = Arrays.copyOf(header.getBytes(US_ASCII), header.length() + 6 * side * side);
      Files.write(file, bytes);
      side += 4;
    }
    Files.writeString(set.resolve("train/cat/bad.jpg"), "no picture");
    JsonNode json = Command.done("data", "info", set.toString(), "--json").json();
    assertThat(json.at("/sizes/smallest").toString()).isEqualTo("{\"width\":8,\"height\":16}");
    assertThat(json.at("/sizes/largest").toString()).isEqualTo("{\"width\":20,\"height\":40}");
    assertThat(json.path("class_images").toString())
        .isEqualTo("{\"cat\":{\"train\":3,\"test\":0},\"dog\":{\"train\":1,\"test\":1}}");
    assertThat(json.path("images").asInt()).isEqualTo(5);
    assertThat(json.path("quarantined").asInt()).isEqualTo(1);
    assertThat(Command.done("data", "info", set.toString()).out())
        .contains("sizes: 8x16 to 20x40", "cat: {train=3, test=0}", "dog: {train=1, test=1}");
  }
}
