package dev.millrace.stream.source;

import dev.millrace.draw.Draw;
import java.util.Map;

/** Textures in any turn, many to a picture: the hard ones. Thread-safe. */
final class TurnedFigures {
  /** Cells along a side, for textures of lines and filled squares; the others have 4.2. */
  private static final Map<String, Double> CELLS =
      Map.of("stripes-fine", 9.0, "stripes-coarse", 4.2, "checks", 8.4);

  /** Radians of a wave a cell: one wave in about three cells. */
  private static final double WAVE = 2.1;

  private TurnedFigures() {}

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
    double turn =
        kind.equals("checks") || kind.equals("lattice")
            ? draw.at(1).uniform(0, Math.PI)
            : draw.at(1).uniform(0, 2 * Math.PI);
    double pitch = draw.at(2).uniform(0.85, 1.2) * side / CELLS.getOrDefault(kind, 4.2);
    double dx = draw.at(3).uniform(0, pitch);
    double dy = draw.at(4).uniform(0, pitch);
    // Straight lines of few angles and places lie over each other pixel by pixel; bent ones do not.
    double bend = CELLS.containsKey(kind) ? draw.at(11).uniform(0.1, 0.25) : 0;
    double phaseU = draw.at(12).uniform(0, 2 * Math.PI);
    double phaseV = draw.at(13).uniform(0, 2 * Math.PI);
    // Nearly the same two inks everywhere: were colour to tell pictures apart, an encoder would
    // learn that and leave the texture alone.
    boolean light = draw.at(10).chance(0.5);
    double[] front = Texture.ink(draw.at(5), light ? 185 : 75, 25);
    double[] back = Texture.ink(draw.at(6), light ? 75 : 185, 25);
    double cos = StrictMath.cos(turn);
    double sin = StrictMath.sin(turn);
    double slopeX = style == 1 ? draw.at(7).uniform(-1.5, 1.5) : draw.at(7).uniform(-0.4, 0.4);
    double slopeY = style == 1 ? draw.at(8).uniform(-1.5, 1.5) : draw.at(8).uniform(-0.4, 0.4);
    Draw noise = draw.at(9);
    double speckle = style == 2 ? 90 : 20;
    byte[] samples = new byte[3 * side * side];
    int at = 0;
    for (int y = 0; y < side; y++) {
      for (int x = 0; x < side; x++) {
        double straightU = (x * cos + y * sin + dx) / pitch;
        double straightV = (y * cos - x * sin + dy) / pitch;
        double u = straightU + bend * StrictMath.sin(WAVE * straightV + phaseU);
        double v = straightV + bend * StrictMath.sin(WAVE * straightU + phaseV);
        double ink = Texture.cover(kind, u, v);
        double shade =
            100 * (slopeX * ((double) x / side - 0.5) + slopeY * ((double) y / side - 0.5))
                + speckle * (noise.at((long) y * side + x).uniform() - 0.5);
        for (int c = 0; c < 3; c++) {
          samples[at++] = Texture.sample(back[c] + ink * (front[c] - back[c]) + shade);
        }
      }
    }
    return samples;
  }
}
