package dev.millrace.analysis;

import dev.millrace.engine.NativeCall;
import dev.millrace.learn.run.RunDirectory;
import dev.millrace.stream.source.Catalogue;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Looks into a finished run: how much it forgot, whether its features are alive, how sharp its
 * minima are, what the loss around them looks like, how alike its encoders are. Changes nothing of
 * the run but its {@code insight.json} and {@code insight/}.
 */
public final class Insights {
  /** The parts there are, the cheapest first. */
  public static final List<String> PARTS =
      List.of("forgetting", "health", "cka", "sharpness", "landscape");

  /** Pictures of the stream that health and CKA look at, at most. */
  public static final int PICTURES = 512;

  /** What compares the run's own chunks. */
  private static final List<String> NEEDS_CHUNKS = List.of("forgetting", "cka");

  private Insights() {}

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
    return NativeCall.run(
        call -> {
          try (RunDirectory directory = RunDirectory.open(run)) {
            return new InsightRun(
                    directory,
                    request,
                    Catalogue.standard(),
                    call.reporting(InsightListener.class, listener))
                .against(reference);
          }
        });
  }

  /** Which parts a run of this many chunks can answer. */
  public static List<String> partsOf(int chunks) {
    return chunks > 1
        ? PARTS
        : PARTS.stream().filter(part -> !NEEDS_CHUNKS.contains(part)).toList();
  }
}
