package dev.millrace.live.source;

import dev.millrace.file.Reason;
import dev.millrace.file.TextFile;
import dev.millrace.refusal.Require;
import dev.millrace.refusal.UsageException;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Which topic is read, and how its brokers are reached. Immutable.
 *
 * @param servers {@code HOST:PORT}, several with commas between
 * @param topic its name
 * @param start where the first start begins
 * @param moment for {@link Start#TIME}: messages of that time and later; null else
 * @param config settings of Kafka's own client, such as those for TLS
 * @param recordGaps whether to go on where messages are gone, noting which
 */
public record KafkaSettings(
    String servers,
    String topic,
    Start start,
    Instant moment,
    Map<String, String> config,
    boolean recordGaps) {
  /** Where a topic is begun that was never read. */
  public enum Start {
    /** At the oldest message there is. */
    EARLIEST,
    /** Behind the newest one. */
    LATEST,
    /** At the first message of a moment or later. */
    TIME
  }

  private static final Pattern PLACE =
      Pattern.compile("kafka://([^/,]+:\\d{1,5}(?:,[^/,]+:\\d{1,5})*)/([A-Za-z0-9._-]{1,249})");

  /** What a batch may not exceed by much; the broker sends one larger message all the same. */
  private static final int FETCH_BYTES = 32 << 20;

  /** Copies what is given; refuses settings of the client that a live run decides itself. */
  public KafkaSettings {
    config = Map.copyOf(config);
    TreeSet<String> own = new TreeSet<>(config.keySet());
    own.retainAll(decided("").keySet());
    Require.flag(
        own.isEmpty(),
        SourceWords.FLAG,
        "config has " + own + ", which a live run decides itself; leave it out");
  }

  /** By the words of {@code --source}. */
  static KafkaSettings of(SourceWords given, boolean recordGaps) {
    Matcher place = PLACE.matcher(given.name());
    if (!place.matches()) {
      throw UsageException.of(
          SourceWords.FLAG,
          given.name() + " names no broker and topic; give kafka://HOST:PORT/TOPIC");
    }
    String words = given.option("start", "earliest");
    Instant moment = null;
    Start start = Start.TIME;
    if (words.equals("earliest") || words.equals("latest")) {
      start = words.equals("latest") ? Start.LATEST : Start.EARLIEST;
    } else {
      try {
        moment = Instant.parse(words);
      } catch (DateTimeParseException e) {
        throw UsageException.of(
            SourceWords.FLAG,
            "%s;start=%s is no place to start; give earliest, latest or a time such as 2026-01-31T12:00:00Z"
                .formatted(given.name(), words));
      }
    }
    KafkaSettings settings =
        new KafkaSettings(place.group(1), place.group(2), start, moment, config(given), recordGaps);
    try {
      new ConsumerConfig(settings.client());
    } catch (ConfigException e) {
      throw UsageException.of(SourceWords.FLAG, given.name() + ";config: " + e.getMessage());
    }
    return settings;
  }

  private static Map<String, String> config(SourceWords given) {
    String file = given.option("config", "");
    Map<String, String> config = new HashMap<>();
    if (file.isEmpty()) {
      return config;
    }
    Properties read = new Properties();
    try {
      read.load(new StringReader(TextFile.read(Path.of(file))));
    } catch (IOException | IllegalArgumentException e) {
      throw UsageException.of(SourceWords.FLAG, given.name() + ";config: " + Reason.whole(e));
    }
    read.stringPropertyNames().forEach(name -> config.put(name, read.getProperty(name)));
    return config;
  }

  /** The settings of Kafka's client. */
  Map<String, Object> client() {
    Map<String, Object> all = new HashMap<>(config);
    all.putAll(decided(servers));
    return all;
  }

  private static Map<String, Object> decided(String servers) {
    return Map.of(
        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
        servers,
        // Offsets are kept in the account, in the transaction that accepts their pictures.
        ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
        false,
        // Messages that are gone are never skipped in silence.
        ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
        "none",
        ConsumerConfig.ISOLATION_LEVEL_CONFIG,
        "read_committed",
        ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG,
        false,
        ConsumerConfig.FETCH_MAX_BYTES_CONFIG,
        FETCH_BYTES,
        ConsumerConfig.ENABLE_METRICS_PUSH_CONFIG,
        false,
        ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG,
        ByteArrayDeserializer.class,
        ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG,
        ByteArrayDeserializer.class);
  }
}
