package dev.millrace.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFilesTest {
  @TempDir Path folder;

  @Test
  void aFileIsWrittenReplacedAndAloneInItsFolder() throws IOException {
    Path file = folder.resolve("deep/er/x.json");
    AtomicFiles.write(file, new byte[] {1, 2, 3});
    AtomicFiles.write(file, new byte[] {4});
    assertThat(file).hasBinaryContent(new byte[] {4});
    assertThat(file.getParent()).isDirectoryNotContaining(path -> !path.equals(file));
  }

  @Test
  void aFailedWriteKeepsTheOldFileAndLeavesNothingBeside() throws IOException {
    Path file = folder.resolve("x");
    AtomicFiles.write(file, new byte[] {1});
    for (Exception failure :
        new Exception[] {new IOException("disk full"), new IllegalStateException("disk full")}) {
      assertThatThrownBy(
              () ->
                  AtomicFiles.write(
                      file,
                      out -> {
                        out.write(ByteBuffer.allocate(9));
                        if (failure instanceof IOException e) {
                          throw e;
                        }
                        throw (RuntimeException) failure;
                      }))
          // A system's own words name no file.
          .hasMessage(failure instanceof IOException ? file + ": disk full" : "disk full");
      assertThat(file).hasBinaryContent(new byte[] {1});
      assertThat(folder).isDirectoryNotContaining(path -> !path.equals(file));
    }
  }
}
