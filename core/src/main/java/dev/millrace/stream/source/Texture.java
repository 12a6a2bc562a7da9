package dev.millrace.stream.source;

import dev.millrace.draw.Draw;
import java.util.stream.IntStream;

/** What generated textures are made of. Thread-safe. */
final class Texture {
  private Texture() {}

  /** A colour near a level of grey, 0 to 255 a channel, each channel off by up to the spread. */
  static double[] ink(Draw draw, double level, double spread) {
    return IntStream.range(0, 3)
        .mapToDouble(c -> level + draw.at(c).uniform(-spread, spread))
        .toArray();
  }

  /** 1 where a texture's figure is, 0 where its ground is, at a place measured in cells. */
  static double cover(String kind, double wholeU, double wholeV) {
    double u = wholeU - Math.floor(wholeU) - 0.5;
    double v = wholeV - Math.floor(wholeV) - 0.5;
    double radius = StrictMath.sqrt(u * u + v * v);
    return switch (kind) {
      case "stripes-fine", "stripes-coarse" -> edge(0.25 - Math.abs(u));
      case "checks" -> ((long) Math.floor(wholeU) + (long) Math.floor(wholeV)) % 2 == 0 ? 1 : 0;
      case "lattice" -> edge(Math.max(Math.abs(u), Math.abs(v)) - 0.38);
      case "discs" -> edge(0.33 - radius);
      case "rings" -> edge(0.11 - Math.abs(radius - 0.32));
      case "triangles" -> edge(Math.min(0.3 - v, 0.45 * (v + 0.42) - 0.75 * Math.abs(u)));
      default -> edge(Math.min(0.42 - radius, 0.11 - Math.min(Math.abs(u), Math.abs(v))));
    };
  }

  /** A soft step a few hundredths of a cell wide. */
  private static double edge(double inside) {
    return Math.max(0, Math.min(1, 0.5 + 8 * inside));
  }

  /** A sample of 0 to 255. */
  static byte sample(double value) {
    return (byte) Math.max(0, Math.min(255, (int) (value + 0.5)));
  }
}
