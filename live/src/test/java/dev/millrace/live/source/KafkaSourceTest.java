package dev.millrace.live.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.live.account.Gap;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.LogTruncationException;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** By Kafka's own stand-in for a consumer; real brokers are in KafkaIT. */
class KafkaSourceTest {
  private static final String NAME = "kafka://127.0.0.1:9092/frames";

  @TempDir private Path temp;

  /** What is in the topic, whichever consumer asks. */
  private final List<ConsumerRecord<byte[], byte[]>> log = new ArrayList<>();

  private int partitions = 1;
  private final long[] begins = new long[3];
  private String topicId = "first";
  private String kept;
  private Instant now = Instant.EPOCH;
  private MockConsumer<byte[], byte[]> consumer;

  private KafkaSource opened(String options, boolean recordGaps) throws IOException {
    KafkaSettings settings = KafkaSettings.of(SourceWords.of(NAME + options), recordGaps);
    KafkaSource source = new KafkaSource(NAME, settings, () -> now, brokers());
    source.open(
        new Source.Memory() {
          @Override
          public String place() {
            return kept;
          }

          @Override
          public String stamp(String key) {
            return null;
          }
        });
    return source;
  }

  private KafkaBrokers brokers() {
    return new KafkaBrokers() {
      @Override
      public Consumer<byte[], byte[]> consumer() {
        consumer = new MockConsumer<>("none");
        partitionsAre(partitions);
        return consumer;
      }

      @Override
      public String topicId(String topic, Duration patience) {
        return topicId;
      }
    };
  }

