package dev.millrace.learn.run;

import dev.millrace.file.AtomicFiles;
import dev.millrace.file.LockFile;
import dev.millrace.file.Seal;
import dev.millrace.file.ShellWords;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A run is its files: this one owns their names and the lock that keeps a second process out. Close
 * it to give the lock back. Not thread-safe.
 */
public final class RunDirectory implements AutoCloseable {
  private static final String LOCK = "lock";
  private static final String COPIES = "copies";

  /** All that a run may have before run.yaml, which is renamed into place last. */
  private static final List<String> BEGINNING =
      List.of(
          LOCK,
          Seal.NAME,
          "init.safetensors",
          "stream.json",
          COPIES + "/stream.json",
          COPIES + "/run.yaml",
          "run.yaml");

  private final Path root;
  private final FileChannel channel;
  private Seal seal;

  private RunDirectory(Path root, FileChannel channel) {
    this.root = root;
    this.channel = channel;
  }

  /**
   * Makes a new run's directory and locks it, or takes over one that was ended before it had
   * settings.
   *
   * @throws IllegalArgumentException if the path exists and is no such beginning
   */
  public static RunDirectory create(Path root) throws IOException {
    requireFree(root);
    AtomicFiles.folders(root);
    RunDirectory directory = lock(root);
    try {
      requireFree(root); // another process may have got here, and be done
      directory.clear();
      return directory;
    } catch (IOException | RuntimeException e) {
      directory.close();
      throw e;
    }
  }

  /**
   * Refuses a path where no run can begin.
   *
   * @throws IllegalArgumentException if it exists and is not the beginning of a run that was ended
   *     before it had settings
   */
  public static void requireFree(Path root) {
    if (Files.exists(root, LinkOption.NOFOLLOW_LINKS) && !isBeginning(root)) {
      throw new IllegalArgumentException(
          Files.exists(root.resolve("run.yaml"))
              ? "--out "
                  + root
                  + " holds a run already; continue it with "
                  + ShellWords.resume(root)
                  + ", or choose another --out"
              : "--out " + root + " exists already; choose a path that does not");
    }
  }

