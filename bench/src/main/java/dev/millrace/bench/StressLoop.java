package dev.millrace.bench;

import dev.millrace.analysis.InsightListener;
import dev.millrace.analysis.InsightRequest;
import dev.millrace.analysis.Insights;
import dev.millrace.engine.Device;
import dev.millrace.engine.Precision;
import dev.millrace.evaluation.ProbeRequest;
import dev.millrace.evaluation.Probing;
import dev.millrace.exchange.embed.Embedding;
import dev.millrace.exchange.search.PictureSearch;
import dev.millrace.inference.Encoder;
import dev.millrace.learn.run.RunFolder;
import dev.millrace.recipe.Millrace;
import dev.millrace.recipe.Settings;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.imageio.ImageIO;

/** One native loop for some seconds; a process of {@link Stress}. */
final class StressLoop {
  /** The loops there are. */
  static final List<String> ALL =
      List.of(
          "train", "sharpness", "finetune", "detection", "encoder", "features", "embed", "search");

  private static final String SET = "generated:images=256,test=64,classes=4,size=32";
  private static final String MANY = "generated:images=1500,test=100,classes=4,size=32";
  private static final int CALLERS = 16;
  private static final int PATIENCE_SECONDS = 20;

  private StressLoop() {}

  /**
   * Arguments: which loop, the folder of what all share, a folder of its own that does not exist,
   * threads, and the seed.
   */
  public static void main(String[] args) throws Exception {
    run(
        args[0],
        Path.of(args[1]),
        Path.of(args[2]),
        Integer.parseInt(args[3]),
        Long.parseLong(args[4]));
    System.exit(0);
  }

  /**
   * Runs a loop, or prepares what all of them share.
   *
   * @param what its name, or {@code prepare}
   * @param root the folder of what all share
   * @param own a folder that does not exist
   */
  static void run(String what, Path root, Path own, int threads, long seed) throws Exception {
    Path run = root.resolve("run");
    Path encoder = RunFolder.of(run).encoder();
    switch (what) {
      case "prepare" -> {
        Millrace.pretrain(settings(threads, 0, 1), run);
        boxes(root.resolve("boxes"));
      }
      case "train" -> train(own, threads, seed);
      case "sharpness" -> sharpness(copied(run, own), threads, seed);
      case "finetune" -> probe(copied(run, own), "finetune", SET, threads);
      case "detection" ->
          probe(copied(run, own), "detection", root.resolve("boxes").toString(), threads);
      case "encoder" -> encoder(encoder, threads);
      case "features" -> probe(copied(run, own), "linear", SET, threads);
      case "embed" -> embed(encoder, own, threads);
      case "search" -> search(encoder, own, threads);
      default -> throw new IllegalArgumentException("no loop is named " + what);
    }
  }

  private static Settings settings(int threads, long seed, int epochs) {
    return Settings.defaults(SET)
        .with(
            Map.of(
                "width", 16, "size", 32, "batch", 32, "queue", 256, "epochs", epochs, "threads",
                threads, "seed", seed))
        .with(Map.of("stream", "class", "chunks", 2, "replay", 0.1, "mas", 1.0));
  }

  private static void train(Path run, int threads, long seed) throws IOException {
    if (Millrace.pretrain(settings(threads, seed, 2), run).stopped()) {
      return; // interrupted
    }
    Insights.of(run, InsightRequest.of(threads, "health", "cka"), new InsightListener() {});
  }

  private static void sharpness(Path run, int threads, long seed) throws IOException {
    Insights.of(
        run,
        InsightRequest.of(threads, "sharpness", "landscape").withSeed(seed),
        new InsightListener() {});
  }

  private static void probe(Path run, String task, String data, int threads) throws IOException {
    Probing.probe(run, ProbeRequest.of(data).withTasks(task).on(threads, "cpu"));
  }

