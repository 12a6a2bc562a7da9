package dev.millrace.vision.decode;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Files written byte by byte, and by Java's own writers, for tests of odd ones. */
final class Written {
  /** Not symmetrical in any way, so that every turn shows. */
  static final int WIDTH = 13;

  static final int HEIGHT = 7;

  private Written() {}

  static byte[] join(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  static byte[] ascii(String text) {
    return text.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
  }

  static int[] colour(int x, int y) {
    return new int[] {x * 19, y * 40, (x * 7 + y * 50) % 256};
  }

  static Pixels picture() {
    byte[] rgb = new byte[3 * WIDTH * HEIGHT];
    for (int i = 0; i < WIDTH * HEIGHT; i++) {
      for (int c = 0; c < 3; c++) {
        rgb[3 * i + c] = (byte) colour(i % WIDTH, i / WIDTH)[c];
      }
    }
    return new Pixels(WIDTH, HEIGHT, rgb);
  }

  /** Another picture turned upright by EXIF's definition, pixel by pixel. */
  static Pixels turned(Pixels stored, int orientation) {
    boolean swaps = orientation >= 5 && orientation <= 8;
    int width = swaps ? stored.height() : stored.width();
    int height = swaps ? stored.width() : stored.height();
    byte[] rgb = new byte[stored.rgb().length];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int right = width - 1 - x;
        int up = height - 1 - y;
        int[] from =
            switch (orientation) {
              case 2 -> new int[] {right, y};
              case 3 -> new int[] {right, up};
              case 4 -> new int[] {x, up};
              case 5 -> new int[] {y, x};
              case 6 -> new int[] {y, right};
              case 7 -> new int[] {up, right};
              case 8 -> new int[] {up, x};
              default -> new int[] {x, y};
            };
        System.arraycopy(
            stored.rgb(), 3 * (from[1] * stored.width() + from[0]), rgb, 3 * (y * width + x), 3);
      }
    }
    return new Pixels(width, height, rgb);
  }

  static BufferedImage image(Pixels pixels, int type) {
    BufferedImage image = new BufferedImage(pixels.width(), pixels.height(), type);
    for (int i = 0; i < pixels.width() * pixels.height(); i++) {
      int rgb =
          (pixels.rgb()[3 * i] & 255) << 16
              | (pixels.rgb()[3 * i + 1] & 255) << 8
              | pixels.rgb()[3 * i + 2] & 255;
      image.setRGB(i % pixels.width(), i / pixels.width(), rgb);
    }
    return image;
  }

  static byte[] png(BufferedImage image) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(image, "png", out);
    return out.toByteArray();
  }

  static byte[] jpeg(BufferedImage image, boolean progressive) throws IOException {
    return written(image, "jpeg", progressive);
  }

  static byte[] gif(BufferedImage image, boolean interlaced) throws IOException {
    return written(image, "gif", interlaced);
  }

  private static byte[] written(BufferedImage image, String format, boolean progressive)
      throws IOException {
    ImageWriter writer = ImageIO.getImageWritersByFormatName(format).next();
    ImageWriteParam how = writer.getDefaultWriteParam();
    how.setProgressiveMode(
        progressive ? ImageWriteParam.MODE_DEFAULT : ImageWriteParam.MODE_DISABLED);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      writer.setOutput(out);
      writer.write(null, new IIOImage(image, null, null), how);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }

  /** A TIFF structure with one number. */
  static byte[] tag(ByteOrder order, int tag, boolean asLong, int value) {
    ByteBuffer b = ByteBuffer.allocate(26).order(order);
    b.put(ascii(order == ByteOrder.BIG_ENDIAN ? "MM" : "II")).putShort((short) 42).putInt(8);
    b.putShort((short) 1).putShort((short) tag).putShort((short) (asLong ? 4 : 3)).putInt(1);
    return (asLong ? b.putInt(value) : b.putShort((short) value)).array();
  }

  static byte[] exif(byte[] structure) {
    return join(ascii("Exif\0\0"), structure);
  }

  /** A JPEG with APP1 segments before all others. */
  static byte[] withExif(byte[] jpeg, byte[]... structures) {
    byte[] all = new byte[] {(byte) 0xFF, (byte) 0xD8};
    for (byte[] structure : structures) {
      int length = structure.length + 8;
      byte[] head = {(byte) 0xFF, (byte) 0xE1, (byte) (length >> 8), (byte) length};
      all = join(all, head, exif(structure));
    }
    return join(all, java.util.Arrays.copyOfRange(jpeg, 2, jpeg.length));
  }

  /** A PNG with a chunk behind its header. */
  static byte[] withChunk(byte[] png, String name, byte[] data) {
    byte[] named = join(ascii(name), data);
    CRC32 crc = new CRC32();
    crc.update(named);
    return join(
        java.util.Arrays.copyOf(png, 33),
        ByteBuffer.allocate(4).putInt(data.length).array(),
        named,
        ByteBuffer.allocate(4).putInt((int) crc.getValue()).array(),
        java.util.Arrays.copyOfRange(png, 33, png.length));
  }

  /** A simple WebP in a container that has an EXIF chunk. */
  static byte[] withExif(byte[] webp, int width, int height, byte[] block) {
    byte[] body =
        join(
            ascii("WEBPVP8X"),
            little(4, 10),
            little(4, 8),
            little(3, width - 1),
            little(3, height - 1),
            java.util.Arrays.copyOfRange(webp, 12, webp.length),
            ascii("EXIF"),
            little(4, block.length),
            block,
            new byte[block.length % 2]);
    return join(ascii("RIFF"), little(4, body.length), body);
  }

  static byte[] little(int bytes, long value) {
    byte[] all = new byte[bytes];
    for (int i = 0; i < bytes; i++) {
      all[i] = (byte) (value >> 8 * i);
    }
    return all;
  }

  /**
   * A TIFF of one strip.
   *
   * @param tags SHORTs, with their counts as array lengths; size, strip and the like are added
   */
  static byte[] tiff(int width, int height, byte[] data, Map<Integer, int[]> tags) {
    return tiff(width, height, data, tags, Map.of());
  }

  /**
   * The same with other strips.
   *
   * @param strips in the place of the tags that one strip has
   */
  static byte[] tiff(
      int width, int height, byte[] data, Map<Integer, int[]> tags, Map<Integer, int[]> strips) {
    Map<Integer, int[]> all = new TreeMap<>(tags);
    all.putIfAbsent(259, new int[] {1});
    all.put(256, new int[] {width});
    all.put(257, new int[] {height});
    all.put(273, new int[] {8});
    all.put(278, new int[] {height});
    all.put(279, new int[] {data.length});
    all.putAll(strips);
    int directory = 8 + data.length + data.length % 2;
    int behind = directory + 2 + 12 * all.size() + 4;
    byte[] entries = little(2, all.size());
    byte[] values = new byte[0];
    for (Map.Entry<Integer, int[]> tag : all.entrySet()) {
      byte[] numbers = new byte[0];
      for (int value : tag.getValue()) {
        numbers = join(numbers, little(2, value));
      }
      entries =
          join(entries, little(2, tag.getKey()), little(2, 3), little(4, tag.getValue().length));
      if (numbers.length <= 4) {
        entries = join(entries, java.util.Arrays.copyOf(numbers, 4));
      } else {
        entries = join(entries, little(4, behind + values.length));
        values = join(values, numbers);
      }
    }
    return join(
        ascii("II*\0"),
        little(4, directory),
        data,
        new byte[data.length % 2],
        entries,
        new byte[4],
        values);
  }

  /**
   * A BMP.
   *
   * @param header length of its header, 40 or more; what is beyond 40 bytes begins with the masks
   */
  static byte[] bmp(
      int header, int width, int height, int bits, int compression, byte[] extra, byte[] body) {
    byte[] dib =
        join(
            little(4, header),
            little(4, width),
            little(4, height),
            little(2, 1),
            little(2, bits),
            little(4, compression),
            little(4, body.length),
            new byte[16]);
    byte[] rest =
        header == 40 ? extra : java.util.Arrays.copyOf(extra, Math.max(header - 40, extra.length));
    int place = 14 + dib.length + rest.length;
    return join(
        ascii("BM"),
        little(4, place + body.length),
        little(4, 0),
        little(4, place),
        dib,
        rest,
        body);
  }

  /**
   * A grey JPEG of one even tone whose codes are a bit each: two bits per block.
   *
   * @param marker of its frame: 0xC0 for an ordinary one
   */
  static byte[] flatJpeg(int width, int height, int marker, int bits) {
    byte[] quantisation = new byte[67];
    java.util.Arrays.fill(quantisation, (byte) 1);
    quantisation[0] = 0;
    quantisation[1] = 67;
    quantisation[2] = 0;
    byte[] counts = new byte[16];
    counts[0] = 1;
    int blocks = ((width + 7) / 8) * ((height + 7) / 8);
    return join(
        new byte[] {(byte) 0xFF, (byte) 0xD8, (byte) 0xFF, (byte) 0xDB},
        quantisation,
        new byte[] {(byte) 0xFF, (byte) marker, 0, 11, (byte) bits},
        new byte[] {(byte) (height >> 8), (byte) height, (byte) (width >> 8), (byte) width},
        new byte[] {1, 1, 0x11, 0, (byte) 0xFF, (byte) 0xC4, 0, 20, 0},
        counts,
        new byte[] {0, (byte) 0xFF, (byte) 0xC4, 0, 20, 0x10},
        counts,
        new byte[] {0, (byte) 0xFF, (byte) 0xDA, 0, 8, 1, 1, 0, 0, 63, 0},
        new byte[(blocks + 3) / 4],
        new byte[] {(byte) 0xFF, (byte) 0xD9});
  }
}
