package dev.millrace.bench;

import dev.millrace.draw.Draw;
import dev.millrace.inference.Encoder;
import dev.millrace.live.drift.DriftDetector;
import dev.millrace.live.drift.DriftSettings;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.source.Catalogue;
import dev.millrace.vision.decode.BadPictureException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.apache.samoa.moa.classifiers.core.driftdetection.ADWIN;
import org.apache.samoa.moa.classifiers.rules.driftdetection.PageHinkleyTest;

/**
 * How late a change of domain is found, and how often one is found where there is none: the
 * detector of live runs on an encoder's features, and on one score of them, beside ADWIN and the
 * Page-Hinkley test (of Apache SAMOA, which has them of MOA) on that same score. The score is how
 * far a picture's features lie from the mean of the first pictures since the last alarm, in units
 * of these pictures' spread. A stream has the domains in an order drawn by its seed, each for a
 * stretch; another one, with nothing to be found, has the same pictures shuffled.
 *
 * <pre>
 * bench/run dev.millrace.bench.DriftDelay --encoder runs/cam/encoders/1/encoder.safetensors
 * </pre>
 */
public final class DriftDelay {
  private static final int BLOCK = 64;

  /** Says at a picture whether the stream has changed; begins anew after a yes. */
  private interface Detector {
    boolean add(float[] features);
  }

  private final int stretch;
  private final List<List<float[]>> domains = new ArrayList<>();

  private DriftDelay(int stretch) {
    this.stretch = stretch;
  }

  /**
   * {@code --encoder FILE}, {@code --data SET} with domains (pacs), {@code --stretch N} pictures of
   * a domain (1000), {@code --streams N} (10).
   */
  public static void main(String[] args) throws Exception {
    Arguments given = new Arguments(args, List.of("encoder", "data", "stretch", "streams"));
    DriftDelay bench = new DriftDelay(given.number("stretch", 1000));
    bench.look(Path.of(given.text("encoder", "encoder.safetensors")), given.text("data", "pacs"));
    int streams = given.number("streams", 10);
    System.out.println(
        "detector\tchanges\tfound\tdelay, median\tlongest\tfalse alarms in 10000 pictures\tshuffled");
    for (Map.Entry<String, Supplier<Detector>> one : detectors().entrySet()) {
      bench.print(one.getKey(), one.getValue(), streams);
    }
    System.exit(0); // libtorch's threads would keep the process
  }

  private static Map<String, Supplier<Detector>> detectors() {
    Map<String, Supplier<Detector>> all = new LinkedHashMap<>();
    DriftSettings often = new DriftSettings(100, 200, 10_000, 0);
    all.put("features, one in 50000", () -> new DriftDetector(DriftSettings.standard())::add);
    all.put("features, one in 10000", () -> new DriftDetector(often)::add);
    all.put("score, one in 50000", () -> scored(ours(DriftSettings.standard())));
    all.put("score, one in 10000", () -> scored(ours(often)));
    all.put("score, ADWIN 0.002", () -> scored(() -> adwin(0.002)));
    all.put("score, ADWIN 0.00001", () -> scored(() -> adwin(0.00001)));
    all.put("score, Page-Hinkley 50", () -> scored(() -> pageHinkley(50)));
    all.put("score, Page-Hinkley 200", () -> scored(() -> pageHinkley(200)));
    return all;
  }

  private static Supplier<Detector> ours(DriftSettings settings) {
    return () -> new DriftDetector(settings)::add;
  }

  private static Detector adwin(double delta) {
    ADWIN adwin = new ADWIN(delta);
    return score -> adwin.setInput(score[0]);
  }

  private static Detector pageHinkley(double threshold) {
    PageHinkleyTest test = new PageHinkleyTest(threshold, 0.005);
    return score -> test.update(score[0]);
  }

  /** On the score instead of the features; anew after each alarm, as its mean is. */
  private static Detector scored(Supplier<Detector> detector) {
    return new Scored(detector);
  }

  private static final class Scored implements Detector {
    private static final int FIRST = 200;
    private final Supplier<Detector> made;
    private final List<float[]> first = new ArrayList<>();
    private Detector detector;
    private double[] mean;
    private double spread;

