package dev.millrace.vision.decode;

import dev.millrace.stream.ImageSet;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The decoded pictures of one set, as far as they fit: a picture is decoded when first asked for
 * and kept while there is room; a full cache keeps what it has and decodes the rest anew each time.
 * Pre-training passes over a chunk again and again in random order, where throwing out the oldest
 * would only cost. Thread-safe without locks: two threads that miss the same picture at once may
 * both decode it, and one result is kept.
 */
public final class PixelCache {
  // An array's and a record's header, a reference: small beside any picture, but counted.
  private static final int OVERHEAD = 48;

  private final ImageSet set;
  private final long maxBytes;
  private final AtomicReferenceArray<Pixels> kept;
  private final AtomicLong bytes = new AtomicLong();

  /**
   * An empty cache.
   *
   * @param set whose pictures
   * @param maxBytes memory for pixels at most; 0 keeps nothing
   * @throws IllegalArgumentException if maxBytes is negative
   */
  public PixelCache(ImageSet set, long maxBytes) {
    if (maxBytes < 0) {
      throw new IllegalArgumentException(
          "maxBytes is " + maxBytes + "; expected 0 (keep nothing) or more");
    }
    this.set = set;
    this.maxBytes = maxBytes;
    this.kept = new AtomicReferenceArray<>(maxBytes == 0 ? 0 : set.size());
  }

  /**
   * The picture's pixels, shared with other callers: nobody writes to them.
   *
   * @param index 0 … set.size() − 1
   * @throws IOException if the picture's source cannot be read
   * @throws BadPictureException if it does not decode; failures are not remembered
   */
  public Pixels get(int index) throws IOException, BadPictureException {
    if (maxBytes == 0) {
      return Decoder.decode(set.image(index).bytes());
    }
    Pixels pixels = kept.get(index);
    if (pixels != null) {
      return pixels;
    }
    pixels = Decoder.decode(set.image(index).bytes());
    long need = pixels.rgb().length + (long) OVERHEAD;
    if (reserve(need) && !kept.compareAndSet(index, null, pixels)) {
      bytes.addAndGet(-need);
      return kept.get(index);
    }
    return pixels;
  }

  /** Memory that the kept pictures take; never above the limit. */
  public long bytes() {
    return bytes.get();
  }

  private boolean reserve(long need) {
    long used = bytes.get();
    while (used + need <= maxBytes) {
      if (bytes.compareAndSet(used, used + need)) {
        return true;
      }
      used = bytes.get();
    }
    return false;
  }
}
