package dev.millrace.exchange.card;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.file.SealedText;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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
   */
  public record Row(
      String task,
      String data,
      String split,
      Integer shots,
      String metric,
      double value,
      Double ci95) {
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

  private static final Logger LOG = LoggerFactory.getLogger(ProbeRows.class);
  private static final ObjectMapper JSON = new ObjectMapper();

  private ProbeRows() {}

  /**
   * The last answer to each question about an encoder, in the order in which they were first asked.
   *
   * @param log a run's {@code probes.jsonl}; need not be there
   * @param sha256 the encoder's checksum
   */
  public static List<Row> of(Path log, String sha256) throws IOException {
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
        Row row = row(node);
        rows.put(row.shown() + "\n" + row.data() + "\n" + row.split() + "\n" + row.metric(), row);
      }
    }
    return List.copyOf(rows.values());
  }

  private static Row row(JsonNode node) {
    return new Row(
        node.path("task").asText(),
        name(node.path("data").asText()),
        node.path("split").asText(),
        node.hasNonNull("shots") ? node.path("shots").asInt() : null,
        node.path("metric").asText(),
        node.path("value").asDouble(),
        node.hasNonNull("ci95") ? node.path("ci95").asDouble() : null);
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
