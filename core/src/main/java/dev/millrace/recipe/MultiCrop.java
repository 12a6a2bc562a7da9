package dev.millrace.recipe;

import dev.millrace.refusal.UsageException;
import dev.millrace.vision.encoder.EncoderSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Small crops beside the two whole views of each picture (Caron et al., "Unsupervised Learning of
 * Visual Features by Contrasting Cluster Assignments", NeurIPS 2020, section 3.2).
 */
final class MultiCrop {
  private static final double LEAST = 0.05;
  private static final int LEAST_SIDE = 8;
  private static final String CROPS = "--local-crops";

  private MultiCrop() {}

  /**
   * Refuses what the method or the encoder cannot take.
   *
   * @param taken whether the method takes small crops
   * @throws IllegalArgumentException naming the flag
   */
  static void check(Settings run, boolean taken) {
    ViewSettings views = run.views();
    Map<String, Object> given = new LinkedHashMap<>();
    given.put(CROPS, views.localCrops() == 0 ? null : views.localCrops());
    given.put("--local-size", views.localSize() == 0 ? null : views.localSize());
    given.put("--local-scale", shares(views.localScale()));
    given.put("--global-scale", shares(views.globalScale()));
    given.values().removeIf(Objects::isNull);
    if (given.isEmpty()) {
      return;
    }
    String flag = given.keySet().iterator().next();
    if (!taken) {
      throw UsageException.of(
          flag,
          "%s is of %s, and --method is %s; leave one of them out"
              .formatted(given.get(flag), takers(), run.methodName()));
    }
    if (views.localCrops() == 0) {
      throw UsageException.of(
          flag,
          "%s is of small crops, and there are none; give --local-crops 4, say, as well"
              .formatted(given.get(flag)));
    }
    if (!views.globalScale().isEmpty()
        && views.cropMin() != Settings.defaults().views().cropMin()) {
      throw UsageException.of(
          "--global-scale",
          "%s says what --crop-min %s does; leave one of them out"
              .formatted(given.get("--global-scale"), views.cropMin()));
    }
    EncoderSpec encoder = PartSettings.encoder(run);
    if (side(run) % encoder.cropStep() != 0) {
      throw UsageException.of(
          "--local-size",
          "%d: %s sees small crops in patches of %d pixels; give a multiple of that, such as %d"
              .formatted(
                  side(run),
                  run.encoder().name(),
                  encoder.cropStep(),
                  tiled(side(run), encoder.cropStep())));
    }
  }

  private static String takers() {
    List<String> all = Methods.cropping();
    int last = all.size() - 1;
    return String.join(", ", all.subList(0, last)) + " and " + all.get(last);
  }

  /** The nearest side from a given one upwards that whole patches tile. */
  private static int tiled(int side, int step) {
    return (side + step - 1) / step * step;
  }

  private static String shares(List<Double> given) {
    return given.isEmpty() ? null : given.get(0) + "," + given.get(1);
  }

  /** Side of the small crops in a stage whose whole views have that size, pixels. */
  static int side(Settings run, int size) {
    int side = side(run);
    int full = run.views().size();
    return size >= full ? side : Math.min(side, Math.max(LEAST_SIDE, side * size / full));
  }

  /**
   * Side of the small crops, pixels. Where none was written down, that of runs which began so: half
   * of a whole view, and for a transformer all of it.
   */
  static int side(Settings run) {
    int given = run.views().localSize();
    return given > 0 ? given : PartSettings.encoder(run).onlySize().orElse(half(run));
  }

  /** A run's settings as it begins, with side and area shares of small crops, where it has some. */
  static Settings decided(Settings run) {
    if (run.views().localCrops() == 0) {
      return run;
    }
    int given = run.views().localSize();
    int side = given > 0 ? given : tiled(half(run), PartSettings.encoder(run).cropStep());
    return run.views(v -> v.localSize(side).localScale(small(v)));
  }

  /**
   * A run's settings as the ids of a study have them: decided where runs that began without a side
   * have crops of another one, which are other runs.
   */
  static Settings told(Settings run) {
    boolean other =
        run.views().localCrops() > 0 && PartSettings.encoder(run).onlySize().isPresent();
    return other ? run.views(v -> v.localSize(decided(run).views().localSize())) : run;
  }

  private static int half(Settings run) {
    return Math.max(LEAST_SIDE, (run.views().size() + 1) / 2);
  }

  /** Smallest and largest area share of a whole view. */
  static List<Double> whole(ViewSettings views) {
    return views.globalScale().isEmpty() ? List.of(views.cropMin(), 1.0) : views.globalScale();
  }

  /** Smallest and largest area share of a small crop. */
  static List<Double> small(ViewSettings views) {
    double most = whole(views).get(0);
    return views.localScale().isEmpty() ? List.of(Math.min(LEAST, most), most) : views.localScale();
  }
}
