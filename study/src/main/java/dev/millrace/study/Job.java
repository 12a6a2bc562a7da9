package dev.millrace.study;

import static dev.millrace.file.Json.JSON;

import dev.millrace.file.AtomicFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What a study tells the process of one run.
 *
 * @param kind {@link #RUN}, {@link #COMPARE} or {@link #TIME}
 * @param id in the ledger
 * @param run the run's directory
 * @param reference directory of the joint run to compare with; null but for {@link #COMPARE}
 * @param data what the study calls the set
 * @param settings of the run, by flag name, threads and device among them
 * @param questions asked of the final encoder
 * @param insight what is looked at
 * @param result file that the answer goes to
 */
public record Job(
    String kind,
    String id,
    String run,
    String reference,
    String data,
    Map<String, Object> settings,
    List<Question> questions,
    InsightParts insight,
    String result) {
  static final String RUN = "run";
  static final String COMPARE = "compare";
  static final String TIME = "time";

  /** Reads what {@link #write} wrote. */
  public static Job read(Path file) throws IOException {
    return JSON.readValue(file.toFile(), Job.class);
  }

  void write(Path file) throws IOException {
    AtomicFiles.write(file, JSON.writeValueAsBytes(this));
  }

  int threads() {
    return ((Number) settings.get("threads")).intValue();
  }

  String device() {
    return (String) settings.get("device");
  }

  /** What untrained nets and raw pixels answered, which all runs of a study share. */
  Path answers() {
    return Path.of(result).resolveSibling("answers.jsonl");
  }

  /** What keeps two processes from one run; beside the job's file. */
  Path lock() {
    Path folder = Path.of(result).getParent();
    return folder.resolve(Path.of(run).getFileName() + ".lock");
  }
}
