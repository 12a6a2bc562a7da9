package dev.millrace.app.embed;

import dev.millrace.app.shared.ComputingCommand;
import dev.millrace.app.shared.Exit;
import dev.millrace.app.shared.StopSignals;
import dev.millrace.exchange.embed.PartitionedEmbedding;
import dev.millrace.launch.ParentWatch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** The process of one partition; {@link Embed} has it started, nobody else. */
@Command(
    name = PartitionedEmbedding.COMMAND,
    hidden = true,
    description = "Makes one file of an embedding in partitions.")
public final class EmbedPartition extends ComputingCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "DIR", description = "folder of the embedding")
  private Path folder;

  @Parameters(index = "1", paramLabel = "N", description = "number of the partition, from 0")
  private int part;

  @Override
  public Integer call() throws IOException {
    StopSignals stop = StopSignals.listenAsChild();
    ParentWatch.begin(System.in, stop::ask);
    try {
      PartitionedEmbedding.make(folder, part, stop);
      return 0;
    } catch (CancellationException stopped) {
      return Exit.STOPPED;
    }
  }
}
