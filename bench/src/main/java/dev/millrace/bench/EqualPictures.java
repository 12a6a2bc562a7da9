package dev.millrace.bench;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Compute;
import dev.millrace.engine.Device;
import dev.millrace.engine.Precision;
import dev.millrace.exchange.search.PictureSearch;
import dev.millrace.exchange.search.Recall;
import dev.millrace.file.Trees;
import dev.millrace.inference.Encoder;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.source.Catalogue;
import dev.millrace.vision.encoder.file.EncoderFile;
import dev.millrace.vision.encoder.resnet.ResNetShape;
import dev.millrace.vision.view.Normalisation;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/**
 * What the search's graph finds in a set in which every picture is there many times.
 *
 * <pre>
 * bench/run dev.millrace.bench.EqualPictures --pictures 50000 --copies 50
 * </pre>
 */
public final class EqualPictures {
  private EqualPictures() {}

  /**
   * {@code --pictures N} in all (50 000), {@code --copies N} of each (50), {@code --width N} of the
   * untrained encoder (4; vectors have 8 times as many numbers), {@code --queries N} (500).
   */
  public static void main(String[] args) throws Exception {
    Arguments given =
        new Arguments(args, List.of("pictures", "copies", "width", "queries", "threads"));
    int pictures = given.number("pictures", 50_000);
    int copies = given.number("copies", 50);
    Path work = Files.createTempDirectory("millrace-equal");
    try {
      Path set = work.resolve("set.tar");
      tar(set, pictures, copies);
      Path weights = work.resolve("encoder.safetensors");
      encoder(weights, given.number("width", 4));
      PictureSearch.Request request =
          new PictureSearch.Request(
              weights,
              set.toString(),
              work.resolve("index"),
              false,
              new Encoder.Options(
                  Precision.FP32, 0, new Device("cpu"), given.number("threads", 2)));
      long began = System.nanoTime();
      try (PictureSearch search = PictureSearch.open(request)) {
        search.prepare(new PictureSearch.Listener() {});
        double made = (System.nanoTime() - began) * 1e-9;
        Recall recall = search.recall(given.number("queries", 500));
        System.out.printf(
            Locale.ROOT,
            "%d pictures, %d of each: index in %.0f s, recall of the %d nearest %.4f over %d queries, %.2f ms per query by the graph, %.2f exactly%n",
            search.size(),
            copies,
            made,
            recall.k(),
            recall.value(),
            recall.queries(),
            1e3 * recall.indexSeconds(),
            1e3 * recall.exactSeconds());
      }
    } finally {
      Trees.delete(work);
    }
    System.exit(0); // libtorch's threads would keep the process
  }

  private static void encoder(Path file, int width) throws IOException {
    Compute.begin(new Device("cpu"));
    try (EncoderFile net =
        EncoderFile.untrained(
            new ResNetShape("resnet18", width, ResNetShape.Stem.SMALL),
            16,
            Map.of(),
            new Device("cpu"))) {
      net.net().initialise(Draw.of(0, "encoder"));
      EncoderFile.write(file, net.net(), 16, Normalisation.imagenet(), Map.of());
    }
  }

  /** Copies of one picture lie far apart, as they do where folders were merged. */
  private static void tar(Path file, int pictures, int copies) throws IOException {
    int different = (pictures + copies - 1) / copies;
    ImageSet made =
        Catalogue.standard()
            .open("generated:images=%d;test=0;classes=8;size=16".formatted(different))
            .train();
    try (OutputStream raw = new BufferedOutputStream(Files.newOutputStream(file), 1 << 20);
        TarArchiveOutputStream out = new TarArchiveOutputStream(raw)) {
      for (int p = 0; p < pictures; p++) {
        byte[] bytes = made.image(p % different).bytes();
        TarArchiveEntry entry = new TarArchiveEntry("%07d.ppm".formatted(p));
        entry.setSize(bytes.length);
        out.putArchiveEntry(entry);
        out.write(bytes);
        out.closeArchiveEntry();
      }
    }
  }
}
