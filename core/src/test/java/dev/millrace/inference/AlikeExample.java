package dev.millrace.inference;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** The README's example of an encoder in use: which picture is most like the first? */
final class AlikeExample {
  private AlikeExample() {}

  // region readme
  /** ENCODER PICTURE OTHER… */
  public static void main(String... args) throws Exception {
    try (Encoder encoder = Encoder.load(Path.of(args[0]))) {
      float[] wanted = encoder.embed(Path.of(args[1])); // [dim] float32
      List<Path> others = Arrays.stream(args).skip(2).map(Path::of).toList();
      float[][] vectors = encoder.embedFiles(others); // [N, dim], faster than one by one
      int best = 0;
      for (int i = 1; i < vectors.length; i++) {
        best = cosine(wanted, vectors[i]) > cosine(wanted, vectors[best]) ? i : best;
      }
      System.out.println(others.get(best));
    }
  }

  static double cosine(float[] a, float[] b) {
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (int i = 0; i < a.length; i++) {
      ab += a[i] * b[i];
      aa += a[i] * a[i];
      bb += b[i] * b[i];
    }
    return ab / Math.sqrt(aa * bb);
  }
  // endregion
}
