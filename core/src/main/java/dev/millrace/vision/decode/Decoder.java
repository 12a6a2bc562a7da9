package dev.millrace.vision.decode;

import dev.millrace.file.Reason;
import dev.millrace.stream.Image;
import dev.millrace.stream.source.Catalogue;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Encoded bytes to 8-bit RGB. Reads JPEG, PNG, GIF, BMP, WebP, TIFF and PNM; everything else is
 * refused, because its size would not be known before decoding. {@code docs/decoding.md} lists the
 * kinds of each and compares them with Pillow.
 *
 * <ul>
 *   <li>The orientation that EXIF or TIFF gives is applied, in all formats, so width and height may
 *       be swapped. Of several EXIF segments of a JPEG the first that says one counts.
 *   <li>Grey becomes three equal channels; palettes are looked up; CMYK and YCCK JPEGs are
 *       converted as OpenCV does. Colour profiles and gamma are ignored.
 *   <li>Alpha is dropped, not composited, as Pillow's {@code convert("RGB")} does.
 *   <li>16-bit samples keep their high byte (PNG, TIFF) or are scaled (PPM, PGM).
 *   <li>Of an animation or several pages the first picture is taken.
 *   <li>A cut-off or damaged file is refused, even where the codec would fill the rest with grey.
 * </ul>
 *
 * Pure functions; thread-safe. All native memory is freed before a call returns. Large pictures
 * wait for each other, so that threads together stay within as much memory as the heap may have.
 */
public final class Decoder {
  /** Above it a JPEG is reduced even where every pixel would do: 75 MB of the heap. */
  private static final long WHOLE = 25_000_000;

  private static final int LARGEST_REDUCTION = 8;

  private Decoder() {}

  /**
   * What a check found of a good picture.
   *
   * @param width columns, upright
   * @param height rows, upright
   * @param narrow whether it has 16 bits per sample and uses less than a sixteenth of their range,
   *     so that it becomes nearly black
   * @param turned whether EXIF or TIFF says that it does not lie upright in its file
   */
  record Checked(int width, int height, boolean narrow, boolean turned) {}

  /**
   * Decodes within {@link Limits#STANDARD}.
   *
   * @throws BadPictureException if the bytes are no picture, a broken one or one too large
   */
  public static Pixels decode(byte[] bytes) throws BadPictureException {
    return decode(bytes, Limits.STANDARD);
  }

  /**
   * Decodes.
   *
   * @param bytes the encoded file, whole; not kept, not written to
   * @param limits what to refuse before allocating
   * @throws BadPictureException if the bytes are no picture, a broken one or one too large
   */
  public static Pixels decode(byte[] bytes, Limits limits) throws BadPictureException {
    return decode(bytes, limits, Decoded.Reduction.NONE).pixels();
  }

  /**
   * Decodes for a view of the whole picture: a JPEG of more than 25 million pixels at a reduced
   * scale, as long as a side has twice the view's pixels.
   *
   * @param bytes the encoded file, whole; not kept, not written to
   * @param size shorter side of the view, in pixels
   * @throws BadPictureException if the bytes are no picture, a broken one or one too large
   */
  public static Pixels forView(byte[] bytes, int size) throws BadPictureException {
    return decode(bytes, Limits.STANDARD, (width, height) -> forView(width, height, size)).pixels();
  }

  private static int forView(int width, int height, int size) {
    int reduction = 1;
    while (reduction < LARGEST_REDUCTION
        && (long) width * height / (reduction * reduction) > WHOLE
        && Math.min(width, height) / (2 * reduction) >= 2 * size) {
      reduction *= 2;
    }
    return reduction;
  }

  /**
   * Decodes, a JPEG perhaps at a reduced scale.
   *
   * @param bytes the encoded file, whole; not kept, not written to
   * @param limits what to refuse before allocating, of the whole picture
   * @param reduction asked only for JPEGs
   * @throws BadPictureException if the bytes are no picture, a broken one or one too large
   * @throws IllegalArgumentException if the reduction is none of 1, 2, 4 and 8
   */
  public static Decoded decode(byte[] bytes, Limits limits, Decoded.Reduction reduction)
      throws BadPictureException {
    return decode(bytes, Header.of(bytes), limits, reduction, true);
  }

