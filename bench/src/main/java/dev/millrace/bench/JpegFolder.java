package dev.millrace.bench;

import dev.millrace.draw.Draw;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/** Made-up photographs of 640×480: soft light, edges and grain, about 60 kB each as JPEG. */
final class JpegFolder {
  private static final int WIDTH = 640;
  private static final int HEIGHT = 480;

  private JpegFolder() {}

  /** Writes them once a machine into the temporary folder. */
  static Path made(int count) throws IOException {
    System.setProperty("java.awt.headless", "true");
    Path folder = Path.of(System.getProperty("java.io.tmpdir"), "millrace-bench-jpeg");
    Files.createDirectories(folder);
    for (int p = 0; p < count; p++) {
      Path file = folder.resolve("%03d.jpg".formatted(p));
      if (!Files.exists(file)) {
        ImageIO.write(picture(p, WIDTH, HEIGHT), "jpg", file.toFile());
      }
    }
    return folder;
  }

  /** One of another size, as its file's bytes. */
  static byte[] bytes(int width, int height) throws IOException {
    return bytes(0, width, height);
  }

  /** The p-th of another size. */
  static byte[] bytes(int p, int width, int height) throws IOException {
    System.setProperty("java.awt.headless", "true");
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(picture(p, width, height), "jpg", out);
    return out.toByteArray();
  }

  private static BufferedImage picture(int p, int width, int height) {
    Draw draw = Draw.of(0, "photograph", p);
    double[] wave = new double[12];
    for (int i = 0; i < wave.length; i++) {
      wave[i] = draw.at(i).uniform(0.005, 0.05);
    }
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int rgb = 0;
        double grain = draw.at(100).at((long) y * width + x).uniform(-8, 8);
        for (int c = 0; c < 3; c++) {
          double light = Math.sin(x * wave[c] + c) * Math.cos(y * wave[c + 3]);
          double edge = Math.sin(x * wave[c + 6] + y * wave[c + 9]) > 0.3 ? 40 : 0;
          int value = (int) Math.max(0, Math.min(255, 120 + 70 * light + edge + grain));
          rgb = rgb << 8 | value;
        }
        image.setRGB(x, y, rgb);
      }
    }
    return image;
  }
}
