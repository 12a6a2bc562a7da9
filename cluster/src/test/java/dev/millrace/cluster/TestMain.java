package dev.millrace.cluster;

import dev.millrace.exchange.embed.PartitionedEmbedding;
import dev.millrace.launch.ParentWatch;
import dev.millrace.study.Job;
import dev.millrace.study.OneRun;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;

/** The two commands that executors are sent, as the command's main has them. */
public final class TestMain {
  private TestMain() {}

  /** Does the work and ends the process. */
  public static void main(String[] args) throws Exception {
    AtomicBoolean stop = new AtomicBoolean();
    ParentWatch.begin(System.in, () -> stop.set(true));
    if (args[0].equals(PartitionedEmbedding.COMMAND)) {
      PartitionedEmbedding.make(Path.of(args[1]), Integer.parseInt(args[2]), stop::get);
      System.exit(0);
    }
    System.exit(OneRun.work(Job.read(Path.of(args[2])), stop::get, System.out) ? 0 : 130);
  }
}
