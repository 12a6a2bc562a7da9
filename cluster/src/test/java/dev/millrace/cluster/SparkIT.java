package dev.millrace.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.draw.Draw;
import dev.millrace.engine.Device;
import dev.millrace.engine.Natives;
import dev.millrace.exchange.embed.Embedding;
import dev.millrace.exchange.embed.PartitionedEmbedding;
import dev.millrace.file.Sha256;
import dev.millrace.launch.Cluster;
import dev.millrace.launch.JvmLine;
import dev.millrace.refusal.UsageException;
import dev.millrace.vision.encoder.file.EncoderFile;
import dev.millrace.vision.encoder.resnet.ResNetShape;
import dev.millrace.vision.view.Normalisation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Real masters, workers, executors, drivers and runs, and kills of each that may be killed. */
final class SparkIT {
  private static final String STUDY =
      """
      data:
        generated:
          set: generated:images=128;test=64;classes=4
          streams: {class: 2}
      methods: [moco-v2]
      remedies: [st]
      seeds: [1, 2, 3]
      settings: {width: 4, size: 16, epochs: 3, batch: 32, queue: 64, checkpoint-steps: 2}
      questions:
        - {task: [knn], data: own}
      """;

  private static Standalone spark;

  @TempDir Path folder;

  private Drivers drivers;

  @BeforeAll
  static void start() throws Exception {
    spark = new Standalone(2);
  }

  @AfterAll
  static void stop() throws Exception {
    if (spark != null) {
      spark.close();
    }
  }

  @BeforeEach
  void drivers() {
    drivers = new Drivers(folder, "127.0.0.1");
  }

  private static List<Path> found(Path under, String suffix) {
    try (Stream<Path> files = Files.walk(under)) {
      return files.filter(file -> file.toString().endsWith(suffix)).toList();
    } catch (IOException | java.io.UncheckedIOException e) {
      return List.of(); // not there yet, or changing at this moment
    }
  }

  @Test
  void aStudyWhoseExecutorAndDriverAreKilledEndsWithEveryResultOnceAndNoneTwice() throws Exception {
    Path study = Files.writeString(folder.resolve("mine.yaml"), STUDY);
    Path out = folder.resolve("study");
    Path ledger = out.resolve("LEDGER.jsonl");
    String[] line = {"study", spark.url(), study.toString(), out.toString()};
    Process first = drivers.start(line);
    drivers.reach(first, () -> !found(out, "metrics.jsonl").isEmpty());
    spark.killWorking();
    drivers.reach(first, () -> Drivers.lines(ledger) >= 1);
    first.destroyForcibly().waitFor();
    long before = Drivers.lines(ledger);
    assertThat(before).isLessThan(3);

    Process second = drivers.start(line);
    assertThat(drivers.end(second))
        .as(Files.readString(drivers.err()))
        .startsWith("2 side by side")
        .contains("planned=3, done=3, failed=0");
    List<JsonNode> all = new ArrayList<>();
    for (String each : Files.readAllLines(ledger)) {
      all.add(new ObjectMapper().readTree(each));
    }
    assertThat(all).hasSize(3);
    assertThat(all).extracting(each -> each.path("id").asText()).doesNotHaveDuplicates();
    assertThat(all)
        .allSatisfy(
            each -> {
              assertThat(each.path("status").asText()).isEqualTo("done");
              assertThat(each.path("results")).hasSize(1);
              assertThat(each.path("machine").path("threads").asInt()).isEqualTo(1);
              assertThat(each.path("cost").path("cpu_s").asDouble()).isPositive();
            });
    assertThat(Files.readString(drivers.err())).contains("is lost, its work goes elsewhere");
    assertThat(found(out.resolve("jobs/spark"), ".out")).isEmpty();
    // The executors' logs say which run, where and how far.
    assertThat(spark.logs())
        .containsPattern(
            "stage \\d+ \\(attempt 0\\), task attempt 1 on executor \\d+ of .*: started")
        .contains("\"trained\"");
  }

