package dev.millrace.analysis;

import dev.millrace.engine.NativeCall;
import dev.millrace.insight.AdaptiveSharpness;
import dev.millrace.insight.LossLandscape;
import dev.millrace.insight.Sharpness;
import dev.millrace.learn.run.RunDirectory;
import dev.millrace.refusal.Choice;
import dev.millrace.refusal.Require;
import dev.millrace.stream.source.Catalogue;
import dev.millrace.stream.source.Folders;
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

  /** Pictures of a chunk that its sharpness is taken on, where nothing else is asked for. */
  public static final int SHARPNESS_PICTURES = 512;

  /** What compares the run's own chunks. */
  private static final List<String> NEEDS_CHUNKS = List.of("forgetting", "cka");

  /**
   * What to find out, and how thoroughly.
   *
   * @param parts some of {@link #PARTS}
   * @param images pictures at most that forgetting learns from, and that it judges by; health and
   *     CKA look at 512 of the stream's at most; 0 for all
   * @param lossImages pictures of a chunk that its pre-training loss is taken on, at least 8
   * @param adaptive how thoroughly to look for sharpness
   * @param sharpnessImages pictures of a chunk that it is taken on, at least 8
   * @param sharpness how thoroughly to look for the scale-dependent measures of sharpness
   * @param landscape where to look at the landscape
   * @param threads cores to use
   * @param device where to compute
   * @param seed of every draw
   * @param layout what the folders of the run's sets mean where forgetting asks for their classes,
   *     as {@code --layout} says; null for what the run says
   */
  public record Request(
      List<String> parts,
      int images,
      int lossImages,
      AdaptiveSharpness.Settings adaptive,
      int sharpnessImages,
      Sharpness.Settings sharpness,
      LossLandscape.Settings landscape,
      int threads,
      String device,
      long seed,
      String layout) {
    /** Refuses unknown parts and values outside their ranges. */
    public Request {
      parts = List.copyOf(parts);
      parts.forEach(part -> Choice.check("--parts", part, PARTS.toArray(String[]::new)));
      Require.flag(
          !parts.isEmpty(), "--parts", "names nothing; allowed: " + String.join(", ", PARTS));
      Require.flag(images >= 0, "--images", images + " is below 0; 0 means all");
      Require.flag(
          lossImages >= 8,
          "--loss-images",
          lossImages + " is below 8; batch normalisation needs a batch");
      Require.flag(
          sharpnessImages >= 8,
          "--sharpness-images",
          sharpnessImages + " is below 8; batch normalisation needs a batch");
      Require.flag(threads >= 1, "--threads", threads + " is below 1");
      if (layout != null) {
        Folders.of(layout);
      }
    }

    /** The same with sharpness by {@link AdaptiveSharpness.Settings#defaults} on 512 pictures. */
    public Request(
        List<String> parts,
        int images,
        int lossImages,
        Sharpness.Settings sharpness,
        LossLandscape.Settings landscape,
        int threads,
        String device,
        long seed,
        String layout) {
      this(
          parts,
          images,
          lossImages,
          AdaptiveSharpness.Settings.defaults(),
          SHARPNESS_PICTURES,
          sharpness,
          landscape,
          threads,
          device,
          seed,
          layout);
    }

    /** The same with folders that mean what the run says. */
    public Request(
        List<String> parts,
        int images,
        int lossImages,
        Sharpness.Settings sharpness,
        LossLandscape.Settings landscape,
        int threads,
        String device,
        long seed) {
      this(parts, images, lossImages, sharpness, landscape, threads, device, seed, null);
    }

    /** These parts, or all where none is named, with the defaults, on the CPU. */
    public static Request of(int threads, String... parts) {
      return new Request(
          parts.length == 0 ? PARTS : List.of(parts),
          2000,
          64,
          Sharpness.Settings.defaults(),
          LossLandscape.Settings.defaults(),
          threads,
          "cpu",
          0);
    }

    /**
     * The same with another look at sharpness.
     *
     * @param pictures of a chunk that it is taken on, at least 8
     */
    public Request withAdaptive(AdaptiveSharpness.Settings how, int pictures) {
      return new Request(
          parts,
          images,
          lossImages,
          how,
          pictures,
          sharpness,
          landscape,
          threads,
          device,
          seed,
          layout);
    }

    /** The same with another number of pictures. */
    public Request withImages(int pictures) {
      return new Request(
          parts,
          pictures,
          lossImages,
          adaptive,
          sharpnessImages,
          sharpness,
          landscape,
          threads,
          device,
          seed,
          layout);
    }

    /** The same with other parts. */
    public Request withParts(List<String> others) {
      return new Request(
          others,
          images,
          lossImages,
          adaptive,
          sharpnessImages,
          sharpness,
          landscape,
          threads,
          device,
          seed,
          layout);
    }
  }

  /** Told how insight goes on, by the calling thread. */
  public interface Listener {
    /**
     * Something was found out.
     *
     * @param part one of {@link #PARTS}
     * @param what it was about, such as {@code after chunk 2}, or {@code after chunk 2: noise}
     * @param kept whether an earlier call had found it
     */
    default void done(String part, String what, double seconds, boolean kept) {}

    /**
     * Asked often, by a thread of the call; true ends the call by a {@link
     * java.util.concurrent.CancellationException}, as does an interrupt of the caller, whose flag
     * stays set, or the end of the process. Parts that were found are kept.
     */
    default boolean stop() {
      return false;
    }
  }

  private Insights() {}

  /**
   * Finds the parts out, or takes what an earlier call found about the same encoders by the same
   * request, and writes {@code insight.json} with all that is known of the run's encoders.
   *
   * @return all of it
   * @throws IllegalArgumentException if the run is not finished or cannot answer
   * @throws IOException if a file cannot be read or written, or another process works on the run
   */
  public static RunInsight of(Path run, Request request, Listener listener) throws IOException {
    return of(run, request, Catalogue.standard(), listener);
  }

  /**
   * As {@link #of(Path, Request, Listener)}.
   *
   * @param catalogue opens the run's sets, and those of the program's own
   */
  public static RunInsight of(Path run, Request request, Catalogue catalogue, Listener listener)
      throws IOException {
    return NativeCall.run(
        call -> {
          try (RunDirectory directory = RunDirectory.open(run)) {
            return new InsightRun(
                    directory, request, catalogue, call.reporting(Listener.class, listener))
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
      Path run, Path reference, Request request, Listener listener) throws IOException {
    return NativeCall.run(
        call -> {
          try (RunDirectory directory = RunDirectory.open(run)) {
            return new InsightRun(
                    directory,
                    request,
                    Catalogue.standard(),
                    call.reporting(Listener.class, listener))
                .against(reference);
          }
        });
  }

  /** Which parts a run of so many chunks can answer. */
  public static List<String> partsOf(int chunks) {
    return chunks > 1
        ? PARTS
        : PARTS.stream().filter(part -> !NEEDS_CHUNKS.contains(part)).toList();
  }
}
