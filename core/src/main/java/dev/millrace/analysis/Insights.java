package dev.millrace.analysis;

import dev.millrace.engine.NativeCall;
import dev.millrace.learn.run.RunDirectory;
import dev.millrace.recipe.Orders;
import dev.millrace.recipe.Settings;
import dev.millrace.recipe.Sources;
import dev.millrace.stream.source.Catalogue;
import dev.millrace.stream.source.Need;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks into a finished run: how much it forgot, whether its features are alive, how sharp its
 * minima are, what the loss around them looks like, how alike its encoders are. Changes nothing of
 * the run but its {@code insight.json} and {@code insight/}. Thread-safe: calls on different runs
 * may go on side by side, but share the process's native thread count; a second call on one run is
 * refused while the first goes on.
 */
public final class Insights {
  /** The parts there are, the cheapest first. */
  public static final List<String> PARTS =
      List.of("forgetting", "health", "cka", "sharpness", "landscape");

  /** Pictures of the stream that health and CKA look at, at most. */
  public static final int PICTURES = 512;

  private static final Logger LOG = LoggerFactory.getLogger(Insights.class);

  /** What compares the run's own chunks. */
  private static final List<String> NEEDS_CHUNKS = List.of("forgetting", "cka");

  private Insights() {}

  /**
   * Refuses what cannot be looked into, or not be compared, without computing anything.
   *
   * @param reference a run to compare it with; null for none
   * @throws IllegalArgumentException if one of the runs is not finished, or they differ in encoder
   *     or size
   * @throws IOException if a file cannot be read
   */
  public static void require(Path run, Path reference) throws IOException {
    InsightRun.require(run, reference);
  }

  /**
   * Finds the parts out, or takes what an earlier call found about the same encoders by the same
   * request, and writes {@code insight.json} with all that is known of the run's encoders.
   *
   * @return all of it
   * @throws IllegalArgumentException if the run is not finished or cannot answer
   * @throws IOException if a file cannot be read or written, or another process works on the run
   */
  public static RunInsight of(Path run, InsightRequest request, InsightListener listener)
      throws IOException {
    return of(run, request, Catalogue.standard(), listener);
  }

  /**
   * Like {@link #of(Path, InsightRequest, InsightListener)}.
   *
   * @param catalogue opens the run's sets, and those of the program's own
   */
  public static RunInsight of(
      Path run, InsightRequest request, Catalogue catalogue, InsightListener listener)
      throws IOException {
    return NativeCall.run(
        call -> {
          try (RunDirectory directory = RunDirectory.open(run)) {
            return new InsightRun(
                    directory, request, catalogue, call.reporting(InsightListener.class, listener))
                .find();
          }
        });
  }

  /**
   * CKA of the run's encoder after each chunk against the final encoder of another run, each layer
   * with each, on pictures of the run's stream; kept in the run's {@code insight/}.
   *
   * @param reference a finished run of the same architecture and size, such as a joint one
   * @throws IllegalArgumentException if one of the runs is not finished, or they differ in size
   * @throws IOException if a file cannot be read or written, or another process works on the run
   */
  public static List<RunInsight.CkaToReference> compare(
      Path run, Path reference, InsightRequest request, InsightListener listener)
      throws IOException {
    return compare(run, reference, request, Catalogue.standard(), listener);
  }

  /**
   * Like {@link #compare(Path, Path, InsightRequest, InsightListener)}.
   *
   * @param catalogue opens the run's sets, and those of the program's own
   */
  public static List<RunInsight.CkaToReference> compare(
      Path run,
      Path reference,
      InsightRequest request,
      Catalogue catalogue,
      InsightListener listener)
      throws IOException {
    return NativeCall.run(
        call -> {
          try (RunDirectory directory = RunDirectory.open(run)) {
            return new InsightRun(
                    directory, request, catalogue, call.reporting(InsightListener.class, listener))
                .against(reference);
          }
        });
  }

  /**
   * Which parts a run can answer: what compares chunks where there are two, and forgetting where
   * its sets have classes; what is left out for want of these is said.
   *
   * @param layout what the folders of the run's sets mean, as {@link InsightRequest#layout}; or
   *     null
   * @throws IOException if a set cannot be read
   */
  public static List<String> partsOf(Path run, String layout) throws IOException {
    return partsOf(run, layout, Catalogue.standard());
  }

  /**
   * Like {@link #partsOf(Path, String)}.
   *
   * @param catalogue opens the run's sets, and those of the program's own
   */
  public static List<String> partsOf(Path run, String layout, Catalogue catalogue)
      throws IOException {
    Settings settings = Settings.ofRun(run);
    List<String> parts = partsOf(settings.stream().chunks());
    Sources sources = new Sources(settings, run, layout);
    String without =
        parts.contains("forgetting") ? withoutClasses(settings, sources, catalogue) : null;
    if (without == null) {
      return parts;
    }
    LOG.warn(
        "forgetting is left out: {} has no two classes, by which it is judged; give folders CLASS/image or a list with labels",
        without);
    return parts.stream().filter(part -> !part.equals("forgetting")).toList();
  }

  /** What has no two classes, by which a chunk would be judged; null for nothing. */
  private static String withoutClasses(Settings settings, Sources sources, Catalogue catalogue)
      throws IOException {
    int chunks = settings.stream().chunks();
    Set<String> judged = new LinkedHashSet<>();
    try {
      for (int i = 0; i < chunks; i++) {
        String alone = Orders.setOf(settings, i, chunks);
        List<String> sets = alone == null ? settings.data().sets() : List.of(alone);
        if (judged.add(String.join(", ", sets)) && classes(sources, catalogue, sets) < 2) {
          return String.join(", ", sets);
        }
      }
    } catch (IllegalArgumentException doubt) {
      return null; // whoever asks for the classes says it
    }
    return null;
  }

  private static int classes(Sources sources, Catalogue catalogue, List<String> sets)
      throws IOException {
    Set<String> classes = new HashSet<>();
    for (String set : sets) {
      classes.addAll(sources.open(catalogue, set, Need.LABELS).train().classes());
    }
    return classes.size();
  }

  /** Which parts a run of this many chunks can answer. */
  public static List<String> partsOf(int chunks) {
    return chunks > 1
        ? PARTS
        : PARTS.stream().filter(part -> !NEEDS_CHUNKS.contains(part)).toList();
  }
}
