package dev.millrace.study.record;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;

/**
 * One run of a study as its ledger tells it. Accuracies are percentages from 0 to 100; chunks count
 * from 0.
 *
 * @param id hash of the settings of training and questions
 * @param status {@code done} or {@code failed}
 * @param error why it failed, else null
 * @param orderSeed seed of the stream's order; null for the seed
 * @param head what a supervised run's classifier spanned, as the data decided it; null of other
 *     runs, and in older ledgers
 * @param losses the loss chunk after chunk; none in older ledgers
 * @param looks at the encoder while it learned, in their order; none where none were asked for
 * @param insight never null; parts that were not asked for are empty
 * @param cost null if it was not measured
 */
public record RunRecord(
    String id,
    String status,
    int attempts,
    String error,
    String data,
    String stream,
    int chunks,
    String method,
    String remedy,
    long seed,
    Long orderSeed,
    Map<String, Object> settings,
    String head,
    List<Result> results,
    List<ChunkLosses> losses,
    List<Look> looks,
    Insight insight,
    Cost cost,
    String version,
    Machine machine,
    String finished) {

  /** Lists, maps and insight that a line lacks are empty. */
  public RunRecord {
    settings = settings == null ? Map.of() : settings;
    results = results == null ? List.of() : List.copyOf(results);
    losses = losses == null ? List.of() : List.copyOf(losses);
    looks = looks == null ? List.of() : List.copyOf(looks);
    insight = insight == null ? Insight.NONE : insight;
  }

  /** The sets that it was trained on, as its settings name them. */
  public List<String> sets() {
    Object data = settings.get("data");
    return data instanceof List<?> several
        ? several.stream().map(String::valueOf).toList()
        : data == null ? List.of() : List.of(String.valueOf(data));
  }

  /** The row of the study that this run is one seed of. */
  public Cell cell() {
    return new Cell(data, stream, row(), remedy);
  }

  /**
   * A head over all classes, where chunks have classes of their own, is a row of its own. Older
   * versions knew no other, and called that the method; and whether sets that are given one after
   * another share classes, the data alone tell.
   */
  private String row() {
    boolean before = Boolean.FALSE.equals(settings.get("new-head"));
    boolean byClass = stream.equals("class") || stream.equals("distant");
    boolean full = before && byClass || "full".equals(head) && stream.equals("given");
    return full && method.matches("supervised|supervised-mlp") ? method + "-full" : method;
  }

  /** Which repetition of its row it is; joint training has no order. */
  public Replicate replicate() {
    return new Replicate(seed, orderSeed == null || cell().joint() ? seed : orderSeed);
  }

  /** How its learning rate went and, where that leaves a choice, what its chunks published. */
  public String schedule() {
    return schedule(settings);
  }

  /** What settings say of it, by their flags' names. */
  public static String schedule(Map<String, Object> settings) {
    String schedule = String.valueOf(settings.getOrDefault("schedule", "restart"));
    return schedule.equals("wsd")
        ? schedule + ", " + settings.getOrDefault("publish", "branch")
        : schedule;
  }

  /** The kind of device that it was made on, {@code cpu} or {@code cuda}. */
  public String device() {
    return machine == null || machine.onCpu() ? "cpu" : machine.device().replaceFirst(":.*", "");
  }

  /** Whether the run finished. */
  public boolean done() {
    return "done".equals(status);
  }

  /**
   * One downstream answer.
   *
   * @param value percentage
   * @param ci95 half of the 95 % interval over the pictures that were judged, or over episodes,
   *     never over seeds; or null
   * @param lambda of a linear probe: the regulariser it chose; null in older ledgers
   */
  public record Result(
      String task,
      String data,
      String split,
      int chunk,
      Integer shots,
      String metric,
      Double value,
      Double ci95,
      Double lambda) {
    /** What was asked, whatever the chunk. */
    public Task question() {
      return new Task(task, data, split, shots, metric);
    }
  }

  /**
   * The loss of one chunk.
   *
   * @param epochs mean of each epoch
   * @param guessing the loss of who guesses, or null
   */
  public record ChunkLosses(int chunk, List<Double> epochs, Double guessing) {
    /** A list that a line lacks is empty. */
    public ChunkLosses {
      epochs = epochs == null ? List.of() : List.copyOf(epochs);
    }
  }

  /**
   * A look of {@code --knn-every}: how well neighbours tell a set's pictures apart while the run
   * learns, judged on a part of them, so no answer to a question.
   *
   * @param chunk counted from 0
   * @param epoch of the chunk, counted from 0
   * @param data the set's own name
   * @param knn percentage
   * @param imagePasses pictures that training had sent through the encoder by then
   * @param cpuSeconds processor time that training had taken by then, looks aside
   */
  public record Look(
      int chunk,
      int epoch,
      String data,
      Double knn,
      Double imagePasses,
      @JsonProperty("cpu_s") Double cpuSeconds) {}

  /**
   * What a run cost. Seconds, image passes, bytes.
   *
   * @param bytesKept of past pictures on disk at its end
   * @param bytesRemembered of those, what could be replayed; null in older ledgers
   * @param remedyBytes of what remedies keep beside pictures; null in older ledgers
   * @param remedyPasses pictures that remedies, and statistics of a published mean, sent through an
   *     encoder beside the method; null for none. In older ledgers those at the ends of chunks are
   *     missing
   * @param remedyBackwards of those, pictures that had a gradient come back; null in older ledgers
   */
  public record Cost(
      @JsonProperty("cpu_s") Double cpuSeconds,
      @JsonProperty("wall_s") Double wallSeconds,
      Double imagePasses,
      Double bytesKept,
      Double bytesRemembered,
      Double remedyBytes,
      Double remedyPasses,
      Double remedyBackwards,
      List<ChunkCost> chunks) {
    /** Chunks that a line lacks are none. */
    public Cost {
      chunks = chunks == null ? List.of() : List.copyOf(chunks);
    }
  }

  /** What one chunk cost; bytes kept are those after it. */
  public record ChunkCost(
      Double images,
      Double imagePasses,
      @JsonProperty("cpu_s") Double cpuSeconds,
      @JsonProperty("wall_s") Double wallSeconds,
      Double bytesSeen,
      Double bytesKept) {}

  /**
   * Where a run ran.
   *
   * @param generation the processor's family, model and stepping; null in older ledgers, and where
   *     the system does not tell
   * @param vector its widest instructions for vectors; null like that
   * @param device what its tensors were on; null in older ledgers: the processor
   * @param libtorch its version; null in older ledgers
   */
  public record Machine(
      String cpu,
      String generation,
      String vector,
      Integer cpus,
      Integer threads,
      String device,
      String java,
      String libtorch,
      String os) {
    /** Of machines of one kind, times can be compared. */
    public String kind() {
      return cpu
          + (generation == null ? "" : " " + generation)
          + (vector == null ? "" : ", " + vector)
          + ", "
          + cpus
          + " processors"
          + (onCpu() ? "" : ", " + device);
    }

    private boolean onCpu() {
      return device == null || device.equals("cpu");
    }
  }
}
