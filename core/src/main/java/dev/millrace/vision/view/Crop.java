package dev.millrace.vision.view;

import dev.millrace.draw.Draw;

/**
 * A rectangle of a picture.
 *
 * @param x first column
 * @param y first row
 * @param width columns, at least 1
 * @param height rows, at least 1
 */
record Crop(int x, int y, int width, int height) {
  private static final int TRIES = 10;
  private static final double NARROWEST = 3.0 / 4;
  private static final double WIDEST = 4.0 / 3;
  // Strict logarithms: crops must be the same on every machine.
  private static final double LOG_NARROWEST = StrictMath.log(NARROWEST);
  private static final double LOG_WIDEST = StrictMath.log(WIDEST);

  /**
   * torchvision's RandomResizedCrop (the scheme of Szegedy et al., arXiv:1409.4842): area uniform
   * in [min, max] of the picture's, width ÷ height log-uniform in [3/4, 4/3]; after ten tries that
   * do not fit, the largest centred crop whose sides are in that range.
   */
  static Crop random(int width, int height, double min, double max, Draw draw) {
    for (int i = 0; i < TRIES; i++) {
      Draw attempt = draw.at(i);
      double area = (double) width * height * attempt.at(0).uniform(min, max);
      double ratio = StrictMath.exp(attempt.at(1).uniform(LOG_NARROWEST, LOG_WIDEST));
      int w = (int) Math.round(Math.sqrt(area * ratio));
      int h = (int) Math.round(Math.sqrt(area / ratio));
      if (w > 0 && w <= width && h > 0 && h <= height) {
        return new Crop(
            attempt.at(2).below(width - w + 1), attempt.at(3).below(height - h + 1), w, h);
      }
    }
    return largest(width, height);
  }

  /** The largest centred crop with width ÷ height within [3/4, 4/3]. */
  static Crop largest(int width, int height) {
    double ratio = (double) width / height;
    int w = ratio > WIDEST ? (int) Math.round(height * WIDEST) : width;
    int h = ratio < NARROWEST ? (int) Math.round(width / NARROWEST) : height;
    return new Crop((width - w) / 2, (height - h) / 2, w, h);
  }
}
