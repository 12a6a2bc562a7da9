package dev.millrace.app.train;

import dev.millrace.learn.run.RunFolder;
import dev.millrace.recipe.Settings;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@link Extend}, with ranks on the machines of a cluster. */
@Command(
    name = "extend",
    sortOptions = false,
    description =
        "Appends a chunk of new data to a finished run, learned by ranks on the machines of an Apache Spark.")
public final class ClusterExtend extends Extend {
  @Mixin private ClusterFlags cluster;

  @Override
  public Integer call() throws IOException {
    if (!RunFolder.of(run).isRun()) {
      return super.call(); // which says what is there instead
    }
    Settings settings = keeping.of(Settings.ofRun(run));
    if (common.threadsGiven() != null) {
      settings = settings.with("threads", common.threadsGiven());
    }
    List<String> words =
        ClusterFlags.words("extend", spec.commandLine().getParseResult().originalArgs());
    return cluster.learn(
        new ClusterFlags.Work(
            words, ClusterResume.again(run, common), longer(), run, settings, List.of(data)),
        ranks.retries());
  }
}
