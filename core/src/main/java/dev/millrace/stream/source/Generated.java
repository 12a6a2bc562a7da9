package dev.millrace.stream.source;

import dev.millrace.draw.Draw;
import dev.millrace.refusal.UsageException;
import dev.millrace.stream.Image;
import dev.millrace.stream.ImageSet;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Pictures made up on demand, for showing and testing every stream without data: eight textures in
 * four families, each in random colours, pitch, turn and place, in up to three drawing styles. What
 * tells classes apart is the texture, which neighbours in pixel space do not share. A picture is a
 * function of seed and index. Thread-safe.
 */
final class Generated implements ImageSet {
  /** The family of each class, and its kind within. */
  static final Map<String, List<String>> HIERARCHY =
      Map.of(
          "stripes-fine", List.of("lines", "stripes"),
          "stripes-coarse", List.of("lines", "stripes"),
          "checks", List.of("grids", "filled"),
          "lattice", List.of("grids", "open"),
          "discs", List.of("round", "filled"),
          "rings", List.of("round", "open"),
          "triangles", List.of("pointed", "filled"),
          "crosses", List.of("pointed", "open"));

  static final List<String> CLASSES =
      List.of(
          "stripes-fine",
          "checks",
          "discs",
          "crosses",
          "stripes-coarse",
          "lattice",
          "rings",
          "triangles");

  static final List<String> DOMAINS = List.of("flat", "shaded", "speckled");

  /** Cells along a side, for textures of lines and filled squares; the others have 4.2. */
  private static final Map<String, Double> CELLS =
      Map.of("stripes-fine", 9.0, "stripes-coarse", 4.2, "checks", 8.4);

  /** Radians of a wave a cell: one wave in about three cells. */
  private static final double WAVE = 2.1;

  private final String name;
  private final int images;
  private final int offset;
  private final int classes;
  private final int domains;
  private final int side;
  private final long seed;

  Generated(String name, int images, int offset, int classes, int domains, int side, long seed) {
    this.name = name;
    this.images = images;
    this.offset = offset;
    this.classes = classes;
    this.domains = domains;
    this.side = side;
    this.seed = seed;
  }

  /**
   * Opens {@code generated} or {@code
   * generated:images=4000,test=1000,classes=8,domains=1,size=32,seed=0}.
   */
  static DataSet open(String set) {
    int[] values = {4000, 1000, 8, 1, 32, 0};
    List<String> keys = List.of("images", "test", "classes", "domains", "size", "seed");
    int[] least = {1, 0, 1, 1, 8, 0};
    int[] most = {
      Integer.MAX_VALUE / 2,
      Integer.MAX_VALUE / 2,
      CLASSES.size(),
      DOMAINS.size(),
      1024,
      Integer.MAX_VALUE
    };
    int colon = set.indexOf(':');
    for (String pair : colon < 0 ? new String[0] : set.substring(colon + 1).split(";|,")) {
      String[] cells = pair.split("=");
      int key = keys.indexOf(cells[0]);
      if (key < 0 || cells.length != 2 || !cells[1].matches("\\d{1,9}")) {
        throw UsageException.ofWord(
            "generated does not know "
                + pair
                + "; give some of "
                + keys
                + ", such as generated:images=4000;classes=8");
      }
      values[key] = Integer.parseInt(cells[1]);
      if (values[key] < least[key] || values[key] > most[key]) {
        throw UsageException.ofWord(
            "generated's %s is %d; expected %d to %d"
                .formatted(cells[0], values[key], least[key], most[key]));
      }
    }
    Generated train =
        new Generated("generated", values[0], 0, values[2], values[3], values[4], values[5]);
    Generated test =
        new Generated("generated", values[1], 1 << 30, values[2], values[3], values[4], values[5]);
    ImageSet none = train.subset("generated");
    return new DataSet("generated", train, none, test, false, Metric.TOP1, HIERARCHY);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int size() {
    return images;
  }

  @Override
  public List<String> classes() {
    return CLASSES.subList(0, classes);
  }

  @Override
  public List<String> domains() {
    return domains == 1 ? List.of() : DOMAINS.subList(0, domains);
  }

  @Override
  public Image image(int index) {
    java.util.Objects.checkIndex(index, images);
    int label = index % classes;
    int domain = index / classes % domains;
    String id = "%s/s%d-%07d.ppm".formatted(CLASSES.get(label), seed, index + (long) offset);
    return new Image(
        id,
        label,
        domains == 1 ? Image.NONE : domain,
        () -> draw(index + (long) offset, CLASSES.get(label), domain));
  }

  private byte[] draw(long index, String kind, int style) {
    Draw draw = Draw.of(seed, "generated", index);
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
    double[] front = ink(draw.at(5), light ? 185 : 75);
    double[] back = ink(draw.at(6), light ? 75 : 185);
    double cos = StrictMath.cos(turn);
    double sin = StrictMath.sin(turn);
    double slopeX = style == 1 ? draw.at(7).uniform(-1.5, 1.5) : draw.at(7).uniform(-0.4, 0.4);
    double slopeY = style == 1 ? draw.at(8).uniform(-1.5, 1.5) : draw.at(8).uniform(-0.4, 0.4);
    Draw noise = draw.at(9);
    double speckle = style == 2 ? 90 : 20;
    byte[] header = ("P6\n" + side + " " + side + "\n255\n").getBytes(StandardCharsets.US_ASCII);
    byte[] ppm = java.util.Arrays.copyOf(header, header.length + 3 * side * side);
    int at = header.length;
    for (int y = 0; y < side; y++) {
      for (int x = 0; x < side; x++) {
        double straightU = (x * cos + y * sin + dx) / pitch;
        double straightV = (y * cos - x * sin + dy) / pitch;
        double u = straightU + bend * StrictMath.sin(WAVE * straightV + phaseU);
        double v = straightV + bend * StrictMath.sin(WAVE * straightU + phaseV);
        double ink = ink(kind, u - Math.floor(u) - 0.5, v - Math.floor(v) - 0.5, u, v);
        double shade =
            100 * (slopeX * ((double) x / side - 0.5) + slopeY * ((double) y / side - 0.5))
                + speckle * (noise.at((long) y * side + x).uniform() - 0.5);
        for (int c = 0; c < 3; c++) {
          double value = back[c] + ink * (front[c] - back[c]) + shade;
          ppm[at++] = (byte) Math.max(0, Math.min(255, (int) (value + 0.5)));
        }
      }
    }
    return ppm;
  }

  private static double[] ink(Draw draw, double level) {
    return IntStream.range(0, 3).mapToDouble(c -> level + draw.at(c).uniform(-25, 25)).toArray();
  }

  /** 1 where the texture's figure is, 0 where its ground is, within a cell of ±½. */
  private static double ink(String kind, double u, double v, double wholeU, double wholeV) {
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
}
