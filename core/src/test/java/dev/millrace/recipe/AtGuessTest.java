package dev.millrace.recipe;

import static dev.millrace.file.Json.JSON;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.learn.run.RunEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That all pictures are assigned to all prototypes alike is told whatever else a run does. */
class AtGuessTest {
  private static final int EPOCHS = 14;

  @TempDir private Path folder;

  private int made;

  /** With the paper's temperatures, by which so small a net does not leave ln K. */
  private static Settings settings(Map<String, ?> more) {
    Map<String, Object> all =
        new HashMap<>(
            Map.of(
                "method",
                "dino",
                "prototypes",
                32,
                "teacher-warmup",
                1,
                "teacher-start",
                0.04,
                "teacher-temperature",
                0.07,
                "width",
                8,
                "size",
                16,
                "epochs",
                EPOCHS,
                "lr",
                0.05));
    all.putAll(Map.of("dim", 32, "projector-hidden", 64, "batch", 32, "schedule", "restart"));
    all.putAll(Map.of("threads", 1, "precision", "fp32"));
    all.putAll(more);
    return Settings.defaults("generated:images=128;test=8;classes=4;size=16").with(all);
  }

  private List<JsonNode> lines(Path run, String log) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(run.resolve(log))) {
      lines.add(((ObjectNode) JSON.readTree(line)).without("time"));
    }
    return lines;
  }

  private void count(RunEvent event) {
    made += event instanceof RunEvent.Stepped ? 1 : 0;
  }

  @Test
  void whatARemedyAddsToTheLossHidesItNotAndALookAfterAStopSaysWhatItSaysWithoutOne()
      throws IOException {
    Settings settings = settings(Map.of("cla", 1));
    Path whole = folder.resolve("whole");
    Millrace.pretrain(settings, whole);
    List<JsonNode> looks = lines(whole, "health.jsonl");
    assertThat(looks).hasSize(4);
    assertThat(looks.get(3).path("collapse").asText()).startsWith("to all prototypes alike");
    JsonNode step = lines(whole, "metrics.jsonl").get(20);
    assertThat(step.path("method_loss").asDouble())
        .isNotZero()
        .isNotEqualTo(step.path("loss").asDouble());

    Path stopped = folder.resolve("stopped");
    Millrace.pretrain(settings, stopped, this::count, () -> made == 45); // within the 12th epoch
    assertThat(lines(stopped, "health.jsonl")).hasSize(2);
    Millrace.resume(stopped, event -> {}, () -> false);
    assertThat(lines(stopped, "health.jsonl")).isEqualTo(looks);
  }
}
