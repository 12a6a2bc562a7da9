package dev.millrace.app.train;

import dev.millrace.app.shared.ComputingCommand;
import dev.millrace.recipe.KeptChunks;
import dev.millrace.recipe.Millrace;
import dev.millrace.recipe.Pruned;
import dev.millrace.terminal.Say;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Removes the encoders of a run's older chunks. */
@Command(
    name = "prune",
    sortOptions = false,
    description =
        "Removes the encoders of a run's older chunks and the states beside them. The run can be resumed, extended, probed and exported as before; insight and probe --chunk all need what is removed.")
public final class Prune extends ComputingCommand implements Callable<Integer> {
  @Parameters(paramLabel = "RUN", description = "folder of the run")
  private Path run;

  @Option(
      names = "--keep-chunks",
      paramLabel = "N|last",
      defaultValue = "last",
      description = "how many of the last learned chunks keep theirs (default: last, which is one)")
  private String keep = "last";

  @Override
  public Integer call() throws IOException {
    Pruned pruned = Millrace.prune(run, KeptChunks.count(keep));
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("run", run.toString());
    json.put("chunks", pruned.chunks());
    json.put("bytes", pruned.bytes());
    common.print(json, List.of(words(pruned)));
    return 0;
  }

  private String words(Pruned pruned) {
    return pruned.chunks().isEmpty()
        ? run + " has no encoder of an older chunk that can go: nothing was removed"
        : String.format(
            Locale.ROOT,
            "removed the encoders of %s, %.1f MB",
            Say.count(pruned.chunks().size(), "chunk"),
            pruned.bytes() / 1e6);
  }
}
