package dev.millrace.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ReasonTest {
  private static final String FILE = "pictures/one.png";

  /** What the JDK throws with the file as its whole message. */
  static Stream<FileSystemException> failures() {
    return Stream.of(
        new NoSuchFileException(FILE),
        new AccessDeniedException(FILE),
        new FileAlreadyExistsException(FILE),
        new DirectoryNotEmptyException(FILE),
        new NotDirectoryException(FILE),
        new FileSystemLoopException(FILE),
        new FileSystemException(FILE, null, "No space left on device"));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void ofAFileThatIsNamedAlreadyOnlyTheReasonIsSaid(FileSystemException failure) {
    assertThat(Reason.of(failure)).doesNotContain(FILE).contains(" ");
  }

  @ParameterizedTest
  @MethodSource("failures")
  void aSentenceNamesTheFileOnceAndSaysMore(FileSystemException failure) {
    assertThat(Reason.whole(failure))
        .isEqualTo(Reason.sentence(failure))
        .containsOnlyOnce(FILE)
        .hasSizeGreaterThan(FILE.length() + 8);
  }

  @Test
  void aFileOnTheWayIsToldInAnyLanguageOfTheSystem(@TempDir Path folder) throws IOException {
    Path file = Files.createFile(folder.resolve("a"));
    String below = file.resolve("b/c").toString();
    assertThat(Reason.sentence(new FileSystemException(below, null, "Ist kein Verzeichnis")))
        .startsWith(below + ": on the way there is a file where a folder is needed");
    String missing = folder.resolve("b/c").toString();
    assertThat(Reason.sentence(new FileSystemException(missing, null, "voll")))
        .isEqualTo(missing + ": voll");
  }

  @Test
  void aFailureWithoutWordsIsStillSomeReason() {
    assertThat(Reason.of(new IOException())).isEqualTo("IOException");
    assertThat(Reason.whole(new EOFException())).isEqualTo("it ends too early");
    assertThat(Reason.of(new MalformedInputException(1))).contains("UTF-8");
  }

  @Test
  void whatAnOpenFileThrowsGetsTheFilesName(@TempDir Path folder) {
    Path file = folder.resolve("one.png");
    assertThat(Reason.named(file, new IOException("Input/output error")))
        .hasMessage(file + ": Input/output error");
    IOException named = new IOException("one.png is cut short");
    assertThat(Reason.named(file, named)).isSameAs(named);
  }

  @Test
  void aFileInTheWayOfAFolderIsSaidToBeOne(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("runs"), "");
    Throwable failure = catchThrowable(() -> Files.readString(file.resolve("first/run.yaml")));
    assertThat(Reason.whole(failure)).contains("there is a file where a folder is needed");
  }
}
