package dev.millrace.recipe;

import dev.millrace.learn.run.KnownBad;
import dev.millrace.learn.run.Plan;
import dev.millrace.stream.Chunk;
import dev.millrace.vision.decode.PictureCheck;
import dev.millrace.vision.decode.PictureHeads;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/**
 * What the first bytes say of all chunks' pictures, before the run has a folder: what is bad in the
 * last chunk need not end the run after hours.
 */
final class ChunkHeads {
  /** Pictures of which the size is kept. */
  private static final int MEASURED = 200;

  private final RunChunks chunks;
  private final Map<Integer, List<PictureCheck.Bad>> bad = new TreeMap<>();
  private final List<int[]> shortSides = new ArrayList<>();

  private ChunkHeads(RunChunks chunks) {
    this.chunks = chunks;
  }

  /**
   * Looks at every picture.
   *
   * @param stop asked before every picture, by several threads
   * @throws CancellationException if a stop was requested
   * @throws IllegalArgumentException if more pictures of a chunk are bad than {@code --max-bad}
   *     allows, or no chunk has enough good ones for a step
   */
  static ChunkHeads look(Settings settings, RunChunks chunks, BooleanSupplier stop)
      throws IOException {
    ChunkHeads heads = new ChunkHeads(chunks);
    boolean learns = false;
    for (int c = 0; c < chunks.count(); c++) {
      Plan plan = PartSettings.plan(settings.ofChunk(c), c);
      Chunk chunk = chunks.open(c);
      PictureHeads.Seen seen = PictureHeads.look(chunk.images(), plan.checkers(), stop);
      heads.shortSides.add(seen.shortSides(Math.max(1, MEASURED / chunks.count())));
      List<PictureCheck.Bad> found = seen.bad();
      plan.requireGood(
          c,
          chunk.name(),
          chunk.size(),
          found,
          "`millrace data info` names those of a set",
          "the same command");
      if (!found.isEmpty()) {
        heads.bad.put(c, found);
      }
      learns |= plan.batchOf(chunk.size() - found.size()) >= Plan.LEAST;
    }
    if (!learns) {
      throw new IllegalArgumentException(
          "no chunk has the 2 good pictures that a step needs; give more pictures, or fewer --chunks");
    }
    return heads;
  }

  /** The shorter sides of some pictures of all chunks, pixels, as far as their heads tell. */
  int[] shortSides() {
    return shortSides.stream().flatMapToInt(Arrays::stream).limit(MEASURED).toArray();
  }

  /** Keeps in the run which are bad, so that they may be mended or removed until their turn. */
  void keep(Path run) throws IOException {
    for (Map.Entry<Integer, List<PictureCheck.Bad>> found : bad.entrySet()) {
      List<String> ids = found.getValue().stream().map(PictureCheck.Bad::id).toList();
      int chunk = found.getKey();
      KnownBad.of(chunks.open(chunk).images(), ids).write(run, chunk);
    }
  }
}
