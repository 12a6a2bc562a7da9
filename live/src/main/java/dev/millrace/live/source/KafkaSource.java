package dev.millrace.live.source;

import dev.millrace.live.account.Gap;
import dev.millrace.live.account.State;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.LogTruncationException;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;

/**
 * A topic of Kafka: a message's value is an encoded picture, its key the picture's key ({@code
 * PARTITION:OFFSET} for a message without one, hexadecimal where it is no UTF-8), its header {@code
 * label} a class. All partitions are read, by one consumer that belongs to no group. Offsets are
 * kept in the account, and where they no longer lead to a message the source ends by name, or goes
 * on and notes the gap ({@link KafkaSettings#recordGaps}). Messages of transactions that were
 * aborted are not seen. Not thread-safe.
 */
public final class KafkaSource implements Source {
  private static final Duration PATIENCE = Duration.ofSeconds(3);
  private static final Duration MOMENT = Duration.ofMillis(20);
  private static final Duration END_EVERY = Duration.ofSeconds(1);
  private static final Duration PARTITIONS_EVERY = Duration.ofMinutes(1);
  private static final String NO_VALUE = "message without a value";
  private static final Comparator<TopicPartition> ORDER =
      Comparator.comparingInt(TopicPartition::partition);

  private final String name;
  private final KafkaSettings settings;
  private final InstantSource clock;
  private final KafkaBrokers brokers;

  private final Deque<ConsumerRecord<byte[], byte[]>> fetched = new ArrayDeque<>();
  private final List<Gap> gaps = new ArrayList<>();
  private final Map<String, Long> ignored = new TreeMap<>();
  private Consumer<byte[], byte[]> consumer;
  private KafkaPlace place;

  /** Whether the place says something that no committed batch did. */
  private boolean moved;

  private boolean drained;
  private Wait untilPartitions = Wait.NONE;
  private Wait untilEnd = Wait.NONE;

  /**
   * @param name of the source
   * @param clock says when to look for new partitions and for the end
   */
  public KafkaSource(String name, KafkaSettings settings, InstantSource clock) {
    this(name, settings, clock, KafkaBrokers.of(settings));
  }

