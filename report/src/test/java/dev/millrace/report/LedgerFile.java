package dev.millrace.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.study.record.Names;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A ledger made by hand, line by line. */
public final class LedgerFile {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final List<Map<String, Object>> lines = new ArrayList<>();
  private final List<String> raw = new ArrayList<>();

  /** A run that is done, with the lines' fields at hand. */
  public Run run(String data, String stream, String method, String remedy, long seed) {
    Run run = new Run(lines.size(), data, stream, method, remedy, seed);
    lines.add(run.line);
    return run;
  }

  /** A comparison with the joint run, after one chunk. */
  public Run comparison(
      String data,
      String stream,
      String method,
      String remedy,
      long seed,
      double[][][] chunks,
      String... layers) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("kind", "comparison");
    line.put("id", String.format("c%011x", lines.size()));
    line.put("data", data);
    line.put("stream", stream);
    line.put("method", method);
    line.put("remedy", remedy);
    line.put("seed", seed);
    List<Map<String, Object>> cka = new ArrayList<>();
    for (int i = 0; i < chunks.length; i++) {
      cka.add(map("chunk", i, "layers", layers, "reference_layers", layers, "values", chunks[i]));
    }
    line.put("cka", cka);
    lines.add(line);
    return new Run(line);
  }

  /** A line as it is, after all others. */
  public LedgerFile raw(String line) {
    raw.add(line);
    return this;
  }

  /** What methods and remedies of the tests are called. */
  public static final Names NAMES =
      new Names(
          List.of(
              new Names.Named("moco-v2", "MoCo v2", false),
              new Names.Named("simclr", "SimCLR", false),
              new Names.Named("supervised", "SL", true),
              new Names.Named("supervised-mlp", "SL + MLP", true)),
          List.of(
              new Names.Named("replay", "replay", false),
              new Names.Named("mas", "MAS", false),
              new Names.Named("cassle", "CaSSLe", false)));

  /** Writes it, with its names, into a study's folder. */
  public Path into(Path study) throws IOException {
    StringBuilder text = new StringBuilder();
    for (Map<String, Object> line : lines) {
      text.append(JSON.writeValueAsString(line)).append('\n');
    }
    raw.forEach(line -> text.append(line).append('\n'));
    Files.createDirectories(study);
    Files.writeString(study.resolve("LEDGER.jsonl"), text);
    NAMES.write(study);
    return study;
  }

  /** The same loss in both epochs of each of so many chunks. */
  public static List<Map<String, Object>> losses(int chunks, double loss, double guessing) {
    List<Map<String, Object>> all = new ArrayList<>();
    for (int i = 0; i < chunks; i++) {
      all.add(map("chunk", i, "epochs", List.of(loss, loss), "guessing", guessing));
    }
    return all;
  }

  static Map<String, Object> map(Object... keysAndValues) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      map.put((String) keysAndValues[i], keysAndValues[i + 1]);
    }
    return map;
  }

  /** One line. */
  public static final class Run {
    private final Map<String, Object> line;
    private final List<Object> results = new ArrayList<>();
    private final Map<String, Object> insight = new LinkedHashMap<>();

    Run(Map<String, Object> line) {
      this.line = line;
    }

    Run(int number, String data, String stream, String method, String remedy, long seed) {
      this(new LinkedHashMap<>());
      line.putAll(
          map(
              "kind",
              "run",
              "id",
              String.format("%012x", number),
              "status",
              "done",
              "attempts",
              1,
              "error",
              null,
              "data",
              data,
              "stream",
              stream,
              "chunks",
              stream.equals("joint") ? 1 : 4,
              "method",
              method,
              "remedy",
              remedy,
              "seed",
              seed,
              "settings",
              map("width", 16, "lr", 0.03, "seed", seed, "stream", stream),
              "results",
              results,
              "insight",
              insight,
              "version",
              "0.1.0",
              "machine",
              map("cpu", "Test CPU", "cpus", 2, "threads", 1, "java", "17", "os", "Linux"),
              "finished",
              "2026-11-25T05:00:00Z"));
    }

    /** Its id. */
    String id() {
      return (String) line.get("id");
    }

    /** Any field. */
    public Run with(String field, Object value) {
      line.put(field, value);
      return this;
    }

    /** The run failed. */
    public Run failed(String why) {
      return with("status", "failed").with("error", why).with("attempts", 2);
    }

    /** A downstream answer after the last chunk. */
    public Run result(String task, String data, double value) {
      results.add(
          map(
              "task",
              task,
              "data",
              data,
              "split",
              "test",
              "chunk",
              (int) line.get("chunks") - 1,
              "shots",
              task.equals("few-shot") ? 5 : null,
              "metric",
              "top1",
              "value",
              value,
              "ci95",
              null));
      return this;
    }

    /** Equal chunks of so many pictures, each at such a cost. */
    public Run cost(int images, double cpuSeconds, double bytesSeen, double bytesKept) {
      int n = (int) line.get("chunks");
      List<Object> chunks = new ArrayList<>();
      for (int i = 0; i < n; i++) {
        chunks.add(
            map(
                "images",
                images,
                "image_passes",
                images * 20,
                "cpu_s",
                cpuSeconds,
                "wall_s",
                cpuSeconds / 2,
                "bytes_seen",
                bytesSeen,
                "bytes_kept",
                bytesKept * (i + 1)));
      }
      return with(
          "cost",
          map(
              "cpu_s",
              cpuSeconds * n,
              "wall_s",
              cpuSeconds * n / 2,
              "image_passes",
              images * 20 * n,
              "bytes_kept",
              bytesKept * n,
              "chunks",
              chunks));
    }

    /** A part of the insight. */
    public Run insight(String part, Object value) {
      insight.put(part, value);
      return this;
    }

    /** The forgetting of a task, told by its numbers. */
    public Run forgetting(String task, double averageAccuracy, double forgetting, double[][] a) {
      return forgetting(task, averageAccuracy, forgetting, a, null);
    }

    /** The same, with an untrained encoder's accuracies beside it. */
    public Run forgetting(
        String task, double averageAccuracy, double forgetting, double[][] a, double[] untrained) {
      return insight(
          "forgetting",
          List.of(
              map(
                  "task",
                  task,
                  "parts",
                  List.of("classes of chunk 1", "classes of chunk 2"),
                  "accuracy",
                  a,
                  "untrained",
                  untrained,
                  "average_accuracy",
                  averageAccuracy,
                  "forgetting",
                  forgetting,
                  "backward_transfer",
                  -forgetting,
                  "forward_transfer",
                  null)));
    }

    /** Keskar's sharpness, the same after each of so many chunks. */
    public Run keskar(double keskar) {
      return insight(
          "sharpness",
          List.of(map("chunk", 0, "keskar", keskar), map("chunk", 1, "keskar", keskar)));
    }
  }
}
