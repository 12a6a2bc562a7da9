package dev.millrace.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Settings of version 1, with the digests that the version before 2 gave them. */
class SettingsV1Test {
  private static final ObjectMapper JSON = new ObjectMapper();

  static JsonNode written() throws IOException {
    try (InputStream in = SettingsV1Test.class.getResourceAsStream("/older/settings-1.json")) {
      return JSON.readTree(in);
    }
  }

  /** With what was done then, of which its files say nothing. */
  private static Settings settings(JsonNode one) {
    return SettingsV1.written(
        JSON.convertValue(one.get("settings"), new TypeReference<Map<String, Object>>() {}));
  }

  @Test
  void runsOfVersion1AreKnownByTheDigestsTheyHad() throws IOException {
    for (JsonNode one : written()) {
      assertThat(SettingsV1.digest(settings(one)))
          .as(one.get("settings").toString())
          .isEqualTo(one.get("digest").asText());
    }
  }

  @Test
  void whatEncodersSayOfThemselvesIsWhatTheySaid() throws IOException {
    for (JsonNode one : written()) {
      String published = JSON.writeValueAsString(SettingsV1.published(settings(one)));
      assertThat(JSON.readTree(published))
          .as(one.get("settings").toString())
          .isEqualTo(one.get("published"));
    }
  }

  @Test
  void whatVersion1SaidOfOtherMethodsSurvivesAFileOfNow() throws IOException {
    for (JsonNode one : written()) {
      Settings settings = settings(one);
      Map<String, Object> file = new TreeMap<>(settings.history().idle());
      file.putAll(NamedSettings.chosen(settings));
      Settings again = Settings.defaults().with(file);
      assertThat(again).isEqualTo(settings);
      assertThat(SettingsV1.digest(again)).isEqualTo(SettingsV1.digest(settings));
    }
  }

  /** Whatever the defaults become: a digest stands in files. */
  @Test
  void whatARunDoesNotHaveStandsInItsDigestAsVersion1HadIt() {
    Settings given = Settings.defaults().with(Map.of("method", "supervised", "dim", 64));
    Map<String, Object> foreign = SettingsV1.all(given);
    foreign
        .keySet()
        .removeIf(name -> !Methods.knobs().contains(name) && !RemedyParts.knobs().contains(name));
    assertThat(foreign)
        .containsExactlyInAnyOrderEntriesOf(
            Map.ofEntries(
                Map.entry("queue", "auto"),
                Map.entry("momentum", 0.995),
                Map.entry("temperature", 0.1),
                Map.entry("dim", 64),
                Map.entry("bn-splits", 1),
                Map.entry("symmetric-loss", false),
                Map.entry("projector-hidden", 2048),
                Map.entry("head", "auto"),
                Map.entry("head-warmup", 1.0),
                Map.entry("replay", 0.0),
                Map.entry("memory-images", 0),
                Map.entry("replay-draw", "balanced"),
                Map.entry("mas", 0.0),
                Map.entry("ewc", 0.0),
                Map.entry("cassle", 0.0)));
  }
}
