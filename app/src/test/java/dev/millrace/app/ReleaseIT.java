package dev.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The release as a server gets it: unpacked elsewhere, an environment that says nothing. */
final class ReleaseIT {
  @TempDir private Path folder;

  private record Said(int code, String out, String err) {}

  private Said say(List<String> line) throws Exception {
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    ProcessBuilder builder =
        new ProcessBuilder(line)
            .directory(folder.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    // The home only for the natives that are unpacked there already.
    builder.environment().clear();
    builder.environment().put("HOME", System.getProperty("user.home"));
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    Process process = builder.start();
    assertThat(process.waitFor(10, TimeUnit.MINUTES)).isTrue();
    return new Said(process.exitValue(), Files.readString(out), Files.readString(err));
  }

  private static Path release() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("target").toAbsolutePath())) {
      return files
          .filter(file -> file.getFileName().toString().matches("millrace-.*\\.tar\\.gz"))
          .findFirst()
          .orElseThrow(() -> new AssertionError("no release: mvn -Passembly -DskipTests package"));
    }
  }

  @Test
  void aReleaseRunsWhereItIsUnpackedWithNothingButJava() throws Exception {
    Path home = Files.createDirectory(folder.resolve("a place of its own"));
    String unpack = "cd '%s' && tar -xzf '%s' --strip-components=1".formatted(home, release());
    assertThat(say(List.of("/bin/sh", "-c", unpack)).code()).isZero();
    String millrace = home.resolve("bin/millrace").toString();

    Said version = say(List.of(millrace, "--version"));
    assertThat(version.code()).as(version.err()).isZero();
    assertThat(version.out()).startsWith("millrace ").contains(" on Java ");

    Said doctor = say(List.of(millrace, "doctor"));
    assertThat(doctor.code()).as(doctor.out() + doctor.err()).isZero();
    assertThat(doctor.out()).contains("libtorch loaded");
    assertThat(doctor.err()).as("the second start prepares nothing").isEmpty();

    for (String file : List.of("README.md", "LICENSE", "docs/java.md", "configs/study/tiny.yaml")) {
      assertThat(home.resolve(file)).isNotEmptyFile();
    }
    Said none = say(new ArrayList<>(List.of(millrace, "study", "run", "none.yaml")));
    assertThat(none.code()).isNotZero();
    assertThat(none.err()).contains("none.yaml");
  }
}
