package dev.millrace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.javacpp.ShortPointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against files that golden/state_dict.py had torch write. */
class StateDictTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden/state-dict");

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {"kinds.pth", "kinds-protocol-4.pth", "kinds-old.pth", "kinds-big-endian.pth"})
  void everyKindOfTensorIsReadAsTorchReadsIt(String name) throws IOException {
    StateDict dict = StateDict.open(GOLDEN.resolve(name));
    JsonNode golden = new ObjectMapper().readTree(GOLDEN.resolve("values.json").toFile());
    List<String> names = new ArrayList<>();
    golden.fieldNames().forEachRemaining(names::add);
    for (String each : names) {
      StoredTensor tensor = dict.tensors().get(each);
      List<Long> shape = new ArrayList<>();
      golden.path(each).path("shape").forEach(dim -> shape.add(dim.asLong()));
      assertThat(tensor.shape()).as(each).isEqualTo(shape);
      if (each.equals("expanded")) {
        assertThatThrownBy(tensor::floats)
            .hasMessageContaining("6 numbers of which the file holds 2");
        continue;
      }
      List<Float> values = new ArrayList<>();
      golden.path(each).path("values").forEach(value -> values.add((float) value.asDouble()));
      assertThat(floats(tensor)).as(each).isEqualTo(values);
    }
    assertThat(names).hasSize(13);
    assertThat(dict.tensors()).hasSize(14);
    assertThatThrownBy(dict.tensors().get("count")::floats).hasMessageContaining("type I64");
  }

  @Test
  void everyHalfIsTheFloatThatTorchMakesOfIt() {
    Natives.load();
    try (PointerScope scope = new PointerScope()) {
      short[] bits = new short[1 << 16];
      for (int i = 0; i < bits.length; i++) {
        bits[i] = (short) i;
      }
      Tensor halves =
          torch
              .from_blob(
                  new ShortPointer(bits),
                  new long[] {bits.length},
                  new TensorOptions(ScalarType.Half))
              .to(ScalarType.Float);
      float[] expected = new float[bits.length];
      new org.bytedeco.javacpp.FloatPointer(halves.data_ptr_float()).get(expected);
      ByteBuffer buffer = ByteBuffer.allocate(2);
      for (int i = 0; i < bits.length; i++) {
        assertThat((Float) ElementType.F16.floatAt(buffer.putShort(0, bits[i]), 0))
            .isEqualTo((Float) expected[i]);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "evil-system.pth, posix.system",
    "evil-eval.pth, builtins.eval",
    "evil-nested.pth, __builtin__.getattr",
    "evil-text.pth, posix.system",
    "evil-instance.pth, posix.system",
    "evil-result.pth, what is no function",
  })
  void whatAPickleWantsToCallIsRefusedByName(String name, String call) {
    assertThatThrownBy(() -> StateDict.open(GOLDEN.resolve(name)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(name + " wants to call " + call + "; only tensors are read");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "evil-attributes.pth | gives attributes to something that is no object",
        "evil-class.pth | holds no tensors but nothing",
        "evil-old.pth | is a pickle, but none of torch.save",
        "program.pt | TorchScript program",
        "bomb.pth | compressed record bomb/data/0",
        "values.json | neither a safetensors file nor one of torch.save",
      })
  void otherFilesAreRefusedWithTheirReason(String name, String reason) {
    assertThatThrownBy(() -> StateDict.open(GOLDEN.resolve(name)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(name)
        .hasMessageContaining(reason);
  }

  @Test
  void aSafetensorsFileWhoseHeadersLengthBeginsLikeAPickleIsReadAsWhatItIs() throws IOException {
    Path file = folder.resolve("x.safetensors");
    for (int length : new int[] {128, 384}) {
      String json = "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}";
      ByteBuffer bytes = ByteBuffer.allocate(8 + length + 4).order(ByteOrder.LITTLE_ENDIAN);
      bytes.putLong(length).put(json.getBytes(StandardCharsets.UTF_8));
      while (bytes.position() < 8 + length) {
        bytes.put((byte) ' ');
      }
      bytes.putFloat(7);
      assertThat(bytes.get(0)).isEqualTo((byte) 0x80);
      Files.write(file, bytes.array());
      assertThat(StateDict.open(file).tensors()).containsOnlyKeys("a");
    }
  }

  @Test
  void safetensorsAreReadAlike() throws IOException {
    StateDict plain = StateDict.open(GOLDEN.resolve("resnet18-1.safetensors"));
    StateDict torch = StateDict.open(GOLDEN.resolve("resnet18-1-classifier.pth"));
    assertThat(plain.tensors()).hasSize(120);
    for (Map.Entry<String, StoredTensor> entry : plain.tensors().entrySet()) {
      StoredTensor other = torch.tensors().get(entry.getKey());
      assertThat(other.shape()).isEqualTo(entry.getValue().shape());
      if (entry.getValue().type().floating()) {
        assertThat(floats(other)).isEqualTo(floats(entry.getValue()));
      }
    }
  }

  @Test
  void safetensorsWithAHeaderOfAnyLengthAreKnownAsSuch() throws IOException {
    Path file = folder.resolve("x.safetensors");
    List<Integer> firsts = new ArrayList<>();
    for (int longer = 0; longer < 256; longer += 8) {
      Safetensors.writePieces(
          file,
          Map.of(
              "one",
              new Safetensors.Piece(ElementType.F32, List.of(1L), () -> ByteBuffer.allocate(4))),
          Map.of("about", "x".repeat(longer)));
      firsts.add(Files.readAllBytes(file)[0] & 0xff);
      assertThat(StateDict.open(file).tensors()).containsOnlyKeys("one");
    }
    assertThat(firsts).contains(0x80, (int) 'P');
  }

  @ParameterizedTest
  @ValueSource(strings = {"kinds.pth", "kinds-old.pth", "resnet18-1.safetensors"})
  void filesCutShortAnywhereAreRefused(String name) throws IOException {
    byte[] whole = Files.readAllBytes(GOLDEN.resolve(name));
    for (int length = 0; length < whole.length; length += 1 + whole.length / 100) {
      Path cut = Files.write(folder.resolve("cut"), Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> readAll(cut))
          .as("cut to %d bytes", length)
          .isInstanceOf(IOException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"kinds.pth", "kinds-old.pth", "kinds-protocol-4.pth"})
  void aSpoiledByteIsRefusedOrHarmless(String name) throws IOException {
    byte[] whole = Files.readAllBytes(GOLDEN.resolve(name));
    Path file = folder.resolve("spoiled");
    int refused = 0;
    int tried = 0;
    for (int at = 0; at < whole.length; at += 1 + whole.length / 150) { // every byte was tried once
      byte[] spoiled = whole.clone();
      spoiled[at] ^= (byte) (tried++ % 2 == 0 ? 0xff : 1 << at % 8);
      Files.write(file, spoiled);
      try {
        readAll(file);
      } catch (IOException e) {
        refused++; // any other failure fails this test
      }
    }
    assertThat(refused).isGreaterThan(tried / 10);
  }

  /** torch.save's checksums guard what zip archives have; spoiled pickles pass them here. */
  @Test
  void aSpoiledPickleOfTheRightChecksumIsRefusedOrHarmless() throws IOException {
    byte[] pickle;
    try (java.util.zip.ZipFile zip =
        new java.util.zip.ZipFile(GOLDEN.resolve("kinds-protocol-4.pth").toFile())) {
      pickle = zip.getInputStream(zip.getEntry("kinds-protocol-4/data.pkl")).readAllBytes();
    }
    for (int at = 0; at < pickle.length; at++) {
      for (int flip : new int[] {0xff, 1, 2, 8, 16, 0x40}) {
        byte[] spoiled = pickle.clone();
        spoiled[at] ^= (byte) flip;
        try {
          new TensorPickle(
                  Path.of("x"),
                  ByteBuffer.wrap(spoiled),
                  (key, type, elements) ->
                      new StoredTensor.Storage(
                          type, elements, ByteOrder.LITTLE_ENDIAN, () -> new byte[0]))
              .read();
        } catch (IOException refused) {
          assertThat(refused).hasMessageStartingWith("x");
        }
      }
    }
  }

  @Test
  void aTensorOutsideItsStorageIsRefused() throws IOException {
    StoredTensor.Storage six =
        new StoredTensor.Storage(ElementType.F32, 6, ByteOrder.LITTLE_ENDIAN, () -> new byte[24]);
    assertThat(StoredTensor.of(six, 0, List.of(2L, 3L), List.of(3L, 1L)).floats()).hasSize(6);
    long big = 1L << 62;
    for (List<List<Long>> wrong :
        List.of(
            List.of(List.of(0L), List.of(7L), List.of(1L)),
            List.of(List.of(1L), List.of(2L, 3L), List.of(3L, 1L)),
            List.of(List.of(-1L), List.of(2L), List.of(1L)),
            List.of(List.of(0L), List.of(2L), List.of(-1L)),
            List.of(List.of(0L), List.of(-2L), List.of(1L)),
            List.of(List.of(0L), List.of(big, 8L), List.of(0L, 0L)),
            List.of(List.of(0L), List.of(8L), List.of(big)),
            List.of(List.of(0L), List.of(2L, 2L), List.of(1L)))) {
      assertThatThrownBy(
              () -> StoredTensor.of(six, wrong.get(0).get(0), wrong.get(1), wrong.get(2)))
          .as("%s", wrong)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("outside its 6 numbers");
    }
  }

  @Test
  void veryLongPicklesAreRefusedAtOnce() throws IOException {
    assertThatThrownBy(() -> StateDict.open(zipped(new byte[TensorPickle.LONGEST + 1])))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("at most " + TensorPickle.LONGEST);
  }

  @Test
  void aFileWithoutTensorsSaysWhatItHolds() throws IOException {
    byte[] pickle =
        "\u0080\u0002}X\u0005\u0000\u0000\u0000epochK\u0005s."
            .getBytes(StandardCharsets.ISO_8859_1);
    assertThatThrownBy(() -> StateDict.open(zipped(pickle)))
        .hasMessageContaining("holds no tensors but epoch; expected a state dict");
  }

  private Path zipped(byte[] pickle) throws IOException {
    Path file = folder.resolve("made.pth");
    try (OutputStream out = Files.newOutputStream(file);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      ZipEntry entry = new ZipEntry("made/data.pkl");
      entry.setMethod(ZipEntry.STORED);
      entry.setSize(pickle.length);
      CRC32 crc = new CRC32();
      crc.update(pickle);
      entry.setCrc(crc.getValue());
      zip.putNextEntry(entry);
      zip.write(pickle);
    }
    return file;
  }

  private static void readAll(Path file) throws IOException {
    for (StoredTensor tensor : StateDict.open(file).tensors().values()) {
      if (tensor.type().floating() && !tensor.repeats()) {
        tensor.floats();
      }
    }
  }

  private static List<Float> floats(StoredTensor tensor) throws IOException {
    List<Float> list = new ArrayList<>();
    for (float value : tensor.floats()) {
      list.add(value);
    }
    return list;
  }
}
