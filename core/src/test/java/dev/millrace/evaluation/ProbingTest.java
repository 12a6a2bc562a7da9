package dev.millrace.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.file.Sha256;
import dev.millrace.learn.run.StopAfter;
import dev.millrace.probe.SplitParts;
import dev.millrace.recipe.Millrace;
import dev.millrace.recipe.Settings;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.source.Catalogue;
import dev.millrace.stream.source.DataSet;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Probes of a real run of a few steps. */
class ProbingTest {
  private static final String SET = "generated:images=128;test=32;classes=4;size=16";

  @TempDir static Path runs;

  private static Path run;

  @TempDir Path folder;

  @BeforeAll
  static void pretrain() throws IOException {
    run = Millrace.pretrain(tiny(), runs.resolve("finished")).run();
  }

  private static Settings tiny() {
    return Settings.defaults(SET)
        .with(Map.of("width", 4, "size", 16, "epochs", 2, "batch", 32, "queue", 64, "threads", 1))
        .with(Map.of("stream", "class", "chunks", 2));
  }

  /** A request of which a test says only what it is about. */
  private record Asked(
      List<String> tasks,
      String data,
      Integer chunk,
      boolean every,
      int images,
      int threads,
      Path weights,
      boolean untrained,
      boolean raw,
      Integer size) {
    Asked() {
      this(List.of("knn"), SET, null, false, 0, 1, null, false, false, null);
    }

    Asked tasks(String... names) {
      return new Asked(
          List.of(names), data, chunk, every, images, threads, weights, untrained, raw, size);
    }

    Asked data(String set) {
      return new Asked(tasks, set, chunk, every, images, threads, weights, untrained, raw, size);
    }

    Asked chunk(int i) {
      return new Asked(tasks, data, i, every, images, threads, weights, untrained, raw, size);
    }

    Asked everyChunk() {
      return new Asked(tasks, data, null, true, images, threads, weights, untrained, raw, size);
    }

    Asked images(int n) {
      return new Asked(tasks, data, chunk, every, n, threads, weights, untrained, raw, size);
    }

    Asked threads(int n) {
      return new Asked(tasks, data, chunk, every, images, n, weights, untrained, raw, size);
    }

    Asked weights(Path file) {
      return new Asked(tasks, data, chunk, every, images, threads, file, untrained, raw, size);
    }

    Asked untrainedNet() {
      return new Asked(tasks, data, chunk, every, images, threads, weights, true, raw, size);
    }

    Asked rawPixels() {
      return new Asked(tasks, data, chunk, every, images, threads, weights, untrained, true, size);
    }

    Asked size(int px) {
      return new Asked(tasks, data, chunk, every, images, threads, weights, untrained, raw, px);
    }

    ProbeRequest request() {
      return new ProbeRequest(
          tasks,
          List.of(data),
          new ProbeRequest.Encoders(chunk, every, weights, untrained, raw, false, false),
          new ProbeRequest.Pictures(images, size, null),
          TaskSettings.paper(),
          threads,
          "cpu",
          null);
    }

    List<ProbeResult> of(Path run) throws IOException {
      return Probing.probe(run, request());
    }
  }

  private static Asked ask() {
    return new Asked();
  }

