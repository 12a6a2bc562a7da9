package dev.millrace.app.train;

import dev.millrace.app.shared.Exit;
import dev.millrace.app.shared.StopSignals;
import dev.millrace.file.ShellWords;
import dev.millrace.launch.Cluster;
import dev.millrace.launch.Gang;
import dev.millrace.recipe.MachineSettings;
import dev.millrace.recipe.Settings;
import dev.millrace.recipe.Sources;
import dev.millrace.refusal.UsageException;
import dev.millrace.stream.source.Catalogue;
import dev.millrace.terminal.Say;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import picocli.CommandLine.Option;

/** The cluster whose machines make a run's steps, for commands that leave the run to it. */
final class ClusterFlags {
  static final List<String> NAMES = List.of("master", "trust-network");

  @Option(
      names = "--master",
      required = true,
      paramLabel = "MASTER",
      description =
          "the Apache Spark whose executors are the ranks: spark://HOST:7077, local-cluster[EXECUTORS,CORES,MB], or as spark-submit has it; needs SPARK_HOME, and a folder, data and Millrace that every machine sees under the same paths (docs/scale.md)")
  private String master;

  @Option(
      names = "--trust-network",
      description =
          "send sums unprotected over the network of a Spark that encrypts or authenticates what it says itself")
  private boolean trusted;

  /**
   * A command for the first rank.
   *
   * @param words behind {@code millrace cluster}, the command's name first
   * @param again those by which the run goes on once it has begun
   * @param begun whether it has
   * @param run its folder
   * @param settings of the run, with ranks and threads, of which 0 are one a rank
   * @param sets words of the sets that it opens; those of past chunks may be gone
   */
  record Work(
      List<String> words,
      List<String> again,
      GangRun.Begun begun,
      Path run,
      Settings settings,
      List<String> sets) {}

  /**
   * Has the cluster do it; the first rank says how it goes and prints its result.
   *
   * @param retries how often it goes on from the last checkpoint when a rank is lost
   * @return the first rank's exit code
   */
  int learn(Work work, int retries) throws IOException {
    MachineSettings machine = work.settings().machine();
    int ranks = machine.ranks();
    if (ranks < 2) {
      throw UsageException.of(
          "--ranks",
          "%d: a cluster shares a run out to two processes or more; give more, or leave `cluster` and --master out"
              .formatted(ranks));
    }
    Path run = work.run().toAbsolutePath();
    List<String> begin = own(work.words());
    if (machine.threads() == 0) {
      begin.addAll(List.of("--threads", Integer.toString(ranks)));
    }
    List<Path> needs = new ArrayList<>(List.of(run.getParent(), Path.of("")));
    needs.addAll(new Sources(work.settings(), null).located(Catalogue.standard(), work.sets()));
    String resume =
        ShellWords.of(
            Say.command(), "cluster", "resume", ShellWords.place(work.run()), "--master", master);
    StopSignals stop = StopSignals.listen();
    Cluster.Request request =
        new Cluster.Request(
            master,
            "millrace " + run.getFileName(),
            machine.threadsOfRank(),
            run.resolveSibling(".millrace-ranks-" + UUID.randomUUID()),
            System.err::println,
            stop);
    try (Gang gang = Cluster.sparks("--master", request, ranks, trusted)) {
      int code =
          new GangRun(begin, own(work.again()), work.begun(), run, needs, resume)
              .learn(gang, retries, stop, System.out, System.err);
      if (code == Exit.STOPPED) {
        System.err.println("or, on the cluster: " + resume);
      }
      return code;
    }
  }

  /** Without what is for the driver. */
  static List<String> own(List<String> words) {
    List<String> own = new ArrayList<>();
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i);
      if (word.equals("--master") || word.equals("--retries")) {
        i++;
      } else if (!word.equals("--trust-network")
          && !word.startsWith("--master=")
          && !word.startsWith("--retries=")) {
        own.add(word);
      }
    }
    return own;
  }

  /** The words of a command line behind {@code cluster}, with the name of its command. */
  static List<String> words(String name, List<String> all) {
    int from = all.indexOf(ClusterCommand.NAME) + 2;
    List<String> words = new ArrayList<>(List.of(name));
    words.addAll(all.subList(from, all.size()));
    return words;
  }
}
