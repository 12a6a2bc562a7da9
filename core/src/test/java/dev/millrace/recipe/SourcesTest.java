package dev.millrace.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SourcesTest {
  @TempDir Path folder;

  @Test
  void aSetIsFoundAtItsNotedPlaceWhateverTheWorkingFolder() throws IOException {
    Path place = Files.createDirectories(folder.resolve("photos"));
    Settings settings =
        Settings.defaults("photos").with("places", Map.of("photos", place.toString()));
    assertThat(new Sources(settings, folder).place("photos")).isEqualTo(place.toString());
    assertThat(settings.spelling(place.toString())).isEqualTo("photos");
    Files.delete(place);
    assertThatThrownBy(() -> new Sources(settings, folder).place("photos"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(folder.toString())
        .hasMessageContaining(place.toString())
        .hasMessageContaining("--data-from photos=PLACE");
  }

  @Test
  void placesChangeNothingThatAnEncoderOrACheckpointDependsOn() throws IOException {
    Settings here = Settings.defaults("photos").with("places", Map.of("photos", "/here/photos"));
    Settings there = here.with("places", Map.of("photos", "/there/photos"));
    assertThat(SettingsV1.digest(here)).isEqualTo(SettingsV1.digest(there));
    assertThat(SettingsV1.published(here)).isEqualTo(SettingsV1.published(there));
    assertThat(SettingsV1.published(here)).doesNotContainKeys("places", "layouts", "layout");
  }

  @Test
  void aSetAloneNeedsNoListInYaml() throws IOException {
    Path yaml = Files.writeString(folder.resolve("c.yaml"), "data: my photos\n");
    assertThat(Settings.read(yaml).data().sets()).containsExactly("my photos");
  }

  @Test
  void whatIsLeftToLearnIsOfTheSetsOfItsChunksAlone() {
    Settings given = Settings.defaults("a", "b").with(Map.of("stream", "given", "chunks", 2));
    assertThat(Sources.from(given, 0)).containsExactly("a", "b");
    assertThat(Sources.from(given, 1)).containsExactly("b");
    Settings grown =
        Settings.defaults("a", "b")
            .with(Map.of("stream", "instance", "chunks", 4, "extensions", List.of("c")));
    assertThat(Sources.from(grown, 2)).containsExactly("a", "b", "c");
    assertThat(Sources.from(grown, 3)).containsExactly("c");
  }
}
