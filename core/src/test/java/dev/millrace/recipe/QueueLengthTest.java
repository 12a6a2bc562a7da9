package dev.millrace.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QueueLengthTest {
  @Test
  void itIsAMultipleOfTheBatchUpToAQuarterOfTheSmallestChunk() {
    assertThat(QueueLength.automatic(4000, 64)).isEqualTo(960);
    assertThat(QueueLength.automatic(1_000_000, 64)).isEqualTo(4096);
    assertThat(QueueLength.automatic(1_000_000, 100)).isEqualTo(4000);
  }

  @Test
  void itIsOneBatchWhereAQuarterIsLessThanThat() {
    assertThat(QueueLength.automatic(200, 64)).isEqualTo(64);
    assertThat(QueueLength.automatic(40, 64)).isEqualTo(64);
  }

  @Test
  void aHandfulOfPicturesIsNoMeasureOfAStream() {
    assertThat(QueueLength.smallest(new int[] {50_000, 3}, 64)).isEqualTo(50_000);
    assertThat(QueueLength.smallest(new int[] {4, 1000, 900}, 64)).isEqualTo(900);
    assertThat(QueueLength.smallest(new int[] {4}, 64)).isEqualTo(4);
    assertThat(QueueLength.automatic(4, 64)).isEqualTo(64);
  }

  @Test
  void aRunKeepsTheNumberThatWasFound(@TempDir Path folder) throws IOException {
    Path run = folder.resolve("run");
    Millrace.pretrain(
        Settings.defaults("generated:images=600,classes=2")
            .with(
                Map.of(
                    "stream",
                    "instance",
                    "chunks",
                    2,
                    "width",
                    2,
                    "epochs",
                    1,
                    "batch",
                    16,
                    "threads",
                    1)),
        run);
    assertThat(Settings.ofRun(run).asMap().get("queue")).isEqualTo(QueueLength.automatic(300, 16));
    assertThat(Files.readString(run.resolve("metrics.jsonl"))).contains("softmax_past");
  }

  @Test
  void aFileMaySayAutoOrANumber(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("settings.yaml");
    Files.writeString(file, "queue: auto\n");
    assertThat(Settings.read(file).asMap().get("queue")).isEqualTo("auto");
    Files.writeString(file, "queue: 512\n");
    assertThat(Settings.read(file).asMap().get("queue")).isEqualTo(512);
    assertThat(Settings.defaults().asMap()).containsEntry("queue", "auto");
    assertThat(Settings.defaults().with("queue", "auto")).isEqualTo(Settings.defaults());
    assertThat(Settings.defaults().with("queue", 64).asMap()).containsEntry("queue", 64);
    Files.writeString(file, "queue: some\n");
    assertThatThrownBy(() -> Settings.read(file)).hasMessageContaining("queue");
  }

  @Test
  void aQueueOfMoreThanHalfAChunkIsWarnedOf() {
    Settings settings = Settings.defaults().with("queue", 4096);
    assertThat(FirstLook.queue(settings, 4000))
        .hasValueSatisfying(
            words -> assertThat(words).contains("--queue 4096", "4000 pictures", "makes it 960"));
    assertThat(FirstLook.queue(settings, 9000)).isEmpty();
    assertThat(FirstLook.queue(settings.with("queue", 960), 4000)).isEmpty();
    assertThat(FirstLook.queue(settings.with("method", "supervised"), 4000)).isEmpty();
  }
}
