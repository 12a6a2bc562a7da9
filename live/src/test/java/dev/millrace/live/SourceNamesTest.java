package dev.millrace.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.millrace.live.account.Kept;
import dev.millrace.live.account.State;
import dev.millrace.live.learn.Learner;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class SourceNamesTest {
  @TempDir private Path temp;

  private final Learner nothing =
      new Learner() {
        @Override
        public boolean learn(int chunk) {
          return false;
        }

        @Override
        public void close() {
          // Nothing runs.
        }
      };

  private LiveBuilder live(String... sources) {
    LiveBuilder builder =
        Live.in(temp.resolve("run")).close("count=1000").untilIdle(true).learner(nothing);
    for (String source : sources) {
      builder.source(source);
    }
    return builder;
  }

  private long offered(String source) throws IOException, InterruptedException {
    try (Live live = live(source).start()) {
      live.await();
    }
    return LiveStatus.of(LiveFolder.of(temp.resolve("run"))).counts().offered();
  }

  @Test
  void aFolderIsOneSourceWithASlashAtItsEndAndWithout() throws Exception {
    Path folder = Files.createDirectory(temp.resolve("in"));
    for (String name : List.of("cat.png", "dog.png")) {
      BufferedImage picture = new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB);
      picture.setRGB(1, 1, name.hashCode());
      ImageIO.write(picture, "png", folder.resolve(name).toFile());
      Files.setLastModifiedTime(folder.resolve(name), FileTime.from(Instant.EPOCH));
    }
    String source = "folder:" + folder;
    assertThatIllegalArgumentException()
        .isThrownBy(() -> live(source, source + "/").start())
        .withMessageContaining("twice");
    assertThat(offered(source + "/")).isEqualTo(2);
    assertThat(offered(source)).as("nothing is offered anew").isEqualTo(2);
    Forget.Outcome outcome =
        Forget.of(
            LiveFolder.of(temp.resolve("run")),
            List.of(source + "\tcat.png", source + "/\tdog.png"),
            Instant::now,
            Duration.ofSeconds(5));
    assertThat(outcome.unknown()).isEmpty();
    assertThat(outcome.forgotten())
        .extracting(Kept::source)
        .containsExactly(source + "/", source + "/");
    assertThat(LiveStatus.of(LiveFolder.of(temp.resolve("run"))).counts().of(State.FORGOTTEN))
        .isEqualTo(2);
  }

  @Test
  void onlyFoldersHaveTwoSpellings() {
    assertThat(SourceNames.other("folder:a")).isEqualTo("folder:a/");
    assertThat(SourceNames.other("folder:a/")).isEqualTo("folder:a");
    assertThat(SourceNames.other("folder:/")).isEqualTo("folder:/");
    assertThat(SourceNames.other("camera/")).isEqualTo("camera/");
    assertThat(SourceNames.other("camera")).isEqualTo("camera");
  }
}
