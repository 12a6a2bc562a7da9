package dev.millrace.app.train;

import dev.millrace.learn.run.RunFolder;
import dev.millrace.recipe.Settings;
import dev.millrace.terminal.Say;
import java.io.IOException;
import java.nio.file.Path;
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

  @Option(
      names = "--ranks",
      paramLabel = "N",
      description =
          "processes of this machine that share each batch out among them, and the run's threads"
              + FROM_NOW)
  private Integer ranks;

  /** How many processes make the run's steps; said where they are others than before. */
  int ranks(Path run) throws IOException {
    int runs = RunFolder.of(run).isRun() ? Settings.ofRun(run).machine().ranks() : 1;
    if (ranks != null && ranks != runs) {
      System.err.printf(
          "%s, and %d before: the result equals that of %d to rounding, not to the bit%n",
          Say.count(ranks, "rank"), runs, runs);
    }
    return ranks == null ? runs : ranks;
  }

  /** A run's settings with the ranks that were given. */
  Settings of(Settings runs) {
    return ranks == null ? runs : runs.with("ranks", ranks);
  }

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
    if (ranks != null) {
      given.put("ranks", ranks);
    }
    return given;
  }
}
