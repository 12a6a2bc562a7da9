package dev.millrace.learn.run;

import static dev.millrace.learn.run.TinyRuns.SET;
import static dev.millrace.learn.run.TinyRuns.classStream;
import static dev.millrace.learn.run.TinyRuns.pictures;
import static dev.millrace.learn.run.TinyRuns.set;
import static dev.millrace.learn.run.TinyRuns.tiny;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.engine.Device;
import dev.millrace.engine.Safetensors;
import dev.millrace.file.Seal;
import dev.millrace.file.Trees;
import dev.millrace.learn.remedy.Passes;
import dev.millrace.recipe.Extension;
import dev.millrace.recipe.Methods;
import dev.millrace.recipe.Millrace;
import dev.millrace.recipe.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs with a trunk: two chunks of 4 steps, of which a branch makes the last 2, or none. */
class EndlessRunTest {
  @TempDir Path folder;

  private static Settings endless() {
    return branching(classStream());
  }

  private static Settings branching(Settings settings) {
    return settings.with(Map.of("schedule", "wsd", "publish", "branch", "decay", 0.5));
  }

  private List<JsonNode> lines(Path run) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(run.resolve("metrics.jsonl"))) {
      lines.add(new ObjectMapper().readTree(line));
    }
    return lines;
  }

  private static Millrace.Outcome stoppedAndResumed(Settings settings, Path run, int every)
      throws IOException {
    StopAfter stop = new StopAfter(every);
    Millrace.Outcome outcome = Millrace.pretrain(settings, run, stop, stop);
    while (outcome.stopped()) {
      outcome = Millrace.resume(run, stop.again(), stop);
    }
    return outcome;
  }

  @Test
  void theTrunkKeepsItsRateAndEachBranchTakesTheSameBatchesToNothing() throws IOException {
    Path run = folder.resolve("run");
    Millrace.Outcome outcome =
        Millrace.pretrain(endless().with(Map.of("lr", 0.02, "warmup", 1)), run);
    List<JsonNode> lines = lines(run);
    assertThat(lines.stream().map(line -> line.path("part").asText()))
        .containsExactly(
            "trunk", "trunk", "branch", "branch", "rest", "rest", "trunk", "trunk", "branch",
            "branch");
    assertThat(lines.stream().mapToDouble(line -> line.path("lr").asDouble()).toArray())
        .containsExactly(
            new double[] {0.01, 0.02, 0.02, 0.01, 0.02, 0.02, 0.02, 0.02, 0.02, 0.01},
            within(1e-15));
    assertThat(lines.stream().map(line -> line.path("epoch").asInt()))
        .containsExactly(0, 0, 1, 1, 1, 1, 0, 0, 1, 1);
    // The first of the rest is the branch's first: the same batch on the same weights.
    assertThat(lines.get(4).path("loss")).isEqualTo(lines.get(2).path("loss"));
    assertThat(outcome.steps()).isEqualTo(10);
    assertThat(outcome.imagePasses()).isEqualTo(10 * 32);
  }

  @ParameterizedTest
  @CsvSource({"1, 0.5", "3, 0.5", "1, 1", "2, 0.01"})
  void aRunStoppedAnywhereInTrunkAndBranchEndsWithTheSameBytes(int every, double decay)
      throws IOException {
    Settings settings = endless().with("decay", decay);
    Millrace.Outcome whole = Millrace.pretrain(settings, folder.resolve("whole"));
    Path run = folder.resolve("stopped");
    Millrace.Outcome outcome = stoppedAndResumed(settings, run, every);
    assertThat(outcome.encoderSha256()).isEqualTo(whole.encoderSha256());
    assertThat(outcome.steps()).isEqualTo(whole.steps());
    assertThat(lines(run)).hasSize((int) whole.steps());
    assertThat(run.resolve("chunks/0/encoder.safetensors"))
        .hasSameBinaryContentAs(folder.resolve("whole/chunks/0/encoder.safetensors"));
    assertThat(run.resolve("chunks/0/trunk")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "supervised",
        "supervised-mlp,chunk",
        "supervised,new",
        "simclr,ewc,lars",
        "byol,mas",
        "moco-v3,merge,ewc",
        "nnclr,mas",
        "lejepa,cassle",
        "swav,mas",
        "dino,cassle",
        "swav,crops,minred",
        "mae,ewc",
        "moco-v2,cassle",
        "moco-v2,mas,ewc,cassle,published",
        "moco-v2,merge,mas,cassle",
        "moco-v2,merge,pnr,published",
        "byol,merge,exponential,published,ewc",
        "moco-v2,cosine,mas",
        "moco-v2,lump,si",
        "moco-v2,der,cla,cla-r,osiris",
        "simclr,minred,pfr,orthogonal",
      })
  void everyMethodAndRemedyStoppedAfterEveryStepEndsWithTheSameBytes(String parts)
      throws IOException {
    Settings settings = endless().with(changes(parts));
    Millrace.Outcome whole = Millrace.pretrain(settings, folder.resolve("whole"));
    Millrace.Outcome outcome = stoppedAndResumed(settings, folder.resolve("stopped"), 1);
    assertThat(outcome.encoderSha256()).isEqualTo(whole.encoderSha256());
    assertThat(TinyRuns.differing(folder.resolve("stopped"), folder.resolve("whole"))).isEmpty();
    assertThat(outcome.steps()).isEqualTo(whole.steps());
  }

  private static Map<String, Object> changes(String parts) {
    Map<String, Object> changes = new HashMap<>(Map.of("mas", 0));
    for (String part : parts.split(",")) {
      if (Methods.names().contains(part)) {
        changes.put("method", part);
        if (part.equals("mae")) {
          changes.putAll(Map.of("encoder", "vit-tiny", "patch", 8, "decoder-dim", 16));
        }
        if (part.matches("simclr|byol|moco-v3|nnclr|lejepa|swav|dino")) {
          changes.put("projector-hidden", 32);
        }
        changes.put("head", "full");
      } else {
        switch (part) {
          case "der" -> changes.putAll(Map.of(part, 1, "replay", 0, "memory-images", 40));
          case "minred" -> changes.putAll(Map.of("memory", part, "replay", 0, "memory-images", 40));
          case "cla-r" -> changes.put("cla-form", "r");
          case "crops" -> changes.putAll(Map.of("local-crops", 2, "local-size", 8));
          case "lars" -> changes.put("optimiser", part);
          case "chunk", "new" -> changes.put("head", part);
          case "merge" -> changes.putAll(Map.of("publish", "merge", "decay", 0.1));
          case "exponential" -> changes.put("merge-form", part);
          case "published" -> changes.put("anchor", part);
          case "cosine" -> changes.putAll(Map.of("schedule", part, "decay", 0.1));
          default -> changes.put(part, 1);
        }
      }
    }
    if (!String.valueOf(changes.get("method")).startsWith("supervised")) {
      changes.remove("head");
    }
    return changes;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "moco-v2,mas",
        "byol,published,cassle",
        "moco-v2,merge,ewc",
        "simclr,lars",
        "byol,lump,si,pfr",
        "simclr,der,cla,cla-r,orthogonal",
        "moco-v2,minred,pnr",
        "nnclr",
        "moco-v3,published",
        "lejepa",
        "swav",
        "dino"
      })
  void aRunExtendedLongAfterItsBranchEqualsOneLongerStream(String parts) throws IOException {
    Settings given = branching(tiny(set(1), set(2)).with("stream", "given")).with(changes(parts));
    Path run = folder.resolve("grown");
    Millrace.Outcome before = Millrace.pretrain(given, run);
    byte[] second = Files.readAllBytes(run.resolve("chunks/1/encoder.safetensors"));
    StopAfter one = new StopAfter(1);
    Millrace.Outcome grown = Millrace.extend(run, set(3), one, one);
    assertThat(run.resolve("encoder.safetensors")).hasBinaryContent(second); // until the end
    while (grown.stopped()) {
      grown = Millrace.resume(run, one.again(), one);
    }
    Path longer = folder.resolve("longer");
    Millrace.Outcome whole =
        Millrace.pretrain(given.with("data", List.of(set(1), set(2), set(3))), longer);
    assertThat(grown.encoderSha256()).isEqualTo(whole.encoderSha256());
    assertThat(grown.encoderSha256()).isNotEqualTo(before.encoderSha256());
    assertThat(grown.steps()).isEqualTo(whole.steps());
    // What the shorter stream published is what the longer one published there, but for its words.
    assertThat(weights(run.resolve("chunks/1/encoder.safetensors")))
        .isEqualTo(weights(longer.resolve("chunks/1/encoder.safetensors")));
  }

  private static Map<String, List<Float>> weights(Path encoder) throws IOException {
    try (PointerScope scope = new PointerScope()) {
      Map<String, List<Float>> all = new TreeMap<>();
      Safetensors.read(encoder, new Device("cpu"))
          .tensors()
          .forEach((name, tensor) -> all.put(name, values(tensor)));
      return all;
    }
  }

  private static List<Float> values(Tensor tensor) {
    Tensor flat = tensor.reshape(-1).to(ScalarType.Float).contiguous();
    List<Float> values = new ArrayList<>();
    for (long i = 0; i < flat.numel(); i++) {
      values.add(flat.data_ptr_float().get(i));
    }
    return values;
  }

  @Test
  void aRunWhoseTrunkNeedsADeviceThatIsNotHereStaysAsItIs() throws IOException {
    Path run = folder.resolve("run");
    Millrace.pretrain(branching(tiny(set(1)).with("stream", "given")), run);
    Path file = run.resolve("run.yaml");
    // As if it had been learned on a card.
    String card = Files.readString(file).replace("device: \"cpu\"", "device: \"cuda:7\"");
    for (Path one : List.of(file, run.resolve("copies/run.yaml"))) {
      Files.writeString(one, card);
      Seal.of(run).add(one);
    }
    byte[] before = Files.readAllBytes(file);
    assertThatThrownBy(
            () ->
                Millrace.extend(
                    run, Extension.of(set(2)).with("device", "cpu"), event -> {}, () -> false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("its trunk has the last steps of chunk 1 to make first")
        .hasMessageContaining("on --device cuda:7");
    assertThat(file).hasBinaryContent(before);
    assertThat(run.resolve("finish.json")).exists();
  }

  @Test
  void anExtensionMayLearnAtAnotherConstantWhichIsRecorded() throws IOException {
    Path run = folder.resolve("run");
    Millrace.pretrain(branching(tiny(set(1)).with(Map.of("stream", "given", "lr", 0.03))), run);
    Millrace.extend(run, Extension.of(set(2)).with("lr", 0.004), event -> {}, () -> false);
    assertThat(lines(run).stream().mapToDouble(line -> line.path("lr").asDouble()).toArray())
        .containsExactly(
            new double[] {0.03, 0.03, 0.03, 0.015, 0.03, 0.03, 0.004, 0.004, 0.004, 0.002},
            within(1e-15));
    assertThat(run.resolve("run.yaml")).content().contains("0.004");
    assertThatThrownBy(
            () ->
                Millrace.extend(
                    run, Extension.of(set(3)).with("warmup", 1.0), event -> {}, () -> false))
        .hasMessageContaining("--warmup 1.0: a run of --schedule wsd warms up once");
  }

  @Test
  void anExtensionWithoutTheLastChunksDataIsRefusedAndTheRunStaysAsItWas() throws IOException {
    Path data = folder.resolve("data");
    pictures(data);
    Path run = folder.resolve("run");
    Millrace.pretrain(branching(tiny(data.toString()).with("stream", "given")), run);
    Trees.delete(data);
    byte[] settings = Files.readAllBytes(run.resolve("run.yaml"));
    assertThatThrownBy(() -> Millrace.extend(run, set(1), event -> {}, () -> false))
        .hasMessageContaining("its trunk has the last steps on it to make");
    assertThat(run.resolve("run.yaml")).hasBinaryContent(settings);
    pictures(data);
    assertThat(Millrace.extend(run, set(1), event -> {}, () -> false).chunks()).isEqualTo(2);
  }

  @Test
  void aMergingRunNeedsItsDataNoMoreAndMakesNoStepMore() throws IOException {
    Path data = folder.resolve("data");
    pictures(data);
    Path run = folder.resolve("run");
    Millrace.Outcome first =
        Millrace.pretrain(
            tiny(data.toString())
                .with(Map.of("stream", "given", "schedule", "wsd", "publish", "merge")),
            run);
    assertThat(first.steps()).isEqualTo(4);
    Trees.delete(data);
    assertThat(Millrace.extend(run, set(1), event -> {}, () -> false).steps()).isEqualTo(8);
  }

  @ParameterizedTest
  @ValueSource(strings = {"moco-v2,merge,lump", "simclr,merge,lump"})
  void statisticsOfAMeanAreOfViewsMixedAsTheyWereLearned(String parts) throws IOException {
    // More steps an epoch than are made ahead.
    Settings settings = endless().with(changes(parts)).with(Map.of("batch", 8, "epochs", 1));
    List<Passes> told = new ArrayList<>();
    RunEvent.Listener listener =
        event -> {
          if (event instanceof RunEvent.Merged merged) {
            told.add(merged.passes());
          }
        };
    Millrace.Outcome whole =
        Millrace.pretrain(settings, folder.resolve("whole"), listener, () -> false);
    int views = parts.startsWith("simclr") ? 2 : 1;
    assertThat(told).hasSize(settings.stream().chunks());
    assertThat(told).allMatch(passes -> passes.equals(Passes.forwards(20 * 8 * views)));
    Millrace.Outcome outcome = stoppedAndResumed(settings, folder.resolve("stopped"), 3);
    assertThat(outcome.encoderSha256()).isEqualTo(whole.encoderSha256());
  }

  @Test
  void aStopWhileStatisticsAreTakenIsHeardAndLosesNothing() throws IOException {
    Settings settings = endless().with(changes("moco-v2,merge,ewc"));
    Millrace.Outcome whole = Millrace.pretrain(settings, folder.resolve("whole"));
    Path run = folder.resolve("stopped");
    int last =
        settings.training().epochs() * (int) (whole.steps() / 2 / settings.training().epochs());
    int[] asked = {0};
    boolean[] made = {false};
    BooleanSupplier stop = () -> made[0] && ++asked[0] == 4; // the first is of the last step
    Millrace.Outcome outcome =
        Millrace.pretrain(
            settings,
            run,
            event ->
                made[0] |=
                    event instanceof RunEvent.Stepped step && step.position().total() == last,
            stop);
    assertThat(outcome.stopped()).isTrue();
    assertThat(run.resolve("chunks/0/encoder.safetensors")).doesNotExist();
    assertThat(outcome.steps()).isEqualTo(last);
    outcome = Millrace.resume(run, event -> {}, () -> false);
    assertThat(outcome.encoderSha256()).isEqualTo(whole.encoderSha256());
    assertThat(TinyRuns.differing(run, folder.resolve("whole"))).isEmpty();
  }

  @Test
  void aMeanOverTheLastStepAloneIsTheTrunkItself() throws IOException {
    // Weights only: the statistics of normalisations are taken again.
    Settings merge =
        endless().with(Map.of("decay", 0.1, "publish", "merge", "merge-window", 0.01, "chunks", 2));
    Path run = folder.resolve("merged");
    Millrace.pretrain(merge, run);
    Map<String, List<Float>> published = tensors(run.resolve("chunks/0"));
    Map<String, List<Float>> trunks = tensors(run.resolve("chunks/1/trunk"));
    assertThat(published.get("method.weights")).hasSameSizeAs(trunks.get("method.weights"));
    assertThat(published.get("trunk.mean")).isEqualTo(published.get("method.weights"));
    Map<String, List<Float>> last = tensors(run.resolve("chunks/1"));
    assertThat(last.get("method.weights")).isEqualTo(trunks.get("method.weights"));
    assertThat(last.get("method.statistics")).isNotEqualTo(trunks.get("method.statistics"));
    assertThat(last.get("method.statistics")).allMatch(value -> Float.isFinite(value));
    assertThat(last.get("method.key.weights")).isEqualTo(trunks.get("method.key.weights"));
  }

  @Test
  void aMeanTakesItsStatisticsFromManyBatchesAlsoWhereRememberedPicturesAreMixedIn()
      throws IOException {
    Settings mixing = endless().with(changes("moco-v2,merge,lump")).with("batch", 8);
    assertThat(Millrace.pretrain(mixing, folder.resolve("run")).steps()).isEqualTo(2 * 2 * 8);
  }

  /** The tensors of the one state that lies in a folder. */
  private static Map<String, List<Float>> tensors(Path states) throws IOException {
    try (Stream<Path> files = Files.list(states)) {
      return weights(
          files
              .filter(file -> file.getFileName().toString().matches("step-.*safetensors"))
              .findFirst()
              .orElseThrow());
    }
  }

  /** Remedies take over what they hold on to as a chunk ends, PNR beside MoCo v2 as one begins. */
  @ParameterizedTest
  @CsvSource({
    "moco-v2,pnr,method.past.weights",
    "byol,pnr,retention.pnr.frozen",
    "moco-v2,cassle,retention.cassle.frozen",
    "moco-v2,pfr,retention.pfr.frozen",
    "moco-v2,mas,retention.mas.anchor"
  })
  void theAnchorSaysWhichNetworkIsHeldOnTo(String method, String remedy, String held)
      throws IOException {
    Settings settings = endless().with(changes(method + "," + remedy));
    for (String anchor : List.of("trunk", "published")) {
      Path run = folder.resolve(anchor);
      Millrace.pretrain(settings.with("anchor", anchor), run);
      List<Float> published = tensors(run.resolve("chunks/0")).get("method.weights");
      List<Float> past = tensors(run.resolve("chunks/1")).get(held);
      assertThat(past.equals(published.subList(0, past.size())))
          .as(anchor)
          .isEqualTo(anchor.equals("published"));
    }
  }

  @Test
  void withoutACheckpointTheTrunkIsTakenUpAtItsLastFork() throws IOException {
    Millrace.Outcome whole = Millrace.pretrain(endless(), folder.resolve("whole"));
    Path run = folder.resolve("run");
    StopAfter stop = new StopAfter(9);
    Millrace.pretrain(endless(), run, stop, stop);
    Trees.delete(run.resolve("checkpoints"));
    assertThat(Millrace.resume(run, event -> {}, () -> false).encoderSha256())
        .isEqualTo(whole.encoderSha256());
    Trees.delete(run.resolve("checkpoints"));
    assertThat(Millrace.resume(run, event -> {}, () -> false).encoderSha256())
        .isEqualTo(whole.encoderSha256());
  }

  @Test
  void aStopDuringTheLookAtAPublishedChunkComesBeforeTheTrunkGoesOn() throws IOException {
    Settings looking = endless().with("knn-every", 5);
    Path whole = folder.resolve("whole");
    Millrace.pretrain(looking, whole);
    Path run = folder.resolve("run");
    Path published = run.resolve("chunks/0/encoder.safetensors");
    Millrace.pretrain(looking, run, event -> {}, () -> Files.exists(published));
    assertThat(lines(run)).hasSize(4);
    Millrace.resume(run, event -> {}, () -> false);
    assertThat(looks(whole)).hasSize(2);
    assertThat(looks(run)).isEqualTo(looks(whole));
  }

  private List<JsonNode> looks(Path run) throws IOException {
    List<JsonNode> looks = lines(run).stream().filter(line -> line.has("knn")).toList();
    looks.forEach(line -> ((ObjectNode) line).remove("time"));
    return looks;
  }

  @Test
  void aTrunkThatAKillLeftIsGoneWhereTheRunContinues() throws IOException {
    Path run = folder.resolve("run");
    Millrace.pretrain(branching(tiny(set(1), set(2), set(3)).with("stream", "given")), run);
    Path left = run.resolve("chunks/0/trunk/left");
    Files.createDirectories(left);
    Millrace.resume(run, event -> {}, () -> false);
    assertThat(left.getParent()).doesNotExist();
    assertThat(run.resolve("chunks/2/trunk")).exists();
    Files.createDirectories(left);
    new Trunk(run, null, Map::of).drop(1);
    assertThat(left.getParent()).doesNotExist();
  }

  @Test
  void aChunkTooSmallToLearnPublishesWhatTheOneBeforeDid() throws IOException {
    Path run = folder.resolve("run");
    Settings given = tiny(set(1), "generated:images=1;test=8;classes=4;size=16", set(2));
    Millrace.pretrain(branching(given.with("stream", "given")), run);
    assertThat(weights(run.resolve("chunks/1/encoder.safetensors")))
        .isEqualTo(weights(run.resolve("chunks/0/encoder.safetensors")));
    assertThat(lines(run)).hasSize(10);
  }

  @Test
  void oneCosineOverAStreamOfOneChunkIsTheRestartingOne() throws IOException {
    Settings joint = tiny(SET);
    Millrace.Outcome cosine =
        Millrace.pretrain(joint.with("schedule", "cosine"), folder.resolve("cosine"));
    Path restart = folder.resolve("restart");
    Millrace.pretrain(joint.with("schedule", "restart"), restart);
    assertThat(weights(cosine.encoder()))
        .isEqualTo(weights(restart.resolve("encoder.safetensors")));
    assertThatThrownBy(
            () -> Millrace.extend(folder.resolve("cosine"), set(1), event -> {}, () -> false))
        .hasMessageContaining("--schedule cosine, whose rate fell to 0 with its stream");
  }

  @Test
  void settingsOfAnEndlessRunAreRefusedUnderAnotherSchedule() {
    assertThatThrownBy(
            () ->
                Millrace.pretrain(
                    classStream().with(Map.of("schedule", "restart", "decay", 0.3)),
                    folder.resolve("run")))
        .hasMessageContaining("--decay 0.3 is of --schedule wsd, and --schedule is restart");
    assertThat(folder.resolve("run")).doesNotExist();
  }
}
