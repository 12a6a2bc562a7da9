package dev.millrace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** What training scripts keep beside a state dict is read over; what bombs hold is bounded. */
class ForeignPickleTest {
  @TempDir Path folder;

  private static PickleWriter weight(PickleWriter to) {
    return to.text("w").tensor(new float[] {3, 4}, List.of(2L));
  }

  private StateDict beside(int protocol, Consumer<PickleWriter> thing) throws IOException {
    PickleWriter writer = new PickleWriter(protocol).code("}(").text("thing");
    thing.accept(writer);
    weight(writer.text("state_dict").code("}(")).code("uu");
    return StateDict.open(writer.save(folder.resolve("x.pth")));
  }

  @TestFactory
  List<DynamicTest> whatScriptsKeepBesideTheirWeightsIsReadOver() {
    Map<String, Consumer<PickleWriter>> things = new TreeMap<>();
    things.put(
        "argparse.Namespace",
        w ->
            w.global("argparse", "Namespace").code(")R").code("}").text("lr").number(1).code("sb"));
    things.put(
        "collections.Counter in a scheduler",
        w ->
            w.code("}")
                .text("milestones")
                .global("collections", "Counter")
                .code("}")
                .number(30)
                .number(1)
                .code("s\u0085Rs"));
    things.put(
        "a numpy scalar",
        w ->
            w.global("numpy.core.multiarray", "scalar")
                .global("numpy", "dtype")
                .text("f8")
                .code(0x89, 0x88, 0x87)
                .code("R")
                .code("(")
                .number(3)
                .text("<")
                .code("NNN")
                .number(-1)
                .number(-1)
                .number(0)
                .code("tb")
                .global("_codecs", "encode")
                .text("abcdefgh")
                .text("latin1")
                .code(0x86)
                .code("R")
                .code(0x86)
                .code("R"));
    things.put(
        "a numpy array",
        w ->
            w.global("numpy.core.multiarray", "_reconstruct")
                .global("numpy", "ndarray")
                .number(0)
                .code(0x85)
                .text("b")
                .code(0x87)
                .code("R")
                .code("(")
                .number(1)
                .tuple(2)
                .code("Ntb"));
    things.put(
        "a defaultdict",
        w ->
            w.global("collections", "defaultdict")
                .global("builtins", "list")
                .code(0x85)
                .code("R")
                .text("a")
                .code("]s"));
    things.put(
        "AttributeDict with items",
        w ->
            w.global("pytorch_lightning.utilities.parsing", "AttributeDict")
                .code(")\u0081")
                .text("a")
                .number(1)
                .code("s"));
    things.put(
        "an enumeration", w -> w.stackGlobal("timm.models", "Mode").text("a").code(0x85).code("R"));
    things.put(
        "functools.partial",
        w ->
            w.global("functools", "partial")
                .global("torch.nn", "LayerNorm")
                .code(0x85)
                .code("R(")
                .global("torch.nn", "LayerNorm")
                .code(")}Ntb"));
    things.put(
        "a device and a type",
        w ->
            w.global("torch", "device")
                .text("cuda")
                .number(0)
                .code(0x86)
                .code("R0")
                .global("torch", "float32"));
    things.put("an object with named arguments", w -> w.global("a", "B").code(")}\u0092"));
    things.put(
        "an object of the first protocol", w -> w.code("(").global("a", "B").number(1).code("o"));
    things.put("an instance of the first protocol", w -> w.code("(").number(1).code("ia\nB\n"));
    things.put("a number of a registry", w -> w.code(0x82, 7));
    things.put("a foreign persistent id", w -> w.text("mine").code("Q"));
    things.put("a persistent id of the first protocol", w -> w.code("Pmine\n"));
    things.put(
        "a list of a subclass",
        w -> w.global("omegaconf", "ListConfig").code(")\u0081").number(1).code("a"));
    things.put(
        "tuples and bytes as keys",
        w -> w.code("}").tuple(1, 2).number(1).code("s").code("C\u0001a").number(1).code("s"));
    things.put("a set of numbers", w -> w.code(0x8f).code("(").number(1).code(0x90));
    things.put(
        "storage bytes that torch would load",
        w -> w.global("torch.storage", "_load_from_bytes").code("C\u0001a").code(0x85).code("R"));
    things.put(
        "a tensor of an unknown type",
        w -> w.global("torch._utils", "_rebuild_qtensor").code(")R"));
    return things.entrySet().stream()
        .flatMap(
            e ->
                List.of(2, 4, 5).stream()
                    .map(
                        protocol ->
                            DynamicTest.dynamicTest(
                                e.getKey() + ", protocol " + protocol,
                                () ->
                                    assertThat(
                                            beside(protocol, e.getValue())
                                                .tensors()
                                                .get("w")
                                                .floats())
                                        .containsExactly(3, 4))))
        .toList();
  }

