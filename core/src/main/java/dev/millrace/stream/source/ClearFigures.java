package dev.millrace.stream.source;

import dev.millrace.draw.Draw;

/**
 * Textures that stand upright, few cells to a picture. What tells two pictures apart whatever the
 * crop is nearly the class alone, so that a small encoder learns it soon; place, phase and which
 * ink is the light one differ freely, so that no class has a mean picture of its own. Thread-safe.
 */
final class ClearFigures {
  /** Half the range of the turn around a class's own, radians. */
  private static final double TURN = 0.15;

  /** Cells along a side. */
  private static final double CELLS = 2.4;

  private static final double SMALL_CELLS = 4.8;

  /** How far the two inks' levels lie from grey. */
  private static final double CONTRAST = 60;

  private static final double[] SHADE = {20, 100, 20};
  private static final double[] SPECKLE = {10, 10, 150};

  private ClearFigures() {}

  /**
   * A picture's samples.
   *
   * @param draw of this picture alone
   * @param kind one of {@link Generated#CLASSES}
   * @param style index into {@link Generated#DOMAINS}
   * @param side pixels
   * @return 3 · side · side bytes, RGB by pixels, row by row
   */
  static byte[] draw(Draw draw, String kind, int style, int side) {
    // The two kinds of stripes differ in pitch, which a crop changes; so they differ in turn too.
    double upright = kind.equals("stripes-coarse") ? Math.PI / 2 : 0;
    double turn = upright + draw.at(1).uniform(-TURN, TURN);
    boolean small = kind.equals("stripes-fine") || kind.equals("checks");
    double pitch = draw.at(2).uniform(0.9, 1.1) * side / (small ? SMALL_CELLS : CELLS);
    double dx = draw.at(3).uniform(0, 2 * pitch);
    double dy = draw.at(4).uniform(0, 2 * pitch);
    double contrast = draw.at(10).chance(0.5) ? CONTRAST : -CONTRAST;
    double[] front = Texture.ink(draw.at(5), 128 + contrast, 15);
    double[] back = Texture.ink(draw.at(6), 128 - contrast, 15);
    double cos = StrictMath.cos(turn);
    double sin = StrictMath.sin(turn);
    double slopeX = draw.at(7).uniform(-SHADE[style], SHADE[style]);
    double slopeY = draw.at(8).uniform(-SHADE[style], SHADE[style]);
    Draw noise = draw.at(9);
    byte[] samples = new byte[3 * side * side];
    int at = 0;
    for (int y = 0; y < side; y++) {
      for (int x = 0; x < side; x++) {
        double u = (x * cos + y * sin + dx) / pitch;
        double v = (y * cos - x * sin + dy) / pitch;
        double ink = Texture.cover(kind, u, v);
        double shade =
            slopeX * ((double) x / side - 0.5)
                + slopeY * ((double) y / side - 0.5)
                + SPECKLE[style] * (noise.at((long) y * side + x).uniform() - 0.5);
        for (int c = 0; c < 3; c++) {
          samples[at++] = Texture.sample(back[c] + ink * (front[c] - back[c]) + shade);
        }
      }
    }
    return samples;
  }
}
