package dev.millrace.app;

import dev.millrace.app.analyse.Insight;
import dev.millrace.app.data.Data;
import dev.millrace.app.doctor.Doctor;
import dev.millrace.app.embed.Embed;
import dev.millrace.app.embed.EmbedPartition;
import dev.millrace.app.embed.Export;
import dev.millrace.app.embed.Search;
import dev.millrace.app.evaluate.Probe;
import dev.millrace.app.live.LiveCommand;
import dev.millrace.app.serve.Serve;
import dev.millrace.app.shared.ComputingCommand;
import dev.millrace.app.shared.Exit;
import dev.millrace.app.shared.PlainCommand;
import dev.millrace.app.shared.StopSignals;
import dev.millrace.app.shared.Version;
import dev.millrace.app.study.StudyCommand;
import dev.millrace.app.train.ClusterCommand;
import dev.millrace.app.train.Demo;
import dev.millrace.app.train.Extend;
import dev.millrace.app.train.Pretrain;
import dev.millrace.app.train.Prune;
import dev.millrace.app.train.Resume;
import dev.millrace.file.Printable;
import dev.millrace.terminal.NativeOutput;
import dev.millrace.terminal.PrintableStream;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CancellationException;
import java.util.logging.Level;
import java.util.logging.Logger;
import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The root of the {@code millrace} command, which ends with the codes of {@link Exit}. */
@Command(
    name = "millrace",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = "Self-supervised pre-training on streaming images.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      Demo.class,
      Pretrain.class,
      Resume.class,
      Extend.class,
      ClusterCommand.class,
      Prune.class,
      Probe.class,
      Insight.class,
      Embed.class,
      EmbedPartition.class,
      Export.class,
      Search.class,
      LiveCommand.class,
      Serve.class,
      StudyCommand.class,
      Data.class,
      Doctor.class,
      GenerateCompletion.class,
      HelpCommand.class,
      VersionCommand.class
    },
    footer = {"", "Start with `millrace demo`: no data and no network needed.", Exit.WORDS})
public final class Main implements Runnable {
  // Lucene tells of faster ways through flags that this program does without. Loggers are weakly
  // held, hence the field.
  private static final Logger LUCENE = Logger.getLogger("org.apache.lucene");

  @Spec private CommandSpec spec;

  /** Runs the command and ends the process; the only place that does. */
  public static void main(String[] args) {
    System.setProperty("java.awt.headless", "true");
    // What it prints is English; a machine's own digits in it would be read by nobody's script.
    Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT);
    LUCENE.setLevel(Level.SEVERE);
    StopSignals.endByDefault();
    NativeOutput.ofThisCommand();
    System.exit(run(args));
  }

  /** Runs the command and answers its exit code. */
  static int run(String... args) {
    return PrintableStream.around(() -> execute(args));
  }

  private static int execute(String... args) {
    try {
      return commandLine().execute(args);
    } catch (Error e) {
      boolean debug = List.of(args).contains("--debug");
      if (debug) {
        e.printStackTrace();
      }
      System.err.println("millrace: " + Failures.words(e, debug));
      return CommandLine.ExitCode.SOFTWARE;
    }
  }

  /** The parser with every sub-command, flag and error handler in place. */
  static CommandLine commandLine() {
    CommandLine main = new CommandLine(new Main());
    Pretrain.dress(main.getSubcommands().get("pretrain"));
    ClusterCommand.dress(main.getSubcommands().get("cluster"));
    LiveCommand.dress(main.getSubcommands().get("live"));
    KnownWords.offer(main);
    main.setAbbreviatedOptionsAllowed(false);
    main.setAllowSubcommandsAsOptionParameters(true); // as in `live RUN --on-fail hold`
    main.setExecutionExceptionHandler(Main::failed);
    main.setParameterExceptionHandler(Main::refused);
    main.setUsageHelpAutoWidth(true);
    return main;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "which command? See `millrace --help`");
  }

  void printVersion() {
    spec.commandLine().printVersionHelp(spec.commandLine().getOut());
  }

  private static int refused(ParameterException refusal, String[] args) {
    CommandLine command = refusal.getCommandLine();
    command.getErr().println("millrace: " + Printable.of(Misspelt.words(refusal, args)));
    command.getErr().println("see `" + command.getCommandSpec().qualifiedName() + " --help`");
    command.getErr().flush();
    return CommandLine.ExitCode.USAGE;
  }

  private static int failed(
      Exception failure, CommandLine command, CommandLine.ParseResult parsed) {
    boolean debug =
        command.getCommand() instanceof ComputingCommand shared && shared.common.debug()
            || command.getCommand() instanceof PlainCommand plain && plain.common.debug();
    if (debug) {
      command.getErr().print(PrintableStream.trace(failure));
    }
    if (failure instanceof CancellationException) {
      command.getErr().println("millrace: " + Printable.of(String.valueOf(failure.getMessage())));
      command.getErr().flush();
      return Exit.STOPPED;
    }
    String words = Failures.words(failure, debug);
    if (words.contains("No space left on device") && !words.contains("free some")) {
      words += "; " + afterFullDisk(command.getCommandName());
    }
    command.getErr().println("millrace: " + Printable.of(words));
    command.getErr().flush();
    return Exit.code(failure);
  }

  private static String afterFullDisk(String command) {
    String again = "free some disk space, then give the same command again";
    return command.equals("pretrain") || command.equals("extend")
        ? again
            + "; or, where it says that the run is there or is not finished, go on with `millrace resume`"
        : again;
  }
}
