package dev.millrace.app.train;

import dev.millrace.app.shared.SettingFlags;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/** The flags of {@code pretrain} under headings, so that some fifty can be found. */
public final class FlagGroups {
  private static final String REST = "output";

  private static final Map<String, List<String>> NAMES = names();

  private FlagGroups() {}

  private static Map<String, List<String>> names() {
    Map<String, List<String>> names = new LinkedHashMap<>(SettingFlags.headings());
    names.get("computing").add("retries");
    names.get("computing").addAll(ClusterFlags.NAMES);
    names.put(REST, List.of("out", "config", "guard", "guard-margin", "json", "debug"));
    return names;
  }

  /** Shows a command's flags so in its help; those of no heading stand under the last. */
  static void show(CommandLine command) {
    command
        .getHelpSectionMap()
        .put(UsageMessageSpec.SECTION_KEY_OPTION_LIST, help -> of(help).toString());
  }

  private static StringBuilder of(Help help) {
    List<OptionSpec> all = help.commandSpec().options();
    StringBuilder text = new StringBuilder();
    groups(all)
        .forEach(
            (heading, flags) -> {
              Help.Layout layout = help.createDefaultLayout(all, List.of(), help.colorScheme());
              layout.addOptions(flags, help.createDefaultParamLabelRenderer());
              text.append(String.format("%n%s:%n", heading)).append(layout);
            });
    return text;
  }

  /** The flags under each heading, in the order of the headings. */
  public static Map<String, List<OptionSpec>> groups(List<OptionSpec> all) {
    List<OptionSpec> left = new ArrayList<>(all);
    left.removeIf(OptionSpec::hidden); // which are no person's
    Map<String, List<OptionSpec>> groups = new LinkedHashMap<>();
    NAMES.forEach(
        (heading, names) -> {
          List<OptionSpec> flags = new ArrayList<>();
          for (String name : names) {
            left.stream()
                .filter(flag -> flag.longestName().equals("--" + name))
                .findFirst()
                .ifPresent(flags::add);
          }
          left.removeAll(flags);
          groups.put(heading, flags);
        });
    groups.get(REST).addAll(left);
    return groups;
  }
}
