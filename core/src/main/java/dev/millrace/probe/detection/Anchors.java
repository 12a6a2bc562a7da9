package dev.millrace.probe.detection;

import java.util.List;

/**
 * Reference boxes at every place of every level of a pyramid (Ren et al., "Faster R-CNN", NeurIPS
 * 2015, §3.1.1; one size a level after Lin et al., "Feature Pyramid Networks", CVPR 2017, §4.1), as
 * torchvision makes them. Stateless.
 */
public final class Anchors {
  /**
   * Which boxes.
   *
   * @param scale side of a level's square anchor divided by the level's stride, above 0; 8 makes 32
   *     … 512 pixels on strides 4 … 64
   * @param ratios height ÷ width, each above 0
   */
  public record Settings(double scale, List<Double> ratios) {
    /** Refuses what makes no box. */
    public Settings {
      ratios = List.copyOf(ratios);
      if (!(scale > 0) || ratios.isEmpty() || !ratios.stream().allMatch(r -> r > 0)) {
        throw new IllegalArgumentException(
            "found anchors of scale %s and ratios %s, expected both above 0: try 8 and 0.5, 1, 2"
                .formatted(scale, ratios));
      }
    }

    /** One anchor of eight strides in each of the ratios 1:2, 1:1, 2:1. */
    public static Settings paper() {
      return new Settings(8, List.of(0.5, 1.0, 2.0));
    }
  }

  private Anchors() {}

  /** The anchors around the origin of one stride, {@code [ratios, 4]}; whole pixels. */
  static float[] cell(Settings settings, int stride) {
    double size = settings.scale() * stride;
    float[] cell = new float[4 * settings.ratios().size()];
    for (int r = 0; r < settings.ratios().size(); r++) {
      double root = Math.sqrt(settings.ratios().get(r));
      float x = (float) Math.rint(size / root / 2);
      float y = (float) Math.rint(size * root / 2);
      cell[4 * r] = -x;
      cell[4 * r + 1] = -y;
      cell[4 * r + 2] = x;
      cell[4 * r + 3] = y;
    }
    return cell;
  }

  /** All anchors, {@code [Σ height · width · ratios, 4]}: by level, row, column, ratio. */
  static float[] of(Settings settings, List<Level> levels) {
    int ratios = settings.ratios().size();
    float[] all = new float[4 * ratios * levels.stream().mapToInt(Level::places).sum()];
    int at = 0;
    for (Level level : levels) {
      float[] cell = cell(settings, level.stride());
      for (int y = 0; y < level.height(); y++) {
        for (int x = 0; x < level.width(); x++) {
          for (int i = 0; i < cell.length; i += 2) {
            all[at++] = cell[i] + x * level.stride();
            all[at++] = cell[i + 1] + y * level.stride();
          }
        }
      }
    }
    return all;
  }
}
