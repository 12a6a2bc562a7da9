package dev.millrace.live.learn;

import dev.millrace.file.AtomicFiles;
import dev.millrace.file.Padded;
import dev.millrace.file.Trees;
import dev.millrace.learn.run.RunDirectory;
import dev.millrace.learn.run.RunFolder;
import dev.millrace.live.LiveFolder;
import dev.millrace.recipe.ForgottenPictures;
import dev.millrace.recipe.Settings;
import dev.millrace.refusal.UsageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The run of a live run as it was before a chunk: what is learned from that chunk can be taken
 * back. Files that are only ever replaced are linked, so it costs little more than the logs; it is
 * whole or not there. That the run is to go back is a file of its own, written first, so that after
 * a kill at any moment {@link #restore} does the rest. Used by one thread at a time.
 *
 * @param live the live run
 * @param chunk from 2: the chunk before which the run was like this
 */
public record RunSnapshot(LiveFolder live, int chunk) {
  /** Folders of files that are renamed into place and never written to. */
  private static final Set<String> REPLACED = Set.of("memory", "checkpoints", "chunks");

  private static final String LOCK = "lock";
  private static final String ASKED = ".asked";
  private static final String DONE = ".done";
  private static final String GONE = ".gone";

  /**
   * Refuses a run that cannot go back by renaming its folder.
   *
   * @throws IllegalArgumentException if it is a link, has one, or lies on another disk
   */
  public static void require(LiveFolder live) throws IOException {
    Path run = live.run().root();
    if (Files.isSymbolicLink(run)) {
      throw UsageException.of(
          "--on-fail",
          "revert cannot be: %s is a link, and a run goes back by renaming its folder; put the folder itself in its place, or give --on-fail hold"
              .formatted(run));
    }
    if (!Files.exists(run)) {
      return;
    }
    Path beside = Files.exists(live.aside()) ? live.aside() : live.root();
    if (!Files.getFileStore(run).equals(Files.getFileStore(beside))) {
      throw UsageException.of(
          "--on-fail",
          "revert cannot be: %s and %s are on two disks, and a run goes back by renaming its folder; put both on one, or give --on-fail hold"
              .formatted(run, beside));
    }
    try (Stream<Path> files = Files.walk(run)) {
      Path link =
          files
              .filter(one -> isKept(live.run(), one) && Files.isSymbolicLink(one))
              .findFirst()
              .orElse(null);
      if (link != null) {
        throw UsageException.of(
            "--on-fail",
            "revert cannot be: %s is a link, and would not go back with the run; put what it names in its place, or give --on-fail hold"
                .formatted(link));
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /**
   * Keeps the run as it is now, for as long as the chunk is learned and judged; others go.
   *
   * @throws IOException if it cannot now, as while somebody works in the run
   */
  void take() throws IOException {
    require(live);
    try (RunDirectory held = RunDirectory.open(live.run().root())) { // nobody forgets meanwhile
      sweep(live);
      for (RunSnapshot other : all(live)) {
        if (!other.isAsked()) {
          other.discard();
        }
      }
      Path half = half();
      AtomicFiles.folders(half);
      RunFolder run = held.folder();
      try (Stream<Path> files = Files.walk(run.root())) {
        for (Path file : files.filter(one -> isKept(run, one)).toList()) {
          Path to = half.resolve(run.root().relativize(file).toString());
          if (Files.isDirectory(file)) {
            AtomicFiles.folders(to);
          } else {
            keep(run, file, to);
          }
        }
      } catch (UncheckedIOException e) {
        throw e.getCause();
      }
      RunFolder.of(half).require();
      AtomicFiles.move(half, folder());
    }
  }

  /** Vectors and drawings are no part of learning, and the lock is of whoever holds it. */
  private static boolean isKept(RunFolder run, Path file) {
    return !file.equals(run.root())
        && !file.equals(run.root().resolve(LOCK))
        && !file.startsWith(run.search())
        && !file.startsWith(run.detections())
        && !file.getFileName().toString().endsWith(".partial");
  }

  private static void keep(RunFolder run, Path file, Path to) throws IOException {
    String first = run.root().relativize(file).getName(0).toString();
    if (REPLACED.contains(first) && !isLog(file)) {
      try {
        Files.createLink(to, file);
        return;
      } catch (UnsupportedOperationException | FileSystemException e) {
        Files.deleteIfExists(to); // a file system without links
      }
    }
    Files.copy(file, to);
    try (FileChannel channel = FileChannel.open(to, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
  }

  private static boolean isLog(Path file) {
    return file.toString().endsWith(".jsonl");
  }

  /** Whether it is there. */
  public boolean exists() {
    return Files.isDirectory(folder());
  }

  /** Notes that the run goes back to this, whatever ends which process when. */
  public void ask() throws IOException {
    AtomicFiles.write(asked(), new byte[0]);
  }

  /** Whether the run goes back, or has gone back and the account does not know it yet. */
  public boolean isAsked() {
    return Files.exists(asked());
  }

  /** Whether the run is to go back to this and has not yet. */
  public boolean waits() {
    return isAsked() && exists();
  }

  /**
   * Puts the run back, if that was asked for and is not done; does no harm when done twice. Answers
   * of probes that came meanwhile stay with it, as do vectors.
   *
   * @throws IOException if it cannot now, as while somebody works in the run
   */
  public void restore() throws IOException {
    Path gone = live.aside().resolve(name() + GONE);
    if (waits()) {
      RunFolder kept = RunFolder.of(folder());
      if (!kept.isRun()) {
        throw new IOException(
            "%s has no run.yaml, so the run cannot go back to it; delete it and %s, and learning goes on from what is learned"
                .formatted(kept.root(), asked()));
      }
      if (Files.exists(live.run().root())) {
        try (RunDirectory held = RunDirectory.open(live.run().root())) {
          for (Path beside : List.of(held.folder().search(), held.folder().detections())) {
            Path to = kept.root().resolve(beside.getFileName());
            if (Files.exists(beside) && !Files.exists(to)) {
              Files.move(beside, to);
            }
          }
          addAnswers(held.folder().probes(), kept.probes());
          Trees.delete(gone);
          AtomicFiles.move(live.run().root(), gone);
        }
      }
      AtomicFiles.move(folder(), live.run().root());
    }
    Trees.delete(gone);
  }

  /** What people asked the run meanwhile, which has nothing to do with learning. */
  private static void addAnswers(Path from, Path to) throws IOException {
    String before = Files.exists(to) ? text(to) : "";
    Set<String> known = new HashSet<>(lines(before));
    List<String> more =
        (Files.exists(from) ? lines(text(from)) : List.<String>of())
            .stream().filter(known::add).toList();
    if (!more.isEmpty()) {
      AtomicFiles.write(to, (before + String.join("", more)).getBytes(StandardCharsets.UTF_8));
    }
  }

  /** Whole ones, with their ends: a kill may have come within the last. */
  private static List<String> lines(String text) {
    return text.lines()
        .map(line -> line + "\n")
        .limit(text.chars().filter(one -> one == '\n').count())
        .toList();
  }

  /** Also where its last line ends within a character. */
  private static String text(Path file) throws IOException {
    return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
  }

  /** The account knows that the chunk is set aside. */
  public void noted() throws IOException {
    if (isAsked()) {
      AtomicFiles.move(asked(), live.aside().resolve(name() + DONE));
    }
  }

  /** The chunks that were taken back, also where the account does not know it yet. */
  public static Set<Integer> setAside(LiveFolder live) throws IOException {
    Set<Integer> chunks = new TreeSet<>();
    for (String name : names(live)) {
      if (name.endsWith(ASKED) || name.endsWith(DONE)) {
        chunks.add(Integer.parseInt(name.substring(0, name.indexOf('.'))));
      }
    }
    return chunks;
  }

  private static List<String> names(LiveFolder live) throws IOException {
    return inside(live).stream()
        .map(one -> one.getFileName().toString())
        .filter(one -> one.matches("\\d{6,9}(\\.[a-z]+)?"))
        .toList();
  }

  private static List<Path> inside(LiveFolder live) throws IOException {
    if (!Files.isDirectory(live.aside())) {
      return List.of();
    }
    try (Stream<Path> inside = Files.list(live.aside())) {
      return inside.toList();
    }
  }

  /**
   * Deletes what kills have left half written or half deleted, which may have pictures that were
   * forgotten since. Called by who holds the run.
   */
  public static void sweep(LiveFolder live) throws IOException {
    if (!live.run().isRun()) {
      return; // the way back may not be ended
    }
    for (Path one : inside(live)) {
      String name = one.getFileName().toString();
      if (name.startsWith(".") || name.endsWith(GONE)) {
        Trees.delete(one);
      }
    }
  }

  /** The same for who does not hold the run, unless another does. */
  public static void sweepIfFree(LiveFolder live) throws IOException {
    if (live.run().isRun()) {
      try (RunDirectory held = RunDirectory.openIfFree(live.run().root()).orElse(null)) {
        if (held != null) {
          sweep(live);
        }
      }
    }
  }

  /** The run goes on: nothing is taken back. */
  public void discard() throws IOException {
    Path half = half();
    Trees.delete(half);
    if (exists()) {
      AtomicFiles.move(folder(), half); // a kill in between leaves nothing that looks whole
      Trees.delete(half);
    }
  }

  /** Removes pictures from what the run replays, here too. */
  public void forget(Predicate<String> names) throws IOException {
    if (exists()) {
      try (RunDirectory directory = RunDirectory.open(folder())) {
        ForgottenPictures.drop(directory, names);
      }
      Files.deleteIfExists(folder().resolve(LOCK));
    }
  }

  /**
   * The chunk that the run, gone back to this, would read once more: a trunk whose chunks publish
   * branches makes the last steps of its last chunk when the next one comes.
   */
  public OptionalInt needed() throws IOException {
    RunFolder kept = RunFolder.of(folder());
    if (!kept.isRun()) {
      return OptionalInt.empty();
    }
    Settings settings = Settings.ofRun(kept.root());
    List<String> sets = settings.data().sets();
    int last = sets.size() - 1;
    return settings.schedule().goesBack() && Files.exists(kept.trunk(last))
        ? OptionalInt.of(LiveFolder.chunkOf(sets.get(last)))
        : OptionalInt.empty();
  }

  /** Those that are there or were asked for, ascending. */
  public static List<RunSnapshot> all(LiveFolder live) throws IOException {
    return names(live).stream()
        .filter(one -> one.endsWith(ASKED) || !one.contains("."))
        .map(one -> Integer.parseInt(one.replace(ASKED, "")))
        .distinct()
        .sorted()
        .map(chunk -> new RunSnapshot(live, chunk))
        .toList();
  }

  private String name() {
    return Padded.of(chunk, 6);
  }

  private Path folder() {
    return live.aside().resolve(name());
  }

  private Path half() {
    return live.aside().resolve("." + name());
  }

  private Path asked() {
    return live.aside().resolve(name() + ASKED);
  }
}
