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
    Path whole = folder.resolve("whole");
    Command.done(Tiny.classStream(whole));
    Path stopped = folder.resolve("stopped");
    Command command = Command.start(Tiny.classStream(stopped));
    assertThat(command.reaches(() -> Command.lines(stopped.resolve("metrics.jsonl")) >= 2))
        .isTrue();
    command.terminate();
    Command.Ended ended = command.await();

    assertThat(ended.code()).isEqualTo(130);
    assertThat(ended.err()).contains("continue with: ./millrace resume " + stopped);
    Command.done("resume", stopped.toString(), "--json");
    assertThat(Tiny.sha256(stopped)).isEqualTo(Tiny.sha256(whole));
  }

  @Test
  void aSecondProcessOnARunIsRefusedAndTheFirstGoesOn() throws Exception {
    Path run = folder.resolve("run");
    Command first = Command.start(Tiny.classStream(run));
    assertThat(first.reaches(() -> Files.exists(run.resolve("run.yaml")))).isTrue();
    Command.Ended second = Command.run("resume", run.toString());
    boolean meanwhile = first.alive();
    Command.Ended ended = first.await();

    assertThat(meanwhile).as("the first was still at work").isTrue();
    assertThat(second.code()).isEqualTo(1);
    assertThat(second.err()).contains("another process is working on");
    assertThat(ended.code()).isZero();
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