  private static void refused(ThrowingCallable call, String... words) {
    assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).message().contains(words);
  }

  @Test
  void kNnAndTheLinearProbeJudgeTheFinalEncoderOnTheTestPart() throws IOException {
    List<ProbeResult> results = ask().tasks("knn", "linear").of(run);
    assertThat(results).extracting(ProbeResult::task).containsExactly("knn", "linear");
    assertThat(results)
        .allSatisfy(
            result -> {
              assertThat(result.data()).isEqualTo(SET);
              assertThat(result.split()).isEqualTo("test");
              assertThat(result.chunk()).isEqualTo(1);
              assertThat(result.metric()).isEqualTo("top1");
              assertThat(result.value()).isBetween(25.0, 100.0); // chance is 25
            });
  }

  @Test
  void everyChunkGivesTheValuesOfEachChunkAskedForAlone() throws IOException {
    List<ProbeResult> every = ask().everyChunk().of(run);
    assertThat(every).extracting(ProbeResult::chunk).containsExactly(0, 1);
    assertThat(ask().chunk(0).of(run)).containsExactly(every.get(0));
    assertThat(ask().chunk(1).of(run)).containsExactly(every.get(1));
    assertThat(ask().of(run)).containsExactly(every.get(1));
  }

  @Test
  void weightsOfAFileAreJudgedAsTheChunkTheyCameFrom() throws IOException {
    Path file = folder.resolve("copy.safetensors");
    Files.copy(run.resolve("chunks/0/encoder.safetensors"), file);
    ProbeResult found = ask().weights(file).of(run).get(0);
    assertThat(found.chunk()).isNull();
    assertThat(found.value()).isEqualTo(ask().chunk(0).of(run).get(0).value());
    refused(() -> ask().weights(folder.resolve("none")).of(run), "--weights", "is no file");
  }

  @Test
  void theUntrainedNetAndTheRawPixelsAreNoChunks() throws IOException {
    List<ProbeResult> untrained = ask().untrainedNet().of(run);
    List<ProbeResult> raw = ask().rawPixels().of(run);
    assertThat(untrained).hasSize(1).extracting(ProbeResult::chunk).containsOnlyNulls();
    assertThat(raw).hasSize(1).extracting(ProbeResult::chunk).containsOnlyNulls();
    assertThat(untrained).isEqualTo(ask().untrainedNet().of(run));
  }

  @Test
  void theNumberOfThreadsChangesNoValueAndFewerImagesAreUsedWhenAskedFor() throws IOException {
    assertThat(ask().threads(3).of(run)).isEqualTo(ask().of(run));
    // One training picture: every test picture gets its class.
    assertThat(ask().images(1).of(run).get(0).value()).isEqualTo(25);
  }

  @Test
  void theSizeIsTheRunsUnlessAnotherIsGiven() throws IOException {
    List<ProbeResult> own = ask().tasks("knn", "linear").rawPixels().of(run);
    assertThat(ask().tasks("knn", "linear").rawPixels().size(16).of(run)).isEqualTo(own);
    assertThat(ask().size(32).of(run)).hasSize(1);
    refused(() -> ask().size(7).request(), "--size 7 is below 8");
  }

  @Test
  void aChunkThatDoesNotExistIsRefused() {
    refused(
        () -> ask().chunk(2).of(run),
        "--chunk 2 is none of the run's chunks, counted from 0: 0 … 1");
  }

  @Test
  void anUnfinishedRunIsJudgedByTheChunksItHas() throws IOException {
    StopAfter five = new StopAfter(5);
    Path half = Millrace.pretrain(tiny(), folder.resolve("half"), five, five).run();
    refused(() -> ask().of(half), "has no encoder of chunk 2 yet", "millrace resume");
    assertThat(ask().everyChunk().of(half)).extracting(ProbeResult::chunk).containsExactly(0);
    assertThat(ask().chunk(0).of(half)).hasSize(1);
    StopAfter one = new StopAfter(1);
    Path begun = Millrace.pretrain(tiny(), folder.resolve("begun"), one, one).run();
    refused(() -> ask().everyChunk().of(begun), "has finished no chunk yet", "millrace resume");
  }

  @Test
  void aSetWithoutLabelsOrWithOnePictureOfEachClassIsRefused() throws IOException {
    for (int i = 0; i < 4; i++) {
      picture(folder.resolve("flat/" + i + ".ppm"), i);
    }
    refused(
        () -> ask().data(folder.resolve("flat").toString()).of(run),
        "has no labels",
        "CLASS/image");
    refused(
        () -> ask().data("generated:images=4;test=0;classes=4;size=16").of(run),
        "has no test part",
        "every class has only one",
        "{train,test}/CLASS/image");
  }

  @Test
  void ofASetWithoutATestPartAFifthOfEachClassJudgesWhateverTheEncoderOrTask() throws IOException {
    String set = "generated:images=60;test=0;classes=4;size=16";
    for (List<ProbeResult> results :
        List.of(
            ask().tasks("knn", "linear").data(set).of(run), ask().data(set).rawPixels().of(run))) {
      assertThat(results).extracting(ProbeResult::split).containsOnly("held-out");
      assertThat(results)
          .allSatisfy(
              r ->
                  assertThat(r.value() * 12 / 100)
                      .isCloseTo(Math.rint(r.value() * 12 / 100), within(1e-9)));
    }
  }

  @Test
  void picturesOfADomainlessFolderAreHeldOutByTheirNamesAndNeverLearnedFrom() throws IOException {
    for (int i = 0; i < 21; i++) {
      picture(
          folder.resolve("labelled/" + (i < 10 ? "cat/" : i < 20 ? "dog/" : "emu/") + i + ".ppm"),
          i);
    }
    DataSet set = new Catalogue(folder, folder).open(folder.resolve("labelled").toString());
    SplitParts parts = SplitParts.whole("labelled", set, 0);
    List<String> learned = ids(parts.train());
    List<String> judged = ids(parts.test());
    assertThat(judged).hasSize(4).doesNotContainAnyElementsOf(learned);
    assertThat(judged.stream().filter(id -> id.contains("cat/"))).hasSize(2);
    assertThat(learned).hasSize(17).anyMatch(id -> id.contains("emu/"));
    assertThat(ids(parts.episodes())).hasSize(21);
    // Fewer pictures to learn from, the same to judge by.
    assertThat(ids(SplitParts.whole("labelled", set, 5).test())).isEqualTo(judged);
  }

  @Test
  void everyLineSaysOnHowManyPicturesAndByWhichSettingsItAnswers() throws IOException {
    List<ProbeResult> results = ask().tasks("knn", "linear").images(40).of(run);
    List<String> log = Files.readAllLines(run.resolve("probes.jsonl"), StandardCharsets.UTF_8);
    JsonNode knn = new ObjectMapper().readTree(log.get(log.size() - 2));
    assertThat(knn.path("trained_on").asInt()).isEqualTo(40);
    assertThat(knn.path("subset_of").asInt()).isEqualTo(128);
    assertThat(knn.path("judged_on").asInt()).isEqualTo(32);
    assertThat(knn.path("k").asInt()).isEqualTo(10); // as many as a class has
    assertThat(knn.path("temperature").asDouble()).isEqualTo(0.1);
    assertThat(knn.path("size").asInt()).isEqualTo(16);
    assertThat(knn.path("chance").asDouble()).isEqualTo(25);
    assertThat(knn.path("ci95").asDouble()).isPositive();
    assertThat(knn.has("held_out")).isFalse();
    assertThat(knn.has("episodes")).isFalse();
    assertThat(results.get(1).conditions().k()).isNull();
    assertThat(results.get(1).conditions().seed()).isZero();
    assertThat(results.get(0).conditions().shortcuts("knn"))
        .containsExactly("trained on 40 of 128 pictures");
    ProbeRequest again = ask().tasks("knn", "linear").images(40).request();
    assertThat(Probing.complete(run, again, new ProbeListener() {})).isEqualTo(results);
  }

  @Test
  void whatUntrainedNetsAndRawPixelsAnswerIsAskedOnceForSeveralRuns() throws IOException {
    Path shared = folder.resolve("shared.jsonl");
    List<Boolean> kept = new ArrayList<>();
    ProbeListener listener =
        new ProbeListener() {
          @Override
          public void answered(ProbeResult result, String encoder, double seconds, boolean known) {
            kept.add(known);
          }
        };
    ProbeRequest baselines = ask().untrainedNet().rawPixels().request();
    Path first = copy("first");
    List<ProbeResult> asked = Probing.complete(first, baselines, listener, shared);
    assertThat(asked).hasSize(2);
    assertThat(Probing.complete(copy("second"), baselines, listener, shared)).isEqualTo(asked);
    // Other pictures are another question, and what a run has learned is its own.
    ProbeRequest other = ask().untrainedNet().images(40).request();
    Probing.complete(copy("third"), other, listener, shared);
    Probing.complete(first, ask().request(), listener, shared);
    Probing.complete(copy("fourth"), ask().request(), listener, shared);
    assertThat(kept).containsExactly(false, false, true, true, false, false, false);
    assertThat(ProbeLog.of(folder.resolve("second")).all()).hasSize(2); // which keeps them as well
  }

  private Path copy(String name) throws IOException {
    Path copy = folder.resolve(name);
    try (Stream<Path> files = Files.walk(run)) {
      for (Path file : files.filter(f -> !f.endsWith("probes.jsonl")).toList()) {
        Files.copy(file, copy.resolve(run.relativize(file).toString()));
      }
    }
    return copy;
  }

  @Test
  void aLineOfAnOlderVersionIsAnAnswerWithoutConditions() throws IOException {
    Path log = folder.resolve("probes.jsonl");
    Files.writeString(
        log,
        "{\"task\":\"knn\",\"data\":\"x\",\"split\":\"test\",\"chunk\":1,\"shots\":null,\"metric\":\"top1\",\"value\":50.0,\"ci95\":null,\"encoder\":\"pretrained\",\"lambda\":null,\"encoder_sha256\":\"a\",\"question_sha256\":\"b\",\"answers\":1}\n");
    ProbeResult result = ProbeLog.of(folder).all().get(0).result();
    assertThat(result.value()).isEqualTo(50);
    assertThat(result.conditions()).isNull();
  }

  private static List<String> ids(List<ImageSet> pieces) {
    return pieces.stream()
        .flatMap(piece -> IntStream.range(0, piece.size()).mapToObj(i -> piece.image(i).id()))
        .toList();
  }

  @Test
  void aSetWhoseConventionIsTheMeanPerClassIsJudgedByIt() throws IOException {
    // Both classes look alike, so all test pictures go to the larger one: 9 of 10, but half of two.
    for (int i = 0; i < 20; i++) {
      String name = i < 18 ? "/many/" : "/few/";
      picture(folder.resolve("flowers12/train" + name + i + ".ppm"), 1);
      picture(folder.resolve("flowers12/test" + name + i + ".ppm"), 1);
    }
    List<ProbeResult> results =
        Probing.probe(
            run,
            ask().tasks("knn", "linear").data("flowers12").request(),
            new Catalogue(folder, folder),
            new ProbeListener() {});
    assertThat(results).extracting(ProbeResult::metric).containsOnly("mean_per_class");
    assertThat(results).extracting(ProbeResult::value).containsOnly(50.0);
  }

  @Test
  void probingChangesNoFileOfTheRunButItsLogOfProbes() throws IOException {
    Map<String, String> before = checksums(run);
    long lines = lines(run);
    List<ProbeResult> results = ask().tasks("knn", "linear").everyChunk().of(run);
    assertThat(checksums(run)).isEqualTo(before);
    List<String> log = Files.readAllLines(run.resolve("probes.jsonl"), StandardCharsets.UTF_8);
    assertThat(log).hasSize((int) lines + 4);
    JsonNode last = new ObjectMapper().readTree(log.get(log.size() - 1));
    assertThat(last.path("task").asText()).isEqualTo("linear");
    assertThat(last.path("chunk").asInt()).isEqualTo(1);
    assertThat(last.path("value").asDouble()).isEqualTo(results.get(3).value());
  }

  private static long lines(Path run) throws IOException {
    Path log = run.resolve("probes.jsonl");
    return Files.exists(log) ? Files.readAllLines(log, StandardCharsets.UTF_8).size() : 0;
  }

  private static Map<String, String> checksums(Path run) throws IOException {
    Map<String, String> checksums = new TreeMap<>();
    try (Stream<Path> files = Files.walk(run)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (!file.endsWith("probes.jsonl")) {
          checksums.put(run.relativize(file).toString(), Sha256.of(file));
        }
      }
    }
    return checksums;
  }

  private static void picture(Path file, int seed) throws IOException {
    Files.createDirectories(file.getParent());
    byte[] head = "P6 16 16 255\n".getBytes(StandardCharsets.US_ASCII);
    byte[] bytes = Arrays.copyOf(head, head.length + 768);
    for (int at = head.length; at < bytes.length; at++) {
      bytes[at] = (byte) (at * (seed + 3));
    }
    Files.write(file, bytes);
  }
}
