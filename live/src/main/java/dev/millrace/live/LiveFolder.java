package dev.millrace.live;

import dev.millrace.file.Padded;
import dev.millrace.learn.run.RunFolder;
import dev.millrace.refusal.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A live run as a folder that anyone may read, whatever arrives and is learned meanwhile: the names
 * of its files, written down here only. Nothing is read or looked for before it is asked for.
 * Immutable, thread-safe.
 *
 * @param root the folder, which need not be there
 */
public record LiveFolder(Path root) {
  private static final Pattern CHUNK =
      Pattern.compile("(?:.*[/\\\\])?(\\d{6,9})\\.tar", Pattern.DOTALL);

  /** The live run that a folder is. */
  public static LiveFolder of(Path root) {
    return new LiveFolder(root);
  }

  /** Whether it has settings, and with them everything that makes it a live run. */
  public boolean isLive() {
    return Files.isRegularFile(settings());
  }

  /** Whether it is a live run, or at least has the encoders of one. */
  public boolean hasEncoders() {
    return isLive() || Files.isDirectory(encoders());
  }

  /**
   * Refuses a path that is not a live run.
   *
   * @throws IllegalArgumentException with what to do
   */
  public LiveFolder require() {
    if (!isLive()) {
      throw UsageException.ofWord(
          RunFolder.of(root).isRun()
              ? root
                  + " is a run of `millrace pretrain`, not a live one; give a new folder, and the pictures with --source"
              : root
                  + " is not a live run: it has no live.yaml; give the RUN folder of a `millrace live RUN --source …`");
    }
    return this;
  }

  /** What was given at the first start and is kept; renamed into place, so whole or absent. */
  public Path settings() {
    return root.resolve("live.yaml");
  }

  /** Held by the process in which pictures arrive, as long as it runs. */
  public Path lock() {
    return root.resolve("lock");
  }

  /** The catalogue: the state of every picture ever offered; SQLite with a write-ahead log. */
  public Path account() {
    return root.resolve("account.sqlite");
  }

  /** What belongs to no closed chunk yet. */
  public Path spool() {
    return root.resolve("spool");
  }

  /** The open chunk: a tar without its end, to which accepted pictures are appended. */
  public Path open() {
    return spool().resolve("open.tar");
  }

  /** The closed chunks. */
  public Path chunks() {
    return root.resolve("chunks");
  }

  /**
   * A closed chunk: a tar that `pretrain --stream given` reads, with a folder per label where its
   * pictures have labels.
   *
   * @param chunk its number, from 1
   */
  public Path chunk(int chunk) {
    return chunks().resolve(Padded.of(chunk, 6) + ".tar");
  }

  /**
   * Which closed chunk a path or a set's word names.
   *
   * @return its number; 0 for none
   */
  public static int chunkOf(String set) {
    Matcher named = CHUNK.matcher(set);
    return named.matches() ? Integer.parseInt(named.group(1)) : 0;
  }

  /** The closed chunks whose files are there, ascending. */
  public List<Integer> kept() throws IOException {
    if (!Files.isDirectory(chunks())) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(chunks())) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> !name.startsWith("."))
          .map(LiveFolder::chunkOf)
          .filter(chunk -> chunk > 0)
          .sorted()
          .toList();
    }
  }

  /** The run in which closed chunks are learned: an ordinary one, made by the first chunk. */
  public RunFolder run() {
    return RunFolder.of(root.resolve("run"));
  }

  /** What is needed to take back what was learned from a chunk, and which chunks are set aside. */
  public Path aside() {
    return root.resolve("aside");
  }

  /** What the process that learns says. */
  public Path learnerLog() {
    return root.resolve("learner.log");
  }

  /** The published encoders. */
  public Path encoders() {
    return root.resolve("encoders");
  }

  /** What belongs to one published encoder. */
  public Path encoder(String version) {
    return encoders().resolve(version);
  }

  /** Held while an encoder is kept, or another is chosen to be served. */
  public Path encodersLock() {
    return encoders().resolve("lock");
  }

  /** Which encoder is served: a file that holds its version, replaced by renaming. */
  public Path current() {
    return encoders().resolve("current");
  }

  /** One line per window of pictures that was compared with those before it. */
  public Path drift() {
    return root.resolve("drift.jsonl");
  }

  /** One line per finding about vectors that were kept of earlier encoders. */
  public Path vectors() {
    return root.resolve("vectors.jsonl");
  }

  /** One line per judgement of an encoder. */
  public Path decisions() {
    return root.resolve("decisions.jsonl");
  }
}
