package dev.millrace.vision.decode;

import dev.millrace.engine.NativeCache;
import dev.millrace.engine.ProcessEnd;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.opencv_core.Mat;

/**
 * OpenCV's readers of JPEG, PNG, WebP and TIFF, loaded when the first picture needs them: PNM, GIF
 * and BMP never do. Orientation, reduction and size are {@link Header}'s and the decoded matrix's;
 * OpenCV's own reading of orientation is switched off. Thread-safe.
 */
final class Codec {
  /** OpenCV wants 32 bytes before it looks for the format. */
  private static final int LEAST = 64;

  static {
    NativeCache.ready();
    // Pictures are decoded on many threads at once; threads within one would only compete.
    opencv_core.setNumThreads(1);
  }

  private Codec() {}

  /**
   * Decodes and turns upright.
   *
   * @param scale 1, 2, 4 or 8; another than 1 only for what is reducible
   */
  static Decoded decode(byte[] bytes, Header header, int scale) throws BadPictureException {
    boolean turned = header.orientation().swaps();
    int width = (int) (turned ? header.height() : header.width());
    int height = (int) (turned ? header.width() : header.height());
    boolean tiff = header.format() == Header.Format.TIFF;
    boolean multiplied = tiff && TiffFile.isMultiplied(bytes);
    // OpenCV mixes up deep planes as they stand; in its other way it rounds to 8 bits.
    boolean deepPlanes = tiff && header.deep() && TiffFile.isPlanar(bytes);
    if (deepPlanes && multiplied) {
      throw multiplied();
    }
    boolean asItStands = multiplied || tiff && header.deep() && !deepPlanes;
    int flags =
        asItStands
            ? opencv_imgcodecs.IMREAD_UNCHANGED
            : opencv_imgcodecs.IMREAD_COLOR_RGB
                | opencv_imgcodecs.IMREAD_IGNORE_ORIENTATION
                | scale(scale);
    // A process that ends meanwhile waits for this.
    try (ProcessEnd.Work work = ProcessEnd.work();
        PointerScope scope = new PointerScope()) {
      BytePointer copy = copy(bytes, header.format());
      Mat encoded = new Mat(1, Math.toIntExact(copy.capacity()), opencv_core.CV_8UC1, copy);
      Mat stored = opencv_imgcodecs.imdecode(encoded, flags);
      if (stored == null || stored.empty()) {
        if (header.format() == Header.Format.JPEG && !header.reducible()) {
          throw new BadPictureException(
              "not read: a lossless JPEG of a rare kind; save it as an ordinary JPEG or as PNG");
        }
        long tile = tiff ? TiffFile.plainTile(bytes) : 0;
        if (tile > 0) {
          throw new BadPictureException(
              "not read: a TIFF of uncompressed tiles of %d bytes; save it in strips"
                  .formatted(tile));
        }
        throw new BadPictureException(
            "broken: its header is that of a "
                + header.width()
                + "×"
                + header.height()
                + " "
                + header.format()
                + ", but the pixels cannot be decoded");
      }
      // The codec's word on the size counts: not every JPEG is reduced when that is asked for.
      int reduced = fits(stored, header, scale) ? scale : 1;
      if (!fits(stored, header, reduced)) {
        throw new BadPictureException(
            "broken: its header says %d×%d pixels, its data decode to %d×%d"
                .formatted(header.width(), header.height(), stored.cols(), stored.rows()));
      }
      Mat upright = header.orientation().turn(stored);
      boolean inverted = asItStands && TiffFile.isInverted(bytes);
      Pixels pixels = asItStands ? samples(upright, multiplied, inverted) : pixels(upright);
      return new Decoded(pixels, width, height, reduced, header.reducible());
    } catch (RuntimeException e) { // how JavaCPP hands a cv::Exception on
      throw new BadPictureException("broken: OpenCV cannot decode it: " + e.getMessage());
    }
  }

  /** The file in native memory, so that codecs neither turn it nor stumble over harmless faults. */
  private static BytePointer copy(byte[] bytes, Header.Format format) {
    switch (format) {
      case PNG -> {
        return new BytePointer(PngFile.critical(bytes));
      }
      case TIFF -> {
        BytePointer copy = new BytePointer(bytes);
        TiffFile.neutralise(bytes, copy);
        return copy;
      }
      case JPEG -> {
        BytePointer copy = new BytePointer(bytes.length + 2L).put(bytes);
        copy.put(bytes.length, (byte) 0xFF).put(bytes.length + 1L, (byte) JpegFile.EOI);
        return copy;
      }
      default -> {
        BytePointer copy = new BytePointer((long) Math.max(bytes.length, LEAST));
        copy.fill(0);
        return copy.put(bytes);
      }
    }
  }

  private static boolean fits(Mat stored, Header header, int reduction) {
    return stored.cols() == (header.width() + reduction - 1) / reduction
        && stored.rows() == (header.height() + reduction - 1) / reduction;
  }

  /** OpenCV's flags named GRAYSCALE are only the scale; those named COLOR ask for BGR besides. */
  private static int scale(int reduction) {
    return switch (reduction) {
      case 1 -> 0;
      case 2 -> opencv_imgcodecs.IMREAD_REDUCED_GRAYSCALE_2;
      case 4 -> opencv_imgcodecs.IMREAD_REDUCED_GRAYSCALE_4;
      default -> opencv_imgcodecs.IMREAD_REDUCED_GRAYSCALE_8;
    };
  }

  private static Pixels pixels(Mat decoded) {
    int width = decoded.cols();
    int height = decoded.rows();
    byte[] rgb = new byte[Math.multiplyExact(3, Math.multiplyExact(width, height))];
    decoded.data().get(rgb); // imdecode and turns allocate their result, so rows are contiguous
    return new Pixels(width, height, rgb);
  }

  /** A TIFF's samples as they stand: grey or blue, green and red, with or without alpha. */
  private static Pixels samples(Mat decoded, boolean multiplied, boolean inverted)
      throws BadPictureException {
    int width = decoded.cols();
    int height = decoded.rows();
    int channels = decoded.channels();
    int bytes = (int) decoded.elemSize1();
    boolean alpha = channels % 2 == 0;
    if (multiplied && !alpha || bytes > 2) {
      throw multiplied();
    }
    byte[] row = new byte[Math.multiplyExact(width, channels * bytes)];
    byte[] rgb = new byte[Math.multiplyExact(3, Math.multiplyExact(width, height))];
    int flip = inverted ? 0xFF : 0;
    int high = bytes - 1; // the machine's order is little-endian
    for (int y = 0; y < height; y++) {
      decoded.ptr(y).get(row);
      for (int x = 0; x < width; x++) {
        int from = x * channels * bytes + high;
        int divisor = multiplied ? row[from + (channels - 1) * bytes] & 0xFF : 0;
        for (int c = 0; c < 3; c++) {
          int value = row[from + (channels < 3 ? 0 : 2 - c) * bytes] & 0xFF;
          int colour = divisor == 0 ? value : Math.min(255, value * 255 / divisor);
          rgb[3 * (y * width + x) + c] = (byte) (colour ^ flip);
        }
      }
    }
    return new Pixels(width, height, rgb);
  }

  private static BadPictureException multiplied() {
    return new BadPictureException(
        "not read: a TIFF whose colours are multiplied by alpha; save it without alpha");
  }
}
