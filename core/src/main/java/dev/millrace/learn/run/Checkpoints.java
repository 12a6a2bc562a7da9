package dev.millrace.learn.run;

import static dev.millrace.file.Json.JSON;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JacksonException;
import dev.millrace.engine.Device;
import dev.millrace.engine.Safetensors;
import dev.millrace.file.AppendLog;
import dev.millrace.file.AtomicFiles;
import dev.millrace.file.Padded;
import dev.millrace.file.Reason;
import dev.millrace.file.Sha256;
import java.io.CharConversionException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * The last K checkpoints of a run. A checkpoint is one state file and one small record that names
 * its position and checksum; the record is written last, by rename, so a checkpoint is complete or
 * absent. Not thread-safe.
 */
public final class Checkpoints {
  /**
   * A record under its own checksum: a flipped digit of the position would lose or repeat steps.
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  private record Commit(
      Position position,
      String file,
      String sha256,
      String settings,
      Map<String, AppendLog.Mark> logs,
      String seal) {
    Commit sealed() {
      return new Commit(position, file, sha256, settings, logs, sum());
    }

    boolean intact() {
      return position != null && file != null && sum().equals(seal);
    }

    /** Older records know nothing of logs. */
    private String sum() {
      String all = String.join("\n", position.toString(), file, sha256, settings);
      return Sha256.of(logs == null ? all : all + "\n" + new TreeMap<>(logs));
    }
  }

  /** Forces a run's logs to disk and says what is in them, by name. */
  @FunctionalInterface
  public interface Logs {
    /** A mark for each log, taken before the checkpoint that counts on them. */
    Map<String, AppendLog.Mark> mark() throws IOException;
  }

  /** What older versions did not save; it stays as it is when a run begins. */
  private static final Set<String> YOUNGER = Set.of("method.queue.pictures");

  private final Path folder;
  private final int keep;
  private final String settings;
  private final Logs logs;
  private final String onlyMend;
  private Map<String, AppendLog.Mark> marks;

  /**
   * @param folder where they live; made when missing
   * @param keep how many complete ones stay, at least 1
   * @param settings digest of the run's settings; a checkpoint of other settings is refused
   * @param logs the logs whose length each checkpoint records
   */
  public Checkpoints(Path folder, int keep, String settings, Logs logs) {
    this(
        folder,
        keep,
        settings,
        logs,
        "delete it to resume from the end of the last learned chunk, or from the beginning before that");
  }

  private Checkpoints(Path folder, int keep, String settings, Logs logs, String onlyMend) {
    this.folder = folder;
    this.keep = keep;
    this.settings = settings;
    this.logs = logs;
    this.onlyMend = onlyMend;
  }

  /** The full state at the end of one chunk of a run; the run's own checkpoints guard settings. */
  public static Checkpoints ofChunk(Path run, int chunk) {
    return new Checkpoints(
        RunFolder.of(run).chunk(chunk),
        1,
        "chunk",
        () -> null,
        "only `millrace insight` with the parts sharpness and landscape needs it: leave them out of --parts");
  }

  /** The full state that an endless run goes on from after a chunk: {@link Trunk}. */
  public static Checkpoints ofTrunk(Path run, int chunk) {
    return new Checkpoints(
        RunFolder.of(run).trunk(chunk),
        1,
        "trunk",
        () -> null,
        "the last checkpoints hold the same, unless they are of the branch: delete those to make it again");
  }

  /** What the logs held at the checkpoint that was restored; null of one of an older version. */
  public Map<String, AppendLog.Mark> marks() {
    return marks;
  }

  /** Writes a complete checkpoint and drops those older than the last K. */
  public void save(Position position, Map<String, Tensor> state) throws IOException {
    AtomicFiles.folders(folder);
    String name = name(position);
    Path file = folder.resolve(name + ".safetensors");
    try {
      Safetensors.write(file, state, Map.of());
      Commit commit =
          new Commit(
                  position,
                  file.getFileName().toString(),
                  Sha256.of(file),
                  settings,
                  logs.mark(),
                  null)
              .sealed();
      AtomicFiles.write(folder.resolve(name + ".json"), JSON.writeValueAsBytes(commit));
    } catch (IOException e) {
      throw new IOException(
          "cannot write the checkpoint of step "
              + position.total()
              + " to "
              + folder
              + ": "
              + Reason.of(e)
              + "; the checkpoints before it are intact: free some disk space and run `millrace resume`",
          e);
    }
    List<Path> commits = commits();
    for (Path old : commits.subList(0, Math.max(0, commits.size() - keep))) {
      Files.deleteIfExists(old);
      Files.deleteIfExists(state(old));
    }
    sweep();
  }

  /** Drops what a killed process left unfinished: states without a record, half-written files. */
  private void sweep() throws IOException {
    List<Path> known = commits().stream().map(Checkpoints::state).toList();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        if (name.endsWith(".partial")
            || name.endsWith(".safetensors") && name.startsWith("step-") && !known.contains(file)) {
          Files.delete(file);
        }
      }
    }
  }

  private static Path state(Path commit) {
    return commit.resolveSibling(commit.getFileName().toString().replace(".json", ".safetensors"));
  }

  /**
   * Reads the last checkpoint into live tensors.
   *
   * @param state tensors to fill, by name
   * @return its position, or nothing when the run never saved one
   * @throws IOException if it is damaged or belongs to other settings
   */
  public Optional<Position> restore(Map<String, Tensor> state) throws IOException {
    return restore(state, true);
  }

  /**
   * Like {@link #restore}, of a part of what was saved.
   *
   * @param state tensors to fill, by name; the checkpoint may hold more
   */
  public Optional<Position> restorePart(Map<String, Tensor> state) throws IOException {
    return restore(state, false);
  }

  private Optional<Position> restore(Map<String, Tensor> state, boolean all) throws IOException {
    List<Path> commits = commits();
    if (commits.isEmpty()) {
      return Optional.empty();
    }
    Path last = commits.get(commits.size() - 1);
    Commit commit = verified(last, mend(commits.size()));
    Path file = folder.resolve(commit.file());
    if (!commit.settings().equals(settings)) {
      throw new IOException(
          "checkpoint "
              + last
              + " was made with other settings than run.yaml now holds; restore run.yaml, or start a new run");
    }
    try (PointerScope scope = new PointerScope()) {
      Map<String, Tensor> saved = Safetensors.read(file, new Device("cpu")).tensors();
      Set<String> expected = new LinkedHashSet<>(state.keySet());
      expected.removeIf(name -> YOUNGER.contains(name) && !saved.containsKey(name));
      if (all ? !saved.keySet().equals(expected) : !saved.keySet().containsAll(expected)) {
        throw new IOException(
            "checkpoint " + last + " holds " + saved.keySet() + "; expected " + state.keySet());
      }
      expected.forEach(name -> state.get(name).detach().copy_(saved.get(name)));
    }
    marks = commit.logs();
    return Optional.of(commit.position());
  }

  /**
   * Where the last checkpoint stands; its state is not looked at.
   *
   * @return nothing when the run never saved one
   * @throws IOException if the record is damaged
   */
  public Optional<Position> position() throws IOException {
    List<Path> commits = commits();
    return commits.isEmpty()
        ? Optional.empty()
        : Optional.of(record(commits.get(commits.size() - 1), mend(commits.size())).position());
  }

  /**
   * Where all checkpoints that are kept stand, the last one last; states are not looked at.
   *
   * @throws IOException if a record is damaged
   */
  public List<Position> positions() throws IOException {
    List<Path> commits = commits();
    List<Position> positions = new ArrayList<>();
    for (Path commit : commits) {
      positions.add(record(commit, ifDamaged(commit, commits)).position());
    }
    return positions;
  }

  private String ifDamaged(Path commit, List<Path> commits) {
    return commit.equals(commits.get(commits.size() - 1))
        ? mend(commits.size())
        : "; delete it: those after it are used";
  }

  private String mend(int commits) {
    return commits > 1 ? "; delete it to resume from the checkpoint before it" : "; " + onlyMend;
  }

  private static Commit record(Path record, String mend) throws IOException {
    Commit commit;
    try {
      commit = JSON.readValue(record.toFile(), Commit.class);
    } catch (JacksonException | CharConversionException e) {
      throw new IOException(
          "checkpoint " + record + " is damaged: it cannot be read as JSON" + mend, e);
    } catch (IOException e) {
      throw Reason.named(record, e);
    }
    if (commit == null || !commit.intact()) {
      throw new IOException(
          "checkpoint " + record + " is damaged: its record does not fit its own checksum" + mend);
    }
    return commit;
  }

  /** Reads a record and its state's checksum. */
  private Commit verified(Path record, String mend) throws IOException {
    Commit commit = record(record, mend);
    Path file = folder.resolve(commit.file());
    String found = Files.exists(file) ? Sha256.of(file) : "no file " + file.getFileName();
    if (!found.equals(commit.sha256())) {
      throw new IOException(
          "checkpoint "
              + record
              + " is damaged: expected checksum "
              + commit.sha256()
              + " of "
              + file.getFileName()
              + ", found "
              + found
              + mend);
    }
    return commit;
  }

  /** What the logs held at the last checkpoint; null without one, or one of an older version. */
  public Map<String, AppendLog.Mark> lastMarks() throws IOException {
    List<Path> commits = commits();
    return commits.isEmpty() ? null : verified(commits.get(commits.size() - 1), "").logs();
  }

  /**
   * Reads all of it again.
   *
   * @param damaged given a sentence for each checkpoint that is damaged
   * @return how many there are
   */
  public int verify(Consumer<String> damaged) throws IOException {
    List<Path> commits = commits();
    for (Path commit : commits) {
      try {
        verified(commit, ifDamaged(commit, commits));
      } catch (IOException e) {
        damaged.accept(Reason.whole(e));
      }
    }
    return commits.size();
  }

  private List<Path> commits() throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(f -> f.getFileName().toString().endsWith(".json")).sorted().toList();
    }
  }

  private static String name(Position position) {
    // The chunk leads: at a chunk's end two checkpoints share a step count. The rest of a trunk
    // comes after its branch, whose last step has the count that the rest begins with.
    return "step-"
        + Padded.of(position.total(), 10)
        + "-chunk-"
        + Padded.of(position.chunk(), 5)
        + (position.part() == Position.Part.REST ? "_rest" : "");
  }
}
