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
import dev.millrace.ranks.LocalRanks;
import dev.millrace.recipe.Millrace;
import dev.millrace.refusal.UsageException;
import dev.millrace.stream.source.Catalogue;
import dev.millrace.vision.encoder.file.EncoderFile;
import dev.millrace.vision.encoder.resnet.ResNetShape;
import dev.millrace.vision.view.Normalisation;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
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

  private Process driver(String... args) throws IOException {
    List<String> line =
        new ArrayList<>(
            List.of(Standalone.JAVA, "-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    line.addAll(Standalone.doors());
    line.addAll(List.of("-Dspark.ui.enabled=false", "-Dspark.executor.memory=512m"));
    line.add("-Dspark.executor.extraJavaOptions=-XX:TieredStopAtLevel=1 -XX:+UseSerialGC");
    line.addAll(List.of("-Dorg.bytedeco.javacpp.maxPhysicalBytes=0"));
    line.addAll(List.of("-cp", String.join(File.pathSeparator, Standalone.classPath())));
    line.add(TestDriver.class.getName());
    line.addAll(List.of(args));
    ProcessBuilder builder =
        new ProcessBuilder(line)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(out().toFile()))
            .redirectError(ProcessBuilder.Redirect.appendTo(err().toFile()));
    builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
    return builder.start();
  }

  private Path out() {
    return folder.resolve("driver.out");
  }

  private Path err() {
    return folder.resolve("driver.err");
  }

  private String end(Process driver) throws Exception {
    assertThat(driver.waitFor(300, TimeUnit.SECONDS)).as(Files.readString(err())).isTrue();
    List<String> lines = Files.readAllLines(out());
    assertThat(lines).as(Files.readString(err())).isNotEmpty();
    return lines.get(lines.size() - 1);
  }

  private void reach(Process driver, BooleanSupplier holds) throws Exception {
    for (int i = 0; !holds.getAsBoolean(); i++) {
      assertThat(driver.isAlive() && i < 6000).as(Files.readString(err())).isTrue();
      Thread.sleep(50);
    }
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
    Process first = driver(line);
    reach(first, () -> !found(out, "metrics.jsonl").isEmpty());
    spark.killWorking();
    reach(first, () -> lines(ledger) >= 1);
    first.destroyForcibly().waitFor();
    long before = lines(ledger);
    assertThat(before).isLessThan(3);

    Process second = driver(line);
    assertThat(end(second))
        .as(Files.readString(err()))
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
    assertThat(Files.readString(err())).contains("is lost, its work goes elsewhere");
    assertThat(found(out.resolve("jobs/spark"), ".out")).isEmpty();
    // The executors' logs say which run, where and how far.
    assertThat(spark.logs())
        .containsPattern(
            "stage \\d+ \\(attempt 0\\), task attempt 1 on executor \\d+ of .*: started")
        .contains("\"trained\"");
  }

  private static long lines(Path file) {
    try (Stream<String> lines = Files.lines(file)) {
      return lines.count();
    } catch (IOException e) {
      return 0;
    }
  }

  @Test
  void aRunOfTwoRanksWhoseRankAndExecutorAreKilledIsThatOfTwoRanksOnThisMachine() throws Exception {
    Path run = folder.resolve("run");
    Path metrics = run.resolve("metrics.jsonl");
    Process driver = driver("ranks", spark.url(), run.toString());
    reach(driver, () -> lines(metrics) > 6);
    driver.destroy();
    assertThat(end(driver)).startsWith("130 ");
    assertThat(driver.exitValue()).isEqualTo(130);

    driver = driver("ranks", spark.url(), run.toString());
    reach(driver, () -> lines(metrics) > 12);
    spark.killChild("dev.millrace.ranks.RankMain");
    long at = System.nanoTime();
    reach(driver, () -> text(out()).contains("(signal 9)"));
    assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - at)).isLessThan(10);
    reach(driver, () -> lines(metrics) > 30);
    spark.killWorking();
    String last = end(driver);

    Path here = folder.resolve("here");
    Millrace.Outcome outcome;
    try (LocalRanks local = new LocalRanks(2, 0, line -> {})) {
      Millrace.pretrain(
          TestDriver.SETTINGS, Catalogue.standard(), here, local, e -> {}, () -> false);
    }
    try (LocalRanks local = new LocalRanks(2, 0, line -> {})) {
      outcome =
          Millrace.extend(here, TestDriver.MORE, Catalogue.standard(), local, e -> {}, () -> false);
    }
    assertThat(last).isEqualTo("0 sha256 " + outcome.encoderSha256());
    assertThat(lines(metrics)).isEqualTo(lines(here.resolve("metrics.jsonl")));
    assertThat(Files.readString(out()))
        .containsPattern("rank 0, .* on executor .* does not see " + folder + "/nowhere")
        .containsPattern("rank 1, attempt 1, stage \\d+ .attempt 0., .*, was killed .signal 9.")
        .containsPattern("rank [01], stage \\d+ .attempt 0.: executor \\d+ of .* is lost");
    assertThat(spark.logs()).containsPattern("rank 1, attempt [012], stage .*: step \\d+");
    assertThat(folder.resolve("scratch")).doesNotExist();
  }

  @Test
  void moreRanksThanThereIsRoomForAreRefusedAndAStopWhileWaitingIsAStop() throws Exception {
    Process stopped = driver("room", spark.url());
    reach(stopped, () -> text(out()).contains("waiting"));
    stopped.destroy();
    assertThat(end(stopped)).startsWith("stopped while waiting for machines of spark://");
    assertThat(stopped.exitValue()).isEqualTo(130);
    assertThat(end(driver("room", spark.url())))
        .containsPattern("--ranks 3: .* room for 2 side by side.*start more workers");
  }

  @Test
  void slotsAreThoseOfExecutorsThatCameBeforeAnyoneLooked() throws Exception {
    assertThat(end(driver("slots", spark.url()))).isEqualTo("slots 1");
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

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return "";
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
    Process driver = driver("embed", spark.url(), encoder.toString(), out.toString());
    reach(driver, () -> !found(out, ".parquet").isEmpty());
    spark.killWorking();
    assertThat(end(driver)).contains("images=2000");
    // A machine that misses a file is named, with the mend.
    assertThat(Files.readString(out()))
        .contains("stage 0 (attempt 0)", "on executor", "does not see " + folder + "/nowhere")
        .contains("give an --out on a file system that they share");
    Path here = folder.resolve("here");
    PartitionedEmbedding.embed(TestDriver.request(encoder, here), new Embedding.Listener() {});
    assertThat(files(out)).isEqualTo(files(here)).hasSize(7).containsKey("_SUCCESS");
    assertThat(Files.readString(err())).contains("is lost, its work goes elsewhere");
  }

  private static Map<String, String> files(Path of) throws IOException {
    Map<String, String> all = new TreeMap<>();
    for (Path file : found(of, "").stream().filter(Files::isRegularFile).toList()) {
      all.put(of.relativize(file).toString(), Sha256.of(file));
    }
    return all;
  }
}
