package dev.millrace.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.evaluation.ProbeRequest;
import dev.millrace.evaluation.ProbeResult;
import dev.millrace.evaluation.Probing;
import dev.millrace.file.Sha256;
import dev.millrace.insight.AdaptiveSharpness;
import dev.millrace.insight.LossLandscape;
import dev.millrace.insight.Sharpness;
import dev.millrace.learn.run.StopAfter;
import dev.millrace.recipe.Millrace;
import dev.millrace.recipe.Settings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Insight into real runs of a few steps. */
class InsightsTest {
  private static final String SET = "generated:images=128;test=64;classes=4;size=16;domains=2";
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir static Path runs;

  private static Path stream;
  private static Path joint;

  @TempDir Path folder;

  /** Remembers what it is told. */
  private static final class Told implements InsightListener {
    private final List<String> found = new ArrayList<>();
    private final List<String> kept = new ArrayList<>();

    @Override
    public void done(String part, String what, double seconds, boolean before) {
      if (what.isEmpty()) {
        (before ? kept : found).add(part);
      }
    }
  }

  @BeforeAll
  static void pretrain() throws IOException {
    stream = Millrace.pretrain(tiny("class"), runs.resolve("stream")).run();
    joint = Millrace.pretrain(tiny("joint"), runs.resolve("joint")).run();
  }

  private static Settings tiny(String order) {
    return Settings.defaults(SET)
        .with(
            Map.of(
                "width",
                4,
                "size",
                16,
                "epochs",
                2,
                "batch",
                16,
                "queue",
                64,
                "threads",
                1,
                "precision",
                "fp32"))
        .with(Map.of("stream", order, "chunks", order.equals("joint") ? 1 : 2));
  }

  private static InsightRequest ask(String... parts) {
    return InsightRequest.of(1, parts)
        .withImages(96)
        .with(
            InsightRequest.Loss.DEFAULT
                .withImages(16)
                .with(new Sharpness.Settings(1e-3, 2, 3, 0.01, 2))
                .with(new LossLandscape.Settings(1, 3, 3, 3, 0.5))
                .with(new AdaptiveSharpness.Settings(0.1, 2, 0.002, 2, 2, 0.01, 2), 64));
  }

  private static RunInsight of(Path run, String... parts) throws IOException {
    return Insights.of(run, ask(parts), new InsightListener() {});
  }

  @Test
  void everyPartIsInTheFileByTheNamesOfTheContract() throws IOException {
    RunInsight insight = of(stream, "forgetting", "health", "cka", "sharpness", "landscape");
    JsonNode json = JSON.readTree(stream.resolve("insight.json").toFile());
    assertThat(JSON.treeToValue(json, RunInsight.class)).isEqualTo(insight);
    assertThat(fields(json))
        .containsExactlyInAnyOrder("forgetting", "health", "sharpness", "landscape", "cka");
    assertThat(fields(json.at("/forgetting/0")))
        .containsExactly(
            "task",
            "parts",
            "accuracy",
            "untrained",
            "average_accuracy",
            "forgetting",
            "backward_transfer",
            "forward_transfer");
    assertThat(fields(json.at("/health/0")))
        .containsExactly(
            "chunk", "effective_rank", "alignment", "uniformity", "variance", "collapsed");
    assertThat(fields(json.at("/sharpness/1")))
        .containsExactly(
            "chunk",
            "adaptive",
            "images",
            "loss",
            "epsilon",
            "keskar",
            "largest_eigenvalue",
            "eigenvalue_iterations",
            "trace",
            "trace_standard_error",
            "trace_draws");
    RunInsight.Adaptive first = insight.sharpness().get(0).adaptive();
    assertThat(first.leftOut()).as("a loss of %s", first.loss()).isNull();
    assertThat(fields(json.at("/sharpness/0/adaptive")))
        .containsExactly(
            "of",
            "images",
            "classes",
            "loss",
            "guessing",
            "noise",
            "noise_standard_error",
            "noise_size",
            "noise_draws",
            "box",
            "box_size",
            "largest_eigenvalue",
            "eigenvalue_iterations",
            "trace",
            "trace_standard_error",
            "trace_draws");
    assertThat(fields(json.at("/landscape"))).containsExactly("lines", "planes", "paths");
    assertThat(fields(json.at("/landscape/planes/1")))
        .containsExactly("chunk", "alphas", "betas", "loss");
    assertThat(fields(json.at("/landscape/paths/0")))
        .containsExactly("from", "to", "alphas", "loss", "accuracy");
    assertThat(fields(json.at("/cka/0"))).containsExactly("a", "b", "layers", "values");
    assertThat(json.at("/landscape/paths/0/accuracy").isNull()).isTrue();
  }

