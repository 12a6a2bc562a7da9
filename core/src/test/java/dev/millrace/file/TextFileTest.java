package dev.millrace.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TextFileTest {
  @TempDir private Path folder;

  @Test
  void textOfAnotherEncodingIsRefusedWithItsFileLineAndByte() throws IOException {
    Path file = folder.resolve("a.yaml");
    Files.write(file, "batch: 8\n# für\n".getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> TextFile.lines(file))
        .isInstanceOf(IOException.class)
        .hasMessage(file + ", line 2: found the byte 0xFC, expected UTF-8 text; save it as UTF-8");
    Files.write(file, new byte[] {'a', (byte) 0xC3}); // half a character at the end
    assertThatThrownBy(() -> TextFile.read(file))
        .hasMessageContaining("line 1: found the byte 0xC3");
  }

  @Test
  void theMarkThatSomeEditorsBeginWithIsNoText() throws IOException {
    Path file = folder.resolve("a.txt");
    Files.writeString(file, "\uFEFFä: b\r\nc\n");
    assertThat(TextFile.lines(file)).containsExactly("ä: b", "c");
  }

  @Test
  void aFileThatIsNotThereIsSaidToBe() {
    assertThatThrownBy(() -> TextFile.read(folder.resolve("none")))
        .isInstanceOf(NoSuchFileException.class);
  }
}
