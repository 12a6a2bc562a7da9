package dev.millrace.app.train;

import dev.millrace.recipe.Settings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/** The flags of {@link Settings#KEPT}, for commands that continue a run. */
final class KeepingFlags {
  static final String LOG_WORDS =
      "copies of what metrics.jsonl measures, for other programs: tensorboard (event files in tensorboard/), csv (metrics.csv)";

  static final String KNN_WORDS =
      "epochs between looks at a kNN's accuracy on the labelled sets, also at the end of each chunk; 0 for none; changes nothing of the encoder";

  static final String CHUNK_WORDS =
      "how many of the last learned chunks keep their encoder and state: a number, all, or last; insight and probe --chunk all need those of all";

  private static final String FROM_NOW = "; from now on (default: the run's)";

  @Option(
      names = "--log",
      split = ",",
      paramLabel = "NAME[,NAME…]",
      hideParamSyntax = true,
      description = LOG_WORDS + FROM_NOW)
  private List<String> log;

  @Option(names = "--knn-every", paramLabel = "N", description = KNN_WORDS + FROM_NOW)
  private Integer knnEvery;

  @Option(names = "--keep-chunks", paramLabel = "N|all|last", description = CHUNK_WORDS + FROM_NOW)
  private String keepChunks;

  /** What was given, by name. */
  Map<String, Object> given() {
    Map<String, Object> given = new LinkedHashMap<>();
    if (log != null) {
      given.put("log", log);
    }
    if (knnEvery != null) {
      given.put("knn-every", knnEvery);
    }
    if (keepChunks != null) {
      given.put("keep-chunks", keepChunks);
    }
    return given;
  }
}
