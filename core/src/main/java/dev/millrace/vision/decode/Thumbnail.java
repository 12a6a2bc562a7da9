package dev.millrace.vision.decode;

import java.awt.Graphics2D;
import java.awt.Image;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Base64;
import javax.imageio.ImageIO;

/**
 * A small copy of a picture, for pages. Immutable; nobody writes to the array.
 *
 * @param bytes of a PNG or a JPEG
 * @param format {@code png} or {@code jpeg}
 * @param width in pixels
 * @param height in pixels
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Thumbnail(byte[] bytes, String format, int width, int height) {
  /** Longest side: sharp at twice the density of a page's cells. */
  private static final int SIDE = 192;

  /** Up to this side a PNG is small, and exact. */
  private static final int TINY = 48;

  /**
   * Makes one.
   *
   * @param encoded bytes of the picture's file
   * @throws BadPictureException if they are no picture
   */
  public static Thumbnail of(byte[] encoded) throws IOException, BadPictureException {
    Pixels pixels = Decoder.forView(encoded, SIDE);
    BufferedImage picture =
        new BufferedImage(pixels.width(), pixels.height(), BufferedImage.TYPE_INT_RGB);
    byte[] rgb = pixels.rgb();
    int[] row = new int[pixels.width()];
    for (int y = 0; y < pixels.height(); y++) {
      for (int x = 0; x < row.length; x++) {
        int at = 3 * (y * row.length + x);
        row[x] = (rgb[at] & 255) << 16 | (rgb[at + 1] & 255) << 8 | (rgb[at + 2] & 255);
      }
      picture.setRGB(0, y, row.length, 1, row, 0, row.length);
    }
    BufferedImage small = small(picture);
    boolean tiny = Math.max(small.getWidth(), small.getHeight()) <= TINY;
    String format = tiny ? "png" : "jpeg";
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    if (!ImageIO.write(small, format, bytes)) {
      throw new IOException("this JDK has no writer of " + format);
    }
    return new Thumbnail(bytes.toByteArray(), format, small.getWidth(), small.getHeight());
  }

  /** All of it as an address, {@code data:} and all, for a page that opens offline. */
  public String uri() {
    return "data:image/" + format + ";base64," + Base64.getEncoder().encodeToString(bytes);
  }

  private static BufferedImage small(BufferedImage picture) {
    double scale = (double) SIDE / Math.max(picture.getWidth(), picture.getHeight());
    if (scale >= 1) {
      return picture;
    }
    int width = Math.max(1, (int) Math.round(scale * picture.getWidth()));
    int height = Math.max(1, (int) Math.round(scale * picture.getHeight()));
    BufferedImage small = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D pen = small.createGraphics();
    pen.drawImage(picture.getScaledInstance(width, height, Image.SCALE_AREA_AVERAGING), 0, 0, null);
    pen.dispose();
    return small;
  }
}