  /**
   * Decodes a picture that {@link PictureCheck} found good: damage in the data of a JPEG or a TIFF
   * is not looked for again.
   *
   * @param bytes the encoded file, whole; not kept, not written to
   * @param reduction asked only for JPEGs
   * @throws BadPictureException if the bytes are no picture, a broken one or one too large
   * @throws IllegalArgumentException if the reduction is none of 1, 2, 4 and 8
   */
  public static Decoded trusted(byte[] bytes, Decoded.Reduction reduction)
      throws BadPictureException {
    return decode(bytes, Header.of(bytes), Limits.STANDARD, reduction, false);
  }

  /** Whether a picture is good, a JPEG decoded at the smallest scale. */
  static Checked check(byte[] bytes) throws BadPictureException {
    Header header = Header.of(bytes);
    Decoded found =
        decode(bytes, header, Limits.STANDARD, (width, height) -> LARGEST_REDUCTION, true);
    return new Checked(
        found.width(),
        found.height(),
        header.deep() && isNarrow(found.pixels().rgb()),
        header.orientation() != Orientation.UPRIGHT);
  }

  /**
   * Like {@link #forView(byte[], int)}, of a picture that is still to be read.
   *
   * @throws IOException if it cannot be read
   * @throws BadPictureException if it is none, or the heap is too small for it
   */
  public static Pixels forView(Image image, int side) throws IOException, BadPictureException {
    return forView(read(image), side);
  }

  /**
   * A picture's encoded bytes; a heap that is too small for them is no end of the work on others.
   *
   * @throws IOException if it cannot be read
   * @throws BadPictureException if the heap is too small for it
   */
  public static byte[] read(Image image) throws IOException, BadPictureException {
    return read(image.content());
  }

  /**
   * Like {@link #read(Image)}, of a picture in a file of its own.
   *
   * @throws IOException if it cannot be read, or has more than {@link Image#MAX_BYTES}
   * @throws BadPictureException if the heap is too small for it
   */
  public static byte[] read(Path file) throws IOException, BadPictureException {
    Image.Content content = () -> Catalogue.bytes(file);
    return read(content);
  }

  private static byte[] read(Image.Content content) throws IOException, BadPictureException {
    try {
      return content.read();
    } catch (OutOfMemoryError e) {
      throw new BadPictureException("cannot be read: " + Reason.of(e));
    }
  }

  private static boolean isNarrow(byte[] rgb) {
    for (byte value : rgb) {
      if ((value & 0xF0) != 0) {
        return false;
      }
    }
    return true;
  }

  private static Decoded decode(
      byte[] bytes, Header header, Limits limits, Decoded.Reduction reduction, boolean verify)
      throws BadPictureException {
    limits.check(header, bytes.length);
    boolean turned = header.orientation().swaps();
    int width = (int) (turned ? header.height() : header.width());
    int height = (int) (turned ? header.width() : header.height());
    int scale = header.reducible() ? reduction.of(width, height) : 1;
    if (scale < 1 || scale > LARGEST_REDUCTION || Integer.bitCount(scale) != 1) {
      throw new IllegalArgumentException(
          "reduction is " + scale + "; a JPEG decodes at 1, 2, 4 or 8");
    }
    long left = width / scale;
    long pixels = left * (height / scale);
    Memory.requireHeap(left, height / scale);
    long need = bytes.length + pixels * (header.deep() ? 14 : 10);
    need += header.reducible() ? 3L * width * height : 0; // a progressive one's coefficients
    try (Memory.Share share = Memory.take(need)) {
      if (verify && header.format() == Header.Format.JPEG) {
        JpegScans.check(bytes);
      }
      if (verify && header.format() == Header.Format.TIFF) {
        TiffStrips.check(bytes);
      }
      return switch (header.format()) {
        case PNM -> Decoded.whole(Anymap.decode(bytes));
        case BMP -> Decoded.whole(BmpFile.decode(bytes, verify));
        case GIF -> Decoded.whole(GifFile.decode(bytes));
        default -> Codec.decode(bytes, header, scale);
      };
    } catch (IndexOutOfBoundsException | ArithmeticException e) {
      throw new BadPictureException(
          "cut off or broken: the %s needs more than its %d bytes"
              .formatted(header.format(), bytes.length));
    } catch (OutOfMemoryError e) {
      throw Memory.tooSmall(left, height / scale);
    }
  }
}
