package dev.millrace.evaluation;

import static dev.millrace.file.Json.JSON;

import dev.millrace.engine.Safetensors;
import dev.millrace.file.AtomicFiles;
import dev.millrace.file.FileName;
import dev.millrace.probe.FeatureMatrix;
import dev.millrace.probe.SplitParts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Features as files for others to judge: {@code SET/ENCODER/PART.safetensors}, each with {@code
 * features [N, D] float32} and {@code labels [N] int32}, the class names in the metadata; and
 * {@code answers.json}, what the tasks made of them.
 */
final class FeatureFiles {
  private FeatureFiles() {}

  /**
   * Writes the parts that the linear probe uses: train, validation and test, of which a set that
   * only has a test part has that alone, and all of train where it divides into no two; or all,
   * where nothing is held out to judge by.
   *
   * @param folder made when missing; files of an earlier export are replaced
   */
  static void write(Path folder, Judge judge, SplitParts parts, List<ProbeResult> answers)
      throws IOException {
    if (answers.isEmpty()) { // no task was asked of this division
      return;
    }
    ProbedEncoder encoder = judge.encoder();
    String label = encoder.label() + (encoder.chunk() == null ? "" : "-" + encoder.chunk());
    Path into = folder.resolve(FileName.of(parts.data())).resolve(FileName.of(label));
    if (answers.stream().allMatch(answer -> answer.split().equals(SplitParts.ALL))) {
      write(into, "all", judge.features(parts.episodes()), parts);
    } else {
      FeatureMatrix train = parts.train().isEmpty() ? null : judge.features(parts.train());
      if (train != null && !divides(train, parts)) {
        write(into, "train", train, parts);
      } else if (train != null) {
        LinearTask.Known known = LinearTask.known(judge, parts);
        write(into, "train", known.parts().train().relabelled(known.present()), parts);
        write(into, "validation", known.parts().validation().relabelled(known.present()), parts);
      }
      write(into, "test", judge.features(parts.test()), parts);
    }
    AtomicFiles.write(
        into.resolve("answers.json"),
        JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(answers));
  }

  /** Whether the linear probe, which other tasks do without, could choose and learn by them. */
  private static boolean divides(FeatureMatrix train, SplitParts parts) {
    int[] counts = train.counts(parts.classes().size());
    boolean some = !parts.validation().isEmpty() || Arrays.stream(counts).anyMatch(n -> n > 1);
    return some && Arrays.stream(counts).filter(n -> n > 0).count() > 1;
  }

  private static void write(Path folder, String part, FeatureMatrix features, SplitParts parts)
      throws IOException {
    Map<String, String> about = new TreeMap<>();
    about.put("classes", JSON.writeValueAsString(parts.classes()));
    about.put("metric", parts.byClass() ? "mean_per_class" : "top1");
    try (PointerScope scope = new PointerScope()) {
      Tensor labels =
          torch.from_blob(
              new IntPointer(features.labels()),
              new long[] {features.n()},
              new TensorOptions(ScalarType.Int));
      Safetensors.write(
          folder.resolve(part + ".safetensors"),
          Map.of("features", features.tensor(), "labels", labels),
          about);
    }
  }
}
