package dev.millrace.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
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

  @Test
  void halfALineOfAKilledWriterIsEndedFirst() throws Exception {
    Path file = Files.writeString(folder.resolve("log"), "whole\nhal");
    AppendLog.add(file, "new\n");
    assertThat(file).hasContent("whole\nhal\nnew\n");
  }
}
