package dev.millrace.stream;

/**
 * One part of a stream, trained on until it is gone.
 *
 * @param index place in the stream, from 0
 * @param name what a person calls it: {@code classes bird, cat}, {@code domain sketch}, {@code part
 *     2 of 5}
 * @param images the chunk's pictures
 */
public record Chunk(int index, String name, ImageSet images) {
  /** From so many pictures on a chunk is large: nothing is kept of it that has a line a picture. */
  public static final int LARGE = 100_000;

  /** Number of pictures. */
  public int size() {
    return images.size();
  }
}
