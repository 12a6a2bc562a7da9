package dev.millrace.recipe;

import dev.millrace.learn.network.Head;
import dev.millrace.learn.network.Network;
import dev.millrace.learn.remedy.Remedy;
import dev.millrace.learn.run.RunDirectory;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * A remedy against forgetting as settings name it: all that the rest of the house needs to know.
 *
 * @param name in studies, reports and checkpoints
 * @param strengths settings of which one above 0 turns it on, by flag name
 * @param usual what a study's remedy of this name sets where it says nothing else
 * @param check refuses settings that it cannot take
 * @param heads that it puts beside the method's
 * @param maker the remedy of a run
 */
record RemedyPart(
    String name,
    List<String> strengths,
    Map<String, Object> usual,
    Check check,
    Function<Settings, List<Head>> heads,
    Maker maker) {
  /** Refuses settings. */
  @FunctionalInterface
  interface Check {
    /** Throws {@link IllegalArgumentException} naming the flag. */
    void of(Settings settings);
  }

  /** Makes a remedy. */
  @FunctionalInterface
  interface Maker {
    /** The network stays the caller's; call inside a pointer scope. */
    Remedy of(Settings settings, Network network, RunDirectory directory) throws IOException;
  }

  /** Whether settings turn it on. */
  boolean on(Map<String, Object> settings) {
    return strengths.stream()
        .anyMatch(name -> settings.get(name) instanceof Number n && n.doubleValue() > 0);
  }
}
