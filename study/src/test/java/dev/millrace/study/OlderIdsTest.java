package dev.millrace.study;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.recipe.SettingsV1;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Ids and names that the version before settings 2 gave to runs: no run is made twice. */
final class OlderIdsTest {
  private static InputStream resource(String name) {
    return OlderIdsTest.class.getResourceAsStream("/older/" + name);
  }

  @Test
  void plannedRunsAreKnownByTheIdsTheyHad() throws IOException {
    ObjectMapper json = new ObjectMapper();
    try (InputStream in = resource("planned-1.json")) {
      for (JsonNode one : json.readTree(in)) {
        Map<String, Object> written =
            json.convertValue(one.get("settings"), new TypeReference<>() {});
        PlannedRun run =
            new PlannedRun(
                "d",
                "class",
                "m",
                "st",
                1,
                SettingsV1.written(written),
                List.of(),
                InsightParts.none());
        assertThat(run.id()).as(written.toString()).isEqualTo(one.get("id").asText());
        assertThat(run.name()).isEqualTo(one.get("name").asText());
      }
    }
  }

  @Test
  void theRunsOfTheStudiesThatShipAreKnownByTheIdsTheyHad() throws IOException {
    StringBuilder planned = new StringBuilder();
    for (String name : List.of("pacs", "paper", "scale", "small", "tiny")) {
      for (PlannedRun run :
          StudyFile.read(Path.of("..", "configs", "study", name + ".yaml")).runs()) {
        planned.append("%s.yaml %s %s\n".formatted(name, run.id(), run.name()));
      }
    }
    try (InputStream in = resource("study-ids.txt")) {
      assertThat(planned.toString())
          .isEqualTo(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
  }
}
