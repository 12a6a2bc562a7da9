package dev.millrace.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.file.Trees;
import dev.millrace.learn.run.RunEvent;
import dev.millrace.learn.run.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WiringTest {
  @TempDir Path folder;

  @Test
  void whatWasMadeIsFreedWhereTheNextPartCannotBe() throws IOException {
    Path run = folder.resolve("run");
    AtomicBoolean stop = new AtomicBoolean();
    RunEvent.Listener once = event -> stop.compareAndSet(false, event instanceof RunEvent.Stepped);
    Millrace.pretrain(
        Settings.defaults("generated:images=32;size=16;classes=4")
            .with(Map.of("width", 4, "size", 16, "batch", 8, "queue", 16, "threads", 1))
            .with(Map.of("stream", "joint", "chunks", 1, "memory-images", 8, "mas", 1)),
        run,
        once,
        stop::get);
    Path memory = RunFolder.of(run).root().resolve("memory");
    Trees.delete(memory);
    Files.writeString(memory, "a file in the place of the memory's folder");
    resume(run);
    long before = Pointer.totalCount();
    for (int i = 0; i < 3; i++) {
      resume(run);
    }
    assertThat(Pointer.totalCount()).isLessThanOrEqualTo(before);
  }

  private static void resume(Path run) {
    assertThatThrownBy(() -> Millrace.resume(run, event -> {}, () -> false))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("memory");
  }
}
