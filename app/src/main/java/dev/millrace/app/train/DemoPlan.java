package dev.millrace.app.train;

import dev.millrace.recipe.Settings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the demo trains and judges. Every run has one thread and single precision, so that its
 * numbers depend on neither the machine's cores nor what its processor computes in.
 *
 * @param stream {@code class}, {@code instance} or {@code distant}
 * @param seed of every draw
 * @param device where to compute
 * @param images pictures to learn from
 * @param test pictures to judge by
 * @param epochs of each chunk
 */
record DemoPlan(String stream, long seed, String device, int images, int test, int epochs) {
  /** The streams there are; the first is the default. */
  static final List<String> STREAMS = List.of("class", "instance", "distant");

  /** Runs by name, in the order of the table. */
  static final List<String> RUNS = List.of("sequential", "replay", "joint");

  /** The plan whose results docs/results.md shows. */
  static DemoPlan of(String stream, long seed, String device) {
    return new DemoPlan(stream, seed, device, 4000, 2000, 8);
  }

  /** What is learned, and by whose test part it is judged. */
  String set() {
    return "generated:figures=clear,size=16,images=%d,test=%d".formatted(images, test);
  }

  /** The settings of one of the runs; all make as many image passes, up to unfilled batches. */
  Settings settings(String run) {
    Map<String, Object> changes = small(epochs, seed);
    changes.put("stream", stream);
    changes.put("chunks", 4);
    changes.put("queue", 256);
    // Without it some seeds spend their first epochs near a collapse.
    changes.put("warmup", Math.min(1, epochs / 2.0));
    changes.put("device", device);
    if (run.equals("replay")) {
      replaying(changes);
    } else if (run.equals("joint")) {
      changes.put("stream", "joint");
      changes.put("chunks", 1);
    }
    return Settings.defaults(set()).with(changes);
  }

  /** What every demo trains: pictures of 16 pixels, in minutes, on one thread. */
  static Map<String, Object> small(int epochs, long seed) {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("width", 16);
    settings.put("size", 16);
    settings.put("batch", 32);
    settings.put("epochs", epochs);
    settings.put("momentum", 0.99);
    settings.put("precision", "fp32");
    settings.put("threads", 1);
    settings.put("seed", seed);
    return settings;
  }

  /** With the replay of the demos. */
  static void replaying(Map<String, Object> settings) {
    settings.put("replay", 0.1);
    settings.put("replay-draw", "half");
  }
}
