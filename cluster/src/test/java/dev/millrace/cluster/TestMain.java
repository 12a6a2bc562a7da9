package dev.millrace.cluster;

import dev.millrace.exchange.embed.PartitionedEmbedding;
import dev.millrace.launch.ParentWatch;
import dev.millrace.launch.RankWords;
import dev.millrace.learn.network.LostRankException;
import dev.millrace.ranks.HostRanks;
import dev.millrace.recipe.Millrace;
import dev.millrace.recipe.Resumption;
import dev.millrace.stream.source.Catalogue;
import dev.millrace.study.Job;
import dev.millrace.study.OneRun;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;

/** The commands that executors are sent, as the command's main has them. */
public final class TestMain {
  private TestMain() {}

  /** Does the work and ends the process. */
  public static void main(String[] args) throws Exception {
    AtomicBoolean stop = new AtomicBoolean();
    if (!args[0].startsWith("study") && !args[0].equals(PartitionedEmbedding.COMMAND)) {
      System.exit(learn(args[0], Path.of(args[1]), args[args.length - 1], stop));
    }
    ParentWatch.begin(System.in, () -> stop.set(true));
    if (args[0].equals(PartitionedEmbedding.COMMAND)) {
      PartitionedEmbedding.make(Path.of(args[1]), Integer.parseInt(args[2]), stop::get);
      System.exit(0);
    }
    System.exit(OneRun.work(Job.read(Path.of(args[2])), stop::get, System.out) ? 0 : 130);
  }

  /** As the first rank. */
  private static int learn(String word, Path run, String address, AtomicBoolean stop)
      throws IOException {
    try (HostRanks hosts = new HostRanks(2, address, () -> stop.set(true))) {
      Catalogue catalogue = Catalogue.standard();
      Millrace.Outcome outcome =
          switch (word) {
            case "pretrain" ->
                Millrace.pretrain(TestDriver.SETTINGS, catalogue, run, hosts, e -> {}, stop::get);
            case "extend" ->
                Millrace.extend(run, TestDriver.MORE, catalogue, hosts, e -> {}, stop::get);
            default ->
                Millrace.resume(run, catalogue, Resumption.unchanged(), hosts, e -> {}, stop::get);
          };
      System.out.println("sha256 " + outcome.encoderSha256());
      return outcome.stopped() ? 130 : 0;
    } catch (LostRankException e) {
      System.err.println(e.getMessage());
      return RankWords.LOST;
    }
  }
}
