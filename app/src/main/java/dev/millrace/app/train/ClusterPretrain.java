package dev.millrace.app.train;

import dev.millrace.learn.run.RunFolder;
import dev.millrace.recipe.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@link Pretrain}, with ranks on the machines of a cluster. */
@Command(
    name = "pretrain",
    sortOptions = false,
    customSynopsis =
        "millrace cluster pretrain --master MASTER --ranks N --data SET[,SET…] [--out DIR] [FLAG]…",
    description =
        "Pre-trains an encoder with ranks on the machines of an Apache Spark; equals pretrain --ranks N, to the bit on machines of one kind.",
    footer = {
      "",
      "Example:",
      "  millrace cluster pretrain --master spark://10.0.0.1:7077 --ranks 16 --data /shared/photos --batch 1024 --out /shared/runs/photos"
    })
public final class ClusterPretrain extends Pretrain {
  @Mixin private ClusterFlags cluster;

  @Override
  public Integer call() throws IOException {
    Settings settings = settings();
    Path run = out(settings);
    List<String> words = ClusterFlags.words("pretrain", given());
    if (!outGiven()) {
      words.addAll(List.of("--out", run.toString()));
    }
    return cluster.learn(
        new ClusterFlags.Work(
            words,
            ClusterResume.again(run, common),
            () -> RunFolder.of(run).isRun(),
            run,
            settings,
            settings.data().sets()),
        ranks.retries());
  }

  private List<String> given() {
    return new ArrayList<>(spec.commandLine().getParseResult().originalArgs());
  }
}
