package dev.millrace.launch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class JvmLineTest {
  @Test
  void aProcessOfARunHasTheOptionsOfItsStarterWithoutThoseOfACluster() {
    assertThat(
            JvmLine.own(
                List.of(
                    "-XX:+UseParallelGC",
                    "--add-opens=java.base/java.nio=ALL-UNNAMED",
                    "-Dspark.executor.memory=512m",
                    "-Dmillrace.class.path=/a.jar",
                    "-Dmillrace.command=./millrace",
                    "-Xmx2g")))
        .containsExactly(
            "-XX:+UseParallelGC",
            "-Dmillrace.command=./millrace",
            "-Xmx2g",
            "-Dorg.bytedeco.javacpp.maxBytes=0",
            "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0");
  }
}