  @Test
  void sharpnessIsOfOneHeadsLossWithLabelsAndOfThePreTrainingLossByNameWithout()
      throws IOException {
    RunInsight.Adaptive head = of(stream, "sharpness").sharpness().get(0).adaptive();
    assertThat(head.of()).isEqualTo("logistic head");
    assertThat(head.classes()).isEqualTo(2);
    assertThat(head.images()).isEqualTo(64);
    assertThat(head.loss()).isLessThan(0.9 * head.guessing());
    assertThat(head.noise()).isNotZero();
    Path set = Files.createDirectories(folder.resolve("plain"));
    for (int i = 0; i < 24; i++) {
      byte[] head16 = "P6\n16 16\n255\n".getBytes(StandardCharsets.US_ASCII);
      byte[] picture = Arrays.copyOf(head16, head16.length + 3 * 16 * 16);
      Arrays.fill(picture, head16.length, picture.length, (byte) (9 * i));
      Files.write(set.resolve(i + ".ppm"), picture);
    }
    Settings settings = tiny("joint").with("data", List.of(set.toString()));
    Path run = Millrace.pretrain(settings, folder.resolve("unlabelled")).run();
    RunInsight.Adaptive none = of(run, "sharpness").sharpness().get(0).adaptive();
    assertThat(none.of()).isEqualTo("pre-training loss");
    assertThat(none.classes()).isNull();
    assertThat(none.guessing()).isEqualTo(Math.log(65));
    Path other =
        Millrace.pretrain(settings.with("method", "vicreg"), folder.resolve("vicreg")).run();
    RunInsight.Adaptive unknown = of(other, "sharpness").sharpness().get(0).adaptive();
    assertThat(unknown.of()).isEqualTo("pre-training loss");
    assertThat(unknown.loss()).isPositive();
    assertThat(unknown.guessing()).isNull();
    assertThat(unknown.noise()).isNull();
    assertThat(unknown.leftOut()).startsWith("what guessing would lose is not known");
    Settings two = settings.with(Map.of("stream", "instance", "chunks", 2));
    Path parts = Millrace.pretrain(two, folder.resolve("parts")).run();
    assertThat(Insights.partsOf(parts, null))
        .containsExactly("health", "cka", "sharpness", "landscape");
    assertThat(Insights.partsOf(stream, null)).isEqualTo(Insights.PARTS);
  }

  @Test
  void aroundALossThatIsNotAboveNoneOrNotBelowGuessingNothingIsMeasured() {
    assertThat(AdaptiveInsight.without(-10, 5.0))
        .isEqualTo("a loss of -10.000 is not above 0, and sharpness is in shares of it");
    assertThat(AdaptiveInsight.without(0, 5.0)).contains("is not above 0");
    assertThat(AdaptiveInsight.without(Double.NaN, 5.0)).contains("near no minimum");
    assertThat(AdaptiveInsight.without(4.6, 5.0))
        .isEqualTo("a loss of 4.600 is not below 90 % of guessing's 5.000: near no minimum");
    assertThat(AdaptiveInsight.without(0.1, null)).startsWith("what guessing would lose");
    assertThat(AdaptiveInsight.without(4.4, 5.0)).isNull();
  }

