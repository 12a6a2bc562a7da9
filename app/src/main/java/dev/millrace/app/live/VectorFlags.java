package dev.millrace.app.live;

import dev.millrace.live.LiveBuilder;
import dev.millrace.live.LiveFolder;
import dev.millrace.live.LiveSettings;
import dev.millrace.serve.VectorSettings;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Option;

/** What becomes of kept vectors when another encoder is served; the last one given is kept. */
final class VectorFlags {
  @Option(
      names = "--" + VectorSettings.ACTION,
      paramLabel = "off|say|bridge|embed",
      description =
          "when another encoder is served, for each index of `millrace search` in RUN/run/search/: say what its vectors are worth to it (default); bridge also searches over a bridge where that is good; embed also embeds its pictures anew, beside the rest; off does nothing; kept")
  private String action;

  @Option(
      names = "--" + VectorSettings.SHARE,
      paramLabel = "S",
      description = "share of the time that this works, on one thread (default: 0.25); kept")
  private Double share;

  /** Hands on what was given, over what is kept, and answers what holds then. */
  VectorSettings to(LiveBuilder builder, LiveFolder folder) throws IOException {
    Map<String, Object> all =
        new LinkedHashMap<>(folder.isLive() ? LiveSettings.read(folder).vectors() : Map.of());
    if (action != null) {
      all.put(VectorSettings.ACTION, action);
    }
    if (share != null) {
      all.put(VectorSettings.SHARE, share);
    }
    VectorSettings settings = VectorSettings.of(all);
    if (action != null || share != null) {
      builder.vectors(all);
    }
    return settings;
  }
}