  @Test
  void aParameterWithStateIsATensor() throws IOException {
    PickleWriter writer = new PickleWriter(2).code("}").text("p");
    writer.global("torch._utils", "_rebuild_parameter_with_state").code("(");
    writer.tensor(new float[] {5}, List.of(1L)).code(0x88);
    writer.global("collections", "OrderedDict").code(")R}tRs");
    writer.text("q").global("torch._tensor", "_rebuild_from_type_v2").code("(");
    writer.global("torch._utils", "_rebuild_parameter").global("torch.nn.parameter", "Parameter");
    writer.code("(").tensor(new float[] {6}, List.of(1L)).code(0x88).code("Nt}tRs");
    StateDict dict = StateDict.open(writer.save(folder.resolve("p.pth")));
    assertThat(dict.tensors().get("p").floats()).containsExactly(5);
    assertThat(dict.tensors().get("q").floats()).containsExactly(6);
  }

  @Test
  void aTensorThatDependsOnACallIsUnknownByTheNameOfTheCall() throws IOException {
    PickleWriter writer = new PickleWriter(2).code("}(").text("evil");
    writer.global("posix", "system").text("true").code(0x85).code("R");
    writer.text("made").global("torch._utils", "_rebuild_tensor_v2").code("(");
    writer.global("torch.storage", "_load_from_bytes").code("C\u0001a").code(0x85).code("R");
    writer.number(0).tuple(1).tuple(1).code(0x89).code("NtR");
    StateDict dict = StateDict.open(weight(writer).code("u").save(folder.resolve("x.pth")));
    assertThat(dict.tensors()).containsOnlyKeys("w");
    assertThat(dict.unknown())
        .containsEntry("evil", "posix.system")
        .containsEntry("made", "torch.storage._load_from_bytes");
  }

  @Test
  void aWholeModelIsRefusedByTheNameOfItsClass() {
    PickleWriter writer = new PickleWriter(2).global("nets", "Ne\u001bt").code(")\u0081}b");
    assertThatThrownBy(() -> StateDict.open(writer.save(folder.resolve("x.pth"))))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("wants to call nets.Ne\\u001bt; only tensors are read");
  }

  @Test
  void severalStateDictsInOneFileKeepTheirNames() throws IOException {
    PickleWriter writer = new PickleWriter(2).code("}(").text("state_dict").code("}(");
    weight(writer).code("u").text("state_dict_ema").code("}(");
    weight(writer).code("uu");
    assertThat(StateDict.open(writer.save(folder.resolve("x.pth"))).tensors())
        .containsOnlyKeys("w", "state_dict_ema.w");
  }

  @Test
  void bombsEndSoonInAnErrorOrAreHarmless() {
    Map<String, PickleWriter> bombs = new TreeMap<>();
    PickleWriter nested = new PickleWriter(2).code("})");
    for (int i = 0; i < 60; i++) {
      nested.code("2\u0086"); // a tuple twice in a tuple
    }
    bombs.put("nested tuples as a key", nested.number(1).code("s"));
    PickleWriter dicts = new PickleWriter(2).code("}").text("w").number(1).code("s");
    for (int i = 0; i < 6; i++) {
      dicts.code("q\u0000").code("0}(");
      for (int k = 0; k < 100; k++) {
        dicts.text("k" + k).code("h\u0000");
      }
      dicts.code("u");
    }
    bombs.put("dictionaries in dictionaries", dicts);
    bombs.put(
        "a dictionary in itself", new PickleWriter(2).code("}q\u00002").text("a").code("h\u0000s"));
    PickleWriter long1 = new PickleWriter(2).code("}").code(0x8b, 0, 0, 16, 0);
    long1.code("\u0001".repeat(1 << 20)).code("q\u00000");
    for (int i = 0; i < 100_000; i++) {
      long1.code("h\u0000Ns");
    }
    bombs.put("a number of a million digits as a key", long1);
    PickleWriter lists =
        new PickleWriter(2).global("collections", "OrderedDict").code("q\u00000](");
    for (int i = 0; i < 100_000; i++) {
      lists.code("NN\u0086");
    }
    lists.code("e\u0085q\u00010");
    for (int i = 0; i < 100_000; i++) {
      lists.code("h\u0000h\u0001R0");
    }
    bombs.put("a long list made a dictionary again and again", lists.code("N"));
    bombs.put(
        "a count that no file has",
        new PickleWriter(4).code(0x8e, 255, 255, 255, 255, 255, 255, 255, 127));
    bombs.put("marks without end", new PickleWriter(2).code("(".repeat(2_100_000)));
    bombs.put("a memo without end", new PickleWriter(4).code("N").code("\u0094".repeat(2_100_000)));
    bombs.put("a number that is none", new PickleWriter(2).code("I" + "9".repeat(1 << 20) + "\n"));
    bombs.put("objects without end", new PickleWriter(2).code("}".repeat(1_900_000)));
    bombs.forEach(
        (name, bomb) ->
            Assertions.assertThatNoException()
                .as(name)
                .isThrownBy(
                    () ->
                        org.junit.jupiter.api.Assertions.assertTimeout(
                            Duration.ofSeconds(20),
                            () -> {
                              Path file = bomb.save(folder.resolve("bomb.pth"));
                              assertThatThrownBy(() -> StateDict.open(file))
                                  .as(name)
                                  .isInstanceOf(IOException.class);
                            })));
  }
}
