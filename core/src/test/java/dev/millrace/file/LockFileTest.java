package dev.millrace.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.channels.FileChannel;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A lock that is asked for twice is still held once. */
class LockFileTest {
  @TempDir Path folder;

  /** Another process: exits with 0 if it gets the lock, else with 1. */
  static final class Other {
    public static void main(String... args) throws Exception {
      try (FileChannel lock = LockFile.take(Path.of(args[0]))) {
        System.exit(lock == null ? 1 : 0);
      }
    }
  }

  private boolean anotherProcessGets(Path file) throws Exception {
    Process other =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Other.class.getName(),
                file.toString())
            .inheritIO()
            .start();
    return other.waitFor() == 0;
  }

  @Test
  void aSecondAskingInOneProcessIsRefusedAndLosesNothing() throws Exception {
    Path file = folder.resolve("lock");
    try (FileChannel lock = LockFile.take(file)) {
      assertThat(lock).isNotNull();
      assertThat(LockFile.take(file)).isNull();
      assertThat(LockFile.take(folder.resolve(".").resolve("lock"))).isNull();
      assertThat(anotherProcessGets(file)).isFalse();
    }
    assertThat(anotherProcessGets(file)).isTrue();
    try (FileChannel again = LockFile.take(file)) {
      assertThat(again).isNotNull();
    }
  }
}
