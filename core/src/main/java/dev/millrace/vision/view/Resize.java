package dev.millrace.vision.view;

import dev.millrace.vision.decode.Pixels;

/** Antialiased linear resize of a part of a picture into planes; see {@link Taps}. */
final class Resize {
  private Resize() {}

  /**
   * Resizes a crop to size × size.
   *
   * @param crop what is seen; pixels outside it count for nothing, as if it were a picture itself
   */
  static void crop(Pixels picture, Crop crop, int size, Scratch scratch) {
    scratch.across.prepare(crop.width(), size, 0, size);
    scratch.down.prepare(crop.height(), size, 0, size);
    apply(picture, crop.x(), crop.y(), size, size, scratch);
  }

  /** Resizes the whole picture to width × height; the planes' rows are width long. */
  static void whole(Pixels picture, int width, int height, Scratch scratch) {
    scratch.across.prepare(picture.width(), width, 0, width);
    scratch.down.prepare(picture.height(), height, 0, height);
    apply(picture, 0, 0, width, height, scratch);
  }

  /**
   * torchvision's Resize and CenterCrop: shorter side to size, then the middle size × size, of
   * which alone anything is computed.
   */
  static void middle(Pixels picture, int size, Scratch scratch) {
    int w = picture.width();
    int h = picture.height();
    int outW = w <= h ? size : (int) ((long) size * w / h);
    int outH = w <= h ? (int) ((long) size * h / w) : size;
    scratch.across.prepare(w, outW, halfToEven(outW - size), size);
    scratch.down.prepare(h, outH, halfToEven(outH - size), size);
    apply(picture, 0, 0, size, size, scratch);
  }

  private static int halfToEven(int twice) {
    return (int) Math.rint(twice / 2.0); // as Python's round does
  }

  private static void apply(Pixels picture, int x, int y, int width, int height, Scratch scratch) {
    Taps down = scratch.down;
    int top = down.first[0];
    int rows = down.first[height - 1] + down.count - top;
    float[] band = scratch.band(3 * rows * width);
    for (int row = 0; row < rows; row++) {
      int start = ((y + top + row) * picture.width() + x) * 3;
      across(picture.rgb(), start, scratch.across, width, band, 3 * width * row);
    }
    for (int row = 0; row < height; row++) {
      int start = (down.first[row] - top) * 3 * width;
      down(band, start, down, row, width, scratch);
    }
  }

  /** One row of interleaved bytes to three rows of floats, red then green then blue. */
  private static void across(byte[] rgb, int start, Taps taps, int size, float[] out, int at) {
    if (taps.count == 2) {
      acrossTwo(rgb, start, taps, size, out, at);
      return;
    }
    int count = taps.count;
    int tap = 0;
    for (int i = 0; i < size; i++) {
      int p = start + 3 * taps.first[i];
      float r = 0;
      float g = 0;
      float b = 0;
      for (int k = 0; k < count; k++, tap++, p += 3) {
        float weight = taps.weights[tap];
        r += weight * (rgb[p] & 0xFF);
        g += weight * (rgb[p + 1] & 0xFF);
        b += weight * (rgb[p + 2] & 0xFF);
      }
      out[at + i] = r;
      out[at + size + i] = g;
      out[at + 2 * size + i] = b;
    }
  }

  /** The same for two taps, which all enlarging needs. */
  private static void acrossTwo(byte[] rgb, int start, Taps taps, int size, float[] out, int at) {
    int[] first = taps.first;
    float[] weights = taps.weights;
    for (int i = 0; i < size; i++) {
      int p = start + 3 * first[i];
      float u = weights[2 * i];
      float v = weights[2 * i + 1];
      out[at + i] = u * (rgb[p] & 0xFF) + v * (rgb[p + 3] & 0xFF);
      out[at + size + i] = u * (rgb[p + 1] & 0xFF) + v * (rgb[p + 4] & 0xFF);
      out[at + 2 * size + i] = u * (rgb[p + 2] & 0xFF) + v * (rgb[p + 5] & 0xFF);
    }
  }

  /** One output row of all three planes from the rows of the band under its taps. */
  private static void down(float[] band, int start, Taps taps, int row, int size, Scratch scratch) {
    float[] line = scratch.line(3 * size);
    int stride = 3 * size;
    float weight = taps.weights[row * taps.count];
    scale(band, start, weight, line, stride);
    for (int k = 1; k < taps.count; k++) {
      weight = taps.weights[row * taps.count + k];
      if (weight != 0) {
        add(band, start + k * stride, weight, line, stride);
      }
    }
    System.arraycopy(line, 0, scratch.red, row * size, size);
    System.arraycopy(line, size, scratch.green, row * size, size);
    System.arraycopy(line, 2 * size, scratch.blue, row * size, size);
  }

  private static void scale(float[] from, int at, float weight, float[] to, int n) {
    for (int i = 0; i < n; i++) {
      to[i] = weight * from[at + i];
    }
  }

  private static void add(float[] from, int at, float weight, float[] to, int n) {
    for (int i = 0; i < n; i++) {
      to[i] += weight * from[at + i];
    }
  }
}
