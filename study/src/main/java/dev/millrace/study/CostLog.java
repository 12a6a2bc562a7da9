package dev.millrace.study;

import static dev.millrace.file.Json.JSON;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.management.OperatingSystemMXBean;
import dev.millrace.file.AppendLog;
import dev.millrace.file.Reason;
import dev.millrace.file.SealedText;
import dev.millrace.learn.remedy.Passes;
import dev.millrace.learn.run.RunEvent;
import dev.millrace.learn.run.RunFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What a run costs, measured: {@code cost.jsonl} in its directory, appended every few seconds by
 * whichever process works on it, so that what killed processes spent is counted up to then. A line
 * is an increment of one phase; their sums are the cost, work that a kill made twice included. What
 * looks of {@code --knn-every} found stands in lines of their own phase, so that they count by
 * themselves and tell what had been spent by then; one that a stop ended counts as training. Not
 * thread-safe.
 */
final class CostLog implements RunEvent.Listener {
  /** Pre-training, start of the process included; {@code probe} and {@code insight} are others. */
  static final String TRAIN = "train";

  /** A look at the encoder between epochs, which changes nothing of the run. */
  private static final String LOOK = "look";

  /** Of a chunk: its pictures, and what is kept after it. */
  private static final List<String> FACTS =
      List.of("images", "bytes_seen", "bytes_kept", "bytes_remembered", "remedy_bytes");

  private static final List<String> LOOKED = List.of("chunk", "epoch", "data", "knn");

  private static final long EVERY = 2_000_000_000L;
  private static final OperatingSystemMXBean SYSTEM =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  private final Path run;
  private final boolean joint;
  private String phase = TRAIN;
  private int chunk;

  /** Whether {@code chunk} is one that this process works on. */
  private boolean within;

  private long passes;

  private Passes beside = Passes.NONE;

  private long cpu;
  private long wall;

  /**
   * Counts from the start of this process.
   *
   * @param run its directory, which may not be there before the first event
   * @param joint whether all data must be kept to train it
   */
  CostLog(Path run, boolean joint) {
    this.run = run;
    this.joint = joint;
    wall = System.nanoTime() - ManagementFactory.getRuntimeMXBean().getUptime() * 1_000_000L;
  }

  /** What follows belongs to another phase. */
  void phase(String next) {
    flush(null);
    phase = next;
  }

  @Override
  public void on(RunEvent event) {
    if (event instanceof RunEvent.ChunkOpened opened) {
      if (within && opened.chunk().index() > chunk) {
        kept();
      }
      within = true;
      chunk = opened.chunk().index();
      ObjectNode facts = JSON.createObjectNode();
      facts.put("images", opened.good()).put("bytes_seen", opened.bytes());
      facts.put("bytes_kept", joint ? opened.bytes() : 0);
      flush(facts);
    } else if (event instanceof RunEvent.Stepped step) {
      passes += step.pictures();
      beside = beside.plus(step.beside());
      if (System.nanoTime() - wall > EVERY) {
        flush(null);
      }
    } else if (event instanceof RunEvent.Merged merged) {
      beside = beside.plus(merged.passes());
      flush(null);
    } else if (event instanceof RunEvent.TakenIn taken) {
      beside = beside.plus(taken.passes());
      flush(kept(taken));
    } else if (event instanceof RunEvent.ChunkLearned
        || event instanceof RunEvent.ChunkConsolidated) {
      kept();
    } else if (event instanceof RunEvent.KnnMeasured look) {
      looked(look);
    } else if (event instanceof RunEvent.Saved
        || event instanceof RunEvent.EpochLearned
        || event instanceof RunEvent.HealthChecked) {
      flush(null); // what follows at the end of an epoch may be a look
    }
  }

  private void looked(RunEvent.KnnMeasured look) {
    String learning = phase;
    phase = LOOK;
    ObjectNode found = JSON.createObjectNode();
    found.put("chunk", look.chunk()).put("epoch", look.epoch());
    flush(found.put("data", look.set()).put("knn", look.accuracy()));
    phase = learning;
  }

  /**
   * Tells once more what the last chunk left on disk: what was driven out goes only after the
   * checkpoint at its end.
   */
  void kept() {
    boolean unknown = joint || !within; // a process that opened no chunk has none to speak of
    flush(unknown ? null : JSON.createObjectNode().put("bytes_kept", memory(run)));
  }

  /** What remedies keep from now on: pictures that can be replayed, and what lies beside them. */
  private ObjectNode kept(RunEvent.TakenIn taken) {
    ObjectNode facts = JSON.createObjectNode().put("remedy_bytes", taken.stateBytes());
    return joint ? facts : facts.put("bytes_remembered", taken.rememberedBytes());
  }

  /** Bytes that a run's replay memory takes on disk. */
  private static long memory(Path run) {
    Path memory = RunFolder.of(run).memory();
    if (!Files.isDirectory(memory)) {
      return 0;
    }
    try (Stream<Path> files = Files.list(memory)) {
      return files.mapToLong(file -> file.toFile().length()).sum();
    } catch (IOException e) {
      throw new UncheckedIOException(memory + " cannot be read: " + Reason.of(e), e);
    }
  }

