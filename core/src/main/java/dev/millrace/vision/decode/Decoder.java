package dev.millrace.vision.decode;

import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.opencv_core.Mat;

/**
 * Encoded bytes to 8-bit RGB. Reads JPEG, PNG, GIF, BMP, WebP, TIFF and PNM; everything else is
 * refused, because its size would not be known before decoding.
 *
 * <ul>
 *   <li>A JPEG's EXIF orientation is applied, so width and height may be swapped.
 *   <li>Grey becomes three equal channels; palettes are looked up; CMYK and YCCK JPEGs are
 *       converted as OpenCV does, without a colour profile.
 *   <li>Alpha is dropped, not composited, as Pillow's {@code convert("RGB")} does.
 *   <li>16-bit samples keep their high byte (PNG, TIFF) or are scaled (PPM, PGM).
 *   <li>Of an animation the first frame is taken.
 *   <li>A cut-off file is refused, even where the codec would fill the rest with grey.
 * </ul>
 *
 * Pure functions; thread-safe. All native memory is freed before a call returns.
 */
public final class Decoder {
  private Decoder() {}

  /** OpenCV, loaded when the first picture needs it: PPM and PGM never do. */
  private static final class Codecs {
    static {
      // Pictures are decoded on many threads at once; threads within one would only compete.
      opencv_core.setNumThreads(1);
    }

    static Mat decode(Mat encoded, int flags) {
      return opencv_imgcodecs.imdecode(encoded, flags);
    }
  }

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
   * Decodes, a JPEG perhaps at a reduced scale.
   *
   * @param bytes the encoded file, whole; not kept, not written to
   * @param limits what to refuse before allocating, of the whole picture
   * @param reduction asked for JPEGs alone
   * @throws BadPictureException if the bytes are no picture, a broken one or one too large
   * @throws IllegalArgumentException if the reduction is none of 1, 2, 4 and 8
   */
  public static Decoded decode(byte[] bytes, Limits limits, Decoded.Reduction reduction)
      throws BadPictureException {
    Header header = Header.of(bytes);
    check(header.format(), header.width(), header.height(), limits);
    if (header.format() == Header.Format.PNM && Anymap.isBinary(bytes)) {
      return Decoded.whole(Anymap.decode(bytes, Anymap.numbers(bytes, 2)));
    }
    if (header.format() != Header.Format.JPEG) {
      return Decoded.whole(pixels(bytes, header, 1));
    }
    boolean turned = JpegFile.isTurned(bytes);
    int width = (int) (turned ? header.height() : header.width());
    int height = (int) (turned ? header.width() : header.height());
    int scale = reduction.of(width, height);
    return new Decoded(pixels(bytes, header, scale), width, height, scale, true);
  }

  private static Pixels pixels(byte[] bytes, Header header, int reduction)
      throws BadPictureException {
    int flags = opencv_imgcodecs.IMREAD_COLOR_RGB | scale(reduction);
    try (PointerScope scope = new PointerScope()) {
      Mat encoded = new Mat(1, bytes.length, opencv_core.CV_8UC1, new BytePointer(bytes));
      Mat decoded = Codecs.decode(encoded, flags);
      if (decoded == null || decoded.empty()) {
        throw new BadPictureException(
            "broken: its header is that of a "
                + header.width()
                + "×"
                + header.height()
                + " "
                + header.format()
                + ", but the pixels cannot be decoded");
      }
      return pixels(decoded);
    } catch (RuntimeException e) { // how JavaCPP hands a cv::Exception on
      throw new BadPictureException("broken: OpenCV cannot decode it: " + e.getMessage());
    }
  }

  /** OpenCV's flags named GRAYSCALE are the scale alone; those named COLOR ask for BGR besides. */
  private static int scale(int reduction) {
    return switch (reduction) {
      case 1 -> 0;
      case 2 -> opencv_imgcodecs.IMREAD_REDUCED_GRAYSCALE_2;
      case 4 -> opencv_imgcodecs.IMREAD_REDUCED_GRAYSCALE_4;
      case 8 -> opencv_imgcodecs.IMREAD_REDUCED_GRAYSCALE_8;
      default ->
          throw new IllegalArgumentException(
              "reduction is " + reduction + "; a JPEG decodes at 1, 2, 4 or 8");
    };
  }

  private static void check(Header.Format format, long width, long height, Limits limits)
      throws BadPictureException {
    if (width < 1 || height < 1) {
      throw new BadPictureException(
          "broken: the " + format + " says that it is " + width + "×" + height + " pixels");
    }
    // width × height may pass 2⁶³ only for sizes that the division already refuses.
    if (width > limits.maxPixels() / height) {
      throw new BadPictureException(
          "too large: "
              + width
              + "×"
              + height
              + " pixels, the limit is "
              + limits.maxPixels()
              + "; scale it down or remove it");
    }
  }

  private static Pixels pixels(Mat decoded) {
    int width = decoded.cols();
    int height = decoded.rows();
    byte[] rgb = new byte[Math.multiplyExact(3, Math.multiplyExact(width, height))];
    decoded.data().get(rgb); // imdecode allocates its result, so rows are contiguous
    return new Pixels(width, height, rgb);
  }
}
