package dev.millrace.app;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import javax.imageio.ImageIO;

/** Folders of JPEGs as people have them. */
final class Photos {
  private Photos() {}

  /** {@code CLASS/image}: so many of each class, of small pictures of its colour. */
  static Path ofClasses(Path folder, int classes, int each) throws IOException {
    for (int c = 0; c < classes; c++) {
      for (int i = 0; i < each; i++) {
        write(folder.resolve("class-" + c + "/" + i + ".jpg"), 48, 40, 31 * c + i, c);
      }
    }
    return folder;
  }

  /** Flat pictures of one size. */
  static Path flat(Path folder, int count, int width, int height) throws IOException {
    for (int i = 0; i < count; i++) {
      write(folder.resolve("photo-" + i + ".jpg"), width, height, i, i % 3);
    }
    return folder;
  }

  private static void write(Path file, int width, int height, int seed, int colour)
      throws IOException {
    Random random = new Random(seed);
    BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D drawn = picture.createGraphics();
    drawn.setColor(new Color(Color.HSBtoRGB(colour / 3f, 0.8f, 0.8f)));
    drawn.fillRect(0, 0, width, height);
    for (int i = 0; i < 20; i++) {
      drawn.setColor(new Color(random.nextInt(1 << 24)));
      drawn.fillOval(random.nextInt(width), random.nextInt(height), width / 8, height / 8);
    }
    drawn.dispose();
    Files.createDirectories(file.getParent());
    ImageIO.write(picture, "jpg", file.toFile());
  }
}
