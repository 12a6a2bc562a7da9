package dev.millrace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.bytedeco.pytorch.global.torch.arange;
import static org.bytedeco.pytorch.global.torch.zeros;

import dev.millrace.file.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsTest {
  private static final Device CPU = new Device("cpu");

  @TempDir Path folder;

  @BeforeAll
  static void natives() {
    Natives.load();
  }

  private static Map<String, Tensor> sample(boolean reversed) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    List<String> names =
        new ArrayList<>(List.of("b.weight", "count", "a.weight", "mask", "half", "empty"));
    if (reversed) {
      Collections.reverse(names);
    }
    for (String name : names) {
      tensors.put(
          name,
          switch (name) {
            case "count" -> arange(new Scalar(7)).sum().to(ScalarType.Long);
            case "mask" -> arange(new Scalar(3)).to(ScalarType.Byte);
            case "half" -> arange(new Scalar(5)).to(ScalarType.BFloat16);
            case "empty" -> zeros(0, 4);
            default -> arange(new Scalar(24)).to(ScalarType.Float).view(2, 3, 4).permute(2, 0, 1);
          });
    }
    return tensors;
  }

  @Test
  void whatIsWrittenIsReadBack() throws IOException {
    try (PointerScope scope = new PointerScope()) {
      Path file = folder.resolve("x.safetensors");
      Map<String, Tensor> tensors = sample(false);
      Map<String, String> about = Map.of("format", "pt", "é", "\"quoted\"");
      Safetensors.write(file, tensors, about);
      Safetensors.Contents contents = Safetensors.read(file, CPU);
      assertThat(contents.metadata()).isEqualTo(about);
      assertThat(Safetensors.metadata(file)).isEqualTo(about);
      assertThat(contents.tensors().keySet()).isEqualTo(tensors.keySet());
      tensors.forEach(
          (name, tensor) -> {
            Tensor read = contents.tensors().get(name);
            assertThat(read.scalar_type().intern()).isEqualTo(tensor.scalar_type().intern());
            assertThat(read.equal(tensor)).as(name).isTrue();
          });
    }
  }

  @Test
  void equalContentMakesEqualBytes() throws IOException {
    try (PointerScope scope = new PointerScope()) {
      Path one = folder.resolve("one");
      Path two = folder.resolve("two");
      Map<String, String> metadata = new LinkedHashMap<>();
      metadata.put("z", "1");
      metadata.put("a", "2");
      Safetensors.write(one, sample(false), metadata);
      Safetensors.write(two, sample(true), Map.of("a", "2", "z", "1"));
      assertThat(one).hasSameBinaryContentAs(two);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 5, 12, 96, 97})
  void tensorsOfManyPartsAreWrittenAndReadAsThoseOfOne(long part) throws IOException {
    try (PointerScope scope = new PointerScope()) {
      Path whole = folder.resolve("whole");
      Path parts = folder.resolve("parts");
      for (Map<String, String> about : List.of(Map.of("a", "1"), Safetensors.sealed(Map.of()))) {
        Map<String, Tensor> tensors = sample(false);
        Safetensors.write(whole, tensors, about);
        Safetensors.write(parts, tensors, about, part);
        assertThat(Sha256.of(parts)).isEqualTo(Sha256.of(whole));
        Safetensors.Contents contents = Safetensors.read(parts, CPU, part);
        tensors.forEach(
            (name, tensor) ->
                assertThat(contents.tensors().get(name).equal(tensor)).as(name).isTrue());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 4, 12})
  void aPieceOfOtherBytesThanItsShapeSaysIsNotWritten(int bytes) {
    Safetensors.Piece piece =
        new Safetensors.Piece(ElementType.F32, List.of(2L), () -> ByteBuffer.allocate(bytes));
    for (Map<String, String> about : List.of(Map.of("a", "1"), Safetensors.sealed(Map.of()))) {
      assertThatThrownBy(
              () -> Safetensors.writePieces(folder.resolve("x"), Map.of("weight", piece), about))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("weight has " + bytes + " bytes; expected 8 for F32");
      assertThat(folder).isEmptyDirectory();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"a":{"dtype":"F8","shape":[1],"data_offsets":[0,8]}}                       | 8 | dtype "F8"
          {"a":{"shape":[1],"data_offsets":[0,4]}}                                    | 4 | dtype
          {"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}                      | 8 | expected 12 bytes
          {"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}                     | 8 | shape [-2]
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}}                        | 8 | expected 8 bytes
          {"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}  | 0 | shape
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}                      | 7 | truncated
          [1]                                                                         | 0 | not a JSON object
          {"a"                                                                        | 0 | not JSON
          """)
  void damagedHeadersAreRefusedWithTheirReason(String header, int bytes, String reason)
      throws IOException {
    Path file = folder.resolve("broken.safetensors");
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer all = ByteBuffer.allocate(8 + text.length + bytes).order(ByteOrder.LITTLE_ENDIAN);
    Files.write(file, all.putLong(text.length).put(text).array());
    assertThatThrownBy(() -> Safetensors.read(file, CPU))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(reason)
        .hasMessageContaining("broken.safetensors");
  }

  @Test
  void filesCutShortAnywhereAndOtherFilesAreRefused() throws IOException {
    try (PointerScope scope = new PointerScope()) {
      Path whole = folder.resolve("whole");
      Safetensors.write(whole, sample(false), Map.of());
      byte[] bytes = Files.readAllBytes(whole);
      for (int length = 0; length < bytes.length; length += 7) {
        Path cut = Files.write(folder.resolve("cut"), Arrays.copyOf(bytes, length));
        assertThatThrownBy(() -> Safetensors.read(cut, CPU))
            .as("cut to %d bytes", length)
            .isInstanceOf(IOException.class);
      }
    }
    byte[] png = {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10, 0, 0};
    Path picture = Files.write(folder.resolve("x.png"), png);
    assertThatThrownBy(() -> Safetensors.read(picture, CPU)).hasMessageContaining("header claims");
  }

  @Test
  void otherTypesAreNotWrittenAndLeaveNothingBehind() {
    try (PointerScope scope = new PointerScope()) {
      Tensor flags = zeros(2).to(ScalarType.Bool);
      assertThatThrownBy(
              () -> Safetensors.write(folder.resolve("x"), Map.of("flags", flags), Map.of()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("flags");
      assertThat(folder).isEmptyDirectory();
    }
  }
}
