package dev.millrace.study;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.learn.remedy.Passes;
import dev.millrace.learn.run.Position;
import dev.millrace.learn.run.RunEvent;
import dev.millrace.stream.Chunk;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.source.Catalogue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CostLogTest {
  @TempDir private Path run;

  private static RunEvent.ChunkOpened opened(int index) throws IOException {
    ImageSet set = Catalogue.standard().open("generated:images=10;test=0").train();
    return new RunEvent.ChunkOpened(new Chunk(index, "c" + index, set), 2, 10, 700, 1, 2, 0);
  }

  private static RunEvent stepped(int chunk) {
    return new RunEvent.Stepped(
        new Position(chunk, 1, 0, 1, 5), chunk, 0, 1.0, 0.1, 5, 0.01, Map.of());
  }

  private void process(int chunk) throws IOException {
    CostLog log = new CostLog(run, false);
    log.on(opened(chunk));
    log.on(stepped(chunk));
    log.flush(null);
  }

  @Test
  void theCostIsTheSumOverAllProcessesThatWorkedOnTheRun() throws IOException {
    process(0);
    double once = CostLog.sum(run).path("cpu_s").asDouble();
    process(0);
    process(1);
    JsonNode sum = CostLog.sum(run);
    assertThat(sum.path("cpu_s").asDouble()).isGreaterThan(2 * once);
    assertThat(sum.path("image_passes").asInt()).isEqualTo(15);
    assertThat(sum.path("chunks")).hasSize(2);
    assertThat(sum.path("chunks").path(0).path("image_passes").asInt()).isEqualTo(10);
    assertThat(sum.path("chunks").path(1).path("bytes_seen").asInt()).isEqualTo(700);
  }

  @Test
  void whatIsKeptIsWhatTheMemoryTakesOnDisk() throws IOException {
    CostLog log = new CostLog(run, false);
    log.on(opened(0));
    Files.createDirectories(run.resolve("memory"));
    Files.write(run.resolve("memory").resolve("chunk-00000.mem"), new byte[123]);
    log.on(new RunEvent.ChunkLearned(new Position(1, 0, 0, 1, 5), opened(0).chunk(), null));
    assertThat(CostLog.sum(run).path("bytes_kept").asInt()).isEqualTo(123);
  }

  @Test
  void whatIsDrivenOutOnceAChunksCheckpointIsMadeIsKeptNoMore() throws IOException {
    CostLog log = new CostLog(run, false);
    log.on(opened(0));
    Path memory = Files.createDirectories(run.resolve("memory")).resolve("chunk-00000.mem");
    Files.write(memory, new byte[123]);
    log.on(new RunEvent.ChunkLearned(new Position(1, 0, 0, 1, 5), opened(0).chunk(), null));
    Files.write(memory, new byte[40]);
    log.on(opened(1));
    log.on(new RunEvent.ChunkLearned(new Position(2, 0, 0, 1, 5), opened(1).chunk(), null));
    Files.write(memory, new byte[30]);
    log.kept();
    assertThat(CostLog.sum(run).path("bytes_kept").asInt()).isEqualTo(30);
    new CostLog(run, false).on(opened(1)); // another process, which goes on there
    new CostLog(run, false).kept(); // and one that only publishes
    assertThat(CostLog.sum(run).path("chunks").path(0).path("bytes_kept").asInt()).isEqualTo(40);
  }

  @Test
  void whatRemediesSendThroughAnEncoderIsCountedInStepsAndAtTheEndOfAChunk() throws IOException {
    CostLog log = new CostLog(run, false);
    log.on(opened(0));
    log.on(
        new RunEvent.Stepped(
            new Position(0, 1, 0, 1, 5),
            0,
            0,
            1,
            0.1,
            5,
            0.01,
            Map.of(),
            null,
            new Passes(7, 2),
            1));
    log.on(new RunEvent.TakenIn(opened(0).chunk(), new Passes(20, 300), 50, 4000));
    JsonNode sum = CostLog.sum(run);
    assertThat(sum.path("remedy_passes").asInt()).isEqualTo(329);
    assertThat(sum.path("remedy_backwards").asInt()).isEqualTo(302);
    assertThat(sum.path("bytes_remembered").asInt()).isEqualTo(50);
    assertThat(sum.path("remedy_bytes").asInt()).isEqualTo(4000);
    assertThat(sum.path("image_passes").asInt()).as("by themselves").isEqualTo(5);
  }

  @Test
  void aLogOfAnOlderVersionIsRead() throws IOException {
    Files.writeString(
        run.resolve("cost.jsonl"),
        "{\"phase\":\"train\",\"chunk\":0,\"image_passes\":5,\"remedy_passes\":3,"
            + "\"cpu_s\":1,\"wall_s\":1,\"bytes_kept\":9}\n");
    JsonNode sum = CostLog.sum(run);
    assertThat(sum.path("remedy_passes").asInt()).isEqualTo(3);
    assertThat(sum.path("bytes_kept").asInt()).isEqualTo(9);
    assertThat(sum.has("remedy_backwards")).isFalse();
    assertThat(sum.has("bytes_remembered")).isFalse();
  }

  @Test
  void jointTrainingKeepsAllItsData() throws IOException {
    CostLog log = new CostLog(run, true);
    log.on(opened(0));
    log.on(new RunEvent.ChunkLearned(new Position(1, 0, 0, 1, 5), opened(0).chunk(), null));
    assertThat(CostLog.sum(run).path("bytes_kept").asInt()).isEqualTo(700);
  }

  @Test
  void probesCountByThemselves() throws IOException {
    CostLog log = new CostLog(run, false);
    log.on(opened(0));
    log.phase("probe");
    JsonNode trained = CostLog.sum(run);
    log.flush(null);
    JsonNode sum = CostLog.sum(run);
    assertThat(sum.path("cpu_s")).isEqualTo(trained.path("cpu_s"));
    assertThat(sum.path("probe_wall_s").asDouble()).isPositive();
  }

  private static RunEvent look(int epoch, double knn) {
    return new RunEvent.KnnMeasured(9, 0, epoch, "own", knn, 10, 100, 50, false);
  }

  @Test
  void aLookSaysWhatTrainingHadCostByThenAndIsNoPartOfIt() throws Exception {
    CostLog log = new CostLog(run, true);
    log.on(opened(0));
    log.on(stepped(0));
    log.on(new RunEvent.HealthChecked(9, 0, 0, 5, 0.1, null, ""));
    double trained = CostLog.sum(run).path("cpu_s").asDouble();
    log.on(look(0, 31.5));
    log.on(stepped(0));
    log.on(new RunEvent.ChunkLearned(new Position(1, 0, 0, 1, 5), opened(0).chunk(), null));
    log.on(look(1, 40));
    JsonNode looks = CostLog.looks(run);
    assertThat(looks).hasSize(2);
    assertThat(looks.path(0).path("knn").asDouble()).isEqualTo(31.5);
    assertThat(looks.path(0).path("epoch").asInt()).isZero();
    assertThat(looks.path(0).path("data").asText()).isEqualTo("own");
    assertThat(looks.path(0).path("image_passes").asInt()).isEqualTo(5);
    assertThat(looks.path(0).path("cpu_s").asDouble()).isEqualTo(trained);
    assertThat(looks.path(1).path("image_passes").asInt()).isEqualTo(10);
    JsonNode sum = CostLog.sum(run);
    assertThat(looks.path(1).path("cpu_s")).isEqualTo(sum.path("cpu_s"));
    assertThat(sum.path("look_wall_s").asDouble()).isPositive();
    assertThat(sum.path("chunks")).hasSize(1);
  }

  @Test
  void aLookThatWasMadeAgainAfterAKillCountsOnce() throws Exception {
    CostLog log = new CostLog(run, true);
    log.on(opened(0));
    log.on(look(0, 31.5));
    process(0);
    new CostLog(run, true).on(look(0, 31.5));
    assertThat(CostLog.looks(run)).hasSize(1);
    assertThat(CostLog.looks(run).path(0).path("image_passes").asInt()).isZero();
  }

  @Test
  void halfALineOfAKilledProcessSpoilsNoOther() throws IOException {
    process(0);
    Files.writeString(run.resolve("cost.jsonl"), "{\"phase\":\"tr", StandardOpenOption.APPEND);
    process(1);
    assertThat(CostLog.sum(run).path("image_passes").asInt()).isEqualTo(10);
  }

  @Test
  void halfACharacterThatAKillLeftIsPassedOverAsHalfALineIs() throws IOException {
    process(0);
    Path log = run.resolve("cost.jsonl");
    Files.write(log, new byte[] {'{', '"', (byte) 0xC3}, StandardOpenOption.APPEND);
    assertThat(CostLog.sum(run).path("image_passes").asInt()).isEqualTo(5);
    assertThat(CostLog.looks(run)).isEmpty();
  }
}