  /** Writes what was spent since the last line. */
  void flush(ObjectNode facts) {
    if (!Files.isDirectory(run)) {
      return; // nothing to write to yet: it is counted by the next line
    }
    long cpuNow = SYSTEM.getProcessCpuTime();
    long wallNow = System.nanoTime();
    ObjectNode line = JSON.createObjectNode();
    line.put("phase", phase);
    if (phase.equals(TRAIN)) {
      line.put("chunk", chunk).put("image_passes", passes);
      if (beside.all() > 0) {
        line.put("remedy_passes", beside.all()).put("remedy_backwards", beside.backwards());
      }
    }
    line.put("cpu_s", (cpuNow - cpu) * 1e-9).put("wall_s", (wallNow - wall) * 1e-9);
    if (facts != null) {
      line.setAll(facts);
    }
    passes = 0;
    beside = Passes.NONE;
    cpu = cpuNow;
    wall = wallNow;
    try {
      AppendLog.add(RunFolder.of(run).costs(), JSON.writeValueAsString(line) + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(
          RunFolder.of(run).costs() + " cannot be written: " + Reason.of(e), e);
    }
  }

  /** The sums, as a ledger's line has them. */
  static ObjectNode sum(Path run) throws IOException {
    ObjectNode sum = JSON.createObjectNode();
    Map<Integer, ObjectNode> chunks = new TreeMap<>();
    for (String name : new String[] {"cpu_s", "wall_s"}) {
      sum.put(name, 0.0);
    }
    sum.put("image_passes", 0L).put("bytes_kept", 0L);
    for (JsonNode line : lines(run)) {
      String phase = line.path("phase").asText();
      String before = phase.equals(TRAIN) ? "" : phase + "_";
      add(sum, before + "cpu_s", line.path("cpu_s").asDouble());
      add(sum, before + "wall_s", line.path("wall_s").asDouble());
      if (phase.equals(TRAIN)) {
        ObjectNode chunk =
            chunks.computeIfAbsent(line.path("chunk").asInt(), c -> JSON.createObjectNode());
        for (String fact : FACTS) {
          if (line.has(fact)) {
            chunk.put(fact, line.get(fact).asLong());
          }
        }
        chunk.put(
            "image_passes",
            chunk.path("image_passes").asLong() + line.path("image_passes").asLong());
        for (String passes : new String[] {"remedy_passes", "remedy_backwards"}) {
          if (line.has(passes)) {
            sum.put(passes, sum.path(passes).asLong() + line.path(passes).asLong());
          }
        }
        add(chunk, "cpu_s", line.path("cpu_s").asDouble());
        add(chunk, "wall_s", line.path("wall_s").asDouble());
      }
    }
    ArrayNode all = JSON.createArrayNode();
    for (ObjectNode chunk : chunks.values()) {
      all.add(chunk);
      sum.put(
          "image_passes", sum.get("image_passes").asLong() + chunk.get("image_passes").asLong());
      sum.put("bytes_kept", chunk.path("bytes_kept").asLong());
      for (String last : new String[] {"bytes_remembered", "remedy_bytes"}) {
        if (chunk.has(last)) {
          sum.put(last, chunk.get(last).asLong());
        }
      }
    }
    sum.set("chunks", all);
    return sum;
  }

  /** Tells a line the looks of a run, where there are any. */
  static void tellLooks(Path run, ObjectNode line) throws IOException {
    ArrayNode looks = looks(run);
    if (!looks.isEmpty()) {
      line.set("looks", looks);
    }
  }

  /**
   * The looks of {@code --knn-every} in their order, as a ledger's line has them: the accuracy in
   * percent, and what training alone had cost by then. One that was made again after a kill counts
   * once.
   */
  static ArrayNode looks(Path run) throws IOException {
    ArrayNode looks = JSON.createArrayNode();
    Set<String> seen = new HashSet<>();
    long passes = 0;
    double cpu = 0;
    for (JsonNode line : lines(run)) {
      String phase = line.path("phase").asText();
      if (phase.equals(TRAIN)) {
        passes += line.path("image_passes").asLong();
        cpu += line.path("cpu_s").asDouble();
      } else if (phase.equals(LOOK)) {
        ObjectNode look = JSON.createObjectNode();
        for (String name : LOOKED) {
          look.set(name, line.path(name));
        }
        if (seen.add(look.path("chunk") + " " + look.path("epoch") + " " + look.path("data"))) {
          looks.add(look.put("image_passes", passes).put("cpu_s", cpu));
        }
      }
    }
    return looks;
  }

  /** Half lines and characters that a kill left are passed over. */
  private static List<JsonNode> lines(Path run) throws IOException {
    Path file = RunFolder.of(run).costs();
    if (!Files.exists(file)) {
      throw new NoSuchFileException(file.toString()); // not a run that cost nothing
    }
    List<JsonNode> lines = new ArrayList<>();
    for (String text : SealedText.lines(file)) {
      try {
        JsonNode line = JSON.readTree(text);
        if (line.has("phase")) {
          lines.add(line);
        }
      } catch (JsonProcessingException e) {
        continue;
      }
    }
    return lines;
  }

  private static void add(ObjectNode to, String name, double value) {
    to.put(name, to.path(name).asDouble() + value);
  }
}
