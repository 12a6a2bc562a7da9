package dev.millrace.vision.encoder.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.engine.PickleWriter;
import dev.millrace.engine.StateDict;
import dev.millrace.engine.StoredTensor;
import dev.millrace.vision.encoder.resnet.ResNetShape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EncoderPlaceTest {
  private static final Path PLAIN =
      Path.of("src/test/resources/golden/state-dict/resnet18-1.safetensors");
  private static final ResNetShape TINY = new ResNetShape("resnet18", 1, ResNetShape.Stem.SMALL);

  @TempDir Path folder;

  private Map<String, StoredTensor> net;

  @BeforeEach
  void open() throws IOException {
    net = StateDict.open(PLAIN).tensors();
  }

  private Path save(String key, UnaryOperator<String> name) throws IOException {
    Map<String, StoredTensor> renamed = new LinkedHashMap<>();
    net.forEach((each, tensor) -> renamed.put(name.apply(each), tensor));
    PickleWriter writer = new PickleWriter(2).code("}(").text("args");
    writer.global("argparse", "Namespace").code(")R").text(key).stateDict(renamed, "");
    return writer.code("u").save(folder.resolve("x.pth"));
  }

  private Path saveTwo(String one, String two) throws IOException {
    PickleWriter writer = new PickleWriter(2).code("}(").text(one.split("/")[0]);
    writer.stateDict(net, one.substring(one.indexOf('/') + 1)).text(two.split("/")[0]);
    Map<String, StoredTensor> other = new LinkedHashMap<>(net);
    // The other net is told by a weight of its own.
    other.put("bn1.weight", net.get("bn1.bias"));
    writer.stateDict(other, two.substring(two.indexOf('/') + 1));
    return writer.code("u").save(folder.resolve("two.pth"));
  }

  private float[] mark(Path words) throws IOException {
    EncoderWeights weights = EncoderWeights.of(words);
    assertThat(weights.spec()).isEqualTo(TINY);
    Path to = folder.resolve("found.safetensors");
    weights.write(to, TINY, 16, dev.millrace.vision.view.Normalisation.imagenet(), Map.of());
    return StateDict.open(to).tensors().get("bn1.weight").floats();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "module.",
        "_orig_mod.",
        "module._orig_mod.",
        "_orig_mod.module.",
        "model.backbone.",
        "net.",
        "resnet.",
        "backbone.body.",
        "visual.",
        "encoder.0.",
        "student_backbone.",
        "a.b.c.d.",
      })
  void aNetIsFoundBehindAnyPrefix(String prefix) throws IOException {
    Path file = save("model", name -> prefix + name);
    assertThat(EncoderWeights.of(file).spec()).isEqualTo(TINY);
    assertThat(EncoderWeights.of(file).leftOut()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"backbone.0., 4", "'', 4", "model.backbone.0., 2", "net., 3"})
  void aSequenceOfChildrenIsNumbered(String prefix, int layers) throws IOException {
    Path file =
        save(
            "state_dict",
            name -> {
              String child =
                  name.startsWith("conv1")
                      ? "0"
                      : name.startsWith("bn1") ? "1" : "" + (layers + name.charAt(5) - '1');
              return prefix + child + name.substring(name.indexOf('.'));
            });
    assertThat(EncoderWeights.of(file).spec()).isEqualTo(TINY);
    assertThat(mark(file)).isEqualTo(net.get("bn1.weight").floats());
  }

  @Test
  void aShortcutIsADownsampling() throws IOException {
    Path file = save("state_dict", name -> "backbone." + name.replace("downsample", "shortcut"));
    assertThat(EncoderWeights.of(file).spec()).isEqualTo(TINY);
  }

  @ParameterizedTest
  @CsvSource({
    "student/module.backbone., teacher/backbone., teacher",
    "state_dict/backbone., state_dict_ema/backbone., first",
    "online/net., target/net., first",
    "state_dict/module.encoder_q., other/module.encoder_k., first",
    "state_dict/backbone., more/momentum_backbone., first",
    "state_dict/student_backbone., more/teacher_backbone., teacher",
  })
  void ofSeveralTheUsualOneIsTakenAndTheOtherNamed(String one, String two, String which)
      throws IOException {
    Path file = saveTwo(one, two);
    String expected = which.equals("first") ? "bn1.weight" : "bn1.bias";
    assertThat(mark(file)).isEqualTo(net.get(expected).floats());
    String told = EncoderWeights.of(file).told(TINY);
    assertThat(told).contains("would be another");
    Path other = Path.of(told.replaceAll(".*`(.*)` would be another.*", "$1"));
    assertThat(mark(other))
        .isEqualTo(net.get(which.equals("first") ? "bn1.bias" : "bn1.weight").floats());
  }

  @Test
  void aPersonChoosesByAPartOfThePrefix() throws IOException {
    Path file = saveTwo("student/module.backbone.", "teacher/backbone.");
    for (String words : List.of("student", "student.module.backbone", "module")) {
      assertThat(mark(Path.of(file + "#" + words))).isEqualTo(net.get("bn1.weight").floats());
    }
    assertThatThrownBy(() -> EncoderWeights.of(Path.of(file + "#nobody")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no encoder after nobody")
        .hasMessageContaining("student.module.backbone, teacher.backbone");
  }

  @Test
  void whereNothingDecidesTheNamesAreOffered() throws IOException {
    Path file = saveTwo("left/net.", "right/net.");
    assertThatThrownBy(() -> EncoderWeights.of(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("several encoders, after left.net, right.net")
        .hasMessageContaining("choose one, such as " + file + "#left.net");
    assertThat(mark(Path.of(file + "#left.net"))).isEqualTo(net.get("bn1.weight").floats());
  }

  @Test
  void aChoiceHasAChecksumOfItsOwnAndAFileOfThatNameIsTheFile() throws IOException {
    Path file = saveTwo("student/module.backbone.", "teacher/backbone.");
    WeightsFile chosen = WeightsFile.of(Path.of(file + "#student"));
    assertThat(chosen.sha256()).isNotEqualTo(new WeightsFile(file).sha256());
    Path sharp = Files.copy(file, folder.resolve("x#teacher"));
    assertThat(WeightsFile.of(sharp).sha256()).isEqualTo(new WeightsFile(file).sha256());
  }

  @Test
  void aWeightThatACallWouldMakeIsRefusedByTheCall() throws IOException {
    PickleWriter writer = new PickleWriter(2).code("}(");
    for (Map.Entry<String, StoredTensor> entry : net.entrySet()) {
      writer.text(entry.getKey());
      if (entry.getKey().equals("bn1.bias")) {
        writer.global("numpy.core.multiarray", "_reconstruct").code(")R");
      } else if (entry.getValue().type().floating()) {
        writer.tensor(entry.getValue().floats(), entry.getValue().shape());
      } else {
        writer.number(0);
      }
    }
    Path file = writer.code("u").save(folder.resolve("x.pth"));
    assertThatThrownBy(() -> EncoderWeights.of(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(
            "wants to call numpy.core.multiarray._reconstruct; only tensors are read");
  }
}
