package dev.millrace.bench;

import static dev.millrace.file.Json.JSON;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Compute;
import dev.millrace.engine.Device;
import dev.millrace.engine.Precision;
import dev.millrace.file.Trees;
import dev.millrace.learn.run.RunEvent;
import dev.millrace.probe.Features;
import dev.millrace.recipe.Millrace;
import dev.millrace.recipe.Settings;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.source.Catalogue;
import dev.millrace.vision.decode.BadPictureException;
import dev.millrace.vision.decode.Decoded;
import dev.millrace.vision.decode.Decoder;
import dev.millrace.vision.decode.Pixels;
import dev.millrace.vision.encoder.file.EncoderFile;
import dev.millrace.vision.encoder.resnet.ResNetShape;
import dev.millrace.vision.view.Augmentation;
import dev.millrace.vision.view.Normalisation;
import dev.millrace.vision.view.Place;
import dev.millrace.vision.view.ViewMaker;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Our side of each comparison, with the modes and flags of the scripts in {@code bench/peer}; one
 * process a measurement, one JSON line as its last output.
 */
public final class Ours {
  private static final List<String> FLAGS =
      List.of(
          "size",
          "source",
          "width",
          "batch",
          "threads",
          "steps",
          "folder",
          "seconds",
          "images",
          "method",
          "encoder",
          "local-crops");

  private Ours() {}

  /** Measures one thing: {@code augment}, {@code decode}, {@code throughput}, {@code features}. */
  public static void main(String[] args) throws Exception {
    Arguments given = new Arguments(Arguments.after(args, 1), FLAGS);
    Map<String, Double> result =
        switch (args[0]) {
          case "augment" -> augment(given);
          case "decode" -> decode(given);
          case "throughput" -> throughput(given);
          case "features" -> features(given);
          case "peak" -> ConvolutionPeak.measure(given.number("threads", 2));
          default -> throw new IllegalArgumentException("no mode is called " + args[0]);
        };
    System.out.println(JSON.writeValueAsString(result));
    System.exit(0); // libtorch's threads would keep the process
  }

  /** Two views of a decoded picture, one core. */
  private static Map<String, Double> augment(Arguments given) {
    int size = given.number("size", 32);
    int source = given.number("source", size);
    Pixels[] pictures = new Pixels[64];
    for (int p = 0; p < pictures.length; p++) {
      byte[] rgb = new byte[3 * source * source];
      for (int i = 0; i < rgb.length; i++) {
        rgb[i] = (byte) Draw.of(0, "noise", p, i).below(256);
      }
      pictures[p] = new Pixels(source, source, rgb);
    }
    TwoViews views = new TwoViews(size);
    return Map.of(
        "us_per_image_two_views",
        perItem(
            given.number("seconds", 5),
            n -> views.of(Decoded.whole(pictures[n % pictures.length]), n)));
  }

  /** A JPEG from memory and two views of it, one core. */
  private static Map<String, Double> decode(Arguments given) throws IOException {
    List<byte[]> files = new ArrayList<>();
    try (Stream<Path> all = Files.walk(Path.of(given.text("folder", ".")))) {
      for (Path file :
          all.filter(f -> f.toString().endsWith(".jpg")).sorted().limit(256).toList()) {
        files.add(Files.readAllBytes(file));
      }
    }
    TwoViews views = new TwoViews(given.number("size", 224));
    return Map.of(
        "us_per_image_decode_two_views",
        perItem(
            given.number("seconds", 8),
            n -> views.of(views.decoded(files.get(n % files.size()), n), n)));
  }

  private interface Item {
    void make(int n) throws Exception;
  }

  /** Microseconds an item, after as long a warm-up. */
  private static double perItem(int seconds, Item item) {
    double micros = 0;
    int n = 0;
    try {
      for (int round = 0; round < 2; round++) {
        long began = System.nanoTime();
        int from = n;
        while (System.nanoTime() - began < seconds * 1_000_000_000L) {
          item.make(n++);
        }
        micros = (System.nanoTime() - began) / 1e3 / (n - from);
      }
    } catch (Exception e) {
      throw new IllegalStateException("item " + n + " failed", e);
    }
    return micros;
  }

  private static final class TwoViews {
    private final ViewMaker maker;
    private final FloatBuffer out;

    TwoViews(int size) {
      maker = new ViewMaker(Augmentation.mocoV2(size), Normalisation.imagenet());
      out = FloatBuffer.allocate(3 * size * size);
    }