  @Test
  void anInsightOfAnOlderVersionIsReadAsTheScaleDependentMeasure() throws IOException {
    String old =
        """
        {"sharpness":[{"chunk":0,"images":64,"loss":5.5,"epsilon":0.001,"keskar":80.5,
          "largest_eigenvalue":9.0,"eigenvalue_iterations":10,"trace":100.0,
          "trace_standard_error":2.0,"trace_draws":4}],
         "health":[{"chunk":0,"effective_rank":1.1,"alignment":0.1,"uniformity":-1.0,
          "variance":0.1,"collapsed":true}]}""";
    RunInsight read = JSON.readValue(old, RunInsight.class);
    assertThat(read.sharpness().get(0).adaptive()).isNull();
    assertThat(read.sharpness().get(0).keskar()).isEqualTo(80.5);
    assertThat(read.health().get(0).collapse()).isNull();
    assertThat(JSON.readTree(JSON.writeValueAsString(read))).isEqualTo(JSON.readTree(old));
  }

  @Test
  void foldersInDoubtAreJudgedAsTheLayoutSays() throws IOException {
    Path set = runs.resolve("doubtful");
    byte[] head = "P6\n16 16\n255\n".getBytes(StandardCharsets.US_ASCII);
    int n = 0;
    for (String folder : List.of("sketch/cat", "sketch/dog", "photo/cat", "photo/dog", "photo")) {
      Files.createDirectories(set.resolve(folder));
      for (int i = 0; i < (folder.equals("photo") ? 1 : 8); i++) {
        byte[] picture = Arrays.copyOf(head, head.length + 3 * 16 * 16);
        Arrays.fill(picture, head.length, picture.length, (byte) (7 * n++));
        Files.write(set.resolve(folder).resolve(i + ".ppm"), picture);
      }
    }
    Settings settings = tiny("instance").with("data", List.of(set.toString()));
    Path run = Millrace.pretrain(settings, runs.resolve("doubt")).run();
    assertThatThrownBy(() -> of(run, "forgetting"))
        .hasMessageContaining("--layout")
        .hasMessageContaining("photo/0.ppm");
    InsightRequest plain = ask("forgetting");
    InsightRequest asked = plain.withLayout("class");
    // Read as classes nothing is in doubt, and a fifth of each is held out to judge by.
    assertThat(Insights.of(run, asked, new InsightListener() {}).forgetting()).hasSize(2);
  }

  @Test
  void lossesOfAllPartsMeetAtTheSolutions() throws IOException {
    RunInsight insight = of(stream, "sharpness", "landscape");
    for (int chunk = 0; chunk < 2; chunk++) {
      RunInsight.Sharpness sharp = insight.sharpness().get(chunk);
      assertThat(sharp.images()).isEqualTo(16);
      assertThat(sharp.keskar()).isPositive();
      double line = insight.landscape().lines().get(chunk).loss().get(0).get(1);
      double plane = insight.landscape().planes().get(chunk).loss().get(1).get(1);
      assertThat(line).isCloseTo(sharp.loss(), within(1e-5));
      assertThat(plane).isCloseTo(sharp.loss(), within(1e-5));
    }
    double start = insight.landscape().paths().get(0).loss().get(0);
    assertThat(start).isCloseTo(insight.sharpness().get(0).loss(), within(1e-5));
  }

  @Test
  void aPartOfAClassStreamIsItsClassesAmongAllAndTheMeanIsTheProbesAnswer() throws IOException {
    List<RunInsight.Forgetting> found =
        Insights.of(stream, ask("forgetting").withImages(0), new InsightListener() {}).forgetting();
    assertThat(found).extracting(RunInsight.Forgetting::task).containsExactly("knn", "linear");
    RunInsight.Forgetting knn = found.get(0);
    assertThat(knn.parts()).containsExactly("classes of chunk 1", "classes of chunk 2");
    List<ProbeResult> whole =
        Probing.probe(stream, ProbeRequest.of(SET).afterEveryChunk().on(1, "cpu"));
    for (int chunk = 0; chunk < 2; chunk++) {
      // Two classes of four each, and as many test pictures of every class.
      List<Double> row = knn.accuracy().get(chunk);
      assertThat((row.get(0) + row.get(1)) / 2).isCloseTo(whole.get(chunk).value(), within(1e-9));
    }
    assertThat(knn.averageAccuracy()).isCloseTo(whole.get(1).value(), within(1e-9));
    assertThat(knn.untrained()).hasSize(2);
    assertThat(found.get(1).averageAccuracy()).isBetween(20.0, 100.0);
  }

