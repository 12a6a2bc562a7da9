package dev.millrace.exchange.embed;

import dev.millrace.exchange.Pictures;
import dev.millrace.stream.Image;
import java.io.IOException;
import java.util.Arrays;

/** Vectors of frames with the names of their pictures. */
final class FrameRows implements Rows {
  private final Journal.Frames frames;
  private final Pictures pictures;
  private final int dim;
  private final long count;
  private final Runnable stop;
  private Frame frame;
  private int place;
  private int skipped;

  /**
   * @param count rows that there are
   * @param stop called before every frame; may throw
   */
  FrameRows(Journal.Frames frames, Pictures pictures, int dim, long count, Runnable stop) {
    this.frames = frames;
    this.pictures = pictures;
    this.dim = dim;
    this.count = count;
    this.stop = stop;
  }

  @Override
  public long count() {
    return count;
  }

  @Override
  public int dim() {
    return dim;
  }

  @Override
  public Row next() throws IOException {
    while (true) {
      if (frame == null || place == frame.end()) {
        stop.run();
        frame = frames.next();
        skipped = 0;
        if (frame == null) {
          return null;
        }
        place = frame.from();
      } else if (skipped < frame.bad().size() && frame.bad().get(skipped).place() == place) {
        skipped++;
        place++;
      } else {
        int row = place - frame.from() - skipped;
        Image image = pictures.image(place);
        return new Row(
            place,
            image.id(),
            pictures.part(place++),
            pictures.label(image),
            Arrays.copyOfRange(frame.vectors(), row * dim, (row + 1) * dim));
      }
    }
  }
}
