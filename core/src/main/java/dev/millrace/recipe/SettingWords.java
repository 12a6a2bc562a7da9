package dev.millrace.recipe;

import dev.millrace.metric.LogFormat;
import dev.millrace.refusal.Choice;
import dev.millrace.stream.source.Folders;
import java.util.List;
import java.util.Map;

/** The settings that are one of a few words, by flag name. */
public final class SettingWords {
  private static final Map<String, List<String>> ALL =
      Map.ofEntries(
          Map.entry("stream", List.of("instance", "class", "distant", "domain", "joint", "given")),
          Map.entry("method", Methods.names()),
          Map.entry("head", List.of(HeadSetting.words())),
          Map.entry("encoder", List.of("resnet18", "resnet34", "resnet50")),
          Map.entry("stem", List.of("auto", "small", "imagenet")),
          Map.entry("blur", List.of("auto", "on", "off")),
          Map.entry("replay-draw", List.of("uniform", "balanced", "half")),
          Map.entry("optimiser", List.of("sgd", "lars")),
          Map.entry("precision", List.of("auto", "bf16", "fp32")),
          Map.entry("layout", List.of(Folders.WORDS)),
          Map.entry("log", List.of(LogFormat.words())));

  private SettingWords() {}

  /** The words of a setting, the default first where there is one; none where it takes others. */
  public static List<String> of(String name) {
    return ALL.getOrDefault(name, List.of());
  }

  /**
   * Refuses a word that a setting does not know.
   *
   * @throws IllegalArgumentException naming the flag, the words and the nearest of them
   */
  static void check(String name, String word) {
    Choice.check("--" + name, word, of(name).toArray(String[]::new));
  }
}
