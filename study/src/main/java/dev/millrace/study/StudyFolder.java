package dev.millrace.study;

import dev.millrace.file.AtomicFiles;
import dev.millrace.file.LockFile;
import dev.millrace.study.record.Ledger;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A study's folder: a copy of its file, the ledger, and {@code runs/}, {@code jobs/}, {@code logs/}
 * of this machine. One process at a time runs a study.
 */
public final class StudyFolder implements AutoCloseable {
  private final Path root;
  private final FileChannel channel;

  private StudyFolder(Path root, FileChannel channel) {
    this.root = root;
    this.channel = channel;
  }

  /**
   * Locks a folder, which is made where it is missing, and keeps the study's file in it.
   *
   * @throws IllegalArgumentException if another process runs a study there
   */
  public static StudyFolder open(Path root, Path study) throws IOException {
    for (String inner : new String[] {"runs", "jobs", "logs"}) {
      Files.createDirectories(root.resolve(inner));
    }
    FileChannel channel = LockFile.take(root.resolve("jobs").resolve("study.lock"));
    if (channel == null) {
      throw new IllegalArgumentException(
          "another process is running the study in "
              + root
              + "; wait for it or stop it, or give another --out");
    }
    Path copy = file(root);
    byte[] text = Files.readAllBytes(study);
    if (!Files.exists(copy) || !java.util.Arrays.equals(text, Files.readAllBytes(copy))) {
      AtomicFiles.write(copy, text);
    }
    StudyNames.current().write(root);
    return new StudyFolder(root, channel);
  }

  /** The copy of the study's file in a folder. */
  public static Path file(Path root) {
    return root.resolve("study.yaml");
  }

  /** The ledger of a folder. */
  public static Path ledger(Path root) {
    return root.resolve(Ledger.NAME);
  }

  /** Where a cluster's short-lived files lie. */
  public static Path scratch(Path root) {
    return root.resolve("jobs").resolve("spark");
  }

  /** The folder. */
  public Path root() {
    return root;
  }

  Path run(PlannedRun run) {
    return run(root, run);
  }

  static Path run(Path root, PlannedRun run) {
    return root.resolve("runs").resolve(run.name());
  }

  Path job(String id) {
    return root.resolve("jobs").resolve(id + ".json");
  }

  Path result(String id) {
    return root.resolve("jobs").resolve(id + ".result.json");
  }

  Path log(String name) {
    return root.resolve("logs").resolve(name + ".log");
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
