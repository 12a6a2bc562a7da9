package dev.millrace.vision.decode;

import dev.millrace.file.Reason;
import dev.millrace.stream.Image;
import dev.millrace.stream.ImageSet;
import java.io.IOException;
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
   * The pictures that are bad for certain, in the set's order.
   *
   * @param threads how many pictures at a time, at least 1
   * @param stop asked before every picture; must be thread-safe
   * @throws CancellationException if a stop was asked for
   */
  public static List<PictureCheck.Bad> bad(ImageSet set, int threads, BooleanSupplier stop) {
    String[] reasons = new String[set.size()];
    AtomicInteger next = new AtomicInteger();
    Runnable work =
        () -> {
          for (int i = next.getAndIncrement(); i < reasons.length; i = next.getAndIncrement()) {
            if (stop.getAsBoolean()) {
              throw new CancellationException("stopped while pictures were looked at");
            }
            reasons[i] = reason(set.image(i).content());
          }
        };
    PictureCheck.run(work, Math.max(1, Math.min(threads, reasons.length)));
    List<PictureCheck.Bad> bad = new ArrayList<>();
    IntStream.range(0, reasons.length)
        .filter(i -> reasons[i] != null)
        .forEach(i -> bad.add(new PictureCheck.Bad(set.image(i).id(), reasons[i])));
    return bad;
  }

  /**
   * The shorter sides of some pictures of a set, evenly chosen, as far as their first bytes tell;
   * none of a source without files, whose first bytes are no cheaper than all.
   *
   * @param some how many to look at, at least 1
   * @param stop asked before every picture
   * @return pixels; fewer than were looked at where a picture does not tell
   * @throws CancellationException if a stop was asked for
   */
  public static int[] shortSides(ImageSet set, int some, BooleanSupplier stop) {
    int looked = Math.min(some, set.size());
    return IntStream.range(0, looked)
        .map(
            i -> {
              if (stop.getAsBoolean()) {
                throw new CancellationException("stopped while pictures were looked at");
              }
              return shortSide(set.image((int) ((long) i * set.size() / looked)).content());
            })
        .filter(side -> side > 0)
        .toArray();
  }

  private static int shortSide(Image.Content content) {
    if (content.size() == Image.UNKNOWN) {
      return 0;
    }
    try {
      Header header = Header.of(content.head(HEAD));
      return (int) Math.min(Integer.MAX_VALUE, Math.min(header.width(), header.height()));
    } catch (BadPictureException e) {
      return 0; // it may be bad; whoever checks the pictures says so
    } catch (IOException e) {
      return 0;
    }
  }

  /** Null if nothing speaks against the picture so far. */
  private static String reason(Image.Content content) {
    // Without a known size the source has no file, and its first bytes are no cheaper than all.
    if (content.size() == Image.UNKNOWN) {
      return null;
    }
    try {
      Header.of(content.head(HEAD));
      return null;
    } catch (BadPictureException e) {
      boolean whole = content.size() <= HEAD;
      // The end of a large file was not seen, so that only its beginning counts.
      return whole || Foreign.gives(e.reason()) ? e.reason() : null;
    } catch (IOException e) {
      return "cannot be read: " + Reason.of(e);
    }
  }
}
