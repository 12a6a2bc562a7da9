package dev.millrace.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * Processes of {@link TestDriver}, and what they say.
 *
 * @param folder where their words go
 * @param address by which executors reach them
 */
record Drivers(Path folder, String address) {
  Process start(String... args) throws IOException {
    List<String> line =
        new ArrayList<>(
            List.of(Standalone.JAVA, "-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    line.addAll(Standalone.doors());
    line.addAll(List.of("-Dspark.ui.enabled=false", "-Dspark.executor.memory=512m"));
    line.add("-Dspark.executor.extraJavaOptions=-XX:TieredStopAtLevel=1 -XX:+UseSerialGC");
    line.addAll(List.of("-Dorg.bytedeco.javacpp.maxPhysicalBytes=0"));
    line.addAll(List.of("-cp", String.join(File.pathSeparator, Standalone.classPath())));
    line.add(TestDriver.class.getName());
    line.addAll(List.of(args));
    ProcessBuilder builder =
        new ProcessBuilder(line)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(out().toFile()))
            .redirectError(ProcessBuilder.Redirect.appendTo(err().toFile()));
    builder.environment().put("SPARK_LOCAL_IP", address);
    return builder.start();
  }

  Path out() {
    return folder.resolve("driver.out");
  }

  Path err() {
    return folder.resolve("driver.err");
  }

  String end(Process driver) throws Exception {
    assertThat(driver.waitFor(300, TimeUnit.SECONDS)).as(Files.readString(err())).isTrue();
    List<String> lines = Files.readAllLines(out());
    assertThat(lines).as(Files.readString(err())).isNotEmpty();
    return lines.get(lines.size() - 1);
  }

  void reach(Process driver, BooleanSupplier holds) throws Exception {
    for (int i = 0; !holds.getAsBoolean(); i++) {
      assertThat(driver.isAlive() && i < 6000).as(Files.readString(err())).isTrue();
      Thread.sleep(50);
    }
  }

  static long lines(Path file) {
    try (Stream<String> lines = Files.lines(file)) {
      return lines.count();
    } catch (IOException e) {
      return 0;
    }
  }

  static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return "";
    }
  }
}
