package dev.millrace.app.train;

import dev.millrace.app.shared.ComputingCommand;
import dev.millrace.app.shared.Progress;
import dev.millrace.app.shared.SetNames;
import dev.millrace.app.shared.SettingFlags;
import dev.millrace.file.TextFile;
import dev.millrace.learn.run.RunEvent;
import dev.millrace.learn.run.RunFolder;
import dev.millrace.recipe.Encoders;
import dev.millrace.recipe.InitialShape;
import dev.millrace.recipe.Methods;
import dev.millrace.recipe.Millrace;
import dev.millrace.recipe.RemedyParts;
import dev.millrace.recipe.Settings;
import dev.millrace.stream.source.Catalogue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Pre-trains an encoder on a stream; see {@link SettingFlags} for the flags of the settings. */
@Command(
    name = "pretrain",
    aliases = "train",
    sortOptions = false,
    customSynopsis = {
      "millrace pretrain --data SET[,SET…] [--out DIR] [FLAG]…",
      "   or: millrace pretrain --config FILE [--out DIR] [FLAG]…"
    },
    description = "Pre-trains an encoder on a stream of images.",
    footer = {
      "",
      "Why a stream has a trunk: a stream that never ends has no last step for a learning rate to fall towards, and one that falls and rises in each chunk shakes what was learned. So one network, the trunk, learns on at a constant rate over all chunks, and resume, extend and remedies go on from it. What a chunk publishes is made beside it and is calmer: the mean of the trunk's last weights, or a branch on which the rate falls to 0.",
      "",
      "Example:",
      "  millrace pretrain --data cifar10 --stream class --chunks 5 --replay 0.1 --out runs/first"
    })
public class Pretrain extends ComputingCommand implements Callable<Integer> {
  @Spec CommandSpec spec;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "settings as YAML, by flag name; flags on the command line go over them")
  private Path config;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "folder of the run; must not exist (default: runs/DATA-STREAM-TIME)")
  private Path out;

  @Mixin private GuardFlags guard;

  @Mixin RankFlags ranks;

  /** Adds the flags of the settings, and groups all of them under headings in the help. */
  public static void dress(CommandLine pretrain) {
    SettingFlags.addTo(pretrain.getCommandSpec());
    FlagGroups.show(pretrain);
  }

  @Override
  public Integer call() throws IOException {
    Settings settings = settings();
    Path run = out(settings);
    if (ranks.mind(settings.machine().ranks())) {
      List<String> words = new ArrayList<>(spec.commandLine().getParseResult().originalArgs());
      if (!outGiven()) {
        words.addAll(List.of("--out", run.toString()));
      }
      return ranks.mind(words, () -> RunFolder.of(run).isRun(), run, common);
    }
    UnaryOperator<RunEvent.Listener> guarded = guard.beginning(run, settings);
    System.err.println("run: " + run);
    Millrace.Outcome outcome;
    try (Progress progress = Progress.onStderr()) {
      RunEvent.Listener listener = guarded.apply(progress);
      outcome =
          ranks.learn(
              settings.machine().ranks(),
              () -> RunFolder.of(run).isRun(),
              run,
              (met, stop) ->
                  Millrace.pretrain(settings, Catalogue.standard(), run, met, listener, stop));
    }
    return Report.print(outcome, settings.machine().ranks(), common);
  }

  /**
   * Defaults, then the file, then the flags.
   *
   * @throws ParameterException for a value that a setting cannot take
   */
  Settings settings() throws IOException {
    Map<String, Object> given = SettingFlags.given(spec.commandLine().getParseResult());
    if (config == null && !given.containsKey("data")) {
      throw new ParameterException(
          spec.commandLine(),
          "--data is missing: name a set (`millrace data list`), a folder or an archive, or give --config FILE");
    }
    if (config != null && !Files.isRegularFile(config)) {
      throw new ParameterException(
          spec.commandLine(),
          "--config " + config + " is not a file; give a YAML file of settings");
    }
    try {
      Set<String> chosen = new HashSet<>(given.keySet());
      if (config != null) {
        for (String line : TextFile.lines(config)) {
          chosen.add(line.replaceAll(":.*", "").strip());
        }
      }
      Settings settings =
          config == null ? Settings.defaults().with(given) : Settings.read(config, given);
      Methods.requireKnown(settings.methodName(), given.keySet());
      RemedyParts.requireOn(settings, given.keySet());
      Settings whole = InitialShape.of(settings, chosen);
      Encoders.requireKnown(whole.encoder().name(), given.keySet());
      return whole;
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  boolean outGiven() {
    return out != null;
  }

  /** The run's folder. */
  Path out(Settings settings) {
    return out == null ? standardOut(settings) : out;
  }

  private static Path standardOut(Settings settings) {
    String time = LocalDateTime.now().format(DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss"));
    return Path.of(
        "runs",
        SetNames.shortName(settings.data().sets())
            + "-"
            + settings.stream().order().word()
            + "-"
            + time);
  }
}
