package dev.millrace.learn.run;

import dev.millrace.file.LockFile;
import dev.millrace.file.Seal;
import dev.millrace.file.ShellWords;
import dev.millrace.refusal.UsageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A run as a folder that anyone may read, whatever is learned in it meanwhile: the names of its
 * files, and how far it is. {@link RunDirectory} is the same run locked, by whoever writes. Nothing
 * is read or looked for before it is asked for. Immutable, thread-safe.
 *
 * @param root the folder, which need not be there
 */
public record RunFolder(Path root) {
  /** The name of the settings in a run. */
  public static final String SETTINGS = "run.yaml";

  /** The name of an encoder, the finished one and that of a chunk. */
  public static final String ENCODER = "encoder.safetensors";

  private static final String LOCK = LockFile.OF_FOLDER;
  private static final String COPIES = "copies";
  private static final String STREAM = "stream.json";
  static final String LYING = ".lying";
  private static final String STATE = "state.json";
  private static final String NAMES = "names";
  private static final String INIT = "init.safetensors";

  /** All that a run may have before run.yaml, which is renamed into place last. */
  static final List<String> BEGINNING =
      List.of(
          LOCK,
          Seal.NAME,
          INIT,
          STREAM,
          STATE,
          COPIES + "/" + STREAM,
          COPIES + "/" + SETTINGS,
          SETTINGS);

  /** The run that a folder is. */
  public static RunFolder of(Path root) {
    return new RunFolder(root);
  }

  /** Whether it has settings, and with them everything that makes it a run. */
  public boolean isRun() {
    return Files.isRegularFile(settings());
  }

  /**
   * Refuses a path that is not a run.
   *
   * @throws IllegalArgumentException with what there is instead, and what to do
   */
  public RunFolder require() {
    if (isRun()) {
      return this;
    }
    if (isBeginning()) {
      throw UsageException.ofWord(
          root
              + " was ended before it had settings: nothing is lost; give the `millrace pretrain … "
              + ShellWords.of("--out", root)
              + "` that began it once more");
    }
    if (Files.isRegularFile(copy(settings()))) {
      throw new IllegalArgumentException(
          "%s is a run without its run.yaml, which is missing; copy %s over it"
              .formatted(root, copy(settings())));
    }
    throw UsageException.ofWord(
        root + " is not a run: it has no run.yaml; give the --out folder of a `millrace pretrain`");
  }

