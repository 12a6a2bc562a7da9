package dev.millrace.vision.decode;

import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.util.Arrays;

/**
 * Java's own pictures as pixels, without re-encoding: the samples are copied, as {@link Decoder}
 * would have them of the same picture as a PNG. Alpha is dropped, 16-bit samples keep their high
 * byte, and grey is taken as it stands instead of by Java's linear grey, which would brighten it.
 * Pure functions; thread-safe as long as nobody writes to the picture.
 */
public final class AwtPixels {
  private AwtPixels() {}

  /**
   * Copies a picture.
   *
   * @param picture of any type; not written to
   * @throws BadPictureException if it has more pixels than {@link Limits#STANDARD} allows
   */
  public static Pixels of(BufferedImage picture) throws BadPictureException {
    int width = picture.getWidth();
    int height = picture.getHeight();
    if ((long) width * height > Limits.STANDARD.maxPixels()) {
      throw new BadPictureException(
          "too large: %d×%d pixels, the limit is %d; scale it down"
              .formatted(width, height, Limits.STANDARD.maxPixels()));
    }
    byte[] rgb = new byte[3 * width * height];
    Raster raster = picture.getRaster();
    int left = raster.getMinX();
    int top = raster.getMinY();
    int bands = raster.getNumBands();
    ColorModel colours = picture.getColorModel();
    boolean grey = bands <= 2 && colours instanceof ComponentColorModel;
    boolean deep =
        colours instanceof ComponentColorModel
            && (grey || colours.getColorSpace().isCS_sRGB())
            && raster.getTransferType() == DataBuffer.TYPE_USHORT
            && !picture.isAlphaPremultiplied();
    Object row = null;
    for (int y = 0; y < height; y++) {
      int at = 3 * width * y;
      switch (picture.getType()) {
        case BufferedImage.TYPE_3BYTE_BGR, BufferedImage.TYPE_4BYTE_ABGR -> {
          // A raster's elements come in the order of its bands: red, green, blue, alpha.
          row = raster.getDataElements(left, top + y, width, 1, row);
          bytes((byte[]) row, bands, width, rgb, at);
        }
        case BufferedImage.TYPE_INT_RGB, BufferedImage.TYPE_INT_ARGB -> {
          row = raster.getDataElements(left, top + y, width, 1, row);
          packed((int[]) row, width, rgb, at);
        }
        default -> {
          if (deep) {
            row = raster.getDataElements(left, top + y, width, 1, row);
            deep((short[]) row, bands, width, rgb, at);
          } else if (grey && raster.getTransferType() == DataBuffer.TYPE_BYTE) {
            row = raster.getDataElements(left, top + y, width, 1, row);
            grey((byte[]) row, bands, width, rgb, at);
          } else {
            packed(picture.getRGB(0, y, width, 1, null, 0, width), width, rgb, at);
          }
        }
      }
    }
    return new Pixels(width, height, rgb);
  }

  private static void bytes(byte[] row, int bands, int width, byte[] rgb, int at) {
    for (int x = 0; x < width; x++) {
      rgb[at + 3 * x] = row[bands * x];
      rgb[at + 3 * x + 1] = row[bands * x + 1];
      rgb[at + 3 * x + 2] = row[bands * x + 2];
    }
  }

  private static void packed(int[] row, int width, byte[] rgb, int at) {
    for (int x = 0; x < width; x++) {
      rgb[at + 3 * x] = (byte) (row[x] >> 16);
      rgb[at + 3 * x + 1] = (byte) (row[x] >> 8);
      rgb[at + 3 * x + 2] = (byte) row[x];
    }
  }

  private static void grey(byte[] row, int bands, int width, byte[] rgb, int at) {
    for (int x = 0; x < width; x++) {
      Arrays.fill(rgb, at + 3 * x, at + 3 * x + 3, row[bands * x]);
    }
  }

  /** The high bytes of grey or red, green and blue. */
  private static void deep(short[] row, int bands, int width, byte[] rgb, int at) {
    for (int x = 0; x < width; x++) {
      for (int c = 0; c < 3; c++) {
        rgb[at + 3 * x + c] = (byte) (row[bands * x + (bands < 3 ? 0 : c)] >> 8);
      }
    }
  }
}