  @Test
  void aRunOfTwoRanksWhoseRankAndExecutorAreKilledIsThatOfTwoRanksOnThisMachine() throws Exception {
    Path run = folder.resolve("run");
    Path metrics = run.resolve("metrics.jsonl");
    Process driver = drivers.start("ranks", spark.url(), run.toString());
    drivers.reach(driver, () -> Drivers.lines(metrics) > 6);
    driver.destroy();
    assertThat(drivers.end(driver)).startsWith("130 ");
    assertThat(driver.exitValue()).isEqualTo(130);

    driver = drivers.start("ranks", spark.url(), run.toString());
    drivers.reach(driver, () -> Drivers.lines(metrics) > 12);
    spark.killChild("dev.millrace.ranks.RankMain");
    long at = System.nanoTime();
    drivers.reach(driver, () -> Drivers.text(drivers.out()).contains("(signal 9)"));
    assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - at)).isLessThan(10);
    drivers.reach(driver, () -> Drivers.lines(metrics) > 30);
    spark.killWorking();
    String last = drivers.end(driver);

    Path here = folder.resolve("here");
    assertThat(last).isEqualTo(TestDriver.onThisMachine(here));
    assertThat(Drivers.lines(metrics)).isEqualTo(Drivers.lines(here.resolve("metrics.jsonl")));
    assertThat(Files.readString(drivers.out()))
        .containsPattern("rank 0, .* on executor .* does not see " + folder + "/nowhere")
        .containsPattern("rank 1, attempt 1, stage \\d+ .attempt 0., .*, was killed .signal 9.")
        .containsPattern("rank [01], stage \\d+ .attempt 0.: executor \\d+ of .* is lost");
    assertThat(spark.logs()).containsPattern("rank 1, attempt [012], stage .*: step \\d+");
    assertThat(folder.resolve("scratch")).doesNotExist();
  }

  @Test
  void moreRanksThanThereIsRoomForAreRefusedAndAStopWhileWaitingIsAStop() throws Exception {
    Process stopped = drivers.start("room", spark.url());
    drivers.reach(stopped, () -> Drivers.text(drivers.out()).contains("waiting"));
    stopped.destroy();
    assertThat(drivers.end(stopped)).startsWith("stopped while waiting for machines of spark://");
    assertThat(stopped.exitValue()).isEqualTo(130);
    assertThat(drivers.end(drivers.start("room", spark.url())))
        .containsPattern("--ranks 3: .* room for 2 side by side.*start more workers");
  }

  @Test
  void slotsAreThoseOfExecutorsThatCameBeforeAnyoneLooked() throws Exception {
    assertThat(drivers.end(drivers.start("slots", spark.url()))).isEqualTo("slots 1");
  }

  @ParameterizedTest
  @CsvSource({
    "spark.speculation, started twice",
    "spark.dynamicAllocation.enabled, set it to false",
    "spark.authenticate, --trust-network"
  })
  void whatDoesNotGoWithRanksIsRefusedWithTheMend(String setting, String mend) {
    System.setProperty(setting, "true");
    try {
      Cluster.Request request =
          new Cluster.Request(spark.url(), "test", 1, folder, line -> {}, () -> false);
      assertThatThrownBy(() -> new SparkCluster(JvmLine.ofThis()).gang(request, 2, false))
          .isInstanceOf(UsageException.class)
          .hasMessageContainingAll("--master", setting, mend);
    } finally {
      System.clearProperty(setting);
    }
  }

  @Test
  void anEmbeddingWhoseExecutorIsKilledIsTheFilesOfOneProcessAndWhatIsNotSeenIsNamed()
      throws Exception {
    Natives.load();
    Path encoder = folder.resolve("encoder.safetensors");
    try (EncoderFile net =
        EncoderFile.untrained(
            new ResNetShape("resnet18", 4, ResNetShape.Stem.SMALL),
            32,
            Map.of(),
            new Device("cpu"))) {
      net.net().initialise(Draw.of(1, "encoder"));
      EncoderFile.write(encoder, net.net(), 32, Normalisation.imagenet(), Map.of());
    }
    Path out = folder.resolve("vectors");
    Process driver = drivers.start("embed", spark.url(), encoder.toString(), out.toString());
    drivers.reach(driver, () -> !found(out, ".parquet").isEmpty());
    spark.killWorking();
    assertThat(drivers.end(driver)).contains("images=2000");
    // A machine that misses a file is named, with the mend.
    assertThat(Files.readString(drivers.out()))
        .contains("stage 0 (attempt 0)", "on executor", "does not see " + folder + "/nowhere")
        .contains("give an --out on a file system that they share");
    Path here = folder.resolve("here");
    PartitionedEmbedding.embed(TestDriver.request(encoder, here), new Embedding.Listener() {});
    assertThat(files(out)).isEqualTo(files(here)).hasSize(7).containsKey("_SUCCESS");
    assertThat(Files.readString(drivers.err())).contains("is lost, its work goes elsewhere");
  }

  private static Map<String, String> files(Path of) throws IOException {
    Map<String, String> all = new TreeMap<>();
    for (Path file : found(of, "").stream().filter(Files::isRegularFile).toList()) {
      all.put(of.relativize(file).toString(), Sha256.of(file));
    }
    return all;
  }
}