  KafkaSource(String name, KafkaSettings settings, InstantSource clock, KafkaBrokers brokers) {
    this.name = name;
    this.settings = settings;
    this.clock = clock;
    this.brokers = brokers;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void open(Memory memory) throws IOException {
    close();
    fetched.clear();
    gaps.clear();
    KafkaPlace kept = KafkaPlace.parse(memory.place());
    try {
      String id = brokers.topicId(settings.topic(), PATIENCE);
      place = kept == null ? new KafkaPlace(id) : kept;
      isSame(id);
      consumer = brokers.consumer();
      assign(kept == null);
    } catch (KafkaException e) {
      throw said(e);
    }
  }

  /** Whether the brokers still have the topic that the place is of. */
  private boolean isSameTopic() throws IOException {
    return isSame(brokers.topicId(settings.topic(), PATIENCE));
  }

  /** A topic that was made anew has other messages under the same offsets: it is begun again. */
  private boolean isSame(String id) throws SourceGoneException {
    if (place.topicId().equals(id)) {
      return true;
    }
    if (!settings.recordGaps()) {
      throw new SourceGoneException(
          "the topic of %s was made anew, so the kept offsets lead nowhere; start with --on-gap record to read the new one from its beginning"
              .formatted(name));
    }
    place.all().forEach((part, at) -> gaps.add(new Gap(name, part + " of an older topic", at, at)));
    place = new KafkaPlace(id);
    fetched.clear();
    return false;
  }

  /** Reads all partitions there are now; those that are new, from where they are to be begun. */
  private void assign(boolean first) throws IOException {
    List<TopicPartition> all = new ArrayList<>();
    List<TopicPartition> fresh = new ArrayList<>();
    for (PartitionInfo one : consumer.partitionsFor(settings.topic(), PATIENCE)) {
      TopicPartition partition = new TopicPartition(one.topic(), one.partition());
      all.add(partition);
      if (place.next(one.partition()) == null) {
        fresh.add(partition);
      }
    }
    if (all.isEmpty()) {
      throw new IOException(
          "%s: there is no topic %s; make it, or mend its name".formatted(name, settings.topic()));
    }
    if (!fresh.isEmpty()) {
      starts(fresh, first).forEach((one, offset) -> place.next(one.partition(), offset));
      moved = true;
    }
    consumer.assign(all);
    for (TopicPartition one : all) {
      consumer.seek(one, behindFetched(one));
    }
    untilPartitions = Wait.of(clock.instant(), PARTITIONS_EVERY);
  }

  /** The next offset that is not fetched yet. */
  private long behindFetched(TopicPartition partition) {
    long at = place.next(partition.partition());
    for (ConsumerRecord<byte[], byte[]> one : fetched) {
      if (one.partition() == partition.partition()) {
        at = Math.max(at, one.offset() + 1);
      }
    }
    return at;
  }

  /** A partition that is added later is read from its beginning, wherever the topic was begun. */
  private Map<TopicPartition, Long> starts(List<TopicPartition> fresh, boolean first) {
    if (!first || settings.start() == KafkaSettings.Start.EARLIEST) {
      return consumer.beginningOffsets(fresh, PATIENCE);
    }
    Map<TopicPartition, Long> starts = new TreeMap<>(ORDER);
    starts.putAll(consumer.endOffsets(fresh, PATIENCE));
    if (settings.start() == KafkaSettings.Start.TIME) {
      Map<TopicPartition, Long> times = new TreeMap<>(ORDER);
      fresh.forEach(one -> times.put(one, settings.moment().toEpochMilli()));
      Map<TopicPartition, OffsetAndTimestamp> found = consumer.offsetsForTimes(times, PATIENCE);
      found.forEach(
          (one, at) -> {
            if (at != null) { // null where all messages are older
              starts.put(one, at.offset());
            }
          });
    }
    return starts;
  }

  @Override
  public Batch poll(int most) throws IOException {
    try {
      consumer.resume(consumer.paused());
      if (untilPartitions.isOver(clock.instant())) {
        isSameTopic();
        assign(false);
      }
      if (fetched.isEmpty() && gaps.isEmpty()) {
        fetch();
      }
    } catch (KafkaException e) {
      drained = false;
      throw said(e);
    }
    List<Arrival> arrivals = new ArrayList<>();
    long bytes = 0;
    while (!fetched.isEmpty() && arrivals.size() < most && bytes < Batch.ENOUGH_BYTES) {
      ConsumerRecord<byte[], byte[]> message = fetched.remove();
      place.next(message.partition(), message.offset() + 1);
      moved = true;
      if (message.value() == null) {
        ignored.merge(NO_VALUE, 1L, Long::sum);
      } else {
        arrivals.add(new Arrival(key(message), message.value(), label(message), null));
        bytes += message.value().length;
      }
    }
    if (!moved && gaps.isEmpty()) {
      return Batch.none();
    }
    moved = false;
    Batch batch =
        new Batch(arrivals, place.toString(), Map.of(), List.of()).with(List.copyOf(gaps));
    gaps.clear();
    return batch;
  }

  private void fetch() throws IOException {
    try {
      consumer.poll(MOMENT).forEach(fetched::add);
    } catch (LogTruncationException e) {
      rewind(e);
    } catch (OffsetOutOfRangeException e) {
      passOver(e.offsetOutOfRangePartitions());
    }
    if (!fetched.isEmpty()) {
      drained = false;
      return;
    }
    for (TopicPartition one : consumer.assignment()) {
      // Marks of transactions are no messages; they must not seem missing when they expire.
      long position = consumer.position(one, PATIENCE);
      if (position > place.next(one.partition())) {
        place.next(one.partition(), position);
        moved = true;
      }
    }
    if (untilEnd.isOver(clock.instant())) {
      // A broker that is down fetches nothing either: only one that answers says what the end is.
      Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment(), PATIENCE);
      drained =
          ends.entrySet().stream()
              .allMatch(one -> consumer.position(one.getKey(), PATIENCE) >= one.getValue());
      untilEnd = Wait.of(clock.instant(), END_EVERY);
    }
  }

