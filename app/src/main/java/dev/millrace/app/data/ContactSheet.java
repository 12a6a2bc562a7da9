package dev.millrace.app.data;

import dev.millrace.stream.ImageSet;
import dev.millrace.vision.decode.BadPictureException;
import dev.millrace.vision.decode.Decoder;
import dev.millrace.vision.decode.Pixels;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.imageio.ImageIO;

/** A grid of pictures, one row per class, to see at a glance what a set holds. */
final class ContactSheet {
  private static final int SIDE = 64;
  private static final int GAP = 4;
  private static final int COLUMNS = 12;
  private static final int ROWS = 40;

  private ContactSheet() {}

  /**
   * Writes the sheet as a PNG.
   *
   * @throws IOException if a picture cannot be read or the file not be written
   */
  static void write(ImageSet set, Path file) throws IOException {
    List<List<Integer>> rows = rows(set);
    int width = GAP + COLUMNS * (SIDE + GAP);
    int height = GAP + Math.max(1, rows.size()) * (SIDE + GAP);
    BufferedImage sheet = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D pen = sheet.createGraphics();
    pen.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
    for (int row = 0; row < rows.size(); row++) {
      for (int column = 0; column < rows.get(row).size(); column++) {
        draw(set, rows.get(row).get(column), pen, row, column);
      }
    }
    pen.dispose();
    if (!ImageIO.write(sheet, "png", file.toFile())) {
      throw new IOException("cannot write " + file + ": this JDK has no PNG writer");
    }
  }

  /** Indices of the first pictures of each class; of the set, if it has no classes. */
  private static List<List<Integer>> rows(ImageSet set) {
    Map<Integer, List<Integer>> byClass = new TreeMap<>();
    boolean labelled = !set.classes().isEmpty();
    for (int i = 0; i < set.size(); i++) {
      int row = labelled ? set.image(i).label() : i / COLUMNS;
      List<Integer> cells = byClass.computeIfAbsent(row, r -> new ArrayList<>());
      if (cells.size() < COLUMNS) {
        cells.add(i);
      }
      if (!labelled && row >= ROWS) {
        break;
      }
    }
    return byClass.values().stream().limit(ROWS).toList();
  }

  private static void draw(ImageSet set, int index, Graphics2D pen, int row, int column)
      throws IOException {
    Pixels pixels;
    try {
      pixels = Decoder.forView(set.image(index), SIDE);
    } catch (BadPictureException e) {
      return; // an empty cell; the list of bad pictures names it
    }
    BufferedImage picture =
        new BufferedImage(pixels.width(), pixels.height(), BufferedImage.TYPE_INT_RGB);
    byte[] rgb = pixels.rgb();
    for (int y = 0; y < pixels.height(); y++) {
      for (int x = 0; x < pixels.width(); x++) {
        int at = 3 * (y * pixels.width() + x);
        picture.setRGB(
            x, y, (rgb[at] & 255) << 16 | (rgb[at + 1] & 255) << 8 | (rgb[at + 2] & 255));
      }
    }
    double scale = (double) SIDE / Math.max(pixels.width(), pixels.height());
    int width = Math.max(1, (int) Math.round(scale * pixels.width()));
    int height = Math.max(1, (int) Math.round(scale * pixels.height()));
    pen.drawImage(
        picture,
        GAP + column * (SIDE + GAP) + (SIDE - width) / 2,
        GAP + row * (SIDE + GAP) + (SIDE - height) / 2,
        width,
        height,
        null);
  }
}
