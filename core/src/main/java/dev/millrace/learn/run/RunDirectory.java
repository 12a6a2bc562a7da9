package dev.millrace.learn.run;

import dev.millrace.file.AtomicFiles;
import dev.millrace.file.LockFile;
import dev.millrace.file.Reason;
import dev.millrace.file.Seal;
import dev.millrace.file.Sha256;
import dev.millrace.file.ShellWords;
import dev.millrace.file.Trees;
import dev.millrace.refusal.UsageException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A run that is written to, with the lock that keeps a second process out; {@link RunFolder} has
 * the names of its files. Close it to give the lock back. Not thread-safe.
 */
public final class RunDirectory implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RunDirectory.class);

  private final RunFolder folder;
  private final FileChannel channel;
  private Seal seal;

  private RunDirectory(RunFolder folder, FileChannel channel) {
    this.folder = folder;
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
    RunFolder folder = RunFolder.of(root);
    if (Files.exists(root, LinkOption.NOFOLLOW_LINKS) && !folder.isBeginning()) {
      throw new UsageException(
          "--out",
          root,
          folder.isRun() ? "holds a run already" : "exists already",
          folder.isRun()
              ? "continue it with " + ShellWords.resume(root) + ", or choose another --out"
              : "choose a path that does not");
    }
  }

  /** Takes off what lies in a run that has made no step: nothing but its beginning is there. */
  private void clear() throws IOException {
    for (String name : RunFolder.BEGINNING) {
      Path file = root().resolve(name);
      Files.deleteIfExists(file.resolveSibling("." + file.getFileName() + ".partial"));
      if (!file.equals(folder.lock())) {
        Files.deleteIfExists(file);
      }
    }
    Files.deleteIfExists(folder.copies());
  }

  /** Removes a run that has not begun, and gives the lock back. */
  public void discard() throws IOException {
    Files.deleteIfExists(settings());
    for (Path made : List.of(folder.checks(), folder.memory(), folder.checkpoints())) {
      Trees.delete(made);
    }
    clear();
    channel.close();
    Files.deleteIfExists(folder.lock());
    try {
      Files.delete(root());
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
    RunFolder.of(root).require();
    return lock(root);
  }

  /**
   * Like {@link #open}, for those who can wait.
   *
   * @return nothing if another works on it
   */
  public static Optional<RunDirectory> openIfFree(Path root) throws IOException {
    RunFolder folder = RunFolder.of(root).require();
    return Optional.ofNullable(LockFile.take(folder.lock()))
        .map(channel -> new RunDirectory(folder, channel));
  }

  /** For a process that computes with the one that holds the lock, and writes nothing. */
  public static RunDirectory beside(Path root) {
    return new RunDirectory(RunFolder.of(root).require(), null);
  }

  private static RunDirectory lock(Path root) throws IOException {
    RunFolder folder = RunFolder.of(root);
    FileChannel channel = LockFile.take(folder.lock());
    if (channel == null) {
      throw new IOException(
          "another process is working on " + root + "; wait for it or stop it, then try again");
    }
    return new RunDirectory(folder, channel);
  }

  /** The run as it is read. */
  public RunFolder folder() {
    return folder;
  }

  /** The run's folder. */
  public Path root() {
    return folder.root();
  }

  /** Resolved settings, versions, data. */
  public Path settings() {
    return folder.settings();
  }

  /** Chunk → image ids, classes, domain. */
  public Path stream() {
    return folder.stream();
  }

  /** The encoder that the run started from, where it was given one. */
  public Path init() {
    return folder.init();
  }

  /** One line per step. */
  public Path metrics() {
    return folder.metrics();
  }

  /** One line per picture that was left out. */
  public Path quarantine() {
    return folder.quarantine();
  }

  /** One line a look at the features. */
  public Path health() {
    return folder.health();
  }

  /** What replay keeps. */
  public Path memory() {
    return folder.memory();
  }

  /** The last checkpoints. */
  public Path checkpoints() {
    return folder.checkpoints();
  }

  /** Time and speed of the call that finished the run. */
  public Path finish() {
    return folder.finish();
  }

  /** The encoder that others read: of all chunks, or of those before an extension. */
  public Path encoder() {
    return folder.encoder();
  }

  /** The encoder at the end of one chunk. */
  public Path encoder(int chunk) {
    return folder.encoder(chunk);
  }

  /** The checksums of the run's files; read when first asked for. */
  public Seal seal() throws IOException {
    if (seal == null) {
      seal = Seal.of(root());
    }
    return seal;
  }

  /** Notes that a new run has learned nothing to its end yet. */
  public void begin(int chunks) throws IOException {
    RunState.begun(chunks).write(folder.stateFile());
  }

  /**
   * Notes that the encoder that others read is the one it is, and has learned only the first of the
   * run's chunks.
   *
   * @param chunks that the run has or will have
   * @param learned how many of them that encoder has learned, at least 1
   */
  public void published(int chunks, int learned) throws IOException {
    RunState state = new RunState(chunks, learned, Sha256.of(encoder()));
    if (!state.equals(known())) {
      state.write(folder.stateFile());
    }
  }

  /** Whether the encoder that others read is that of before an extension. */
  public boolean isExtended(int chunks) {
    RunState state = known();
    return state != null && state.learned() > 0 && state.learned() < chunks;
  }

  /** The state; null where it is not known. */
  private RunState known() {
    try {
      return folder.state();
    } catch (IOException e) {
      LOG.warn("{}", Reason.whole(e));
      return null;
    }
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
    return folder.copy(file);
  }

  @Override
  public void close() throws IOException {
    if (channel != null) {
      channel.close();
    }
  }
}
