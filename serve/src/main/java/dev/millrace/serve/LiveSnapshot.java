package dev.millrace.serve;

import static dev.millrace.file.Json.JSON;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.file.AppendLog;
import dev.millrace.file.Reason;
import dev.millrace.live.LiveFolder;
import dev.millrace.live.LiveSettings;
import dev.millrace.live.LiveStatus;
import dev.millrace.live.account.ChunkRecord;
import dev.millrace.live.drift.DriftLog;
import dev.millrace.live.encoder.EncoderVersion;
import dev.millrace.live.encoder.KeptEncoders;
import dev.millrace.live.encoder.Serving;
import dev.millrace.stream.ChunkWords;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Reads from the files of a live run what its page shows. Only the ends of logs are read, so a long
 * run costs no more than a short one. Thread-safe.
 */
public final class LiveSnapshot {
  private static final int TAIL = 1 << 17;
  private static final int POINTS = 300;
  private static final int DECISIONS = 50;
  private static final int VERSIONS = 50;
  private static final int CHUNKS = 50;
  private static final int QUARANTINED = 24;

  /** Counts the pictures in each state; called every second. */
  @FunctionalInterface
  public interface AccountView {
    /** Counts by the name of the state. */
    Map<String, Object> now() throws IOException;
  }

  private final LiveFolder live;
  private final KeptEncoders encoders;
  private final AccountView account;
  private final LivePictures pictures;
  private final InstantSource clock;
  private long lastMillis;
  private long lastOffered = -1;
  private double rate;

  LiveSnapshot(
      LiveFolder live,
      KeptEncoders encoders,
      AccountView account,
      LivePictures pictures,
      InstantSource clock) {
    this.live = live;
    this.encoders = encoders;
    this.account = account;
    this.pictures = pictures;
    this.clock = clock;
  }

  Map<String, Object> now() throws IOException {
    Map<String, Object> all = new LinkedHashMap<>();
    Map<String, Object> counts = counts();
    Serving serving = encoders.serving();
    LiveStatus.Recent recent = recent();
    all.put("at", clock.instant().toString());
    all.put("account", counts);
    all.put("now", doing(counts, recent.chunks()));
    List<JsonNode> steps = tail(live.run().metrics());
    all.put("loss", points(steps, "step", "loss"));
    all.put("loss_borders", borders(steps));
    all.put("learning_rate", rate(steps));
    List<JsonNode> health = tail(live.run().health());
    all.put("health", points(health, "step", "effective_rank"));
    all.put("health_borders", borders(health));
    all.put("drift", drift(recent.chunks()));
    all.put("chunks", recent.chunks().stream().map(LiveSnapshot::chunk).toList());
    all.put("memory", pictures.now());
    all.put("quarantined", recent.quarantined());
    all.put("serving", serving);
    all.put("encoders", versions(serving));
    all.put("vectors", vectors(serving));
    all.put("decisions", encoders.decisions().last(DECISIONS));
    return all;
  }

  /** The last that was found or done of each index that is there, and whether it still holds. */
  private List<JsonNode> vectors(Serving serving) throws IOException {
    Map<String, JsonNode> last = new TreeMap<>();
    for (JsonNode line : new VectorLog(live.vectors()).last()) {
      String index = line.path("index").asText();
      if (Files.isDirectory(live.run().search().resolve(index)) && line instanceof ObjectNode row) {
        row.put("holds", row.path("sha256").asText().equals(serving.sha256()));
        last.put(index, row);
      }
    }
    return List.copyOf(last.values());
  }

  private Map<String, Object> counts() {
    try {
      return account.now();
    } catch (IOException | RuntimeException e) {
      return Map.of("unreadable", Reason.whole(e));
    }
  }

  /** Nothing where only encoders are kept, or the account cannot be read at this moment. */
  private LiveStatus.Recent recent() {
    try {
      return live.isLive()
          ? LiveStatus.recent(live, CHUNKS, QUARANTINED)
          : new LiveStatus.Recent(List.of(), List.of());
    } catch (IOException | RuntimeException e) {
      return new LiveStatus.Recent(List.of(), List.of());
    }
  }

  private static Map<String, Object> chunk(ChunkRecord one) {
    Map<String, Object> chunk = new LinkedHashMap<>();
    chunk.put("number", one.number());
    chunk.put("phase", one.phase().name().toLowerCase(Locale.ROOT));
    chunk.put("rule", one.rule());
    chunk.put("pictures", one.pictures());
    return chunk;
  }

  /** Scores by the number of their last picture, and where chunks end among them. */
  private Map<String, Object> drift(List<ChunkRecord> chunks) throws IOException {
    List<DriftLog.Window> windows = DriftLog.of(live).last();
    windows = windows.subList(Math.max(0, windows.size() - POINTS), windows.size());
    List<List<Object>> points = new ArrayList<>();
    for (DriftLog.Window one : windows) {
      points.add(List.of(one.picture(), one.score(), one.alarm()));
    }
    Map<String, Object> drift = new LinkedHashMap<>();
    drift.put("windows", points);
    if (!windows.isEmpty()) {
      drift.put("threshold", windows.get(windows.size() - 1).threshold());
      long from = windows.get(0).picture();
      drift.put(
          "borders",
          chunks.stream().map(one -> one.first() - 1).filter(end -> end > from).toList());
    }
    return drift;
  }

