package dev.millrace.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.live.learn.RunSnapshot;
import dev.millrace.recipe.Millrace;
import dev.millrace.recipe.Settings;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FolderRunTest {
  @TempDir private Path temp;

  private static void pictures(Path folder) throws IOException {
    Files.createDirectories(folder);
    for (int i = 0; i < 8; i++) {
      BufferedImage image = new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB);
      image.setRGB(i, i, 0xffffff - i);
      ImageIO.write(image, "png", folder.resolve(i + ".png").toFile());
    }
  }

  @ParameterizedTest
  @CsvSource({"restart, branch, false", "wsd, branch, true", "wsd, merge, false"})
  void onlyATrunkThatBranchesNeedsTheLastChunksPicturesOnceMore(
      String schedule, String publish, boolean needs) throws IOException {
    LiveFolder live = LiveFolder.of(temp);
    Path chunk = live.chunks().resolve("000001.tar");
    pictures(chunk);
    Settings settings =
        Settings.defaults(chunk.toString())
            .with(
                Map.of(
                    "stream", "given", "width", 4, "size", 16, "epochs", 2, "batch", 4, "queue", 4,
                    "threads", 1))
            .with(Map.of("schedule", schedule, "publish", publish));
    Millrace.pretrain(settings, live.run().root());
    try (LearnedRun.Held held = new FolderRun(live, () -> Instant.EPOCH).hold()) {
      assertThat(held.needs(1)).isEqualTo(needs);
    }
    Files.createDirectories(live.aside());
    Files.move(live.run().root(), live.aside().resolve("000002"));
    assertThat(new RunSnapshot(live, 2).needed().isPresent()).isEqualTo(needs);
  }
}
