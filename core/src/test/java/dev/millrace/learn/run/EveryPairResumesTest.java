package dev.millrace.learn.run;

import static dev.millrace.learn.run.TinyRuns.classStream;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.recipe.Methods;
import dev.millrace.recipe.Millrace;
import dev.millrace.recipe.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Interrupted equals uninterrupted for every two of method, remedy and precision that can be had
 * together. Each method has two rows, each of half the remedies in one precision; the next method
 * has the precisions the other way round.
 */
class EveryPairResumesTest {
  private static final List<List<String>> HALVES =
      List.of(
          List.of("lump", "mas", "cassle", "pfr", "pnr", "cla=b", "orthogonal"),
          List.of("ewc", "si", "der", "osiris", "cla=e"));

  /** Those whose loss PNR knows. */
  private static final Set<String> WITH_PNR =
      Set.of("moco-v2", "simclr", "byol", "barlow-twins", "vicreg");

  @TempDir Path folder;

  static Stream<Arguments> rows() {
    List<Arguments> rows = new ArrayList<>();
    List<String> methods =
        Methods.names().stream().filter(name -> !name.matches("supervised.*|mae")).toList();
    for (int m = 0; m < methods.size(); m++) {
      String method = methods.get(m);
      for (int half = 0; half < HALVES.size(); half++) {
        List<String> remedies =
            HALVES.get(half).stream().filter(remedy -> together(method, remedy)).toList();
        rows.add(Arguments.of(method, remedies, (m + half) % 2 == 0 ? "fp32" : "bf16"));
      }
    }
    // A transformer takes long: what is not here is in PretrainingTest. It makes no embeddings.
    rows.add(Arguments.of("mae", List.of("ewc", "si", "der", "pfr", "orthogonal"), "bf16"));
    return rows.stream();
  }

  private static boolean together(String method, String remedy) {
    return switch (remedy) {
      case "pnr" -> WITH_PNR.contains(method);
      case "lump" -> !method.equals("supcon"); // it mixes classes
      default -> true;
    };
  }

  @ParameterizedTest
  @MethodSource("rows")
  void aRunStoppedAndResumedEndsWithTheSameBytes(
      String method, List<String> remedies, String precision) throws IOException {
    Map<String, Object> words = new HashMap<>();
    words.putAll(Map.of("method", method, "precision", precision, "projector-hidden", 32));
    words.putAll(Map.of("dim", 16, "replay", 0, "memory-images", 40, "mas", 0));
    words.putAll(Map.of("predictor-hidden", 8, "prototypes", 16, "directions", 16, "epochs", 1));
    if (method.equals("mae")) {
      words.putAll(Map.of("encoder", "vit-tiny", "patch", 8, "decoder-dim", 16));
    }
    for (String remedy : remedies) {
      String[] form = remedy.split("=", 2);
      words.put(form[0], 1);
      if (form.length > 1) {
        words.put(form[0] + "-form", form[1]);
      }
    }
    Settings settings = classStream().with(words);
    Millrace.Outcome whole = Millrace.pretrain(settings, folder.resolve("whole"));
    Path run = folder.resolve("stopped");
    StopAfter stop = new StopAfter(3);
    Millrace.Outcome outcome = Millrace.pretrain(settings, run, stop, stop);
    while (outcome.stopped()) {
      outcome = Millrace.resume(run, stop.again(), stop);
    }
    assertThat(outcome.steps()).isEqualTo(4);
    assertThat(outcome.encoderSha256()).isEqualTo(whole.encoderSha256());
  }
}
