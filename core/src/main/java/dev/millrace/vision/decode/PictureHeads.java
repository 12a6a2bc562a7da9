package dev.millrace.vision.decode;

import dev.millrace.file.Reason;
import dev.millrace.stream.Image;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.KnownHead;
import dev.millrace.stream.SourceException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/**
 * Looks at the first bytes of every picture of a set, without decoding: finds what is empty, cannot
 * be opened, is no picture, and of small files what is cut off or broken in its structure. A
 * picture that passes may still be bad; {@link PictureCheck} finds that out.
 */
public final class PictureHeads {
  /** What a disk reads at once anyway; a file up to this size is seen whole. */
  static final int HEAD = 16 << 10;

  private PictureHeads() {}

  /**
   * What was seen.
   *
   * @param bad the pictures that are bad for certain, in the set's order
   * @param shortSides by place in the set, the shorter side in pixels; 0 where the first bytes do
   *     not tell, and of a source without files, whose first bytes are no cheaper than all
   */
  public record Seen(List<PictureCheck.Bad> bad, int[] shortSides) {
    /**
     * The shorter sides of some pictures, evenly chosen; those that do not tell are not among them.
     *
     * @param some how many to choose, at least 1
     */
    public int[] shortSides(int some) {
      int chosen = Math.min(some, shortSides.length);
      return IntStream.range(0, chosen)
          .map(i -> shortSides[(int) ((long) i * shortSides.length / chosen)])
          .filter(side -> side > 0)
          .toArray();
    }
  }

  /**
   * Looks at every picture of a set.
   *
   * @param threads how many pictures at a time, at least 1
   * @param stop asked before every picture; must be thread-safe
   * @throws CancellationException if a stop was requested
   */
  public static Seen look(ImageSet set, int threads, BooleanSupplier stop) {
    String[] reasons = new String[set.size()];
    int[] sides = new int[set.size()];
    AtomicInteger next = new AtomicInteger();
    Runnable work =
        () -> {
          for (int i = next.getAndIncrement(); i < reasons.length; i = next.getAndIncrement()) {
            if (stop.getAsBoolean()) {
              throw new CancellationException("stopped while pictures were looked at");
            }
            reasons[i] = reason(set.image(i).content(), sides, i);
          }
        };
    PictureCheck.run(work, Math.max(1, Math.min(threads, reasons.length)));
    List<PictureCheck.Bad> bad = new ArrayList<>();
    IntStream.range(0, reasons.length)
        .filter(i -> reasons[i] != null)
        .forEach(i -> bad.add(new PictureCheck.Bad(set.image(i).id(), reasons[i])));
    return new Seen(bad, sides);
  }

  /** Null if nothing speaks against the picture so far; its side is noted where it tells. */
  private static String reason(Image.Content content, int[] sides, int place) {
    KnownHead known = content instanceof KnownHead kept ? kept : null;
    if (known != null && known.shortSide() > 0) {
      sides[place] = known.shortSide();
      return null;
    }
    // Without a known size the source has no file, and one with a version is far away: the first
    // bytes are no cheaper than all.
    if (content.size() == Image.UNKNOWN || content.version() != null) {
      return null;
    }
    try {
      Header header = Header.of(content.head(HEAD));
      sides[place] = (int) Math.min(Integer.MAX_VALUE, Math.min(header.width(), header.height()));
      if (known != null) {
        known.keepShortSide(sides[place]);
      }
      return null;
    } catch (BadPictureException e) {
      boolean whole = content.size() <= HEAD;
      // The end of a large file was not seen, so that only its beginning counts.
      return whole || Foreign.gives(e.reason()) ? e.reason() : null;
    } catch (SourceException e) {
      throw new UncheckedIOException(e);
    } catch (IOException e) {
      return "cannot be read: " + Reason.of(e);
    }
  }
}
