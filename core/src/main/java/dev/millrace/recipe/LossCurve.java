package dev.millrace.recipe;

import static dev.millrace.file.Json.JSON;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.learn.run.RunDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The loss of a run in one chunk.
 *
 * @param chunk counted from 0
 * @param epochs mean of the method's own loss per epoch, in order: what remedies add would hide how
 *     far it is from guessing
 * @param guessing the loss of an encoder that knows nothing: log C over the chunk's C classes, for
 *     MoCo log(K + 1) over K keys and the positive, with PNR from the second chunk on more; null
 *     where it is not known
 */
public record LossCurve(int chunk, List<Double> epochs, Double guessing) {
  /** Makes the list immutable. */
  public LossCurve {
    epochs = List.copyOf(epochs);
  }

  /**
   * The curves of a run's chunks, from its {@code metrics.jsonl}; of what that lacks there is none.
   *
   * @throws IOException if the run is in use, or a file of it cannot be read
   */
  public static List<LossCurve> of(Path run) throws IOException {
    try (RunDirectory directory = RunDirectory.open(run)) {
      Settings settings = RunFiles.settings(run);
      RunChunks chunks = RunFiles.chunks(directory, settings);
      Map<Integer, TreeMap<Integer, double[]>> sums = new TreeMap<>();
      LogLines.each(
          directory.metrics(),
          "step",
          line -> {
            JsonNode step = JSON.readTree(line);
            boolean rest = RunLog.REST.equals(step.path(RunLog.PART).asText()); // not published
            if (step.path("loss").isNumber() && !rest) {
              double[] sum =
                  sums.computeIfAbsent(step.path("chunk").asInt(), c -> new TreeMap<>())
                      .computeIfAbsent(step.path("epoch").asInt(), e -> new double[2]);
              sum[0] += LoggedPast.ofMethod(step);
              sum[1]++;
            }
          });
      List<LossCurve> curves = new ArrayList<>();
      sums.forEach(
          (chunk, epochs) ->
              curves.add(
                  new LossCurve(
                      chunk,
                      epochs.values().stream().map(sum -> sum[0] / sum[1]).toList(),
                      guessing(settings.ofChunk(chunk), chunks, chunk))));
      return curves;
    }
  }

  private static Double guessing(Settings settings, RunChunks chunks, int chunk) {
    MethodPart<?> method = Methods.of(settings);
    if (!method.classifies()) {
      return chunk < chunks.count()
          ? method.guess(settings, chunk, chunks.entries().get(chunk).images())
          : null;
    }
    int classes =
        chunk < chunks.count() ? new HashSet<>(chunks.entries().get(chunk).classes()).size() : 0;
    return classes < 2 ? null : Math.log(classes);
  }
}
