package dev.millrace.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.learn.run.RunEvent;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a method's own settings can do to its features, and that it is seen. */
class CollapseTest {
  @TempDir private Path folder;

  /** The looks at a short run's features. */
  private List<RunEvent.HealthChecked> looks(Map<String, Object> changes) throws IOException {
    Map<String, Object> settings =
        new HashMap<>(
            Map.of(
                "width",
                4,
                "size",
                16,
                "epochs",
                8,
                "batch",
                32,
                "lr",
                0.1,
                "threads",
                1,
                "projector-hidden",
                32,
                "dim",
                16));
    settings.putAll(changes);
    List<RunEvent.HealthChecked> looks = new ArrayList<>();
    Millrace.pretrain(
        Settings.defaults("generated:images=256;test=8;classes=4;size=16").with(settings),
        folder.resolve("run"),
        event -> {
          if (event instanceof RunEvent.HealthChecked look) {
            looks.add(look);
          }
        },
        () -> false);
    return looks;
  }

  @ParameterizedTest
  @CsvSource({"lejepa, sigreg, 1e-6, --sigreg", "vicreg, variance, 0, --variance"})
  void withoutWhatKeepsThemApartFeaturesCollapseAndTheAlarmNamesTheSetting(
      String method, String setting, double value, String named) throws IOException {
    Map<String, Object> changes = new HashMap<>(Map.of("method", method, setting, value));
    if (method.equals("vicreg")) {
      changes.put("covariance", 0);
    }
    RunEvent.HealthChecked last = last(looks(changes));
    assertThat(last.collapsed()).as(last.toString()).isTrue();
    assertThat(last.advice()).contains(named);
  }

  @Test
  void leJepaWithItsUsualWeightStaysAlive() throws IOException {
    assertThat(looks(Map.of("method", "lejepa", "lr", 0.03)))
        .noneMatch(RunEvent.HealthChecked::collapsed);
  }

  private static RunEvent.HealthChecked last(List<RunEvent.HealthChecked> looks) {
    return looks.get(looks.size() - 1);
  }

  @Test
  void everyMethodSaysWhatToChange() {
    for (MethodPart<?> part : Methods.all()) {
      assertThat(part.advice()).as(part.name()).isNotEmpty();
    }
  }
}
