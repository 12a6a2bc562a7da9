package dev.millrace.vision.decode;

import dev.millrace.stream.ImageSet;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The checked pictures of one set, as far as they fit in memory, for views of one size: decoded
 * where they are small, as encoded bytes where they are large JPEGs, which are decoded at a reduced
 * scale when their crops allow it, and where pixels no longer fit. A picture is read when first
 * asked for and kept while there is room; a full cache keeps what it has and reads the rest anew
 * each time. Pre-training passes over a chunk again and again in random order, where throwing out
 * the oldest would only cost. What is returned never depends on what is kept. Thread-safe without
 * locks: two threads that miss the same picture at once may both read it, and one result is kept.
 */
public final class PixelCache {
  // An array's and a record's header, a reference: small beside any picture, but counted.
  private static final int OVERHEAD = 48;

  private final ImageSet set;
  private final int size;
  private final long maxBytes;

  /** Whether a check has found all pictures good. */
  private final boolean checked;

  /** {@link Decoded} or encoded {@code byte[]}. */
  private final AtomicReferenceArray<Object> kept;

  private final AtomicLong bytes = new AtomicLong();

  /**
   * An empty cache of pictures that a check has found good.
   *
   * @param set whose pictures
   * @param size side of the smallest view, in pixels, at least 1
   * @param maxBytes memory for pixels and encoded bytes at most; 0 keeps nothing
   * @throws IllegalArgumentException if maxBytes is negative
   */
  public PixelCache(ImageSet set, int size, long maxBytes) {
    this(set, size, maxBytes, true);
  }

  /**
   * An empty cache.
   *
   * @param checked whether a check has found all pictures good; otherwise each is checked when it
   *     is first decoded, and again whenever it was not kept
   */
  public PixelCache(ImageSet set, int size, long maxBytes, boolean checked) {
    if (maxBytes < 0) {
      throw new IllegalArgumentException(
          "maxBytes is " + maxBytes + "; expected 0 (keep nothing) or more");
    }
    this.set = set;
    this.size = size;
    this.maxBytes = maxBytes;
    this.checked = checked;
    this.kept = new AtomicReferenceArray<>(maxBytes == 0 ? 0 : set.size());
  }

  /**
   * The picture, its pixels shared with other callers: nobody writes to them.
   *
   * @param index 0 … set.size() − 1
   * @param reduction for crops of at least the view's size; asked when the picture is decoded
   * @throws IOException if the picture's source cannot be read
   * @throws BadPictureException if it does not decode; failures are not remembered
   */
  public Decoded get(int index, Decoded.Reduction reduction)
      throws IOException, BadPictureException {
    Object found = maxBytes == 0 ? null : kept.get(index);
    if (found instanceof Decoded decoded) {
      return decoded;
    }
    byte[] encoded = found == null ? set.image(index).bytes() : (byte[]) found;
    Decoded decoded =
        checked || found != null
            ? Decoder.trusted(encoded, reduction)
            : Decoder.decode(encoded, Limits.STANDARD, reduction);
    if (found == null && maxBytes > 0) {
      boolean mayBeReduced =
          decoded.reducible() && Math.min(decoded.width(), decoded.height()) >= 2 * size;
      int pixels = decoded.pixels().rgb().length;
      if (mayBeReduced || !keep(index, decoded, pixels)) {
        keep(index, encoded, encoded.length);
      }
    }
    return decoded;
  }

  /** Whether it is kept now, by this call or another. */
  private boolean keep(int index, Object picture, int length) {
    long need = length + (long) OVERHEAD;
    if (!reserve(need)) {
      return kept.get(index) != null;
    }
    if (!kept.compareAndSet(index, null, picture)) {
      bytes.addAndGet(-need);
    }
    return true;
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
