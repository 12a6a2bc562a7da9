package dev.millrace.vision.view;

import dev.millrace.draw.Draw;

/**
 * Where in a run a view is made. The same place gives the same view, on whatever thread and after
 * whatever restart.
 *
 * @param seed the run's seed
 * @param chunk index of the chunk in the stream
 * @param epoch pass over the chunk
 * @param position place of the picture in the epoch's order
 * @param view which view of the picture, 0 or 1 for a pair
 */
public record Place(long seed, int chunk, int epoch, int position, int view) {
  /** The draw for one purpose at this place, such as {@code "crop"}. */
  public Draw draw(String purpose) {
    return Draw.of(seed, purpose, chunk, epoch, position, view);
  }
}
