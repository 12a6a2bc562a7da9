package dev.millrace.vision.view;

import dev.millrace.draw.Draw;
import dev.millrace.vision.decode.Pixels;
import java.nio.FloatBuffer;
import java.util.Locale;

/**
 * Makes views. Thread-safe: each thread has its own scratch, and views go to separate parts of a
 * buffer. A view depends on the picture and its {@link Place} alone.
 */
public final class ViewMaker {
  private final Augmentation how;
  private final float[] scale = new float[3];
  private final float[] bias = new float[3];
  private final ThreadLocal<Scratch> scratch = ThreadLocal.withInitial(Scratch::new);

  /**
   * A maker of views.
   *
   * @param augmentation what random views look like
   * @param normalisation applied to all views, random and plain
   */
  public ViewMaker(Augmentation augmentation, Normalisation normalisation) {
    this.how = augmentation;
    float[] mean = normalisation.mean();
    float[] std = normalisation.std();
    for (int c = 0; c < 3; c++) {
      scale[c] = 1 / (255 * std[c]);
      bias[c] = -mean[c] / std[c];
    }
  }

  /**
   * Makes a random view.
   *
   * @param picture what to view; not written to
   * @param place decides every random choice
   * @param out receives {@code [size, size, 3] float32}, normalised; its position stays
   * @param offset index in out of the view's first value
   * @throws IllegalArgumentException if out has no room for a view at offset
   */
  public void augment(Pixels picture, Place place, FloatBuffer out, int offset) {
    int size = how.size();
    checkRoom(size, out, offset);
    Scratch s = scratch.get();
    s.fit(size);
    Crop crop =
        Crop.random(
            picture.width(), picture.height(), how.cropMin(), how.cropMax(), place.draw("crop"));
    Resize.crop(picture, crop, size, s);
    int n = size * size;
    if (place.draw("jitter").chance(how.jitterProbability())) {
      jitter(s, n, place);
    }
    if (place.draw("grey").chance(how.greyProbability())) {
      Colour.grey(s.red, s.green, s.blue, n);
    }
    if (place.draw("blur").chance(how.blurProbability())) {
      double sigma = place.draw("blur sigma").uniform(how.blurMin(), how.blurMax());
      Blur.gaussian(s.red, size, sigma, s.spare1);
      Blur.gaussian(s.green, size, sigma, s.spare1);
      Blur.gaussian(s.blue, size, sigma, s.spare1);
    }
    boolean flip = place.draw("flip").chance(how.flipProbability());
    write(s, size, flip, out, offset);
  }

  /**
   * Makes the view that a probe sees: shorter side to size (antialiased), centre crop.
   *
   * @param picture what to view; not written to
   * @param size side of the view in pixels, at least 1
   * @param out receives {@code [size, size, 3] float32}, normalised; its position stays
   * @param offset index in out of the view's first value
   * @throws IllegalArgumentException if size is below 1 or out has no room for a view at offset
   */
  public void plain(Pixels picture, int size, FloatBuffer out, int offset) {
    if (size < 1) {
      throw new IllegalArgumentException("size is " + size + "; expected at least 1 pixel");
    }
    checkRoom(size, out, offset);
    Scratch s = scratch.get();
    s.fit(size);
    Resize.middle(picture, size, s);
    write(s, size, false, out, offset);
  }

  /**
   * Makes the view that a detector sees: the whole picture (antialiased), in the upper left corner
   * of a canvas that may be larger and stays as it is elsewhere.
   *
   * @param picture what to view; not written to
   * @param width columns of the view, at least 1
   * @param height rows of the view, at least 1
   * @param flip whether left and right change places
   * @param out receives {@code [height, width, 3] float32}, normalised; its position stays
   * @param offset index in out of the view's first value
   * @param row values from one row of the canvas to the next, at least 3 · width
   * @throws IllegalArgumentException if a side is below 1, or out has no room for the view
   */
  public void whole(
      Pixels picture, int width, int height, boolean flip, FloatBuffer out, int offset, int row) {
    if (width < 1 || height < 1 || row < 3 * width) {
      throw new IllegalArgumentException(
          "a view of %d×%d pixels in rows of %d values cannot be; expected sides of at least 1 and rows of at least 3 · width"
              .formatted(width, height, row));
    }
    checkRoom(width, height, (height - 1L) * row + 3L * width, out, offset);
    Scratch s = scratch.get();
    s.fit(width, height);
    Resize.whole(picture, width, height, s);
    interleave(s, width, height, flip);
    for (int y = 0; y < height; y++) {
      out.put(offset + y * row, s.result, 3 * width * y, 3 * width);
    }
  }

  /** torchvision's ColorJitter: four changes in random order, each by its own random amount. */
  private void jitter(Scratch s, int n, Place place) {
    Draw amounts = place.draw("jitter amounts");
    int[] order = place.draw("jitter order").permutation(4);
    for (int change : order) {
      Draw draw = amounts.at(change);
      switch (change) {
        case 0 -> {
          float factor = factor(draw, how.brightness());
          Colour.brightness(s.red, n, factor);
          Colour.brightness(s.green, n, factor);
          Colour.brightness(s.blue, n, factor);
        }
        case 1 -> Colour.contrast(s.red, s.green, s.blue, n, factor(draw, how.contrast()));
        case 2 -> Colour.saturation(s.red, s.green, s.blue, n, factor(draw, how.saturation()));
        default -> {
          float turn = (float) draw.uniform(-how.hue(), how.hue());
          Colour.hue(s.red, s.green, s.blue, n, turn, s.spare1, s.spare2, s.spare3);
        }
      }
    }
  }

  private static float factor(Draw draw, double amount) {
    return (float) draw.uniform(Math.max(0, 1 - amount), 1 + amount);
  }

  /** Normalises, mirrors if asked, interleaves and copies out. */
  private void write(Scratch s, int size, boolean flip, FloatBuffer out, int offset) {
    interleave(s, size, size, flip);
    out.put(offset, s.result, 0, 3 * size * size);
  }

  private void interleave(Scratch s, int width, int height, boolean flip) {
    channel(s.red, width, height, flip, scale[0], bias[0], s.result, 0);
    channel(s.green, width, height, flip, scale[1], bias[1], s.result, 1);
    channel(s.blue, width, height, flip, scale[2], bias[2], s.result, 2);
  }

  private static void channel(
      float[] plane,
      int width,
      int height,
      boolean flip,
      float scale,
      float bias,
      float[] to,
      int c) {
    if (flip) {
      for (int y = 0; y < height; y++) {
        int last = (y * width + width - 1) * 3 + c;
        for (int x = 0; x < width; x++) {
          to[last - 3 * x] = plane[y * width + x] * scale + bias;
        }
      }
    } else {
      for (int i = 0; i < width * height; i++) {
        to[3 * i + c] = plane[i] * scale + bias;
      }
    }
  }

  private static void checkRoom(int size, FloatBuffer out, int offset) {
    checkRoom(size, size, 3L * size * size, out, offset);
  }

  private static void checkRoom(int width, int height, long need, FloatBuffer out, int offset) {
    if (offset < 0 || offset + need > out.limit()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "a %d×%d view at offset %d needs a buffer of %d floats; found %d",
              width,
              height,
              offset,
              offset + need,
              out.limit()));
    }
  }
}
