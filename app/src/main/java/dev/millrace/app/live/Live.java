package dev.millrace.app.live;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A live run: which of its encoders is served, beside its process and when that is down. */
@Command(
    name = "live",
    description = "Chooses which encoder of a live run is served.",
    mixinStandardHelpOptions = true,
    subcommands = {
      LiveEncoders.class,
      LivePromote.class,
      LiveRollback.class,
      LiveHold.class,
      CommandLine.HelpCommand.class
    })
public final class Live implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "which of its commands? See `millrace live --help`");
  }
}