  @Test
  void domainsAreJudgedEachByItsOwnAndAlikeChunksByAll() throws IOException {
    Settings domains = tiny("domain");
    Path run = Millrace.pretrain(domains, folder.resolve("domains")).run();
    RunInsight.Forgetting knn = of(run, "forgetting").forgetting().get(0);
    assertThat(knn.parts()).allMatch(name -> name.startsWith("domain "));
    assertThat(knn.parts()).doesNotHaveDuplicates().hasSize(2);
    Path parts = Millrace.pretrain(tiny("instance"), folder.resolve("parts")).run();
    RunInsight.Forgetting alike = of(parts, "forgetting").forgetting().get(1);
    assertThat(alike.parts()).containsExactly("whole set", "whole set");
    assertThat(alike.accuracy()).allMatch(row -> row.get(0).equals(row.get(1)));
  }

  @Test
  void whatWasFoundIsKeptUntilTheQuestionOrTheEncodersChange() throws IOException {
    Path run = Millrace.pretrain(tiny("class"), folder.resolve("run")).run();
    Told told = new Told();
    RunInsight first = Insights.of(run, ask("health", "cka"), told);
    assertThat(told.found).containsExactly("health", "cka");
    told = new Told();
    assertThat(Insights.of(run, ask("health", "cka"), told)).isEqualTo(first);
    assertThat(told.kept).containsExactly("health", "cka");
    told = new Told();
    // Another part leaves what is known in the file.
    RunInsight more = Insights.of(run, ask("forgetting"), told);
    assertThat(told.found).containsExactly("forgetting");
    assertThat(more.health()).isEqualTo(first.health());
    told = new Told();
    Insights.of(run, ask("health").withImages(20), told);
    assertThat(told.found).containsExactly("health");
    Millrace.extend(
        run, "generated:images=64;test=8;classes=4;size=16;seed=9", e -> {}, () -> false);
    told = new Told();
    RunInsight longer = Insights.of(run, ask("cka"), told);
    assertThat(told.found).containsExactly("cka");
    assertThat(longer.cka()).hasSize(3);
    assertThat(longer.health()).as("that was of other encoders").isNull();
    assertThat(of(run, "forgetting").forgetting().get(0).accuracy()).hasSize(3);
  }

  @Test
  void everyChunkIsComparedWithAJointRunLayerByLayer() throws IOException {
    List<RunInsight.CkaToReference> compared =
        Insights.compare(stream, joint, ask("cka"), new InsightListener() {});
    assertThat(compared).extracting(RunInsight.CkaToReference::chunk).containsExactly(0, 1);
    assertThat(compared.get(0).layers())
        .containsExactly("stem", "layer1", "layer2", "layer3", "layer4", "features");
    assertThat(compared.get(0).values()).hasSize(6).allMatch(row -> row.size() == 6);
    List<RunInsight.CkaToReference> itself =
        Insights.compare(stream, stream, ask("cka"), new InsightListener() {});
    for (int layer = 0; layer < 6; layer++) {
      assertThat(itself.get(1).values().get(layer).get(layer)).isCloseTo(1, within(1e-9));
    }
    JsonNode json = JSON.valueToTree(compared.get(0));
    assertThat(fields(json)).containsExactly("chunk", "layers", "reference_layers", "values");
  }

  @Test
  void supervisedRunsHaveALossAsWell() throws IOException {
    Path run =
        Millrace.pretrain(
                tiny("class").with(Map.of("method", "supervised-mlp", "head", "new")),
                folder.resolve("supervised"))
            .run();
    RunInsight insight = of(run, "sharpness", "landscape");
    assertThat(insight.sharpness()).allMatch(s -> s.loss() > 0 && s.loss() < 3);
    assertThat(insight.landscape().paths()).hasSize(1);
  }

