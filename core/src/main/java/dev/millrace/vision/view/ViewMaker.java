package dev.millrace.vision.view;

import dev.millrace.vision.decode.Decoded;
import dev.millrace.vision.decode.Pixels;
import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Makes views. Thread-safe: each thread has its own scratch, and views go to separate parts of a
 * buffer. A view depends only on the picture and its {@link Place}.
 */
public final class ViewMaker {
  private static final float SOLARISED = 128;

  /** Of each view; the last of all further ones, too. */
  private final List<Augmentation> kinds;

  private final float[] scale = new float[3];
  private final float[] bias = new float[3];

  /** What becomes of a channel's byte. */
  private final float[][] normalised = new float[3][256];

  /** By the size of a view. */
  private final ThreadLocal<Map<Integer, Scratch>> scratch = ThreadLocal.withInitial(HashMap::new);

  /**
   * A maker of views.
   *
   * @param augmentation what random views look like
   * @param normalisation applied to all views, random and plain
   */
  public ViewMaker(Augmentation augmentation, Normalisation normalisation) {
    this(List.of(augmentation), normalisation);
  }

  /**
   * A maker of views that differ in kind.
   *
   * @param kinds what the random views of each place look like, by the place's view; the last is
   *     that of all further views. At least one
   * @param normalisation applied to all views, random and plain
   * @throws IllegalArgumentException if there is none
   */
  public ViewMaker(List<Augmentation> kinds, Normalisation normalisation) {
    this.kinds = List.copyOf(kinds);
    if (kinds.isEmpty()) {
      throw new IllegalArgumentException("found no kind of view; expected at least one");
    }
    float[] mean = normalisation.mean();
    float[] std = normalisation.std();
    for (int c = 0; c < 3; c++) {
      scale[c] = 1 / (255 * std[c]);
      bias[c] = -mean[c] / std[c];
      for (int value = 0; value < 256; value++) {
        normalised[c][value] = value * scale[c] + bias[c];
      }
    }
  }

  /** Side of a random view in pixels, by its number among those of a picture. */
  public int size(int view) {
    return kinds.get(Math.min(view, kinds.size() - 1)).size();
  }

  /** Side of the smallest random view, pixels. */
  public int smallest() {
    return kinds.stream().mapToInt(Augmentation::size).min().orElseThrow();
  }

  /**
   * Makes a random view.
   *
   * @param picture what to view; not written to
   * @param place decides every random choice
   * @param out receives {@code [3, size, size] float32}, normalised; its position stays
   * @param offset index in out of the view's first value
   * @throws IllegalArgumentException if out has no room for a view at offset
   */
  public void augment(Pixels picture, Place place, FloatBuffer out, int offset) {
    augment(Decoded.whole(picture), place, out, offset);
  }

  /**
   * The largest reduction at which each of some random views still has a pixel for each of its own;
   * for {@link #augment(Decoded, Place, FloatBuffer, int)}.
   *
   * @param width of the whole picture, upright
   * @param height of the whole picture, upright
   * @param places of all views that are to be made of it
   * @return 1, 2, 4 or 8
   */
  public int reduction(int width, int height, Place... places) {
    int reduction = 8;
    for (int i = 0; i < places.length && reduction > 1; i++) {
      int size = how(places[i]).size();
      if (Math.min(width, height) < 2 * size) {
        return 1;
      }
      Crop crop = crop(width, height, places[i]);
      int shortest = Math.min(crop.width(), crop.height());
      while (reduction > 1 && shortest < reduction * size) {
        reduction /= 2;
      }
    }
    return reduction;
  }

  private Scratch scratch(int size) {
    Scratch own = scratch.get().computeIfAbsent(size, of -> new Scratch());
    own.fit(size);
    return own;
  }

  private Augmentation how(Place place) {
    return kinds.get(Math.min(place.view(), kinds.size() - 1));
  }

  private Crop crop(int width, int height, Place place) {
    Augmentation how = how(place);
    return Crop.random(width, height, how.cropMin(), how.cropMax(), place.draw("crop"));
  }

  /**
   * Makes a random view of a picture that may be decoded at a reduced scale.
   *
   * @param picture what to view; not written to
   * @param place decides every random choice
   * @param out receives {@code [3, size, size] float32}, normalised; its position stays
   * @param offset index in out of the view's first value
   * @throws IllegalArgumentException if out has no room for a view at offset
   */
  public void augment(Decoded picture, Place place, FloatBuffer out, int offset) {
    Augmentation how = how(place);
    int size = how.size();
    checkRoom(size, out, offset);
    Scratch s = scratch(size);
    boolean flip = place.draw("flip").chance(how.flipProbability());
    s.resize.crop(picture, crop(picture.width(), picture.height(), place), flip, size);
    Jitter jitter = new Jitter(how, place);
    boolean blur = place.draw("blur").chance(how.blurProbability());
    boolean solarise = place.draw("solarise").chance(how.solariseProbability());
    boolean once = !jitter.hasContrast() && !blur;
    int n = s.pixels();
    s.mean.start(n);
    for (int band = 0; band < s.bands(); band++) {
      s.resize.band(s.red[band], s.green[band], s.blue[band]);
      jitter.beforeContrast(s, band, n);
      if (jitter.hasContrast()) {
        s.mean.add(s.red[band], s.green[band], s.blue[band], n);
      } else if (once) {
        finish(s, size, band, solarise, out, offset);
      }
    }
    if (once) {
      return;
    }
    float mean = jitter.hasContrast() ? s.mean.value() : 0;
    for (int band = 0; jitter.hasContrast() && band < s.bands(); band++) {
      jitter.fromContrast(s, band, n, mean);
      if (!blur) {
        finish(s, size, band, solarise, out, offset);
      }
    }
    if (blur) {
      double sigma = place.draw("blur sigma").uniform(how.blurMin(), how.blurMax());
      s.blur().gaussian(s.red, sigma);
      s.blur().gaussian(s.green, sigma);
      s.blur().gaussian(s.blue, sigma);
      for (int band = 0; band < s.bands(); band++) {
        finish(s, size, band, solarise, out, offset);
      }
    }
  }

