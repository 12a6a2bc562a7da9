package dev.millrace.app;

import dev.millrace.analysis.Insights;
import dev.millrace.evaluation.Probing;
import dev.millrace.exchange.model.Format;
import dev.millrace.recipe.SettingList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** What a shell may propose after a flag that takes one of a few words. */
final class KnownWords {
  private KnownWords() {}

  /** Tells the flags of a command, and of all below it, which words they take. */
  static void offer(CommandLine command) {
    command.getSubcommands().values().forEach(KnownWords::offer);
    CommandSpec spec = command.getCommandSpec();
    // Taken out and put back all together: help shows flags in the order they came.
    for (OptionSpec flag : List.copyOf(spec.options())) {
      if (!flag.inherited()) {
        List<String> words = of(flag);
        spec.remove(flag);
        spec.addOption(
            words.isEmpty()
                ? flag
                : OptionSpec.builder(flag)
                    .completionCandidates(words)
                    .paramLabel(label(flag))
                    .build());
      }
    }
  }

  /** The script keeps words by what the flag's value is called, so no two may share that. */
  private static String label(OptionSpec flag) {
    String own = flag.longestName().substring(2).toUpperCase(Locale.ROOT).replace('-', '_');
    return flag.paramLabel().replace("NAME", own);
  }

  private static List<String> of(OptionSpec flag) {
    return switch (flag.longestName()) {
      case "--task" -> Probing.TASKS;
      case "--parts" -> Insights.PARTS;
      case "--format" -> Arrays.stream(Format.values()).map(Format::toString).toList();
      case "--few-shot-head" -> List.of("prototype", "logistic");
      default -> SettingList.words(flag.longestName().substring(2));
    };
  }
}