  /** Whether it holds a run's lock and nothing but what a run has before its settings. */
  boolean isBeginning() {
    if (!Files.isDirectory(root, LinkOption.NOFOLLOW_LINKS)
        || !Files.exists(lock(), LinkOption.NOFOLLOW_LINKS)
        || Files.exists(settings(), LinkOption.NOFOLLOW_LINKS)) {
      return false;
    }
    try (Stream<Path> inside = Files.walk(root, 2)) {
      return inside.allMatch(
          file ->
              Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)
                  ? file.equals(root) || file.equals(copies()) || file.equals(names())
                  : Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                      && (file.startsWith(names())
                          || BEGINNING.contains(whole(root.relativize(file)))));
    } catch (IOException | UncheckedIOException e) {
      return false; // what cannot be looked into is nobody's beginning
    }
  }

  /** A file's name in the run, also where it is only half written. */
  private static String whole(Path file) {
    String name = file.getFileName().toString().replaceAll("^\\.(.*)\\.partial$", "$1");
    return file.getParent() == null ? name : file.getParent() + "/" + name;
  }

  /**
   * How far the encoder is that others read.
   *
   * @return null of a run of a version that wrote no such line
   * @throws IOException if the line is damaged
   */
  public RunState state() throws IOException {
    return RunState.read(stateFile());
  }

  /**
   * Whether the encoder that others read is there and has learned all chunks; the only place that
   * says so. A run of a version that wrote no state is finished if it has such an encoder: those
   * versions took it away before they extended a run.
   *
   * @param chunks of the run, as run.yaml says; it is renamed into place when an extension begins,
   *     so a run is not finished from that moment on
   * @throws IOException if the state is damaged
   */
  public boolean finished(int chunks) throws IOException {
    RunState state = state();
    return Files.exists(encoder()) && (state == null || state.learned() >= chunks);
  }

  /** Resolved settings, versions, data. */
  public Path settings() {
    return root.resolve(SETTINGS);
  }

  /** Chunk → image ids, classes, domain. */
  public Path stream() {
    return root.resolve(STREAM);
  }

  /** How far the encoder is that others read: {@link #state}. */
  public Path stateFile() {
    return root.resolve(STATE);
  }

  /** Names of large chunks' pictures, a file each. */
  public Path names() {
    return root.resolve(NAMES);
  }

  /** The encoder that the run started from, where it was given one. */
  public Path init() {
    return root.resolve(INIT);
  }

  /** One line per step. */
  public Path metrics() {
    return root.resolve("metrics.jsonl");
  }

  /** One line per picture that was left out. */
  public Path quarantine() {
    return root.resolve("quarantine.jsonl");
  }

  /** One line a look at the features. */
  public Path health() {
    return root.resolve("health.jsonl");
  }

  /** One line an answer of a probe. */
  public Path probes() {
    return root.resolve("probes.jsonl");
  }

  /** One line a few seconds of a study's run: what was spent. */
  public Path costs() {
    return root.resolve("cost.jsonl");
  }

  /** All that insight found out. */
  public Path insight() {
    return root.resolve("insight.json");
  }

  /** Where the parts of insight are kept, a file each. */
  public Path insightParts() {
    return root.resolve("insight");
  }

  /** The encoder that the next one is guarded by, and how; there only where a guard was set. */
  public Path guard() {
    return root.resolve("guard");
  }

  /** One line a verdict of a guard. */
  public Path guardLog() {
    return root.resolve("guard.jsonl");
  }

  /** What replay keeps. */
  public Path memory() {
    return root.resolve("memory");
  }

  /** The last checkpoints. */
  public Path checkpoints() {
    return root.resolve("checkpoints");
  }

  /** What checks of chunks found. */
  public Path checks() {
    return root.resolve("checks");
  }

  /** What the check of a chunk found that was made when the chunk was learned. */
  public Path lateCheck(int chunk) {
    return checks().resolve(chunk + ".late.json");
  }

  /** There once a chunk is begun whose pictures are checked while it is learned. */
  public Path begunUnchecked(int chunk) {
    return checks().resolve(chunk + ".late");
  }

  /** What the decode check of a chunk found. */
  public Path check(int chunk) {
    return checks().resolve(chunk + ".json");
  }

  /** Which of a chunk's pictures are bad, and a checksum over all others. */
  public Path bad(int chunk) {
    return checks().resolve(chunk + ".bad.json");
  }

  /** The set that an extension is about to learn, until it begins. */
  public Path extending() {
    return root.resolve("extending");
  }

  /** There once a chunk was refused for too many bad pictures, until the next call looks again. */
  public Path refused(int chunk) {
    return checks().resolve(chunk + ".refused");
  }

  /** Which of a chunk's bad pictures were mended after a refusal. */
  public Path mended(int chunk) {
    return checks().resolve(chunk + ".mended.json");
  }

  /** How the pictures of a chunk lay when it began; where it is read along. */
  public Path lying(int chunk) {
    return checks().resolve(chunk + LYING);
  }

  /** A folder for each chunk. */
  public Path chunks() {
    return root.resolve("chunks");
  }

  /** The encoder at a chunk's end, the full state beside it, and what was exported of it. */
  public Path chunk(int chunk) {
    return chunks().resolve(Integer.toString(chunk));
  }

  /** The state that an endless run goes on from after a chunk: {@link Trunk}. */
  public Path trunk(int chunk) {
    return chunk(chunk).resolve("trunk");
  }

  /** The encoder that others read: of all chunks, or of those before an extension. */
  public Path encoder() {
    return root.resolve(ENCODER);
  }

  /** The encoder at the end of one chunk. */
  public Path encoder(int chunk) {
    return chunk(chunk).resolve(ENCODER);
  }

  /** Time and speed of the call that finished the run. */
  public Path finish() {
    return root.resolve("finish.json");
  }

  /** Pictures that a probe drew boxes into. */
  public Path detections() {
    return root.resolve("detections");
  }

  /** An index for each set that was searched. */
  public Path search() {
    return root.resolve("search");
  }

  /** A copy of the measures as TensorBoard reads them. */
  public Path tensorboard() {
    return root.resolve("tensorboard");
  }

  /** A copy of the measures as a table. */
  public Path table() {
    return root.resolve("metrics.csv");
  }

  /** Second copies of small files, to mend them from. */
  public Path copies() {
    return root.resolve(COPIES);
  }

  /** The second copy of one of the run's small files. */
  public Path copy(Path file) {
    return copies().resolve(file.getFileName());
  }

  /** Held while a call writes. */
  Path lock() {
    return root.resolve(LOCK);
  }

  /** A file's name within the run, with {@code /} between. */
  public String name(Path file) {
    return root.relativize(file).toString().replace('\\', '/');
  }
}
