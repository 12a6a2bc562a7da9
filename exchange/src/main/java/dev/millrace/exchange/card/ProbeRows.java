package dev.millrace.exchange.card;

import static dev.millrace.file.Json.JSON;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.file.SealedText;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a run's {@code probes.jsonl} says of one encoder. */
public final class ProbeRows {
  /**
   * One answer.
   *
   * @param shots for few-shot tasks; null for others
   * @param value percent
   * @param ci95 half the 95 % interval, percent; null where there is none
   * @param how on how many pictures and by which settings
   */
  public record Row(
      String task,
      String data,
      String split,
      Integer shots,
      String metric,
      double value,
      Double ci95,
      How how) {
    /** An answer of which nothing else is known. */
    public Row(
        String task,
        String data,
        String split,
        Integer shots,
        String metric,
        double value,
        Double ci95) {
      this(task, data, split, shots, metric, value, ci95, How.UNKNOWN);
    }

    /** The answer with another name of its set. */
    public Row called(String name) {
      return new Row(task, name, split, shots, metric, value, ci95, how);
    }

    /** The task as a person says it. */
    String shown() {
      return shots == null ? task : task + ", " + shots + "-shot";
    }

    /** Value and interval, two decimals. */
    String number() {
      return String.format(Locale.ROOT, "%.2f", value)
          + (ci95 == null ? "" : String.format(Locale.ROOT, " ± %.2f", ci95));
    }
  }

  /**
   * How an answer was found.
   *
   * @param words for a person
   * @param settings by the names that scripts rely on
   * @param shortcuts what makes it less than the task asks for, in words; empty where nothing does
   */
  public record How(String words, Map<String, Object> settings, List<String> shortcuts) {
    /** Of an answer that an older version kept. */
    public static final How UNKNOWN =
        new How("not noted by the version that answered", Map.of(), List.of());

    /** Makes the collections immutable. */
    public How {
      settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
      shortcuts = List.copyOf(shortcuts);
    }
  }

  private static final Logger LOG = LoggerFactory.getLogger(ProbeRows.class);

  private ProbeRows() {}

  /**
   * The last answer to each question about an encoder, in the order in which they were first asked.
   *
   * @param log a run's {@code probes.jsonl}; need not be there
   * @param sha256 the encoder's checksum
   * @param how what a line says of how it was found
   */
  public static List<Row> of(Path log, String sha256, Function<JsonNode, How> how)
      throws IOException {
    Map<String, Row> rows = new LinkedHashMap<>();
    for (String sealed : SealedText.lines(log)) {
      String line = SealedText.open(sealed);
      if (line == null) {
        LOG.warn("{} has a damaged line: no row is made of it; probe again", log);
        continue;
      }
      JsonNode node;
      try {
        node = JSON.readTree(line);
      } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
        continue; // the line that was being written when a process died, as probing sees it too
      }
      if (node.path("encoder_sha256").asText().equals(sha256)) {
        Row row = row(node, how.apply(node));
        // An answer on less than usual stands for no other, and none for it.
        String kind = row.how().shortcuts().isEmpty() ? "" : "less";
        rows.put(String.join("\n", row.shown(), row.data(), row.split(), row.metric(), kind), row);
      }
    }
    return List.copyOf(rows.values());
  }

  private static Row row(JsonNode node, How how) {
    return new Row(
        node.path("task").asText(),
        name(node.path("data").asText()),
        node.path("split").asText(),
        node.hasNonNull("shots") ? node.path("shots").asInt() : null,
        node.path("metric").asText(),
        node.path("value").asDouble(),
        node.hasNonNull("ci95") ? node.path("ci95").asDouble() : null,
        how);
  }

  /** A set's own name: where it lies here is nobody's business, and no name elsewhere. */
  private static String name(String data) {
    boolean place = data.matches("([.~/\\\\]|[A-Za-z]:[/\\\\]).*") || new File(data).exists();
    if (!place) {
      return data;
    }
    String whole = data.replaceAll("[/\\\\]+$", "");
    return whole.substring(Math.max(whole.lastIndexOf('/'), whole.lastIndexOf('\\')) + 1);
  }
}
