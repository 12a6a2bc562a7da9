package dev.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StopIT {
  @TempDir private Path folder;

  @Test
  void aTerminatedRunSaysHowToResumeAndThenEqualsOneNeverStopped() throws Exception {
    Path stopped = folder.resolve("stopped");
    Command command = Command.start(Tiny.classStream(stopped));
    assertThat(command.reaches(() -> Command.lines(stopped.resolve("metrics.jsonl")) >= 2))
        .isTrue();
    command.terminate();
    Command.Ended ended = command.await();

    assertThat(ended.code()).isEqualTo(130);
    assertThat(ended.err()).contains("continue with: millrace resume " + stopped);
    Command.done("resume", stopped.toString(), "--json");
    assertThat(Tiny.sha256(stopped)).isEqualTo(Tiny.sha256(Tiny.trained()));
  }

  @Test
  void aSecondProcessOnARunIsRefusedAndTheFirstGoesOn() throws Exception {
    Path run = folder.resolve("run");
    Path metrics = run.resolve("metrics.jsonl");
    Command first = Command.start(Tiny.endless(run));
    assertThat(first.reaches(() -> Files.exists(run.resolve("run.yaml")))).isTrue();
    Command.Ended second = Command.run("resume", run.toString());
    assertThat(second.code()).isEqualTo(1);
    assertThat(second.err()).contains("another process is working on");

    long steps = Command.lines(metrics);
    assertThat(first.reaches(() -> Command.lines(metrics) > steps + 2)).isTrue();
    first.terminate();
    assertThat(first.await().code()).isEqualTo(130);
  }

  @Test
  void anOutThatExistsIsRefusedAndLeftAsItWas() throws Exception {
    Path file = Files.writeString(folder.resolve("mine.txt"), "precious");
    Command.Ended ended = Command.run(Tiny.classStream(folder));
    assertThat(ended.code()).isEqualTo(2);
    assertThat(ended.err()).contains("exists already");
    assertThat(file).hasContent("precious");
  }
}
