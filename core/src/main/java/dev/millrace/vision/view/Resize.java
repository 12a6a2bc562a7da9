package dev.millrace.vision.view;

import dev.millrace.vision.decode.Decoded;
import dev.millrace.vision.decode.Pixels;

/**
 * Antialiased linear resize of a part of a picture into planes, see {@link Taps}: across, then
 * down, a few output rows at a time so that what lies between stays in the processor's cache.
 * Reused from view to view; not thread-safe.
 */
final class Resize {
  // Cheaper than converting a byte each time it is under a tap.
  private static final float[] VALUE = new float[256];

  static {
    for (int i = 0; i < VALUE.length; i++) {
      VALUE[i] = i;
    }
  }

  private final Taps across = new Taps();
  private final Taps down = new Taps();
  private byte[] rgb = new byte[0];
  private int start;
  private int stride;
  private int size;

  /** Picture rows resized across, {@code [rows][size]}; row y lies at y modulo their number. */
  private float[][] red = new float[0][];

  private float[][] green = new float[0][];
  private float[][] blue = new float[0][];
  private float[] line = new float[0];
  private int next;
  private int ready;

  /**
   * Begins with a crop, which becomes size × size.
   *
   * @param crop what is seen, in pixels of the whole picture; pixels outside it count for nothing,
   *     as if it were a picture itself
   * @param flip whether left and right change places
   */
  void crop(Decoded picture, Crop crop, boolean flip, int size) {
    double reduction = picture.reduction();
    int x = along(across, crop.x() / reduction, crop.width() / reduction, size);
    int y = along(down, crop.y() / reduction, crop.height() / reduction, size);
    if (flip) {
      across.reverse(size);
    }
    begin(picture.pixels(), x, y, size);
  }

  /** Prepares one axis; returns the first pixel that is seen, if only in part. */
  private static int along(Taps taps, double from, double length, int size) {
    int first = (int) from;
    int end = (int) Math.ceil(from + length);
    taps.prepare(end - first, from - first, length / size, 0, size);
    return first;
  }

  /**
   * Begins torchvision's Resize and CenterCrop: shorter side to size, then the middle size × size,
   * of which alone anything is computed.
   */
  void middle(Pixels picture, int size) {
    int w = picture.width();
    int h = picture.height();
    int outW = w <= h ? size : (int) ((long) size * w / h);
    int outH = w <= h ? (int) ((long) size * h / w) : size;
    across.prepare(w, 0, (double) w / outW, halfToEven(outW - size), size);
    down.prepare(h, 0, (double) h / outH, halfToEven(outH - size), size);
    begin(picture, 0, 0, size);
  }

  /** Begins with the whole picture, which becomes width × height, mirrored if asked. */
  void whole(Pixels picture, int width, int height, boolean flip) {
    across.prepare(picture.width(), 0, (double) picture.width() / width, 0, width);
    down.prepare(picture.height(), 0, (double) picture.height() / height, 0, height);
    if (flip) {
      across.reverse(width);
    }
    begin(picture, 0, 0, width);
  }

  private static int halfToEven(int twice) {
    return (int) Math.rint(twice / 2.0); // as Python's round does
  }

  private void begin(Pixels picture, int x, int y, int size) {
    rgb = picture.rgb();
    start = (y * picture.width() + x) * 3;
    stride = picture.width() * 3;
    if (this.size != size) {
      this.size = size;
      line = new float[size];
      red = new float[0][];
    }
    next = 0;
    ready = down.first[0];
  }

  /** Goes on with as many output rows as these arrays hold, {@code [rows, size]} each. */
  void band(float[] r, float[] g, float[] b) {
    int rows = r.length / size;
    int top = down.first[next + rows - 1] + down.count;
    room(top - down.first[next]);
    for (; ready < top; ready++) {
      row(start + ready * stride, ready % red.length);
    }
    for (int y = 0; y < rows; y++, next++) {
      down(red, r, y);
      down(green, g, y);
      down(blue, b, y);
    }
  }

  /** A ring for so many rows at a time; what is in a smaller one is made again. */
  private void room(int rows) {
    if (red.length < rows) {
      red = new float[rows][size];
      green = new float[rows][size];
      blue = new float[rows][size];
      ready = down.first[next];
    }
  }

  /** One row of interleaved bytes to rows of floats. */
  private void row(int from, int to) {
    int count = across.count;
    if (count % 2 != 0) {
      tiny(from, red[to], 0);
      tiny(from, green[to], 1);
      tiny(from, blue[to], 2);
      return;
    }
    float[] r = red[to];
    float[] g = green[to];
    float[] b = blue[to];
    float[][] w = across.weights;
    if (count == 2) {
      two(rgb, from, across.first, w[0], w[1], size, r, g, b);
    } else {
      four(rgb, from, across.first, w, size, r, g, b);
    }
    for (int k = 4; k < count; k += 2) {
      twoMore(rgb, from + 3 * k, across.first, w[k], w[k + 1], size, r, g, b);
    }
  }