  @Test
  void whatARunCannotAnswerIsRefusedWithAMend() throws IOException {
    assertThatThrownBy(() -> of(joint, "forgetting"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("--parts forgetting")
        .hasMessageContaining("one chunk");
    assertThatThrownBy(() -> of(joint, "cka")).hasMessageContaining("--against RUN");
    assertThat(Insights.partsOf(1)).containsExactly("health", "sharpness", "landscape");
    StopAfter three = new StopAfter(3);
    Path half = Millrace.pretrain(tiny("class"), folder.resolve("half"), three, three).run();
    assertThatThrownBy(() -> of(half, "health"))
        .hasMessageContaining("is not finished")
        .hasMessageContaining("millrace resume");
    assertThatThrownBy(() -> Insights.compare(stream, half, ask("cka"), new InsightListener() {}))
        .hasMessageContaining("is not finished");
    Path wide =
        Millrace.pretrain(
                tiny("joint").with(Map.of("width", 5, "epochs", 1)), folder.resolve("wide"))
            .run();
    assertThatThrownBy(() -> Insights.compare(stream, wide, ask("cka"), new InsightListener() {}))
        .hasMessageContaining("--against")
        .hasMessageContaining("one architecture");
    assertThatThrownBy(() -> ask("sharpnes")).hasMessageContaining("sharpness");
    Path pruned = Millrace.pretrain(tiny("class"), folder.resolve("pruned")).run();
    try (Stream<Path> files = Files.list(pruned.resolve("chunks/0"))) {
      for (Path file : files.filter(f -> f.getFileName().toString().startsWith("step")).toList()) {
        Files.delete(file);
      }
    }
    assertThatThrownBy(() -> of(pruned, "sharpness")).hasMessageContaining("holds no state");
    assertThat(of(pruned, "health").health()).hasSize(2);
  }

  @Test
  void lookingChangesNoFileOfTheRunButItsOwn() throws IOException {
    Map<String, String> before = checksums();
    of(stream, "health", "sharpness", "landscape");
    assertThat(checksums()).isEqualTo(before);
  }

  @Test
  void aRunTellsTheHealthOfItsFeaturesWhileItTrains() throws IOException {
    List<String> lines = Files.readAllLines(stream.resolve("health.jsonl"), StandardCharsets.UTF_8);
    // Two epochs of two chunks are few enough to look after each.
    assertThat(lines).hasSize(4);
    for (int i = 0; i < 4; i++) {
      JsonNode line = JSON.readTree(lines.get(i));
      assertThat(line.path("chunk").asInt(-1)).isEqualTo(i / 2);
      assertThat(line.path("epoch").asInt(-1)).isEqualTo(i % 2);
      assertThat(line.path("step").asInt()).isEqualTo((i + 1) * 4);
      assertThat(line.path("effective_rank").asDouble()).isBetween(1.0, 32.0);
      assertThat(line.path("collapsed").asBoolean(true)).isFalse();
    }
    // However often a run is stopped, a line stands once.
    StopAfter stop = new StopAfter(1);
    Path run = folder.resolve("stopped");
    Millrace.Outcome outcome = Millrace.pretrain(tiny("class"), run, stop, stop);
    while (outcome.stopped()) {
      stop = new StopAfter(1);
      outcome = Millrace.resume(run, stop, stop);
    }
    assertThat(timeless(Files.readAllLines(run.resolve("health.jsonl"))))
        .isEqualTo(timeless(lines));
    assertThat(run.resolve("health.jsonl.damaged")).doesNotExist();
  }

  /** Lines without the moment at which each was written. */
  private static List<String> timeless(List<String> lines) {
    return lines.stream().map(line -> line.replaceAll(",\"time\":\"[^\"]*\"", "")).toList();
  }

  private static List<String> fields(JsonNode node) {
    List<String> names = new ArrayList<>();
    node.fieldNames().forEachRemaining(names::add);
    return names;
  }

  private static Map<String, String> checksums() throws IOException {
    Map<String, String> checksums = new TreeMap<>();
    try (Stream<Path> files = Files.walk(stream)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String name = stream.relativize(file).toString();
        // The seal lists insight's own files, too.
        if (!name.startsWith("insight")
            && !name.equals("probes.jsonl")
            && !name.equals("SHA256SUMS")) {
          checksums.put(name, Sha256.of(file));
        }
      }
    }
    return checksums;
  }
}
