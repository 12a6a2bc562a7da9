package dev.millrace.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AppendLogTest {
  @TempDir Path folder;

  @RepeatedTest(5)
  void linesOfManyWritersAreAllThereAndWhole() throws Exception {
    Path file = folder.resolve("log");
    ExecutorService writers = Executors.newFixedThreadPool(8);
    try {
      List<Callable<Void>> all =
          IntStream.range(0, 400)
              .<Callable<Void>>mapToObj(
                  i ->
                      () -> {
                        AppendLog.add(file, "line " + i + " of a writer\n");
                        return null;
                      })
              .toList();
      for (Future<Void> one : writers.invokeAll(all)) {
        one.get();
      }
    } finally {
      writers.shutdown();
    }
    assertThat(Files.readAllLines(file))
        .containsExactlyInAnyOrderElementsOf(
            IntStream.range(0, 400).mapToObj(i -> "line " + i + " of a writer").toList());
  }

  /** Another process: holds a log again and again; exits with 1 if it grew meanwhile. */
  static final class Holder {
    private static final int TIMES = 150;

    public static void main(String... args) throws Exception {
      try (FileChannel log = FileChannel.open(Path.of(args[0]), StandardOpenOption.WRITE)) {
        for (int i = 0; i < TIMES; i++) {
          try (FileLock lock = log.lock()) {
            long before = log.size();
            Thread.sleep(2);
            if (log.size() != before) {
              System.exit(1);
            }
          }
        }
      }
    }
  }

  @Test
  void nothingIsWrittenWhileAnotherProcessHoldsTheLog() throws Exception {
    Path file = Files.createFile(folder.resolve("log"));
    Process holder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Holder.class.getName(),
                file.toString())
            .inheritIO()
            .start();
    int added = 0;
    while (holder.isAlive()) {
      AppendLog.add(file, "line " + added++ + "\n");
    }
    assertThat(holder.waitFor()).isZero();
    assertThat(Files.readAllLines(file)).hasSize(added);
  }

  @Test
  void halfALineOfAKilledWriterIsEndedFirst() throws Exception {
    Path file = Files.writeString(folder.resolve("log"), "whole\nhal");
    AppendLog.add(file, "new\n");
    assertThat(file).hasContent("whole\nhal\nnew\n");
  }
}