  /** The only two taps, when enlarging. */
  private static void two(
      byte[] rgb,
      int from,
      int[] first,
      float[] u,
      float[] v,
      int n,
      float[] r,
      float[] g,
      float[] b) {
    for (int i = 0; i < n; i++) {
      int p = from + 3 * first[i];
      r[i] = u[i] * VALUE[rgb[p] & 0xFF] + v[i] * VALUE[rgb[p + 3] & 0xFF];
      g[i] = u[i] * VALUE[rgb[p + 1] & 0xFF] + v[i] * VALUE[rgb[p + 4] & 0xFF];
      b[i] = u[i] * VALUE[rgb[p + 2] & 0xFF] + v[i] * VALUE[rgb[p + 5] & 0xFF];
    }
  }

  /** The first four taps. */
  private static void four(
      byte[] rgb,
      int from,
      int[] first,
      float[][] weights,
      int n,
      float[] r,
      float[] g,
      float[] b) {
    float[] w0 = weights[0];
    float[] w1 = weights[1];
    float[] w2 = weights[2];
    float[] w3 = weights[3];
    for (int i = 0; i < n; i++) {
      int p = from + 3 * first[i];
      float t = w0[i];
      float u = w1[i];
      float v = w2[i];
      float w = w3[i];
      r[i] =
          t * VALUE[rgb[p] & 0xFF]
              + u * VALUE[rgb[p + 3] & 0xFF]
              + v * VALUE[rgb[p + 6] & 0xFF]
              + w * VALUE[rgb[p + 9] & 0xFF];
      g[i] =
          t * VALUE[rgb[p + 1] & 0xFF]
              + u * VALUE[rgb[p + 4] & 0xFF]
              + v * VALUE[rgb[p + 7] & 0xFF]
              + w * VALUE[rgb[p + 10] & 0xFF];
      b[i] =
          t * VALUE[rgb[p + 2] & 0xFF]
              + u * VALUE[rgb[p + 5] & 0xFF]
              + v * VALUE[rgb[p + 8] & 0xFF]
              + w * VALUE[rgb[p + 11] & 0xFF];
    }
  }

  /** Adds two taps more. */
  private static void twoMore(
      byte[] rgb,
      int from,
      int[] first,
      float[] u,
      float[] v,
      int n,
      float[] r,
      float[] g,
      float[] b) {
    for (int i = 0; i < n; i++) {
      int p = from + 3 * first[i];
      r[i] += u[i] * VALUE[rgb[p] & 0xFF] + v[i] * VALUE[rgb[p + 3] & 0xFF];
      g[i] += u[i] * VALUE[rgb[p + 1] & 0xFF] + v[i] * VALUE[rgb[p + 4] & 0xFF];
      b[i] += u[i] * VALUE[rgb[p + 2] & 0xFF] + v[i] * VALUE[rgb[p + 5] & 0xFF];
    }
  }

  /** One channel of a picture that is narrower than its taps, made even, would be. */
  private void tiny(int from, float[] to, int channel) {
    for (int i = 0; i < size; i++) {
      float sum = 0;
      for (int k = 0; k < across.count; k++) {
        int p = from + 3 * (across.first[i] + k) + channel;
        sum += across.weights[k][i] * VALUE[rgb[p] & 0xFF];
      }
      to[i] = sum;
    }
  }

  /** One output row of one plane from the rows under its taps. */
  private void down(float[][] ring, float[] band, int y) {
    int first = down.first[next];
    int count = down.count;
    float[][] w = down.weights;
    float[] to = band.length == size ? band : line;
    if (count == 1) {
      System.arraycopy(ring[first % ring.length], 0, to, 0, size);
    } else {
      float[] a = ring[first % ring.length];
      float[] b = ring[(first + 1) % ring.length];
      both(a, b, w[0][next], w[1][next], to);
      for (int k = 2; k < count; k++) {
        if (w[k][next] != 0) {
          Blur.add(ring[(first + k) % ring.length], w[k][next], to);
        }
      }
    }
    if (to == line) {
      System.arraycopy(line, 0, band, y * size, size);
    }
  }

  private static void both(float[] a, float[] b, float u, float v, float[] to) {
    for (int i = 0; i < to.length; i++) {
      to[i] = u * a[i] + v * b[i];
    }
  }
}
