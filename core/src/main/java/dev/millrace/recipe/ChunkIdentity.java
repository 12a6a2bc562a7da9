package dev.millrace.recipe;

import dev.millrace.learn.run.KnownBad;
import dev.millrace.refusal.Some;
import dev.millrace.stream.Chunk;
import dev.millrace.stream.ChunkWords;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.Sizes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Whether a chunk that was opened is the one that a run knows: by the names, sizes and versions of
 * its pictures, their classes and domains. Immutable, and nothing to close.
 */
final class ChunkIdentity {
  /** Of pictures that came or went. */
  private static final int NAMED = 5;

  private final ChunkEntry then;
  private final ChunkEntry now;
  private final Chunk chunk;

  /** The run's folder; null while there is none. */
  private final Path run;

  private final Sources sources;
  private final boolean renamed;
  private final boolean resized;
  private final boolean replaced;

  /**
   * That of a chunk.
   *
   * @param settings the run's, as the chunk was opened by them
   * @param run the run's folder; null while there is none
   * @param then what the run noted of it
   * @param now the same of what was opened
   */
  ChunkIdentity(Settings settings, Path run, ChunkEntry then, ChunkEntry now, Chunk chunk) {
    this.then = then;
    this.now = now;
    this.chunk = chunk;
    this.run = run;
    sources = new Sources(settings, run);
    renamed = !now.fingerprint().equals(then.fingerprint());
    resized =
        then.sizes() != null
            && now.sizes() != null
            && !then.sizes().equals(now.sizes())
            && !knownWithVersions();
    // Versions are words of the place: of the same bytes elsewhere they say nothing.
    replaced =
        then.versions() != null
            && now.versions() != null
            && !then.versions().equals(now.versions())
            && !sources.anyMoved(sets(settings, chunk.index()));
  }

  /** Whether the sizes are those of then as the first runs of remote sets kept them. */
  private boolean knownWithVersions() {
    return then.versions() == null
        && now.versions() != null
        && then.sizes().equals(Sizes.withVersions(List.of(chunk.images())));
  }

  /** The words of the sets that a chunk may have pictures of. */
  private static List<String> sets(Settings settings, int chunk) {
    String set = Orders.setOf(settings, chunk, settings.stream().chunks());
    return set == null ? settings.data().sets() : List.of(set);
  }

  /** Whether its pictures are others than those that the run took. */
  boolean changed() {
    return renamed || resized || replaced;
  }

  /** The chunk as it was, where only bad pictures were mended or removed; null otherwise. */
  Chunk mended() throws IOException {
    KnownBad known = run == null ? null : KnownBad.read(run, chunk.index());
    ImageSet set =
        known == null ? null : ChunkNames.of(run, then, null).restored(known, chunk.images());
    return set == null ? null : new Chunk(chunk.index(), chunk.name(), set);
  }

  /**
   * Refuses a chunk that is another.
   *
   * @param entries what the run noted of all its chunks
   * @param opened the chunks as they are now, null where one is not opened
   * @throws IOException naming what changed and the mend
   */
  void require(List<ChunkEntry> entries, List<Chunk> opened) throws IOException {
    String words = ChunkWords.of(chunk.index(), chunk.name());
    if (renamed) {
      throw new IOException(
          "the data of %s changed since the run began: %d pictures with fingerprint %.12s, expected %d with %.12s%s; bring the old data back, or start a new run and `millrace extend` it%s"
              .formatted(
                  words,
                  chunk.size(),
                  now.fingerprint(),
                  then.images(),
                  then.fingerprint(),
                  changes(entries, opened),
                  sources.movedTo()));
    }
    if (resized) {
      throw new IOException(
          "pictures of %s were changed under their names since the run began: their sizes together have the checksum %.12s, expected %.12s; bring the old pictures back, or start a new run%s"
              .formatted(words, now.sizes(), then.sizes(), sources.movedTo()));
    }
    if (replaced) {
      throw new IOException(
          "files that hold pictures of %s were changed under their names since the run began: their versions together have the checksum %.12s, expected %.12s; bring the old files back, or start a new run"
              .formatted(words, now.versions(), then.versions()));
    }
    if (!then.classes().equals(now.classes()) || !then.domains().equals(now.domains())) {
      throw new IOException(
          "the run's stream.json names other classes or domains of %s than its data has: it is damaged; restore stream.json and run.yaml together from a copy"
              .formatted(words));
    }
  }

  /**
   * Which pictures came and went in the chunks that are open, in words, but for those that may; of
   * large chunks nothing is known, and so nothing of any beside them.
   */
  private String changes(List<ChunkEntry> entries, List<Chunk> opened) throws IOException {
    Set<String> then = new LinkedHashSet<>();
    Set<String> now = new LinkedHashSet<>();
    Set<String> bad = new HashSet<>();
    for (int i = 0; i < entries.size(); i++) {
      List<String> ids = entries.get(i).ids();
      Chunk chunk = opened.get(i);
      if (chunk != null && (ids == null || chunk.size() >= Chunk.LARGE)) {
        return "";
      }
      if (chunk != null) {
        then.addAll(ids);
        IntStream.range(0, chunk.size()).forEach(p -> now.add(chunk.images().image(p).id()));
        KnownBad known = run == null ? null : KnownBad.read(run, i);
        bad.addAll(known == null ? List.of() : known.ids());
      }
    }
    List<String> came = now.stream().filter(id -> !then.contains(id)).toList();
    List<String> gone = then.stream().filter(id -> !now.contains(id) && !bad.contains(id)).toList();
    return (gone.isEmpty() ? "" : "; no longer there: " + Some.of(gone, NAMED))
        + (came.isEmpty() ? "" : "; not there then: " + Some.of(came, NAMED));
  }
}
