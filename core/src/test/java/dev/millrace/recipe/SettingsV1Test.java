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

  private static Settings settings(JsonNode one) {
    return Settings.defaults()
        .with(JSON.convertValue(one.get("settings"), new TypeReference<Map<String, Object>>() {}));
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
}
