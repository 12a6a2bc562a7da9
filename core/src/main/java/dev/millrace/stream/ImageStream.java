package dev.millrace.stream;

import java.util.List;

/**
 * A stream of chunks in the order they arrive.
 *
 * @param order how the chunks were made: {@code instance}, {@code class}, {@code distant}, {@code
 *     domain}, {@code joint} or {@code given}
 * @param chunks the chunks, indexed from 0 without a gap
 */
public record ImageStream(String order, List<Chunk> chunks) {
  /** Checks that chunk i stands at place i and that none is empty. */
  public ImageStream {
    chunks = List.copyOf(chunks);
    if (chunks.isEmpty()) {
      throw new IllegalArgumentException(
          "a stream needs at least one chunk; this " + order + " stream has none");
    }
    for (int i = 0; i < chunks.size(); i++) {
      if (chunks.get(i).index() != i) {
        throw new IllegalArgumentException(
            ChunkWords.of(chunks.get(i).index()) + " stands at place " + (i + 1));
      }
      if (chunks.get(i).size() == 0) {
        throw new IllegalArgumentException(
            ChunkWords.of(i, chunks.get(i).name()) + " has no pictures");
      }
    }
  }

  /** Number of pictures over all chunks. */
  public int size() {
    return chunks.stream().mapToInt(Chunk::size).sum();
  }
}
