package dev.millrace.stream;

/**
 * A chunk as people read of it: counted from 1. Its index, in folder names, flags and JSON, counts
 * from 0.
 */
public final class ChunkWords {
  private ChunkWords() {}

  /** {@code chunk 2}, of the chunk with index 1. */
  public static String of(int index) {
    return "chunk " + (index + 1);
  }

  /** {@code chunk 2 (photos)}, of the chunk with index 1. */
  public static String of(int index, String name) {
    return of(index) + " (" + name + ")";
  }

  /** {@code chunk 2 of 5}, of the chunk with index 1. */
  public static String of(int index, int count) {
    return of(index) + " of " + count;
  }
}
