package dev.millrace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SealedSafetensorsTest {
  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void write() throws IOException {
    file = folder.resolve("x.safetensors");
    write(file, Safetensors.sealed(Map.of("mean", "[0.485]")));
  }

  private static void write(Path to, Map<String, String> metadata) throws IOException {
    ByteBuffer numbers = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    numbers.putFloat(1.5f).putFloat(-2).flip();
    Safetensors.Piece piece =
        new Safetensors.Piece(ElementType.F32, List.of(2L), numbers::duplicate);
    Safetensors.writePieces(to, Map.of("weight", piece), metadata);
  }

  @Test
  void anyFlippedBitIsRefusedByNameUnlessItOnlyHidesTheChecksum() throws IOException {
    byte[] intact = Files.readAllBytes(file);
    assertThat(Safetensors.intact(file)).isTrue();
    int hidden = 0;
    for (int bit = 0; bit < 8 * intact.length; bit++) {
      byte[] flipped = intact.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      Files.write(file, flipped);
      try {
        StateDict.open(file);
        // The key's name or place has changed, so the file looks as if it had no checksum.
        assertThat(Safetensors.metadata(file)).doesNotContainKey("millrace-sha256");
        hidden++;
      } catch (IOException e) {
        assertThat(e).hasMessageContaining("x.safetensors");
      }
    }
    assertThat(hidden).isLessThan(8 * 40);
  }

  @Test
  void aCutFileAndAZeroedOneAreRefused() throws IOException {
    byte[] intact = Files.readAllBytes(file);
    Files.write(file, java.util.Arrays.copyOf(intact, intact.length - 1));
    assertThatThrownBy(() -> Safetensors.intact(file)).hasMessageContaining(file.toString());
    byte[] zeroed = intact.clone();
    java.util.Arrays.fill(zeroed, intact.length - 8, intact.length, (byte) 0);
    Files.write(file, zeroed);
    assertThatThrownBy(() -> Safetensors.intact(file)).hasMessageContaining("is damaged");
  }

  @Test
  void aChecksumCopiedFromAnotherFileIsReplaced() throws IOException {
    Path copy = folder.resolve("copy.safetensors");
    write(copy, Safetensors.metadata(file));
    assertThat(copy).hasSameBinaryContentAs(file);
    write(copy, Map.of("mean", "[0.5]", "millrace-sha256", "0123"));
    assertThat(Safetensors.intact(copy)).isTrue();
  }

  @Test
  void aFileWithoutAChecksumIsTakenAsItIs() throws IOException {
    Path plain = folder.resolve("plain.safetensors");
    write(plain, Map.of());
    assertThat(Safetensors.intact(plain)).isFalse();
  }
}