  /** Whether a folder holds a run's lock and nothing but what a run has before its settings. */
  private static boolean isBeginning(Path root) {
    if (!Files.isDirectory(root, LinkOption.NOFOLLOW_LINKS)
        || !Files.exists(root.resolve(LOCK), LinkOption.NOFOLLOW_LINKS)
        || Files.exists(root.resolve("run.yaml"), LinkOption.NOFOLLOW_LINKS)) {
      return false;
    }
    try (Stream<Path> inside = Files.walk(root, 2)) {
      return inside.allMatch(
          file ->
              Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)
                  ? file.equals(root) || file.equals(root.resolve(COPIES))
                  : Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                      && BEGINNING.contains(whole(root.relativize(file))));
    } catch (IOException | UncheckedIOException e) {
      return false; // what cannot be looked into is nobody's beginning
    }
  }

  /** A file's name in the run, also where it is only half written. */
  private static String whole(Path file) {
    String name = file.getFileName().toString().replaceAll("^\\.(.*)\\.partial$", "$1");
    return file.getParent() == null ? name : file.getParent() + "/" + name;
  }

  /** Takes off what lies in a run that has made no step: nothing but its beginning is there. */
  private void clear() throws IOException {
    for (String name : BEGINNING) {
      Path file = root.resolve(name);
      Files.deleteIfExists(file.resolveSibling("." + file.getFileName() + ".partial"));
      if (!name.equals(LOCK)) {
        Files.deleteIfExists(file);
      }
    }
    Files.deleteIfExists(root.resolve(COPIES));
  }

  /** Removes a folder that only a run's own parts write to. */
  private static void remove(Path folder) throws IOException {
    if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      try (Stream<Path> inside = Files.walk(folder)) {
        for (Path file : inside.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  /** Removes a run that has not begun, and gives the lock back. */
  public void discard() throws IOException {
    Files.deleteIfExists(settings());
    for (String made : List.of("checks", "memory", "checkpoints")) {
      remove(root.resolve(made));
    }
    clear();
    channel.close();
    Files.deleteIfExists(root.resolve(LOCK));
    try {
      Files.delete(root);
    } catch (DirectoryNotEmptyException e) {
      // Somebody else put something there, and it stays: another process takes the folder over.
      return;
    }
  }

  /**
   * Opens an existing run and locks it.
   *
   * @throws IllegalArgumentException if there is no run at the path
   * @throws IOException if another process works on it
   */
  public static RunDirectory open(Path root) throws IOException {
    require(root);
    return lock(root);
  }

  /** Refuses a path that is not a run. */
  public static void require(Path root) {
    if (!Files.isRegularFile(root.resolve("run.yaml"))) {
      if (isBeginning(root)) {
        throw new IllegalArgumentException(
            root
                + " was ended before it had settings: nothing is lost; give the `millrace pretrain … "
                + ShellWords.of("--out", root)
                + "` that began it once more");
      }
      Path copy = root.resolve(COPIES).resolve("run.yaml");
      if (Files.isRegularFile(copy)) {
        throw new IllegalArgumentException(
            "%s is a run without its run.yaml, which is missing; copy %s over it"
                .formatted(root, copy));
      }
      throw new IllegalArgumentException(
          root
              + " is not a run: it has no run.yaml; give the --out folder of a `millrace pretrain`");
    }
  }

  private static RunDirectory lock(Path root) throws IOException {
    FileChannel channel = LockFile.take(root.resolve(LOCK));
    if (channel == null) {
      throw new IOException(
          "another process is working on " + root + "; wait for it or stop it, then try again");
    }
    return new RunDirectory(root, channel);
  }

  /** The run's folder. */
  public Path root() {
    return root;
  }

  /** Resolved settings, versions, data. */
  public Path settings() {
    return root.resolve("run.yaml");
  }

  /** Chunk → image ids, classes, domain. */
  public Path stream() {
    return root.resolve("stream.json");
  }

  /** The encoder that the run started from, where it was given one. */
  public Path init() {
    return init(root);
  }

  /** The encoder that a run started from, of a run that need not be locked to be read. */
  public static Path init(Path run) {
    return run.resolve("init.safetensors");
  }

  /** One line a step. */
  public Path metrics() {
    return root.resolve("metrics.jsonl");
  }

  /** One line a picture that was left out. */
  public Path quarantine() {
    return root.resolve("quarantine.jsonl");
  }

  /** One line a look at the features. */
  public Path health() {
    return root.resolve("health.jsonl");
  }

  /** What replay keeps. */
  public Path memory() {
    return root.resolve("memory");
  }

  /** The last checkpoints. */
  public Path checkpoints() {
    return root.resolve("checkpoints");
  }

  /** Time and speed of the call that finished the run. */
  public Path finish() {
    return root.resolve("finish.json");
  }

  /** The encoder at the end of the stream. */
  public Path encoder() {
    return root.resolve("encoder.safetensors");
  }

  /** The encoder at the end of one chunk. */
  public Path encoder(int chunk) {
    return encoder(root, chunk);
  }

  /** The encoder at the end of one chunk of a run that need not be locked to be read. */
  public static Path encoder(Path run, int chunk) {
    return run.resolve("chunks").resolve(Integer.toString(chunk)).resolve("encoder.safetensors");
  }

  /** The checksums of the run's files; read when first asked for. */
  public Seal seal() throws IOException {
    if (seal == null) {
      seal = Seal.of(root);
    }
    return seal;
  }

  /** Seals the files that a result depends on and that are not sealed yet, as they are now. */
  public void settle(int chunks) throws IOException {
    List<Path> files = new ArrayList<>(List.of(settings(), stream(), init(), finish(), encoder()));
    files.add(copy(settings()));
    files.add(copy(stream()));
    for (int i = 0; i < chunks; i++) {
      files.add(encoder(i));
    }
    Seal known = seal();
    seal.add(
        files.stream()
            .filter(file -> Files.exists(file) && !known.holds(file))
            .toArray(Path[]::new));
  }

  /** A second copy of one of the run's small files, to mend it from. */
  public Path copy(Path file) {
    return root.resolve(COPIES).resolve(file.getFileName());
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
