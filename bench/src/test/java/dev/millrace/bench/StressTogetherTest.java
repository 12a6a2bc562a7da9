package dev.millrace.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The short form of {@code bench/stress}. */
final class StressTogetherTest {
  @TempDir private Path folder;

  @Test
  void everyNativeLoopAtOnceInOneProcessEndsOrderlyWhenItIsInterrupted() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-XX:TieredStopAtLevel=1",
                "-Dorg.bytedeco.javacpp.maxBytes=0",
                "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0",
                "-XX:ErrorFile=" + folder.resolve("crash-%p.log"),
                "-cp",
                System.getProperty("java.class.path"),
                StressTogether.class.getName(),
                folder.resolve("root").toString(),
                "2",
                "4",
                "1")
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    assertThat(said.lines().filter(line -> line.matches("[a-z]+: (done|stopped)")))
        .as(said)
        .hasSameSizeAs(StressLoop.ALL);
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.filter(file -> file.getFileName().toString().startsWith("crash-")))
          .isEmpty();
    }
  }
}
