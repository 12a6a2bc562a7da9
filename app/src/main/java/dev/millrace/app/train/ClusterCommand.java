package dev.millrace.app.train;

import dev.millrace.app.shared.Version;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** One run on many machines; see its sub-commands. */
@Command(
    name = ClusterCommand.NAME,
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = "One run whose steps the machines of an Apache Spark share out among them.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      ClusterPretrain.class,
      ClusterResume.class,
      ClusterExtend.class,
      CommandLine.HelpCommand.class
    })
public final class ClusterCommand implements Runnable {
  static final String NAME = "cluster";

  @Spec private CommandSpec spec;

  /** Adds the flags of the settings, as {@link Pretrain#dress} does. */
  public static void dress(CommandLine cluster) {
    Pretrain.dress(cluster.getSubcommands().get("pretrain"));
  }

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "which command? See `" + spec.qualifiedName() + " --help`");
  }
}
