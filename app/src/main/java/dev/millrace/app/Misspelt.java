package dev.millrace.app;

import dev.millrace.refusal.Choice;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** What to say to a word that a command does not know. */
final class Misspelt {
  /** What people type who know other programs, and what it is called here. */
  private static final Map<String, String> ELSEWHERE =
      Map.of("run", "pretrain", "list", "data list", "info", "data info", "report", "study report");

  private Misspelt() {}

  /**
   * The refusal in words, with a proposal where one is near enough to be meant. A flag that is not
   * known is named before one that is missing: it is often the missing one, misspelt.
   *
   * @param args all that was typed
   */
  static String words(ParameterException refusal, String... args) {
    if (refusal instanceof MissingParameterException) {
      CommandLine command = refusal.getCommandLine();
      List<String> flags = flags(command);
      for (String word : args) {
        String flag = word.replaceFirst("=.*", "");
        if (flag.matches("--[a-z].*") && !flags.contains(flag)) {
          return unknown(command, flag);
        }
      }
    }
    if (!(refusal instanceof UnmatchedArgumentException unmatched)
        || unmatched.getUnmatched().isEmpty()) {
      return refusal.getMessage();
    }
    CommandLine command = unmatched.getCommandLine();
    String word = unmatched.getUnmatched().get(0);
    if (word.startsWith("-")) {
      String flag = word.replaceFirst("=.*", "");
      return unknown(command, flag);
    }
    if (!command.getSubcommands().isEmpty()) {
      String known = command.getParent() == null ? ELSEWHERE.get(word) : null;
      return "there is no command %s%s"
          .formatted(
              word,
              known == null
                  ? near(word, List.copyOf(command.getSubcommands().keySet()))
                  : "; for that, `millrace " + known + "`");
    }
    boolean sets = command.getCommandSpec().findOption("--data") != null;
    return "'%s' belongs to no flag%s"
        .formatted(word, sets ? "; sets are given as --data " + word : "");
  }

  private static String unknown(CommandLine command, String flag) {
    return "%s has no flag %s%s"
        .formatted(command.getCommandSpec().qualifiedName(), flag, near(flag, flags(command)));
  }

  private static String near(String word, List<String> names) {
    Optional<String> near = Choice.near(word, names);
    return near.map(name -> "; did you mean " + name + "?").orElse("");
  }

  private static List<String> flags(CommandLine command) {
    List<String> flags = new ArrayList<>();
    command.getCommandSpec().options().forEach(flag -> flags.addAll(List.of(flag.names())));
    return flags;
  }
}
