package dev.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ExitIT {
  @TempDir private Path folder;

  private Command.Ended host(String what, Path path) throws Exception {
    Command.Ended ended =
        Command.start(
                List.of("-XX:ErrorFile=" + folder.resolve("crash-%p.log")),
                "dev.millrace.app.Host",
                what,
                path.toString(),
                "400")
            .await();
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.filter(file -> file.getFileName().toString().startsWith("crash-")))
          .as(what + ": " + ended.err())
          .isEmpty();
    }
    return ended;
  }

  @Test
  void aProgramThatExitsWhileItTrainsLeavesARunThatGoesOn() throws Exception {
    Path run = folder.resolve("run");
    Command.Ended ended = host("pretrain", run);
    assertThat(ended.code()).as(ended.err()).isIn(3, 130);
    // What the program says once its call has ended may come too late for a machine that halts.
    assertThat(ended.err())
        .doesNotContain("stopped: false")
        .doesNotContainPattern("ended by (?!itself)");
    assertThat(run.resolve("checkpoints")).isNotEmptyDirectory();
  }

  @Test
  void aProgramThatExitsWhileItComputesDoesNotCrash() throws Exception {
    Path run = Tiny.trained(folder.resolve("tiny"));
    assertThat(host("encoder", run.resolve("encoder.safetensors")).code()).isIn(3, 130);
    assertThat(host("insight", run).code()).isIn(3, 130);
  }
}