  /** Many callers of one encoder, each with pictures of its own. */
  private static void encoder(Path file, int threads) throws Exception {
    ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
    try (Encoder encoder = Encoder.load(file, options(threads))) {
      try {
        List<Future<?>> all = new ArrayList<>();
        for (int c = 0; c < CALLERS; c++) {
          BufferedImage picture = picture(c, 40 + c);
          all.add(callers.submit(() -> same(encoder, picture)));
        }
        for (Future<?> one : all) {
          one.get();
        }
      } finally {
        callers.shutdownNow();
        if (!callers.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
          throw new IllegalStateException("callers of an encoder do not heed an interrupt");
        }
      }
    }
  }

  private static Void same(Encoder encoder, BufferedImage picture) throws Exception {
    float[] first = encoder.embed(picture);
    for (int i = 0; i < 100; i++) {
      if (!Arrays.equals(first, encoder.embed(picture))) {
        throw new IllegalStateException("the same picture gave another vector");
      }
      encoder.embedImages(List.of(picture, picture, picture));
    }
    return null;
  }

  /** The vectors of one set again and again, each time the same bytes. */
  private static void embed(Path encoder, Path folder, int threads) throws IOException {
    byte[] first = null;
    for (int i = 0; i < 3; i++) {
      Path out = folder.resolve(i + ".npy");
      Embedding.embed(
          new Embedding.Request(encoder, MANY, "all", 0, out, options(threads), 0),
          new Embedding.Listener() {});
      byte[] bytes = Files.readAllBytes(out);
      if (first != null && !Arrays.equals(first, bytes)) {
        throw new IllegalStateException("the same set gave other vectors: " + out);
      }
      first = bytes;
    }
  }

  /** Indexes made by native threads' vectors and by Lucene's own threads, and asked. */
  private static void search(Path encoder, Path folder, int threads) throws IOException {
    for (int i = 0; i < 2; i++) {
      Path index = folder.resolve("index-" + i);
      try (PictureSearch search =
          PictureSearch.open(
              new PictureSearch.Request(encoder, MANY, index, false, options(threads)))) {
        search.prepare(new PictureSearch.Listener() {});
        search.recall(100);
      }
    }
  }

  private static Encoder.Options options(int threads) {
    return new Encoder.Options(Precision.FP32, 0, new Device("cpu"), threads);
  }

  private static BufferedImage picture(int colour, int size) {
    BufferedImage picture = new BufferedImage(size, size, BufferedImage.TYPE_INT_RGB);
    Graphics2D drawing = picture.createGraphics();
    drawing.setColor(new Color(colour * 9, 200 - colour * 5, 90));
    drawing.fillRect(8, 8, size / 2, size / 2);
    drawing.dispose();
    return picture;
  }

  /** A set of squares in PASCAL VOC's layout. */
  private static void boxes(Path set) throws IOException {
    Files.createDirectories(set.resolve("JPEGImages"));
    Files.createDirectories(set.resolve("Annotations"));
    Files.createDirectories(set.resolve("ImageSets/Main"));
    List<String> names = new ArrayList<>();
    for (int i = 0; i < 24; i++) {
      String name = "square" + i;
      names.add(name);
      int size = 64 + i;
      ImageIO.write(
          picture(i % 16, size), "png", set.resolve("JPEGImages/" + name + ".png").toFile());
      Files.writeString(
          set.resolve("Annotations/" + name + ".xml"),
          "<annotation><size><width>%d</width><height>%d</height></size><object><name>square</name><difficult>0</difficult><bndbox><xmin>9</xmin><ymin>9</ymin><xmax>%d</xmax><ymax>%d</ymax></bndbox></object></annotation>"
              .formatted(size, size, 8 + size / 2, 8 + size / 2));
    }
    Files.writeString(
        set.resolve("ImageSets/Main/train.txt"), String.join("\n", names.subList(0, 16)) + "\n");
    Files.writeString(
        set.resolve("ImageSets/Main/test.txt"), String.join("\n", names.subList(16, 24)) + "\n");
  }

  /** A run of its own, since one process at a time works on a run. */
  private static Path copied(Path run, Path copy) throws IOException {
    try (Stream<Path> files = Files.walk(run)) {
      for (Path file : files.toList()) {
        Path to = copy.resolve(run.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(to);
        } else if (!file.endsWith("lock")) {
          Files.copy(file, to);
        }
      }
    }
    return copy;
  }
}
