package dev.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
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
  void anUnknownSetFailsWithAMend() throws Exception {
    Command.Ended ended = Command.run("data", "info", "cifra10");
    assertThat(ended.code()).isIn(1, 2);
    assertThat(ended.err()).contains("cifra10");
  }

  @Test
  void theDoctorFindsThisMachineFit() throws Exception {
    JsonNode json = Command.done("doctor", "--json").json();
    assertThat(json.path("ok").asBoolean()).isTrue();
    assertThat(json.path("checks")).isNotEmpty();
  }
}
