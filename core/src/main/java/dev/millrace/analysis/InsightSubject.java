package dev.millrace.analysis;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Device;
import dev.millrace.evaluation.ProbedEncoder;
import dev.millrace.recipe.RunChunks;
import dev.millrace.recipe.Settings;
import dev.millrace.refusal.UsageException;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.Union;
import dev.millrace.stream.source.Catalogue;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;

/**
 * A finished run that is looked into, and how.
 *
 * @param run its folder
 * @param encoders those of its chunks, in order
 */
record InsightSubject(
    Path run,
    Settings settings,
    RunChunks chunks,
    List<ProbedEncoder> encoders,
    InsightRequest request,
    Catalogue catalogue,
    InsightListener listener) {

  Device device() {
    return new Device(request.device());
  }

  Draw draw(String purpose) {
    return Draw.of(request.seed(), purpose);
  }

  /** All chunks' pictures. */
  ImageSet stream() throws IOException {
    List<ImageSet> sets = new ArrayList<>();
    for (int i = 0; i < chunks.count(); i++) {
      sets.add(chunks.open(i).images());
    }
    return new Union("the stream", sets);
  }

  /** How many of them are looked at where no labels are asked. */
  int pictures() {
    return request.images() == 0
        ? Insights.PICTURES
        : Math.min(Insights.PICTURES, request.images());
  }

  /**
   * Goes on, or does not.
   *
   * @throws CancellationException if a stop was requested
   */
  void check() {
    if (listener.stop()) {
      throw new CancellationException("stopped while looking into " + run);
    }
  }

  /** Tells of one step of a part, and of the time since the one before. */
  final class Steps {
    private final String part;
    private long began = System.nanoTime();

    Steps(String part) {
      this.part = part;
    }

    void told(String what) {
      check();
      listener.done(part, what, (System.nanoTime() - began) * 1e-9, false);
      began = System.nanoTime();
    }
  }

  Steps steps(String part) {
    return new Steps(part);
  }

  static void requirePictures(int found, int least, String part) {
    if (found < least) {
      throw UsageException.of(
          "--parts",
          "%s: found %d pictures, expected %d or more; raise --images"
              .formatted(part, found, least));
    }
  }

  /** JSON has only finite numbers. */
  static Double number(double value) {
    return Double.isFinite(value) ? value : null;
  }
}
