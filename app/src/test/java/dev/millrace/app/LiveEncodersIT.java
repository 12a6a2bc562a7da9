package dev.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.live.LiveFolder;
import dev.millrace.live.encoder.KeptEncoders;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands that choose among a live run's encoders, as a user gives them. */
class LiveEncodersIT {
  @TempDir Path run;

  @Test
  void aPersonPromotesHoldsAndRollsBackWithoutTheRunsProcess() throws Exception {
    KeptEncoders encoders = KeptEncoders.of(LiveFolder.of(run), Clock.systemUTC());
    Path made = run.resolve("made");
    for (int chunk = 0; chunk < 2; chunk++) {
      Files.writeString(made, "weights " + chunk);
      encoders.keep(made, run.resolve("run"), chunk + 1);
    }
    String live = run.toString();

    Command.done("live", "promote", live, "1");
    Command.done("live", "promote", live, "2", "--reason", "sharper");
    JsonNode held = Command.done("live", "hold", live, "--json").json();
    assertThat(held.path("serving").asInt()).isEqualTo(2);
    assertThat(held.path("held").asBoolean()).isTrue();
    JsonNode back = Command.done("live", "rollback", live, "--json").json();
    assertThat(back.path("serving").asInt()).isEqualTo(1);
    JsonNode all = Command.done("live", "encoders", live, "--json").json();
    assertThat(all.path("encoders")).hasSize(2);
    assertThat(all.path("encoders").get(0).path("serving").asBoolean()).isTrue();

    Files.writeString(run.resolve("encoders/2/version.json"), "{");
    Command.Ended damaged = Command.done("live", "encoders", live, "--json");
    assertThat(damaged.err()).contains("version.json is damaged", "remove the folder it lies in");
    assertThat(damaged.json().path("encoders").get(1).path("damaged").asBoolean()).isTrue();
    assertThat(damaged.json().path("encoders").get(0).path("serving").asBoolean()).isTrue();
    encoders.keep(made, run.resolve("run"), 2);
    assertThat(Command.done("live", "encoders", live).out()).contains("2  damaged", "3  chunk");

    Command.Ended judge =
        Command.run("live", live + "/new", "--source", "folder:" + live, "--judge", "nosuchset");
    assertThat(judge.code()).isEqualTo(2);
    assertThat(judge.err()).contains("nosuchset");
    assertThat(run.resolve("new")).doesNotExist();

    assertThat(Command.done("live", "vectors", live).out()).contains("no index is kept");
    Command.Ended nothing = Command.run("live", "vectors", live, "--embed");
    assertThat(nothing.code()).isEqualTo(2);
    assertThat(nothing.err()).contains("--embed", "no index is kept; `millrace search");

    Command.Ended wrong = Command.run("live", "promote", live, "9");
    assertThat(wrong.code()).isEqualTo(2);
    assertThat(wrong.err()).contains("has no version 9; it has 1 … 3");
  }
}