  private synchronized Map<String, Object> doing(
      Map<String, Object> counts, List<ChunkRecord> chunks) throws IOException {
    Map<String, Object> doing = new LinkedHashMap<>();
    long closed = number(counts, "chunks_closed");
    long learned = number(counts, "chunks_learned") + number(counts, "chunks_set_aside");
    long offered = number(counts, "offered");
    long millis = clock.millis();
    if (lastOffered >= 0 && millis > lastMillis) {
      rate = 0.8 * rate + 0.2 * (offered - lastOffered) * 1000.0 / (millis - lastMillis);
    }
    lastOffered = offered;
    lastMillis = millis;
    doing.put("pictures_per_s", rate);
    doing.put("chunks_waiting", Math.max(0, closed - learned));
    doing.put("pictures_waiting", number(counts, "pending"));
    doing.put("lag_s", lag(chunks, millis));
    doing.put("spool_bytes", spooled(chunks));
    doing.put("spool_most_bytes", spoolBytes());
    doing.put(
        "doing",
        closed > learned ? "learning " + ChunkWords.of((int) learned) : "waiting for pictures");
    return doing;
  }

  /** For how many seconds the oldest picture that is not learned has waited. */
  private static long lag(List<ChunkRecord> chunks, long now) {
    return chunks.stream()
        .filter(one -> one.phase().compareTo(ChunkRecord.Phase.CLOSED) <= 0 && one.began() > 0)
        .mapToLong(one -> Math.max(0, now - one.began()) / 1000)
        .max()
        .orElse(0);
  }

  /** What waits: the open chunk and the closed ones that are not learned. */
  private long spooled(List<ChunkRecord> chunks) throws IOException {
    long closed =
        chunks.stream()
            .filter(one -> one.phase() == ChunkRecord.Phase.CLOSED)
            .mapToLong(ChunkRecord::bytes)
            .sum();
    return closed + (Files.exists(live.open()) ? Files.size(live.open()) : 0);
  }

  private long spoolBytes() {
    try {
      return live.isLive() ? LiveSettings.read(live).ingest().spoolBytes() : 0;
    } catch (IOException | RuntimeException e) {
      return 0; // not known
    }
  }

  private static long number(Map<String, Object> counts, String name) {
    return counts.get(name) instanceof Number number ? number.longValue() : 0;
  }

  /** The last ones, the one that is served among them. */
  private List<Map<String, Object>> versions(Serving serving) throws IOException {
    List<EncoderVersion> last = new ArrayList<>(encoders.last(VERSIONS));
    if (serving.any() && last.stream().noneMatch(one -> one.version() == serving.version())) {
      Optional<EncoderVersion> served = encoders.find(serving.version());
      if (served.isPresent()) {
        if (last.size() == VERSIONS) {
          last.remove(0);
        }
        last.add(0, served.get());
      }
    }
    List<Map<String, Object>> versions = new ArrayList<>();
    for (EncoderVersion one : last) {
      Map<String, Object> version = new LinkedHashMap<>();
      version.put("version", one.version());
      version.put("chunk", one.chunk());
      version.put("sha256", one.sha256());
      version.put("kept", one.kept());
      version.put("serving", one.version() == serving.version());
      versions.add(version);
    }
    return versions;
  }

  /** The lines at the end of a log. */
  private static List<JsonNode> tail(Path log) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : AppendLog.tail(log, TAIL).split("\n", -1)) {
      try {
        if (!line.isBlank()) {
          lines.add(JSON.readTree(line));
        }
      } catch (JacksonException e) {
        continue; // the first line of a tail is a part of one
      }
    }
    return lines;
  }

  /** Two numbers per line, thinned to as many as a page can show. */
  private static List<List<Number>> points(List<JsonNode> lines, String x, String y) {
    List<List<Number>> points = new ArrayList<>();
    for (JsonNode line : lines) {
      if (line.path(x).isNumber() && line.path(y).isNumber()) {
        points.add(List.of(line.path(x).longValue(), line.path(y).doubleValue()));
      }
    }
    List<List<Number>> thin = new ArrayList<>();
    int every = points.size() / POINTS + 1;
    for (int i = (points.size() - 1) % every; i >= 0 && i < points.size(); i += every) {
      thin.add(points.get(i));
    }
    return thin;
  }

  /** The first step of each chunk but the first one there, thinned as its log is not. */
  private static List<Long> borders(List<JsonNode> lines) {
    List<Long> borders = new ArrayList<>();
    int chunk = -1;
    for (JsonNode line : lines) {
      if (line.path("chunk").isNumber() && line.path("step").isNumber()) {
        int of = line.path("chunk").asInt();
        if (chunk >= 0 && of > chunk) {
          borders.add(line.path("step").asLong());
        }
        chunk = of;
      }
    }
    return borders;
  }

  /** The rate of the last step, and where a schedule has a trunk, which part of it that was. */
  private static Map<String, Object> rate(List<JsonNode> steps) {
    Map<String, Object> rate = new LinkedHashMap<>();
    for (JsonNode step : steps) {
      if (step.path("lr").isNumber()) { // a look by neighbours has none
        rate.put("lr", step.path("lr").doubleValue());
        rate.put("part", step.path("part").asText(null));
      }
    }
    return rate;
  }
}