  private void partitionsAre(int count) {
    partitions = count;
    List<PartitionInfo> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Node[] nodes = {Node.noNode()};
      all.add(new PartitionInfo("frames", i, Node.noNode(), nodes, nodes));
      TopicPartition one = new TopicPartition("frames", i);
      consumer.updateBeginningOffsets(Map.of(one, begins[i]));
      consumer.updateEndOffsets(Map.of(one, end(i)));
    }
    consumer.updatePartitions("frames", all);
  }

  private long end(int partition) {
    return log.stream()
        .filter(one -> one.partition() == partition)
        .mapToLong(one -> one.offset() + 1)
        .max()
        .orElse(0);
  }

  private void write(int partition, byte[] key, String value, String label) {
    RecordHeaders headers = new RecordHeaders();
    if (label != null) {
      headers.add("label", label.getBytes(StandardCharsets.UTF_8));
    }
    byte[] bytes = value == null ? null : value.getBytes(StandardCharsets.UTF_8);
    log.add(
        new ConsumerRecord<>(
            "frames",
            partition,
            end(partition),
            0,
            TimestampType.CREATE_TIME,
            0,
            0,
            key,
            bytes,
            headers,
            Optional.empty()));
  }

  private void write(int partition, String key) {
    write(partition, key.getBytes(StandardCharsets.UTF_8), "picture " + key, null);
  }

  /** As a broker answers that has let go what comes next. */
  private void expire(long at) {
    TopicPartition partition = new TopicPartition("frames", 0);
    consumer.setPollException(new OffsetOutOfRangeException(Map.of(partition, at)));
  }

  /** All that comes, each batch committed. */
  private List<Arrival> all(KafkaSource source, int most) throws IOException {
    List<Arrival> all = new ArrayList<>();
    partitionsAre(partitions);
    for (ConsumerRecord<byte[], byte[]> one : log) {
      TopicPartition partition = new TopicPartition("frames", one.partition());
      if (one.offset() >= consumer.position(partition)) {
        consumer.addRecord(one);
      }
    }
    for (int i = 0; i < 20; i++) {
      Batch batch = source.poll(most);
      assertThat(batch.arrivals().size()).isLessThanOrEqualTo(most);
      if (!batch.isEmpty()) {
        all.addAll(batch.arrivals());
        kept = batch.place();
        source.committed(batch, List.of());
      }
      now = now.plusSeconds(1);
    }
    return all;
  }

  @Test
  void everyMessageIsOfferedOnceAlsoByTheNextProcess() throws IOException {
    partitions = 2;
    for (int i = 0; i < 7; i++) {
      write(i % 2, "a" + i);
    }
    try (KafkaSource source = opened("", false)) {
      assertThat(all(source, 3))
          .extracting(Arrival::key)
          .containsExactlyInAnyOrder("a0", "a1", "a2", "a3", "a4", "a5", "a6");
      assertThat(source.drained()).isTrue();
    }
    write(1, "b");
    try (KafkaSource source = opened("", false)) {
      assertThat(source.drained()).isFalse();
      assertThat(all(source, 3)).extracting(Arrival::key).containsExactly("b");
    }
  }

  @Test
  void aBatchThatWasNotCommittedIsOfferedAgain() throws IOException {
    write(0, "a");
    write(0, "b");
    try (KafkaSource source = opened("", false)) {
      assertThat(all(source, 9)).hasSize(2);
    }
    kept = "first\n0 1"; // as if only the first had been
    try (KafkaSource source = opened("", false)) {
      assertThat(all(source, 9)).extracting(Arrival::key).containsExactly("b");
    }
  }

  @Test
  void keysLabelsAndMessagesWithoutAValueAreWhatTheTableSays() throws IOException {
    write(0, null, "x", "cat");
    write(0, new byte[] {(byte) 0xff, 0}, "y", null);
    write(0, "gone".getBytes(StandardCharsets.UTF_8), null, null);
    try (KafkaSource source = opened("", false)) {
      List<Arrival> all = all(source, 9);
      assertThat(all).extracting(Arrival::key).containsExactly("0:0", "ff00");
      assertThat(all).extracting(Arrival::label).containsExactly("cat", null);
      assertThat(source.ignored()).containsExactly(Map.entry("message without a value", 1L));
      assertThat(kept).isEqualTo("first\n0 3");
    }
  }

  @Test
  void messagesThatAreGoneEndTheSourceByNameFromToAndHowMany() throws IOException {
    kept = "first\n0 5";
    begins[0] = 100;
    try (KafkaSource source = opened("", false)) {
      expire(5);
      assertThatThrownBy(() -> source.poll(9))
          .isInstanceOf(SourceGoneException.class)
          .hasMessageContaining("goes on at offset 100 and was read up to 5: 95 offsets are gone")
          .hasMessageContaining("--on-gap record");
    }
    assertThat(kept).isEqualTo("first\n0 5");
  }

  @Test
  void aGapThatIsRecordedIsInTheBatchThatMovesThePlace() throws IOException {
    kept = "first\n0 5";
    begins[0] = 100;
    try (KafkaSource source = opened("", true)) {
      expire(5);
      Batch batch = source.poll(9);
      assertThat(batch.gaps()).containsExactly(new Gap(NAME, "0", 5, 100));
      assertThat(batch.place()).isEqualTo("first\n0 100");
      assertThat(source.poll(9).isEmpty()).isTrue();
    }
  }

  @Test
  void aTopicThatWasMadeAnewIsNotTakenForTheOldOne() throws IOException {
    kept = "first\n0 5";
    topicId = "second";
    write(0, "new");
    assertThatThrownBy(() -> opened("", false))
        .isInstanceOf(SourceGoneException.class)
        .hasMessageContaining("made anew");
    try (KafkaSource source = opened("", true)) {
      assertThat(all(source, 9)).extracting(Arrival::key).containsExactly("new");
      assertThat(kept).isEqualTo("second\n0 1");
    }
  }

  @Test
  void aTopicThatIsMadeAnewMeanwhileIsNotTakenForTheOldOne() throws IOException {
    write(0, "old");
    try (KafkaSource stops = opened("", false);
        KafkaSource goesOn = opened("", true)) {
      assertThat(all(goesOn, 9)).extracting(Arrival::key).containsExactly("old");
      topicId = "second";
      log.clear();
      write(0, "new");
      now = now.plus(Duration.ofMinutes(2));
      assertThatThrownBy(() -> stops.poll(9)).isInstanceOf(SourceGoneException.class);
      Batch batch = goesOn.poll(9);
      assertThat(batch.gaps()).containsExactly(new Gap(NAME, "0 of an older topic", 1, 1));
      assertThat(batch.place()).isEqualTo("second\n0 0");
      assertThat(all(goesOn, 9)).extracting(Arrival::key).containsExactly("new");
    }
  }

  @Test
  void aLogWhoseEndWasCutOffIsReadOnFromTheCut() throws IOException {
    kept = "first\n0 100";
    try (KafkaSource source = opened("", false)) {
      TopicPartition partition = new TopicPartition("frames", 0);
      consumer.setPollException(
          new LogTruncationException(
              "cut", Map.of(partition, 100L), Map.of(partition, new OffsetAndMetadata(80))));
      Batch batch = source.poll(9);
      assertThat(batch.place()).isEqualTo("first\n0 80");
      assertThat(batch.gaps()).isEmpty();
      assertThat(consumer.position(partition)).isEqualTo(80);
    }
  }

  @Test
  void marksOfTransactionsMoveThePlace() throws IOException {
    write(0, "a");
    try (KafkaSource source = opened("", false)) {
      assertThat(all(source, 9)).hasSize(1);
      consumer.seek(new TopicPartition("frames", 0), 3); // as the client does behind two marks
      assertThat(source.poll(9).place()).isEqualTo("first\n0 3");
      assertThat(source.poll(9).isEmpty()).isTrue();
    }
  }

  @Test
  void aTopicMayHaveANameThatOutlivesItsBrokers() {
    try (Source source = Sources.of(NAME + ";name=frames", () -> now, false)) {
      assertThat(source.name()).isEqualTo("frames");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void whereATopicIsBegunIsKeptBeforeItsFirstMessage() throws IOException {
    write(0, "old");
    try (KafkaSource source = opened(";start=latest", false)) {
      assertThat(all(source, 9)).isEmpty();
      assertThat(kept).isEqualTo("first\n0 1");
    }
    write(0, "new");
    try (KafkaSource source = opened(";start=latest", false)) {
      assertThat(all(source, 9)).extracting(Arrival::key).containsExactly("new");
    }
  }

  @Test
  void aPartitionThatIsAddedIsReadFromItsBeginning() throws IOException {
    try (KafkaSource source = opened(";start=latest", false)) {
      assertThat(all(source, 9)).isEmpty();
      write(1, "there");
      partitionsAre(2);
      now = now.plus(Duration.ofMinutes(2));
      source.poll(9);
      assertThat(all(source, 9)).extracting(Arrival::key).containsExactly("there");
      assertThat(kept).isEqualTo("first\n0 0\n1 1");
    }
  }

  @Test
  void aFullSpoolPausesEveryPartitionUntilItIsPolledAgain() throws IOException {
    partitions = 2;
    try (KafkaSource source = opened("", false)) {
      source.full();
      assertThat(consumer.paused()).hasSize(2);
      source.poll(9);
      assertThat(consumer.paused()).isEmpty();
    }
  }

  @Test
  void wordsThatNameNoTopicAndSettingsThatWouldLoseMessagesAreRefused() throws IOException {
    for (String words : List.of("kafka://host/topic", "kafka://host:1", "kafka://host:1/a/b")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Sources.of(words, () -> now, false))
          .withMessageContaining("kafka://HOST:PORT/TOPIC");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Sources.of(NAME + ";start=today", () -> now, false))
        .withMessageContaining("earliest, latest or a time");
    Path config = temp.resolve("client.properties");
    Files.writeString(config, "security.protocol=SSL\nauto.offset.reset=latest\n");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Sources.of(NAME + ";config=" + config, () -> now, false))
        .withMessageContaining("auto.offset.reset");
    Files.writeString(config, "security.protocol=SSLL\n");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Sources.of(NAME + ";config=" + config, () -> now, false))
        .withMessageContaining("security.protocol");
  }
}
