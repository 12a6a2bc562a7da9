package dev.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.UnknownFieldSet;
import dev.millrace.learn.run.RunEvent;
import dev.millrace.recipe.Millrace;
import dev.millrace.recipe.Resumption;
import dev.millrace.recipe.Settings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a run measured, in its own lines and in the copies for other programs. */
class RunLogsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String SET = "generated:images=64;test=16;classes=4;size=16";

  @TempDir Path folder;

  private static Settings settings() {
    return Settings.defaults(SET)
        .with(Map.of("width", 2, "size", 16, "epochs", 3, "batch", 16, "queue", 32, "dim", 8))
        .with(Map.of("threads", 1, "checkpoint-steps", 2, "stream", "class", "chunks", 2));
  }

  private static Settings logged() {
    return settings().with(Map.of("log", List.of("tensorboard", "csv"), "knn-every", 2));
  }

  /** Stops again and again, until the run is finished. */
  private static Millrace.Outcome inPieces(Settings settings, Path run) throws IOException {
    int[] steps = new int[1];
    RunEvent.Listener count = event -> steps[0] += event instanceof RunEvent.Stepped ? 1 : 0;
    Millrace.Outcome outcome = Millrace.pretrain(settings, run, count, () -> steps[0] >= 3);
    while (outcome.stopped()) {
      steps[0] = 0;
      outcome = Millrace.resume(run, count, () -> steps[0] >= 5);
    }
    return outcome;
  }

  /** A scalar as TensorBoard would show it. */
  private record Scalar(double time, long step, String tag, float value) {}

  private static Path eventFile(Path run) throws IOException {
    try (Stream<Path> files = Files.list(run.resolve("tensorboard"))) {
      List<Path> all = files.toList();
      assertThat(all).hasSize(1);
      return all.get(0);
    }
  }

  /** Bit by bit, as the standard defines it: x^32 … reflected, 0x82f63b78. */
  private static int crc32c(byte[] data) {
    int crc = -1;
    for (byte one : data) {
      crc ^= one & 0xff;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 1) == 0 ? crc >>> 1 : crc >>> 1 ^ 0x82f63b78;
      }
    }
    return ~crc;
  }

  private static int masked(byte[] data) {
    int crc = crc32c(data);
    return (crc >>> 15 | crc << 17) + 0xa282ead8;
  }

  private static List<byte[]> records(Path file) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    List<byte[]> records = new ArrayList<>();
    while (in.hasRemaining()) {
      byte[] length = new byte[8];
      in.get(length);
      assertThat(in.getInt()).isEqualTo(masked(length));
      long bytes = ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong();
      byte[] data = new byte[Math.toIntExact(bytes)];
      in.get(data);
      assertThat(in.getInt()).isEqualTo(masked(data));
      records.add(data);
    }
    return records;
  }

  /** By protobuf's own parser and the numbers of fields in TensorFlow's event.proto. */
  private static List<Scalar> scalars(Path file) throws IOException {
    List<Scalar> scalars = new ArrayList<>();
    for (byte[] record : records(file)) {
      UnknownFieldSet event = UnknownFieldSet.parseFrom(record);
      double time = Double.longBitsToDouble(event.getField(1).getFixed64List().get(0));
      for (var bytes : event.getField(5).getLengthDelimitedList()) {
        for (var value : UnknownFieldSet.parseFrom(bytes).getField(1).getLengthDelimitedList()) {
          UnknownFieldSet one = UnknownFieldSet.parseFrom(value);
          scalars.add(
              new Scalar(
                  time,
                  event.getField(2).getVarintList().get(0),
                  one.getField(1).getLengthDelimitedList().get(0).toStringUtf8(),
                  Float.intBitsToFloat(one.getField(2).getFixed32List().get(0))));
        }
      }
    }
    return scalars;
  }

  private static List<JsonNode> lines(Path log) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(log)) {
      lines.add(JSON.readTree(line));
    }
    return lines;
  }

  /** What the run's own lines say, in the copy's words. */
  private static List<Scalar> expected(Path run) throws IOException {
    List<Scalar> expected = new ArrayList<>();
    for (JsonNode line : lines(run.resolve("metrics.jsonl"))) {
      Map<String, String> tags = new LinkedHashMap<>();
      tags.put("loss", "train/loss");
      tags.put("lr", "train/lr");
      tags.put("images_per_s", "train/images_per_s");
      tags.put("softmax_own", "train/softmax_own");
      tags.put("softmax_past", "train/softmax_past");
      tags.put("knn", "knn/" + line.path("knn_set").asText());
      add(expected, line, tags);
    }
    for (JsonNode line : lines(run.resolve("health.jsonl"))) {
      add(
          expected,
          line,
          Map.of("effective_rank", "features/effective_rank", "variance", "features/variance"));
    }
    return expected;
  }

  private static void add(List<Scalar> to, JsonNode line, Map<String, String> tags) {
    double time = Instant.parse(line.path("time").asText()).toEpochMilli() / 1e3;
    tags.forEach(
        (field, tag) -> {
          if (line.has(field)) {
            to.add(
                new Scalar(
                    time, line.path("step").asLong(), tag, (float) line.path(field).asDouble()));
          }
        });
  }

  @Test
  void theChecksumAndTheFrameAreThoseOfTheStandard() throws IOException {
    assertThat(crc32c("123456789".getBytes(StandardCharsets.US_ASCII))).isEqualTo(0xe3069283);
    Path run = folder.resolve("run");
    Millrace.pretrain(logged().with("epochs", 1), run);
    byte[] head = new byte[13];
    System.arraycopy(Files.readAllBytes(eventFile(run)), 0, head, 0, 13);
    // As every file begins that TensorFlow writes: 24 bytes, their checksum, field 1 of 8 bytes.
    assertThat(head)
        .containsExactly(0x18, 0, 0, 0, 0, 0, 0, 0, (byte) 0xa3, 0x7f, 0x4b, 0x22, 0x09);
    UnknownFieldSet first = UnknownFieldSet.parseFrom(records(eventFile(run)).get(0));
    assertThat(first.getField(3).getLengthDelimitedList().get(0).toStringUtf8())
        .isEqualTo("brain.Event:2");
  }

  @Test
  void aRunInPiecesHasEveryMeasureOnceInEveryLog() throws IOException {
    Path run = folder.resolve("run");
    Millrace.Outcome outcome = inPieces(logged(), run);
    List<JsonNode> metrics = lines(run.resolve("metrics.jsonl"));
    assertThat(metrics.stream().filter(line -> line.has("loss")).map(l -> l.path("step").asLong()))
        .containsExactlyElementsOf(Stream.iterate(1L, i -> i + 1).limit(outcome.steps()).toList());
    assertThat(metrics)
        .extracting(line -> Instant.parse(line.path("time").asText()))
        .isSorted()
        .allMatch(time -> time.isAfter(Instant.now().minusSeconds(600)));
    assertThat(scalars(eventFile(run))).containsExactlyInAnyOrderElementsOf(expected(run));
    assertThat(scalars(eventFile(run))).extracting(Scalar::step).isSorted();
    List<String> csv = Files.readAllLines(run.resolve("metrics.csv"));
    assertThat(csv.get(0))
        .isEqualTo(
            "time,step,chunk,epoch,loss,lr,images_per_s,softmax_own,softmax_past,effective_rank,variance,knn,knn_set");
    assertThat(csv)
        .hasSize(1 + metrics.size() + lines(run.resolve("health.jsonl")).size())
        .allMatch(line -> line.split(",", -1).length == 13);
    JsonNode step = metrics.get(0);
    assertThat(csv.get(1))
        .isEqualTo(
            "%s,1,0,0,%s,%s,%s,%s,%s,,,,"
                .formatted(
                    step.path("time").asText(),
                    step.path("loss").asDouble(),
                    step.path("lr").asDouble(),
                    step.path("images_per_s").asDouble(),
                    step.path("softmax_own").asDouble(),
                    step.path("softmax_past").asDouble()));
  }

  @Test
  void looksAndLogsChangeNoBitOfTheEncoder() throws IOException {
    String plain = Millrace.pretrain(settings(), folder.resolve("plain")).encoderSha256();
    Path run = folder.resolve("run");
    List<RunEvent.KnnMeasured> measured = new ArrayList<>();
    RunEvent.Listener listener =
        event -> {
          if (event instanceof RunEvent.KnnMeasured knn) {
            measured.add(knn);
          }
        };
    assertThat(Millrace.pretrain(logged(), run, listener, () -> false).encoderSha256())
        .isEqualTo(plain);
    assertThat(inPieces(logged(), folder.resolve("pieces")).encoderSha256()).isEqualTo(plain);
    // Epoch 2 of 3 and the end, in both chunks; judged by the set's test part of all classes.
    assertThat(measured).extracting(RunEvent.KnnMeasured::epoch).containsExactly(1, 2, 1, 2);
    assertThat(measured).extracting(RunEvent.KnnMeasured::judged).containsOnly(16);
    assertThat(measured).extracting(RunEvent.KnnMeasured::learned).containsOnly(64);
    assertThat(measured)
        .allMatch(knn -> knn.chance() == 25 && knn.accuracy() >= 0 && knn.accuracy() <= 100);
    assertThat(lines(run.resolve("metrics.jsonl")).stream().filter(line -> line.has("knn")))
        .extracting(line -> line.path("knn").asDouble())
        .containsExactlyElementsOf(measured.stream().map(RunEvent.KnnMeasured::accuracy).toList());
  }

  @ParameterizedTest
  @CsvSource({"merge, 0.1, trunk", "branch, 0.3, trunk", "branch, 0.5, ''"})
  void looksBetweenEpochsOfATrunkSayThatTheySeeIt(String publish, double decay, String of)
      throws IOException {
    Path run = folder.resolve("run");
    Settings endless = logged().with(Map.of("schedule", "wsd", "publish", publish, "decay", decay));
    Millrace.pretrain(endless, run);
    assertThat(lines(run.resolve("metrics.jsonl")).stream().filter(line -> line.has("knn")))
        .extracting(line -> line.path("epoch").asInt() + line.path("knn_of").asText())
        .containsExactly("1" + of, "2", "1" + of, "2");
  }

  /** Asks to stop while the look after a step is under way, once. */
  private static final class StopInLook implements RunEvent.Listener, BooleanSupplier {
    private final long step;
    private final List<RunEvent.KnnMeasured> measured = new ArrayList<>();
    private boolean stop;

    StopInLook(long step) {
      this.step = step;
    }

    @Override
    public void on(RunEvent event) {
      stop |= event instanceof RunEvent.EpochLearned epoch && epoch.position().total() == step;
      stop |= event instanceof RunEvent.ChunkLearned chunk && chunk.position().total() == step;
      if (event instanceof RunEvent.KnnMeasured knn) {
        measured.add(knn);
      }
    }

    @Override
    public boolean getAsBoolean() {
      return stop;
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {4, 6, 12}) // an epoch's end within a chunk, a chunk's end, the run's
  void aLookThatAStopEndedIsMadeWhereTheRunContinues(long step) throws IOException {
    Path whole = folder.resolve("whole");
    StopInLook never = new StopInLook(-1);
    Millrace.pretrain(logged(), whole, never, never);
    Path run = folder.resolve("run");
    StopInLook stopped = new StopInLook(step);
    Millrace.pretrain(logged(), run, stopped, stopped);
    assertThat(stopped.measured).noneMatch(knn -> knn.step() == step);
    StopInLook resumed = new StopInLook(-1);
    Millrace.resume(run, resumed, resumed);
    assertThat(resumed.measured).anyMatch(knn -> knn.step() == step);
    List<RunEvent.KnnMeasured> both = new ArrayList<>(stopped.measured);
    both.addAll(resumed.measured);
    assertThat(both).isEqualTo(never.measured);
    StopInLook again = new StopInLook(-1);
    Millrace.resume(run, again, again);
    assertThat(again.measured).isEmpty();
    assertThat(scalars(eventFile(run))).containsExactlyInAnyOrderElementsOf(expected(run));
    assertThat(lines(run.resolve("metrics.jsonl")).stream().filter(line -> line.has("knn")))
        .hasSize(4);
  }

  @Test
  void aLogThatIsWantedLaterHoldsAllThatWasMeasuredBefore() throws IOException {
    Path run = folder.resolve("run");
    String encoder = Millrace.pretrain(settings(), run).encoderSha256();
    Resumption more = Resumption.unchanged().with("log", List.of("tensorboard"));
    assertThat(Millrace.resume(run, more, event -> {}, () -> false).encoderSha256())
        .isEqualTo(encoder);
    assertThat(scalars(eventFile(run))).containsExactlyInAnyOrderElementsOf(expected(run));
    Path before = eventFile(run);
    Millrace.resume(run, event -> {}, () -> false);
    assertThat(eventFile(run).compareTo(before)).isPositive(); // a reader goes on to a later name
    assertThat(run.resolve("metrics.csv")).doesNotExist();
  }

  @Test
  void looksWithoutLabelsAndUnknownLogsAreRefusedBeforeTheRunHasAFolder() throws IOException {
    Path flat = Photos.flat(folder.resolve("photos"), 20, 24, 24);
    Path run = folder.resolve("run");
    Settings unlabelled =
        settings()
            .with(Map.of("data", List.of(flat.toString()), "stream", "instance", "knn-every", 1));
    assertThatThrownBy(() -> Millrace.pretrain(unlabelled, run))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("--knn-every 1: none of " + flat + " has labels to judge by");
    assertThat(run).doesNotExist();
    assertThatThrownBy(() -> settings().with("log", List.of("csv", "wandb")))
        .hasMessageContaining("--log wandb is unknown; allowed: tensorboard, csv");
  }
}
