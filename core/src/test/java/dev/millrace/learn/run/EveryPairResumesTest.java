package dev.millrace.learn.run;

import static dev.millrace.learn.run.TinyRuns.classStream;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.recipe.Methods;
import dev.millrace.recipe.Millrace;
import dev.millrace.recipe.RemedyParts;
import dev.millrace.recipe.Settings;
import dev.millrace.refusal.UsageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Interrupted equals uninterrupted, in everything that a checkpoint holds, for every two of method,
 * remedy, memory and precision that can be had together. Each method has two rows, whose precisions
 * and variants (forms of CLA, PFR without predictor, the memory) go round from method to method, so
 * a variant meets a third of the methods at least. With {@code -Dmillrace.every-pair=true} each
 * method meets each of them in both precisions, which takes five times as long.
 */
class EveryPairResumesTest {
  private static final List<List<String>> HALVES =
      List.of(
          List.of("lump", "mas", "cassle", "pfr", "pnr", "cla=b", "orthogonal"),
          List.of("ewc", "si", "der", "osiris", "cla=e"));

  /** What stands in a remedy's place where its turn comes. */
  private static final List<List<Map<String, String>>> TURNS =
      List.of(
          List.of(Map.of(), Map.of("pfr", "pfr-hidden=0"), Map.of("mas", "mas,memory=fifo")),
          List.of(
              Map.of("si", "si,memory=fifo"),
              Map.of("cla=e", "cla=r"),
              Map.of("der", "memory=minred")));

  /** What looks at embeddings, which these methods do not make, or at features of a part. */
  private static final Map<String, List<String>> LEFT_OUT =
      Map.of(
          "mae", List.of("cassle", "cla", "osiris", "pfr", "der", "memory=minred"),
          "supervised", List.of("cassle", "cla", "osiris", "lump"),
          "supervised-mlp", List.of("cassle", "cla", "osiris", "lump"),
          "supcon", List.of("lump")); // it mixes classes

  /** Those whose loss PNR knows. */
  private static final Set<String> WITH_PNR =
      Set.of("moco-v2", "simclr", "byol", "barlow-twins", "vicreg");

  @TempDir Path folder;

  static Stream<Arguments> rows() {
    List<Arguments> rows = new ArrayList<>();
    List<String> methods = Methods.names();
    for (int m = 0; m < methods.size(); m++) {
      for (int half = 0; half < HALVES.size(); half++) {
        rows.add(row(methods.get(m), half, m % 3, (m + half) % 2 == 0 ? "fp32" : "bf16"));
      }
    }
    return rows.stream();
  }

  /** All of them but those of {@link #rows}. */
  static Stream<Arguments> otherRows() {
    List<Arguments> rows = new ArrayList<>();
    List<String> methods = Methods.names();
    for (int m = 0; m < methods.size(); m++) {
      for (int half = 0; half < HALVES.size(); half++) {
        for (int turn = 0; turn < 3; turn++) {
          for (String precision : List.of("fp32", "bf16")) {
            boolean known =
                turn == m % 3 && precision.equals((m + half) % 2 == 0 ? "fp32" : "bf16");
            if (!known) {
              rows.add(row(methods.get(m), half, turn, precision));
            }
          }
        }
      }
    }
    return rows.stream();
  }

  private static Arguments row(String method, int half, int turn, String precision) {
    Map<String, String> instead = TURNS.get(half).get(turn);
    List<String> remedies =
        HALVES.get(half).stream()
            .flatMap(remedy -> Stream.of(instead.getOrDefault(remedy, remedy).split(",")))
            .filter(remedy -> together(method, remedy))
            .toList();
    return Arguments.of(method, remedies, precision);
  }

  private static boolean together(String method, String remedy) {
    String name = remedy.split("=", 2)[0];
    List<String> out = LEFT_OUT.getOrDefault(method, List.of());
    return !out.contains(name)
        && !out.contains(remedy)
        && (!name.equals("pnr") || WITH_PNR.contains(method));
  }

  private static Settings settings(String method, List<String> remedies, String precision) {
    Map<String, Object> words = new HashMap<>();
    words.putAll(Map.of("method", method, "precision", precision, "projector-hidden", 32));
    words.putAll(Map.of("dim", 16, "replay", 0, "memory-images", 40, "mas", 0));
    words.putAll(Map.of("predictor-hidden", 8, "prototypes", 16, "directions", 16, "epochs", 1));
    if (method.equals("mae")) {
      words.putAll(Map.of("encoder", "vit-tiny", "patch", 8, "decoder-dim", 16));
    }
    for (String remedy : remedies) {
      String[] form = remedy.split("=", 2);
      switch (form[0]) {
        case "memory" -> words.put(form[0], form[1]);
        case "pfr-hidden" -> words.putAll(Map.of("pfr", 1, form[0], form[1]));
        case "cla" -> words.putAll(Map.of(form[0], 1, "cla-form", form[1]));
        default -> words.put(form[0], 1);
      }
    }
    return classStream().with(words);
  }

  @Test
  void aPairWithoutARowIsRefusedByTheRemedysName() {
    for (String method : Methods.names()) {
      for (String remedy : HALVES.stream().flatMap(List::stream).toList()) {
        Settings settings = settings(method, List.of(remedy), "fp32");
        if (together(method, remedy)) {
          assertThatCode(() -> RemedyParts.check(settings))
              .as(method + " " + remedy)
              .doesNotThrowAnyException();
        } else {
          assertThatThrownBy(() -> RemedyParts.check(settings))
              .as(method + " " + remedy)
              .isInstanceOf(UsageException.class)
              .hasMessageStartingWith("--" + remedy.split("=", 2)[0])
              .hasMessageContaining(method);
        }
      }
    }
    assertThat(RemedyParts.shown().keySet())
        .as("remedies, and replay, which is in every row")
        .containsExactlyInAnyOrderElementsOf(
            Stream.concat(Stream.of("replay"), HALVES.stream().flatMap(List::stream))
                .map(remedy -> remedy.split("=", 2)[0])
                .distinct()
                .toList());
  }

  @ParameterizedTest
  @MethodSource("rows")
  void aRunStoppedAndResumedEndsWithTheSameBytes(
      String method, List<String> remedies, String precision) throws IOException {
    Settings settings = settings(method, remedies, precision);
    Path whole = folder.resolve("whole");
    Millrace.Outcome outcome = Millrace.pretrain(settings, whole);
    String encoder = outcome.encoderSha256();
    Path run = folder.resolve("stopped");
    // Within the second chunk: its end then takes in what steps before the stop left.
    StopAfter stop = new StopAfter(3);
    outcome = Millrace.pretrain(settings, run, stop, stop);
    assertThat(outcome.stopped()).isTrue();
    while (outcome.stopped()) {
      outcome = Millrace.resume(run, stop.again(), stop);
    }
    assertThat(outcome.steps()).isEqualTo(4);
    assertThat(outcome.encoderSha256()).isEqualTo(encoder);
    assertThat(TinyRuns.differing(run, whole)).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("otherRows")
  @EnabledIfSystemProperty(named = "millrace.every-pair", matches = "true")
  void soDoesEveryOtherPairInBothPrecisions(String method, List<String> remedies, String precision)
      throws IOException {
    aRunStoppedAndResumedEndsWithTheSameBytes(method, remedies, precision);
  }
}
