package dev.millrace.stream.source;

import dev.millrace.draw.Draw;
import dev.millrace.file.Padded;
import dev.millrace.refusal.UsageException;
import dev.millrace.stream.Image;
import dev.millrace.stream.ImageSet;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Pictures made up on demand, for showing and testing every stream without data: eight textures in
 * four families, each in random colours, pitch and place, in up to three drawing styles; in any
 * turn and many to a picture, or clear. What tells classes apart is the texture, of which single
 * pixels tell nothing. A picture is a function of seed, index and kind of figures. Thread-safe.
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

  /** The styles, one per domain. */
  static final List<String> DOMAINS = List.of("flat", "shaded", "speckled");

  /** What a set's word may say, and what it means where it does not. */
  private static final Map<String, String> DEFAULTS = defaults();

  /** The values that are words. */
  private static final Map<String, List<String>> WORDS =
      Map.of("figures", List.of("turned", "clear"));

  private final int images;
  private final int offset;
  private final int classes;
  private final int domains;
  private final int side;
  private final long seed;

  /** Which of the two kinds of figures; the older one is not named in ids. */
  private final boolean clear;

  private Generated(Map<String, String> values, int images, int offset) {
    this.images = images;
    this.offset = offset;
    this.classes = Integer.parseInt(values.get("classes"));
    this.domains = Integer.parseInt(values.get("domains"));
    this.side = Integer.parseInt(values.get("size"));
    this.seed = Long.parseLong(values.get("seed"));
    this.clear = values.get("figures").equals("clear");
  }

  private static Map<String, String> defaults() {
    Map<String, String> values = new LinkedHashMap<>();
    values.put("images", "4000");
    values.put("test", "1000");
    values.put("classes", "8");
    values.put("domains", "1");
    values.put("size", "32");
    values.put("seed", "0");
    values.put("figures", "turned");
    return values;
  }

  /**
   * Opens {@code generated} or {@code
   * generated:images=4000,test=1000,classes=8,domains=1,size=32,seed=0,figures=turned}. Figures are
   * {@code turned}, the hard ones, or {@code clear}.
   */
  static DataSet open(String set) {
    Map<String, String> values = new LinkedHashMap<>(DEFAULTS);
    int colon = set.indexOf(':');
    for (String pair : colon < 0 ? new String[0] : set.substring(colon + 1).split(";|,")) {
      String[] cells = pair.split("=");
      if (cells.length != 2 || !values.containsKey(cells[0])) {
        throw unknown(pair);
      }
      values.put(cells[0], checked(pair, cells[0], cells[1]));
    }
    Generated train = new Generated(values, Integer.parseInt(values.get("images")), 0);
    Generated test = new Generated(values, Integer.parseInt(values.get("test")), 1 << 30);
    ImageSet none = train.subset("generated");
    return new DataSet("generated", train, none, test, false, Metric.TOP1, HIERARCHY);
  }

  private static String checked(String pair, String key, String value) {
    List<String> words = WORDS.get(key);
    if (words != null) {
      if (!words.contains(value)) {
        throw UsageException.ofWord(
            "generated's %s is %s; expected one of %s".formatted(key, value, words));
      }
      return value;
    }
    if (!value.matches("\\d{1,9}")) {
      throw unknown(pair);
    }
    int number = Integer.parseInt(value);
    int least = key.equals("size") ? 8 : key.equals("test") || key.equals("seed") ? 0 : 1;
    int most =
        switch (key) {
          case "classes" -> CLASSES.size();
          case "domains" -> DOMAINS.size();
          case "size" -> 1024;
          case "seed" -> Integer.MAX_VALUE;
          default -> Integer.MAX_VALUE / 2;
        };
    if (number < least || number > most) {
      throw UsageException.ofWord(
          "generated's %s is %d; expected %d to %d".formatted(key, number, least, most));
    }
    return Integer.toString(number);
  }

  private static UsageException unknown(String pair) {
    return UsageException.ofWord(
        "generated does not know "
            + pair
            + "; give some of "
            + DEFAULTS.keySet()
            + ", such as generated:images=4000;classes=8");
  }

  @Override
  public String name() {
    return "generated";
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
    long number = index + (long) offset;
    String id =
        "%s/%ss%s-%s.ppm"
            .formatted(CLASSES.get(label), clear ? "clear-" : "", seed, Padded.of(number, 7));
    return new Image(
        id,
        label,
        domains == 1 ? Image.NONE : domain,
        () -> ppm(number, CLASSES.get(label), domain));
  }

  private byte[] ppm(long number, String kind, int style) {
    byte[] samples =
        clear
            ? ClearFigures.draw(Draw.of(seed, "generated-clear", number), kind, style, side)
            : TurnedFigures.draw(Draw.of(seed, "generated", number), kind, style, side);
    byte[] header = ("P6\n" + side + " " + side + "\n255\n").getBytes(StandardCharsets.US_ASCII);
    byte[] ppm = Arrays.copyOf(header, header.length + samples.length);
    System.arraycopy(samples, 0, ppm, header.length, samples.length);
    return ppm;
  }
}
