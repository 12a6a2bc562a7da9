package example;

import dev.millrace.recipe.Encoder;
import dev.millrace.recipe.Millrace;
import dev.millrace.recipe.Settings;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.source.Catalogue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Pre-trains an encoder on a folder of pictures and says which of them are alike. */
public final class Alike {
  private static final int NEAREST = 3;

  private Alike() {}

  /**
   * Prints, for each picture, those that are most like it.
   *
   * @param args the folder of pictures, the folder of the run, and settings as NAME=VALUE
   */
  public static void main(String... args) throws Exception {
    if (args.length < 2) {
      System.err.println("usage: Alike PICTURES RUN [NAME=VALUE]…");
      System.err.println("such as: Alike photos runs/photos epochs=20");
      System.exit(2);
    }
    Path encoder = trained(args[0], Path.of(args[1]), List.of(args).subList(2, args.length));
    ImageSet pictures = Catalogue.standard().open(args[0]).train();
    float[][] vectors = vectors(encoder, pictures);
    for (int i = 0; i < vectors.length; i++) {
      List<String> alike = new ArrayList<>();
      for (int other : nearest(vectors, i)) {
        alike.add("%s %.3f".formatted(pictures.image(other).id(), dot(vectors[i], vectors[other])));
      }
      System.out.println(pictures.image(i).id() + ": " + String.join(", ", alike));
    }
  }

  /** The encoder of a run: that is there, or begun and not ended, or neither. */
  private static Path trained(String pictures, Path run, List<String> given) throws IOException {
    if (Files.exists(run.resolve("run.yaml"))) {
      // Stopped or killed, it goes on where it was; finished, this only says so.
      return Millrace.resume(run, event -> {}, () -> false).encoder();
    }
    Settings settings = Settings.defaults(pictures).with("stream", "instance").with("chunks", 2);
    for (String setting : given) {
      String[] parts = setting.split("=", 2);
      settings = settings.with(Map.of(parts[0], parts[1]));
    }
    return Millrace.pretrain(settings, run).encoder();
  }

  /** Features of each picture, of length 1, so that products are cosines: [pictures, dim]. */
  private static float[][] vectors(Path file, ImageSet pictures) throws Exception {
    try (Encoder encoder = Encoder.load(file)) {
      List<byte[]> encoded = new ArrayList<>();
      for (int i = 0; i < pictures.size(); i++) {
        encoded.add(pictures.image(i).bytes());
      }
      float[][] vectors = encoder.embedEncoded(encoded);
      for (float[] vector : vectors) {
        double length = Math.sqrt(dot(vector, vector));
        for (int d = 0; d < vector.length; d++) {
          vector[d] /= (float) length;
        }
      }
      return vectors;
    }
  }

  private static List<Integer> nearest(float[][] vectors, int picture) {
    return IntStream.range(0, vectors.length)
        .filter(other -> other != picture)
        .boxed()
        .sorted(Comparator.comparingDouble(other -> -dot(vectors[picture], vectors[other])))
        .limit(NEAREST)
        .toList();
  }

  private static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int d = 0; d < a.length; d++) {
      sum += (double) a[d] * b[d];
    }
    return sum;
  }
}