  /** A log whose end was cut off is read on from there: what is read twice is a duplicate. */
  private void rewind(LogTruncationException cut) throws IOException {
    Map<TopicPartition, Long> unknown = new TreeMap<>(ORDER);
    unknown.putAll(cut.offsetOutOfRangePartitions());
    cut.divergentOffsets()
        .forEach(
            (partition, at) -> {
              unknown.remove(partition);
              place.next(partition.partition(), at.offset());
              consumer.seek(partition, at.offset());
              moved = true;
            });
    if (!unknown.isEmpty()) {
      passOver(unknown);
    }
  }

  /** Goes on where there are messages again, or ends the source by name. */
  private void passOver(Map<TopicPartition, Long> asked) throws IOException {
    if (!isSameTopic()) {
      assign(false);
      return;
    }
    Map<TopicPartition, Long> begins = consumer.beginningOffsets(asked.keySet(), PATIENCE);
    Map<TopicPartition, Long> ends = consumer.endOffsets(asked.keySet(), PATIENCE);
    List<String> sentences = new ArrayList<>();
    Map<TopicPartition, Long> sorted = new TreeMap<>(ORDER);
    sorted.putAll(asked);
    for (Map.Entry<TopicPartition, Long> one : sorted.entrySet()) {
      TopicPartition partition = one.getKey();
      long at = one.getValue();
      long first = begins.get(partition);
      boolean expired = at < first;
      long on = expired ? first : ends.get(partition);
      sentences.add(
          expired
              ? "partition %d goes on at offset %d and was read up to %d: %d offsets are gone"
                  .formatted(partition.partition(), first, at, first - at)
              : "partition %d ends at offset %d and was read up to %d: its end was cut off, and what was written there since cannot be told"
                  .formatted(partition.partition(), on, at));
      if (settings.recordGaps()) {
        gaps.add(
            new Gap(
                name, Integer.toString(partition.partition()), Math.min(at, on), Math.max(at, on)));
        place.next(partition.partition(), on);
        consumer.seek(partition, on);
      }
    }
    if (!settings.recordGaps()) {
      throw new SourceGoneException(
          "%s has lost what comes next: %s; start with --on-gap record to go on there and keep the gap in the account"
              .formatted(name, String.join("; ", sentences)));
    }
  }

  private static String key(ConsumerRecord<byte[], byte[]> message) {
    if (message.key() == null) {
      return message.partition() + ":" + message.offset();
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(message.key())).toString();
    } catch (CharacterCodingException e) {
      return HexFormat.of().formatHex(message.key());
    }
  }

  private static String label(ConsumerRecord<byte[], byte[]> message) {
    Header label = message.headers().lastHeader("label");
    return label == null || label.value() == null
        ? null
        : new String(label.value(), StandardCharsets.UTF_8);
  }

  private IOException said(KafkaException failure) {
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    String words = failure.getMessage();
    return new IOException(
        "%s: %s".formatted(name, cause == failure ? words : words + ": " + cause.getMessage()),
        failure);
  }

  @Override
  public void committed(Batch batch, List<State> states) {
    // The account knows the place.
  }

  @Override
  public void full() {
    consumer.pause(consumer.assignment());
  }

  @Override
  public boolean drained() {
    return drained && fetched.isEmpty();
  }

  @Override
  public Map<String, Long> ignored() {
    return Map.copyOf(ignored);
  }

  @Override
  public void close() {
    if (consumer != null) {
      consumer.close();
      consumer = null;
    }
  }
}
