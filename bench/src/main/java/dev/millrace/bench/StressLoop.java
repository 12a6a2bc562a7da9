package dev.millrace.bench;

import dev.millrace.engine.Device;
import dev.millrace.engine.Precision;
import dev.millrace.insight.LossLandscape;
import dev.millrace.insight.Sharpness;
import dev.millrace.recipe.Encoder;
import dev.millrace.recipe.Insights;
import dev.millrace.recipe.Millrace;
import dev.millrace.recipe.Probing;
import dev.millrace.recipe.Settings;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.imageio.ImageIO;

/** One native loop for some seconds; a process of {@link Stress}. */
final class StressLoop {
  /** The loops there are. */
  static final List<String> ALL =
      List.of("train", "sharpness", "finetune", "detection", "encoder", "features");

  private static final String SET = "generated:images=256,test=64,classes=4,size=32";
  private static final int CALLERS = 16;

  private StressLoop() {}

  /** Arguments: which loop, the folder of all, threads, and a number that makes it another one. */
  public static void main(String[] args) throws Exception {
    Path root = Path.of(args[1]);
    Path run = root.resolve("run");
    int threads = Integer.parseInt(args[2]);
    long seed = Long.parseLong(args[3]);
    switch (args[0]) {
      case "prepare" -> {
        Millrace.pretrain(settings(threads, 0, 1), run);
        boxes(root.resolve("boxes"));
      }
      case "train" -> train(root, threads, seed);
      case "sharpness" -> sharpness(copied(root, run, seed), threads, seed);
      case "finetune" -> probe(copied(root, run, seed), "finetune", SET, threads);
      case "detection" ->
          probe(copied(root, run, seed), "detection", root.resolve("boxes").toString(), threads);
      case "features" -> probe(copied(root, run, seed), "linear", SET, threads);
      default -> encoder(run.resolve("encoder.safetensors"), threads);
    }
    System.exit(0);
  }

  private static Settings settings(int threads, long seed, int epochs) {
    return Settings.defaults(SET)
        .with(
            Map.of(
                "width", 16, "size", 32, "batch", 32, "queue", 256, "epochs", epochs, "threads",
                threads, "seed", seed))
        .with(Map.of("stream", "class", "chunks", 2, "replay", 0.1, "mas", 1.0));
  }

  private static void train(Path root, int threads, long seed) throws IOException {
    Path run = root.resolve("train-" + seed);
    Millrace.pretrain(settings(threads, seed, 4), run);
    Insights.of(run, Insights.Request.of(threads, "health", "cka"), new Insights.Listener() {});
  }

  private static void sharpness(Path run, int threads, long seed) throws IOException {
    Insights.Request all = Insights.Request.of(threads, "sharpness", "landscape");
    Insights.of(
        run,
        new Insights.Request(
            all.parts(),
            all.images(),
            64,
            Sharpness.Settings.defaults(),
            LossLandscape.Settings.defaults(),
            threads,
            "cpu",
            seed),
        new Insights.Listener() {});
  }

  private static void probe(Path run, String task, String data, int threads) throws IOException {
    Probing.probe(
        run,
        new Probing.Request(
            List.of(task),
            List.of(data),
            null,
            false,
            0,
            threads,
            "cpu",
            null,
            false,
            false,
            null));
  }

  /** Many callers of one encoder, each with pictures of its own. */
  private static void encoder(Path file, int threads) throws Exception {
    Encoder.Options options = new Encoder.Options(Precision.FP32, 0, new Device("cpu"), threads);
    ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
    try (Encoder encoder = Encoder.load(file, options)) {
      List<Future<?>> all = new ArrayList<>();
      for (int c = 0; c < CALLERS; c++) {
        BufferedImage picture = picture(c, 40 + c);
        all.add(
            callers.submit(
                () -> {
                  float[] first = encoder.embed(picture);
                  for (int i = 0; i < 100; i++) {
                    float[] again = encoder.embed(picture);
                    if (!java.util.Arrays.equals(first, again)) {
                      throw new IllegalStateException("the same picture gave another vector");
                    }
                    encoder.embedImages(List.of(picture, picture, picture));
                  }
                  return null;
                }));
      }
      for (Future<?> one : all) {
        one.get();
      }
    } finally {
      callers.shutdown();
    }
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
  private static Path copied(Path root, Path run, long seed) throws IOException {
    Path copy = root.resolve("copy-" + seed);
    try (var files = Files.walk(run)) {
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