    Decoded decoded(byte[] jpeg, int n) throws BadPictureException {
      return Decoder.trusted(jpeg, (w, h) -> maker.reduction(w, h, place(n, 0), place(n, 1)));
    }

    void of(Decoded picture, int n) {
      maker.augment(picture, place(n, 0), out, 0);
      maker.augment(picture, place(n, 1), out, 0);
    }

    private static Place place(int n, int view) {
      return new Place(0, 0, 0, n, view);
    }
  }

  /**
   * A real run through {@link Millrace}: decoding, views, steps, logs; its first seconds left out.
   */
  private static Map<String, Double> throughput(Arguments given) throws IOException {
    int batch = given.number("batch", 256);
    int size = given.number("size", 32);
    int steps = given.number("steps", 40);
    long warmNanos = given.number("seconds", 8) * 1_000_000_000L;
    String data =
        given.has("folder")
            ? given.text("folder", "")
            : "generated:images=" + given.number("images", 16 * batch) + ";test=0;size=" + size;
    Map<String, Object> learned =
        Map.of(
            "method", given.text("method", "moco-v2"),
            "encoder", given.text("encoder", "resnet18"),
            "local-crops", given.number("local-crops", 0),
            "schedule", "restart"); // as the peer's cosine, and nothing beside its steps
    Settings settings =
        Settings.defaults(data)
            .with(learned)
            .with(
                Map.of(
                    "width",
                    given.number("width", 16),
                    "size",
                    size,
                    "batch",
                    batch,
                    "epochs",
                    100_000,
                    "checkpoint-steps",
                    1_000_000,
                    "checkpoint-minutes",
                    1e6,
                    "threads",
                    given.number("threads", 2)));
    Path folder = Files.createTempDirectory("millrace-bench");
    Meter meter = new Meter(steps, warmNanos);
    try {
      Millrace.pretrain(settings, folder.resolve("run"), meter, meter::done);
    } finally {
      Trees.delete(folder);
    }
    Map<String, Double> result = new LinkedHashMap<>();
    result.put("images_per_s", meter.imagesPerSecond());
    result.put("seconds_to_first_step", meter.secondsToFirstStep());
    return result;
  }

  /** Times the steps after the first seconds. */
  private static final class Meter implements RunEvent.Listener {
    private final int steps;
    private final long warmNanos;
    private final long born = System.nanoTime();
    private long first;
    private long began;
    private long now;
    private int made;
    private long pictures;

    Meter(int steps, long warmNanos) {
      this.steps = steps;
      this.warmNanos = warmNanos;
    }

    @Override
    public void on(RunEvent event) {
      if (event instanceof RunEvent.Stepped stepped) {
        now = System.nanoTime();
        first = first == 0 ? now : first;
        if (began != 0) {
          made++;
          pictures += stepped.pictures();
        } else if (now - first > warmNanos) {
          began = now;
        }
      }
    }

    boolean done() {
      return made >= steps;
    }

    double imagesPerSecond() {
      return pictures / ((now - began) * 1e-9);
    }

    double secondsToFirstStep() {
      return (first - born) * 1e-9;
    }
  }

  /** Frozen features of decoded pictures, as a probe takes them. */
  private static Map<String, Double> features(Arguments given) throws IOException {
    int threads = given.number("threads", 2);
    int size = given.number("size", 32);
    Compute.begin(threads, "cpu");
    ImageSet set =
        Catalogue.standard()
            .open("generated:images=" + given.number("images", 4000) + ";test=0;size=" + size)
            .train();
    ImageSet kept = InMemory.copy(set);
    Device cpu = new Device("cpu");
    ResNetShape shape =
        new ResNetShape(
            "resnet18",
            given.number("width", 16),
            size <= 64 ? ResNetShape.Stem.SMALL : ResNetShape.Stem.IMAGENET);
    ViewMaker views = new ViewMaker(Augmentation.mocoV2(size), Normalisation.imagenet());
    double seconds = Double.MAX_VALUE;
    try (EncoderFile encoder = EncoderFile.untrained(shape, size, Map.of(), cpu)) {
      encoder.net().initialise(Draw.of(0, "encoder"));
      long until = System.nanoTime() + given.number("seconds", 8) * 1_000_000_000L;
      // The peer, too, reports its best pass.
      do {
        long began = System.nanoTime();
        new Features(size, views, threads).of(encoder.net(), kept, cpu, Precision.BF16);
        seconds = Math.min(seconds, (System.nanoTime() - began) * 1e-9);
      } while (System.nanoTime() < until);
    }
    return Map.of("images_per_s", kept.size() / seconds);
  }
}
