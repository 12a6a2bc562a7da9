package example;

import dev.millrace.inference.Encoder;
import dev.millrace.recipe.Millrace;
import dev.millrace.recipe.Settings;
import dev.millrace.recipe.StreamOrder;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.source.Catalogue;
import dev.millrace.vision.decode.BadPictureException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** Pre-trains an encoder on a folder of pictures and says which of them are alike. */
public final class Alike {
  private static final int NEAREST = 3;

  /** A picture's name, and its features of length 1, so that products are cosines: [dim]. */
  private record Picture(String name, float[] vector) {}

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
    List<Picture> pictures = read(encoder, Catalogue.standard().open(args[0]).train());
    for (Picture picture : pictures) {
      List<String> alike = new ArrayList<>();
      for (Picture other : nearest(pictures, picture)) {
        alike.add("%s %.3f".formatted(other.name(), dot(picture.vector(), other.vector())));
      }
      System.out.println(picture.name() + ": " + String.join(", ", alike));
    }
  }

  /** The encoder of a run: that is there, or begun and not ended, or neither. */
  private static Path trained(String pictures, Path run, List<String> given) throws IOException {
    if (Files.exists(run.resolve("run.yaml"))) {
      // Stopped or killed, it goes on where it was; finished, this only says so.
      return Millrace.resume(run, event -> {}, () -> false).encoder();
    }
    Settings settings =
        Settings.defaults(pictures).stream(s -> s.order(StreamOrder.INSTANCE).chunks(2));
    for (String setting : given) {
      String[] parts = setting.split("=", 2);
      settings = settings.with(Map.of(parts[0], parts[1]));
    }
    return Millrace.pretrain(settings, run).encoder();
  }

  /** Each picture with its features; a broken one is named and left out. */
  private static List<Picture> read(Path file, ImageSet set) throws IOException {
    List<Picture> pictures = new ArrayList<>();
    try (Encoder encoder = Encoder.load(file)) {
      for (int i = 0; i < set.size(); i++) {
        String name = set.image(i).id();
        try {
          pictures.add(new Picture(name, unit(encoder.embed(set.image(i).bytes()))));
        } catch (BadPictureException e) {
          System.err.println(name + " is left out: " + e.reason());
        }
      }
    }
    return pictures;
  }

  private static float[] unit(float[] vector) {
    double length = Math.sqrt(dot(vector, vector));
    for (int d = 0; d < vector.length; d++) {
      vector[d] /= (float) length;
    }
    return vector;
  }

  private static List<Picture> nearest(List<Picture> pictures, Picture picture) {
    return pictures.stream()
        .filter(other -> other != picture)
        .sorted(Comparator.comparingDouble(other -> -dot(picture.vector(), other.vector())))
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
