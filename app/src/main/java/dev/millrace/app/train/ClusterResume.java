package dev.millrace.app.train;

import dev.millrace.app.shared.CommonFlags;
import dev.millrace.learn.run.RunFolder;
import dev.millrace.recipe.Settings;
import dev.millrace.recipe.Sources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@link Resume}, with ranks on the machines of a cluster. */
@Command(
    name = "resume",
    sortOptions = false,
    description =
        "Continues a run of several ranks from its last checkpoint, on the machines of an Apache Spark.")
public final class ClusterResume extends Resume {
  @Mixin private ClusterFlags cluster;

  @Override
  public Integer call() throws IOException {
    if (!RunFolder.of(run).isRun()) {
      return super.call(); // which says what is there instead
    }
    noteMoves();
    Settings settings = keeping.of(Settings.ofRun(run));
    List<String> words =
        ClusterFlags.words("resume", spec.commandLine().getParseResult().originalArgs());
    return cluster.learn(
        new ClusterFlags.Work(words, words, () -> true, run, settings, sets(settings)),
        ranks.retries());
  }

  /** Of the chunks that are not learned, and of the last that is: its trunk may go on. */
  private List<String> sets(Settings settings) {
    int last = settings.stream().chunks() - 1;
    while (last > 0 && !Files.exists(RunFolder.of(run).encoder(last))) {
      last--;
    }
    return Sources.from(settings, last);
  }

  /** The words that go on with a run. */
  static List<String> again(Path run, CommonFlags common) {
    List<String> words = new ArrayList<>(List.of("resume", run.toString()));
    if (common.json()) {
      words.add("--json");
    }
    if (common.debug()) {
      words.add("--debug");
    }
    return words;
  }
}