    Scored(Supplier<Detector> made) {
      this.made = made;
    }

    @Override
    public boolean add(float[] features) {
      if (first.size() < FIRST) {
        first.add(features);
        if (first.size() == FIRST) {
          begin();
        }
        return false;
      }
      boolean alarm = detector.add(new float[] {(float) (distance(features) / spread)});
      if (alarm) {
        first.clear();
      }
      return alarm;
    }

    private void begin() {
      mean = new double[first.get(0).length];
      for (float[] one : first) {
        for (int d = 0; d < mean.length; d++) {
          mean[d] += one[d] / (double) FIRST;
        }
      }
      spread = first.stream().mapToDouble(this::distance).average().orElse(1);
      detector = made.get();
    }

    private double distance(float[] features) {
      double sum = 0;
      for (int d = 0; d < mean.length; d++) {
        double difference = features[d] - mean[d];
        sum += difference * difference;
      }
      return Math.sqrt(sum);
    }
  }

  /** All pictures by domain, as the encoder sees them. */
  private void look(Path file, String data) throws IOException, BadPictureException {
    ImageSet set = Catalogue.standard().open(data).train();
    try (Encoder encoder = Encoder.load(file, Encoder.Options.standard().with(1))) {
      for (int domain = 0; domain < set.domains().size(); domain++) {
        int wanted = domain;
        int[] places =
            IntStream.range(0, set.size()).filter(i -> set.image(i).domain() == wanted).toArray();
        List<float[]> seen = new ArrayList<>();
        for (int from = 0; from < places.length; from += BLOCK) {
          List<byte[]> some = new ArrayList<>();
          for (int i = from; i < Math.min(places.length, from + BLOCK); i++) {
            some.add(set.image(places[i]).bytes());
          }
          seen.addAll(Arrays.asList(encoder.embedEncoded(some)));
        }
        if (seen.size() < stretch) {
          throw new IllegalArgumentException(
              "--stretch %d is more than the %d pictures of %s"
                  .formatted(stretch, seen.size(), set.domains().get(domain)));
        }
        domains.add(seen);
      }
    }
  }

  private void print(String name, Supplier<Detector> made, int streams) {
    List<Integer> delays = new ArrayList<>();
    int changes = 0;
    long wrong = 0;
    long pictures = 0;
    long shuffled = 0;
    for (int seed = 1; seed <= streams; seed++) {
      Draw draw = Draw.of(seed, "drift delay");
      List<float[]> stream = stream(draw);
      Detector detector = made.get();
      int change = 0; // where the last one was
      boolean found = true; // none is to be found in the first stretch
      for (int i = 0; i < stream.size(); i++) {
        if (i > 0 && i % stretch == 0) {
          change = i;
          found = false;
          changes++;
        }
        if (detector.add(stream.get(i))) {
          if (found) {
            wrong++;
          } else {
            delays.add(i - change + 1);
          }
          found = true;
        }
      }
      Detector other = made.get();
      for (int place : draw.at(-1).permutation(stream.size())) {
        shuffled += other.add(stream.get(place)) ? 1 : 0;
      }
      pictures += stream.size();
    }
    delays.sort(null);
    System.out.printf(
        Locale.ROOT,
        "%s\t%d\t%d\t%s\t%s\t%.1f\t%.1f%n",
        name,
        changes,
        delays.size(),
        delays.isEmpty() ? "-" : delays.get(delays.size() / 2),
        delays.isEmpty() ? "-" : delays.get(delays.size() - 1),
        1e4 * wrong / pictures,
        1e4 * shuffled / pictures);
  }

  /** The domains in a drawn order, each for a stretch of drawn pictures. */
  private List<float[]> stream(Draw draw) {
    List<float[]> stream = new ArrayList<>();
    for (int domain : draw.at(-2).permutation(domains.size())) {
      List<float[]> all = domains.get(domain);
      for (int place : draw.at(domain).sample(all.size(), stretch)) {
        stream.add(all.get(place));
      }
    }
    return stream;
  }
}
