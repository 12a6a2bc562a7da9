package dev.millrace.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class WorkFolderTest {
  @TempDir private Path place;

  /** A process that makes a folder, says which, and ends without closing it or stays. */
  static final class Maker {
    public static void main(String[] args) throws Exception {
      WorkFolder folder = WorkFolder.in(Path.of(args[0]), ".work");
      Files.writeString(folder.path().resolve("half"), "made");
      System.out.println(folder.path());
      System.out.flush();
      if (args[1].equals("halt")) {
        Runtime.getRuntime().halt(9);
      }
      System.in.read();
    }
  }

  private Process maker(String end) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xshare:auto",
            "-cp",
            System.getProperty("java.class.path"),
            Maker.class.getName(),
            place.toString(),
            end)
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private List<Path> left() throws IOException {
    try (Stream<Path> all = Files.list(place)) {
      return all.toList();
    }
  }

  @Test
  void whatAHaltedProcessLeftIsSweptByTheNextAndWhatALivingOneHoldsStays() throws Exception {
    Process living = maker("stay");
    Path held = Path.of(living.inputReader().readLine());
    maker("halt").waitFor();
    assertThat(left()).hasSize(2);
    try (WorkFolder mine = WorkFolder.in(place, ".work")) {
      assertThat(left()).containsExactlyInAnyOrder(held, mine.path());
      assertThat(held.resolve("half")).hasContent("made");
    }
    living.destroyForcibly().waitFor();
    WorkFolder.in(place, ".work").close();
    assertThat(left()).isEmpty();
  }

  @Test
  void foldersOfThisProcessAndOthersFilesStay() throws IOException {
    Path stranger = Files.createDirectory(place.resolve(".workshop"));
    try (WorkFolder one = WorkFolder.in(place, ".work");
        WorkFolder two = WorkFolder.in(place, ".work")) {
      assertThat(left()).containsExactlyInAnyOrder(stranger, one.path(), two.path());
    }
    assertThat(left()).containsExactly(stranger);
  }

  @Test
  void manyAtOnceNeverSweepEachOther() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    Callable<Boolean> call =
        () -> {
          try (WorkFolder folder = WorkFolder.in(place, ".work")) {
            Path file = Files.writeString(folder.path().resolve("x"), "x");
            Thread.yield();
            return Files.exists(file);
          }
        };
    for (var done : threads.invokeAll(IntStream.range(0, 200).mapToObj(i -> call).toList())) {
      assertThat(done.get()).isTrue();
    }
    threads.shutdown();
    assertThat(left()).isEmpty();
  }

  @Test
  void aPlaceThatIsNotThereIsNamed() {
    Path none = place.resolve("none");
    assertThatThrownBy(() -> WorkFolder.in(none, ".work"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(none.toString());
  }
}
