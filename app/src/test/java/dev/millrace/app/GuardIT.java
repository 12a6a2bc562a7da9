package dev.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.file.Sha256;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whether learning on made an encoder worse. */
final class GuardIT {
  /** So high that it spoils what was learned. */
  private static final List<String> SPOILING = List.of("--lr", "80");

  private static final String SET = "generated:images=256,classes=4,seed=";

  @TempDir private static Path folder;

  private static Path one;

  @BeforeAll
  static void trained() throws Exception {
    one = folder.resolve("one");
    Command.done(given(one, SET + 1));
  }

  private static String[] given(Path out, String set) {
    return new String[] {
      "pretrain",
      "--out",
      out.toString(),
      "--data",
      set,
      "--width",
      "8",
      "--size",
      "32",
      "--batch",
      "32",
      "--epochs",
      "3",
      "--schedule",
      "restart", // under which it is known what spoils
      "--queue",
      "64",
      "--threads",
      "1",
      "--json"
    };
  }

  private static Path copy(String name) throws Exception {
    Path run = folder.resolve(name);
    Tiny.copy(one, run);
    return run;
  }

  private static String[] extend(Path run, List<String> more) {
    List<String> line =
        new ArrayList<>(List.of("extend", run.toString(), "--data", SET + 2, "--json"));
    line.addAll(more);
    return line.toArray(String[]::new);
  }

  private static JsonNode only(Path run) throws Exception {
    List<String> lines = Files.readAllLines(run.resolve("guard.jsonl"));
    assertThat(lines).hasSize(1);
    return new ObjectMapper().readTree(lines.get(0));
  }

  @Test
  void aGuardChangesNothingAndLeavesOnlyItsVerdict() throws Exception {
    Path plain = copy("plain");
    Command.done(extend(plain, List.of()));
    Path guarded = copy("guarded");
    Command.Ended ended = Command.done(extend(guarded, List.of("--guard", "self")));
    assertThat(ended.json().path("guard").path("verdict").asText()).isIn("pass", "undecided");
    assertThat(Tiny.sha256(guarded)).isEqualTo(Tiny.sha256(plain));
    assertThat(guarded.resolve("guard")).doesNotExist();
    JsonNode line = only(guarded);
    assertThat(line.path("before_sha256").asText()).isEqualTo(Tiny.sha256(one));
    assertThat(line.path("encoder_sha256").asText()).isEqualTo(Tiny.sha256(plain));
    assertThat(line.path("numbers").path("pictures").asInt()).isGreaterThan(256);
  }

  @Test
  void aSpoiledEncoderIsFoundAndTheOneBeforeIsKept() throws Exception {
    for (List<String> guard :
        List.of(
            List.of("--guard", "self"), List.of("--guard", SET + 9, "--guard-margin", "0.05"))) {
      Path run = copy("spoiled" + guard.size());
      List<String> more = new ArrayList<>(guard);
      more.addAll(SPOILING);
      Command.Ended ended = Command.start(extend(run, more)).await();
      assertThat(ended.code()).isEqualTo(3);
      JsonNode said = ended.json().path("guard");
      assertThat(said.path("verdict").asText()).isEqualTo("fail");
      Path before = Path.of(said.path("before").asText());
      assertThat(before.toFile()).isEqualTo(run.resolve("guard/before-2.safetensors").toFile());
      assertThat(Sha256.of(before)).isEqualTo(Tiny.sha256(one));
      Command.done("resume", run.toString(), "--json"); // judged once
      assertThat(only(run).path("verdict").asText()).isEqualTo("fail");
      Command.start("extend", run.toString(), "--data", "nosuchset", "--guard", "self").await();
      Command.done(
          "extend", run.toString(), "--data", SET + 2, "--new-only", "--guard", "self", "--json");
      assertThat(only(run)).as("nothing was learned, so nothing is judged").isNotNull();
      assertThat(Sha256.of(before)).as("and what was kept stays").isEqualTo(Tiny.sha256(one));
    }
  }

  @Test
  void aGuardOutlivesAKill() throws Exception {
    Path run = copy("killed");
    Path metrics = run.resolve("metrics.jsonl");
    long before = Command.lines(metrics);
    Command extending = Command.start(extend(run, List.of("--guard", "self", "--lr", "80")));
    assertThat(extending.reaches(() -> Command.lines(metrics) >= before + 3)).isTrue();
    extending.kill();
    extending.await();
    assertThat(run.resolve("guard.jsonl")).doesNotExist();
    Command.Ended ended = Command.start("resume", run.toString(), "--json").await();
    assertThat(ended.code()).isEqualTo(3);
    assertThat(only(run).path("verdict").asText()).isEqualTo("fail");
  }

  @Test
  void whatIsRefusedLeavesNoGuard() throws Exception {
    Path run = copy("refused");
    Command.Ended none =
        Command.start("extend", run.toString(), "--data", "nosuchset", "--guard", "self").await();
    assertThat(none.code()).isEqualTo(2);
    Command.Ended judge = Command.start(extend(run, List.of("--guard", "nosuchset"))).await();
    assertThat(judge.code()).isEqualTo(2);
    assertThat(judge.err()).contains("nosuchset");
    Command.Ended alone = Command.start(extend(run, List.of("--guard-margin", "0.1"))).await();
    assertThat(alone.err()).contains("--guard-margin says nothing without --guard");
    assertThat(run.resolve("guard")).doesNotExist();
    assertThat(Tiny.sha256(run)).isEqualTo(Tiny.sha256(one));
  }

  @Test
  void aRunThatStartsFromWeightsIsHeldAgainstThem() throws Exception {
    String[] from = given(folder.resolve("from"), SET + 2);
    String[] line = Arrays.copyOf(from, from.length + 6);
    String[] more = {
      "--init", one.resolve("encoder.safetensors").toString(), "--guard", "self", "--lr", "80"
    };
    System.arraycopy(more, 0, line, from.length, more.length);
    Command.Ended ended = Command.start(line).await();
    assertThat(ended.err()).doesNotContain("cannot judge");
    assertThat(ended.code()).isEqualTo(3);
    assertThat(ended.json().path("guard").path("verdict").asText()).isEqualTo("fail");

    String[] nothing = given(folder.resolve("nothing"), SET + 2);
    String[] guarded = Arrays.copyOf(nothing, nothing.length + 2);
    guarded[nothing.length] = "--guard";
    guarded[nothing.length + 1] = "self";
    Command.Ended refused = Command.start(guarded).await();
    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.err()).contains("compares with the weights of --init");
  }
}