  private void finish(
      Scratch s, int size, int band, boolean solarise, FloatBuffer out, int offset) {
    if (solarise) {
      solarise(s.red[band], s.pixels());
      solarise(s.green[band], s.pixels());
      solarise(s.blue[band], s.pixels());
    }
    write(s, size, band, out, offset);
  }

  private static void solarise(float[] values, int n) {
    for (int i = 0; i < n; i++) {
      values[i] = values[i] < SOLARISED ? values[i] : 255 - values[i];
    }
  }

  /**
   * Makes the view that a probe sees: shorter side to size (antialiased), centre crop.
   *
   * @param picture what to view; not written to
   * @param size side of the view in pixels, at least 1
   * @param out receives {@code [3, size, size] float32}, normalised; its position stays
   * @param offset index in out of the view's first value
   * @throws IllegalArgumentException if size is below 1 or out has no room for a view at offset
   */
  public void plain(Pixels picture, int size, FloatBuffer out, int offset) {
    if (size < 1) {
      throw new IllegalArgumentException("size is " + size + "; expected at least 1 pixel");
    }
    checkRoom(size, out, offset);
    Scratch s = scratch(size);
    if (picture.width() == size && picture.height() == size) {
      asItIs(picture.rgb(), s, out, offset);
      return;
    }
    s.resize.middle(picture, size);
    for (int band = 0; band < s.bands(); band++) {
      s.resize.band(s.red[band], s.green[band], s.blue[band]);
      write(s, size, band, out, offset);
    }
  }

  /** A picture that has the view's size already: its bytes, normalised. */
  private void asItIs(byte[] rgb, Scratch s, FloatBuffer out, int offset) {
    int plane = rgb.length / 3;
    float[] to = s.spare1;
    for (int c = 0; c < 3; c++) {
      float[] value = normalised[c];
      for (int from = 0; from < plane; from += to.length) {
        for (int i = 0; i < to.length; i++) {
          to[i] = value[rgb[3 * (from + i) + c] & 255];
        }
        out.put(offset + c * plane + from, to, 0, to.length);
      }
    }
  }

  /**
   * Makes the view that a detector sees: the whole picture (antialiased), in the upper left corner
   * of a canvas that may be larger and stays as it is elsewhere.
   *
   * @param picture what to view; not written to
   * @param width columns of the view, at least 1
   * @param height rows of the view, at least 1
   * @param flip whether left and right change places
   * @param out receives {@code [3, height, width] float32}, normalised; its position stays
   * @param offset index in out of the view's first value
   * @param row values from one row of the canvas to the next, at least width
   * @param plane values from one channel of the canvas to the next, at least height · row
   * @throws IllegalArgumentException if a side is below 1, or out has no room for the view
   */
  public void whole(
      Pixels picture,
      int width,
      int height,
      boolean flip,
      FloatBuffer out,
      int offset,
      int row,
      int plane) {
    if (width < 1 || height < 1 || row < width || plane < (long) height * row) {
      throw new IllegalArgumentException(
          "a view of %d×%d pixels in rows of %d and planes of %d values cannot be; expected sides of at least 1, rows of at least width and planes of at least height · row"
              .formatted(width, height, row, plane));
    }
    checkRoom(width, height, 2L * plane + (height - 1L) * row + width, out, offset);
    Resize resize = scratch(kinds.get(0).size()).resize;
    resize.whole(picture, width, height, flip);
    float[][] rgb = new float[3][width];
    for (int y = 0; y < height; y++) {
      resize.band(rgb[0], rgb[1], rgb[2]);
      for (int c = 0; c < 3; c++) {
        write(rgb[c], c, out, offset + c * plane + y * row);
      }
    }
  }

  /** Normalises a band and copies it out. */
  private void write(Scratch s, int size, int band, FloatBuffer out, int offset) {
    int at = offset + band * s.pixels();
    write(s.red[band], 0, out, at);
    write(s.green[band], 1, out, at + size * size);
    write(s.blue[band], 2, out, at + 2 * size * size);
  }

  private void write(float[] values, int channel, FloatBuffer out, int at) {
    normalise(values, scale[channel], bias[channel]);
    out.put(at, values, 0, values.length);
  }

  private static void normalise(float[] values, float scale, float bias) {
    for (int i = 0; i < values.length; i++) {
      values[i] = values[i] * scale + bias;
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
