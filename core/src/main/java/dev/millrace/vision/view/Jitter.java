package dev.millrace.vision.view;

import dev.millrace.draw.Draw;

/**
 * The colour changes of one view: torchvision's ColorJitter, four changes in random order, each by
 * its own random amount, and then perhaps grey. Contrast needs the mean of the whole picture as the
 * changes before it left it, so a picture goes through band by band twice: {@link #beforeContrast}
 * and {@link #fromContrast}.
 */
final class Jitter {
  private static final int BRIGHTNESS = 0;
  private static final int CONTRAST = 1;
  private static final int SATURATION = 2;
  private static final int CHANGES = 4;

  private final int[] order;
  private final float[] amounts = new float[CHANGES];
  private final boolean grey;
  private final int contrastAt;

  /** Draws what happens at a place. */
  Jitter(Augmentation how, Place place) {
    boolean jitters = place.draw("jitter").chance(how.jitterProbability());
    grey = place.draw("grey").chance(how.greyProbability());
    order = jitters ? place.draw("jitter order").permutation(CHANGES) : new int[0];
    int at = order.length;
    if (jitters) {
      Draw draws = place.draw("jitter amounts");
      amounts[BRIGHTNESS] = factor(draws.at(BRIGHTNESS), how.brightness());
      amounts[CONTRAST] = factor(draws.at(CONTRAST), how.contrast());
      amounts[SATURATION] = factor(draws.at(SATURATION), how.saturation());
      amounts[3] = (float) draws.at(3).uniform(-how.hue(), how.hue());
      for (int i = 0; i < CHANGES; i++) {
        at = order[i] == CONTRAST ? i : at;
      }
    }
    contrastAt = at;
  }

  private static float factor(Draw draw, double amount) {
    return (float) draw.uniform(Math.max(0, 1 - amount), 1 + amount);
  }

  /** Whether a second pass, {@link #fromContrast}, waits for the mean. */
  boolean hasContrast() {
    return contrastAt < order.length;
  }

  /** All changes of a band before contrast; without contrast, all changes. */
  void beforeContrast(Scratch s, int band, int n) {
    for (int i = 0; i < contrastAt; i++) {
      apply(order[i], s, band, n);
    }
    if (grey && !hasContrast()) {
      Colour.grey(s.red[band], s.green[band], s.blue[band], n);
    }
  }

  /** Contrast of a band and all after it. */
  void fromContrast(Scratch s, int band, int n, float mean) {
    Colour.contrast(s.red[band], n, amounts[CONTRAST], mean);
    Colour.contrast(s.green[band], n, amounts[CONTRAST], mean);
    Colour.contrast(s.blue[band], n, amounts[CONTRAST], mean);
    for (int i = contrastAt + 1; i < order.length; i++) {
      apply(order[i], s, band, n);
    }
    if (grey) {
      Colour.grey(s.red[band], s.green[band], s.blue[band], n);
    }
  }

  private void apply(int change, Scratch s, int band, int n) {
    float[] red = s.red[band];
    float[] green = s.green[band];
    float[] blue = s.blue[band];
    float amount = amounts[change];
    switch (change) {
      case BRIGHTNESS -> {
        Colour.brightness(red, n, amount);
        Colour.brightness(green, n, amount);
        Colour.brightness(blue, n, amount);
      }
      case SATURATION -> Colour.saturation(red, green, blue, n, amount, s.spare1);
      default -> Colour.hue(red, green, blue, n, amount, s.spare1, s.spare2, s.spare3, s.spare4);
    }
  }
}
