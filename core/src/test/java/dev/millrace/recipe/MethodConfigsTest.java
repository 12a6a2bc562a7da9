package dev.millrace.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The published settings of each method, in {@code configs/methods}. */
class MethodConfigsTest {
  private static final Path CONFIGS = Path.of("..", "configs", "methods");

  @TempDir Path folder;

  static List<Path> configs() throws IOException {
    try (Stream<Path> files = Files.list(CONFIGS)) {
      return files.sorted().toList();
    }
  }

  @Test
  void everySelfSupervisedMethodHasItsPublishedSettings() throws IOException {
    assertThat(configs())
        .extracting(file -> file.getFileName().toString().replace(".yaml", ""))
        .containsAll(
            Methods.names().stream().filter(name -> !name.startsWith("supervised")).toList());
  }

  @ParameterizedTest
  @MethodSource("configs")
  void aRunBeginsAndEndsByThem(Path config) throws IOException {
    Settings published = Settings.read(config, Map.of());
    assertThat(config).hasFileName(published.methodName() + ".yaml");
    assertThat(Files.readString(config))
        .contains("--config configs/methods/" + published.methodName() + ".yaml");
    Map<String, Object> small = new HashMap<>();
    small.putAll(Map.of("data", "generated:images=32;test=0;size=16", "size", 16, "threads", 1));
    small.putAll(Map.of("epochs", 2, "warmup", 1, "batch", 16));
    boolean vit = published.encoder().name().startsWith("vit");
    small.putAll(vit ? Map.of("encoder", "vit-tiny", "decoder-dim", 96) : Map.of("width", 4));
    Settings settings = Settings.read(config, small);
    assertThat(settings.method().getClass()).isEqualTo(published.method().getClass());
    assertThat(settings.views().size(32)).isEqualTo(published.views());
    assertThat(settings.training().lr()).isEqualTo(published.training().lr());
    Millrace.Outcome outcome =
        Millrace.pretrain(settings, folder.resolve("run"), event -> {}, () -> false);
    assertThat(outcome.stopped()).isFalse();
    assertThat(folder.resolve("run").resolve("encoder.safetensors")).exists();
  }
}
