package dev.millrace.recipe;

import dev.millrace.file.AtomicFiles;
import dev.millrace.file.Seal;
import dev.millrace.learn.run.Position;
import dev.millrace.learn.run.RunDirectory;
import dev.millrace.learn.run.RunFolder;
import dev.millrace.refusal.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Which chunks' encoders a run still has. A chunk that is let go loses its encoder and the state
 * beside it, and nothing else: what was exported there stays. The last learned chunk is never let
 * go, since the run is published, resumed and extended from it, nor is one that a kept checkpoint
 * goes on from.
 *
 * <p>A chunk without encoder, state and checksum was let go; one that is only missing still has its
 * checksum. So the checksum goes first and the encoder last, and a kill leaves a chunk that is let
 * go by the next call.
 */
public final class KeptChunks {
  /** For {@code --keep-chunks}: every one. */
  static final String ALL = "all";

  /** For {@code --keep-chunks}: the last learned one. */
  static final String LAST = "last";

  private KeptChunks() {}

  /**
   * How many of the last learned chunks a word keeps; {@link Integer#MAX_VALUE} for all.
   *
   * @throws IllegalArgumentException if it is none of a number from 1, all and last
   */
  public static int count(String word) {
    if (word.equals(ALL)) {
      return Integer.MAX_VALUE;
    }
    if (word.equals(LAST)) {
      return 1;
    }
    if (!word.matches("[1-9][0-9]{0,8}")) {
      throw UsageException.of(
          "--keep-chunks",
          "%s is none of a number from 1, all and last: the last learned chunk is always kept"
              .formatted(word));
    }
    return Integer.parseInt(word);
  }

  /** Whether a learned chunk was let go, of a run that need not be locked to be read. */
  static boolean letGo(Path run, int chunk) throws IOException {
    return letGo(run, Seal.of(run), chunk);
  }

  /** Like {@link #letGo(Path, int)}, by the run's seal. */
  static boolean letGo(Path run, Seal seal, int chunk) throws IOException {
    Path encoder = RunFolder.of(run).encoder(chunk);
    return !Files.exists(encoder) && !seal.holds(encoder) && states(encoder.getParent()).isEmpty();
  }

  /** How many chunks there are up to the last one with an encoder. */
  static int learned(Path run, Settings settings) {
    return IntStream.iterate(settings.stream().chunks() - 1, i -> i >= 0, i -> i - 1)
            .filter(i -> Files.exists(RunFolder.of(run).encoder(i)))
            .findFirst()
            .orElse(-1)
        + 1;
  }

  /**
   * Refuses a chunk whose encoder was let go.
   *
   * @param chunk counted from 0
   * @param use what needs it, as the beginning of a sentence
   * @throws IllegalArgumentException if it was let go, naming those that are kept
   * @throws IOException if the run's checksums cannot be read
   */
  public static void require(Path run, Settings settings, int chunk, String use)
      throws IOException {
    if (chunk >= learned(run, settings) || !letGo(run, chunk)) {
      return;
    }
    List<Integer> kept = new ArrayList<>();
    for (int i = 0; i < settings.stream().chunks(); i++) {
      if (Files.exists(RunFolder.of(run).encoder(i))) {
        kept.add(i);
      }
    }
    throw UsageException.ofWord(
        "%s the encoder after chunk %d of %d, which %s no longer has: it was removed by --keep-chunks or `millrace prune`; those of --chunk %s are kept (counted from 0)"
            .formatted(
                use,
                chunk + 1,
                settings.stream().chunks(),
                run,
                String.join(", ", kept.stream().map(String::valueOf).toList())));
  }

  /**
   * Lets go all learned chunks but the last of them, and those that a checkpoint goes on from.
   *
   * @param learned chunks that are learned
   * @param keep how many of them stay, at least 1
   * @param checkpoints where those of the run stand, to each of which it can go back afterwards
   * @return what was let go
   * @throws IOException if a file cannot be removed
   */
  static Pruned letGo(
      RunDirectory directory, Settings settings, int learned, int keep, List<Position> checkpoints)
      throws IOException {
    List<Integer> gone = new ArrayList<>();
    long bytes = 0;
    Set<Integer> needed = needed(settings, checkpoints);
    for (int i = 0; i < learned - Math.max(1, keep); i++) {
      if (needed.contains(i)) {
        continue;
      }
      Path encoder = directory.encoder(i);
      List<Path> files = new ArrayList<>(states(encoder.getParent()));
      if (Files.exists(encoder)) {
        files.add(encoder);
      }
      if (files.isEmpty()) {
        continue;
      }
      directory.seal().drop(encoder);
      for (Path file : files) {
        bytes += Files.size(file);
        Files.delete(file);
      }
      AtomicFiles.sync(encoder.toAbsolutePath().getParent());
      gone.add(i);
    }
    return new Pruned(gone, bytes);
  }

  /**
   * Where a trunk goes on from a chunk's end it looks back at what that chunk published; from
   * within a chunk, or without a trunk, all that is needed is in the checkpoint.
   */
  private static Set<Integer> needed(Settings settings, List<Position> positions) {
    return settings.schedule().endless()
        ? positions.stream()
            .filter(Position::isBetweenChunks)
            .map(position -> position.learned() - 1)
            .collect(Collectors.toSet())
        : Set.of();
  }

  /** A chunk's full state: the records first, so that no record is without its state. */
  private static List<Path> states(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.getFileName().toString().matches("step-.*\\.(json|safetensors)"))
          .sorted()
          .toList();
    }
  }
}
