package dev.millrace.vision.encoder.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.engine.Device;
import dev.millrace.engine.ElementType;
import dev.millrace.engine.Natives;
import dev.millrace.engine.Safetensors;
import dev.millrace.engine.StateDict;
import dev.millrace.engine.StoredTensor;
import dev.millrace.vision.encoder.resnet.ResNetShape;
import dev.millrace.vision.view.Normalisation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an encoder file says of itself is held to what is there. */
class EncoderClaimsTest {
  private static final Path PLAIN =
      Path.of("src/test/resources/golden/state-dict/resnet18-1.safetensors");
  private static final Device CPU = new Device("cpu");
  private static final ResNetShape TINY = new ResNetShape("resnet18", 1, ResNetShape.Stem.SMALL);

  @TempDir Path folder;

  @BeforeAll
  static void natives() {
    Natives.load();
  }

  private Path claiming(String key, String value) throws IOException {
    Map<String, Safetensors.Piece> pieces = new HashMap<>();
    for (Map.Entry<String, StoredTensor> entry : StateDict.open(PLAIN).tensors().entrySet()) {
      StoredTensor tensor = entry.getValue();
      ByteBuffer bytes =
          ByteBuffer.allocate(tensor.type().floating() ? 4 * tensor.floats().length : Long.BYTES)
              .order(ByteOrder.LITTLE_ENDIAN);
      if (tensor.type().floating()) {
        bytes.asFloatBuffer().put(tensor.floats());
      }
      ElementType type = tensor.type().floating() ? ElementType.F32 : ElementType.I64;
      pieces.put(entry.getKey(), new Safetensors.Piece(type, tensor.shape(), bytes::duplicate));
    }
    Map<String, String> metadata =
        new HashMap<>(EncoderFile.metadata(TINY, 16, Normalisation.imagenet(), Map.of()));
    metadata.put(key, value);
    Path file = folder.resolve("claims.safetensors");
    Safetensors.writePieces(file, pieces, metadata);
    return file;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "width | 480 | resnet18 of width 480 with the small stem, but its tensors are of resnet18 of width 1",
        "width | 1000000000 | says 1000000000 for width, expected a whole number from 1 to",
        "width | -1 | says -1 for width",
        "architecture | resnet152 | says resnet152 for architecture, expected one of resnet18",
        "architecture | resnet50 | its tensors are of resnet18",
        "stem | IMAGENET | its tensors are of resnet18 of width 1 with the small stem",
        "stem | SM4LL | says SM4LL for stem, expected one of [SMALL, IMAGENET]",
        "size | 1e9 | says 1e9 for size",
        "size | 999999999 | says 999999999 for size",
        "mean | [0.1, 0.2] | says [0.1, 0.2] for mean, expected three numbers",
        "mean | [0..1, 0.2, 3] | says [0..1, 0.2, 3] for mean",
        "std | [0.1, 0.2, 0] | expected a finite mean and a deviation above 0",
        "std | none | says none for std",
      })
  void aClaimThatCannotBeIsRefusedByTheFilesName(String key, String value, String words)
      throws IOException {
    Path file = claiming(key, value);
    for (int which = 0; which < 2; which++) {
      boolean own = which == 0;
      assertThatThrownBy(
              () -> (own ? EncoderFile.read(file, CPU) : EncoderFile.read(file, 32, CPU)).close())
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith(file + " is damaged: ")
          .hasMessageContaining(words);
    }
  }

  @Test
  void controlCharactersOfAClaimDoNotReachTheTerminal() throws IOException {
    Path file = claiming("stem", "\u001b[2J\nmillrace: done");
    assertThatThrownBy(() -> EncoderFile.read(file, CPU).close())
        .hasMessageContaining("says \\u001b[2J\\nmillrace: done for stem");
  }

  @Test
  void aTrueClaimIsRead() throws IOException {
    try (EncoderFile file = EncoderFile.read(claiming("size", "48"), CPU)) {
      assertThat(file.size()).isEqualTo(48);
      assertThat(file.normalisation().mean()).containsExactly(0.485f, 0.456f, 0.406f);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]},'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}} | Duplicate field 'a'",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]},'b':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}} | a and b lie over each other",
        "{'a':{'dtype':'F32','shape':[4611686018427387904,4],'data_offsets':[0,0]}} | has shape",
        "{'a':{'dtype':'F32','shape':[1.5],'data_offsets':[0,4]}} | has shape [1.5]",
        "{'a':{'dtype':'F32','shape':7,'data_offsets':[0,4]}} | has shape 7",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':['0','4']}} | lies at bytes -1",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[6,10]}} | lies at bytes 6 to 10 of 8",
        "{'a':{'dtype':'F33','shape':[1],'data_offsets':[0,4]}} | has dtype",
        "[] | not a JSON object",
      })
  void aSafetensorsHeaderIsBounded(String header, String words) throws IOException {
    byte[] json = header.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes = ByteBuffer.allocate(8 + json.length + 8).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(json.length).put(json);
    Path file = Files.write(folder.resolve("x.safetensors"), bytes.array());
    assertThatThrownBy(() -> Safetensors.metadata(file))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(file.toString())
        .hasMessageContaining(words);
  }
}
