package dev.millrace.exchange.embed;

import dev.millrace.engine.Compute;
import dev.millrace.engine.NativeCall;
import dev.millrace.exchange.Pictures;
import dev.millrace.file.Finding;
import dev.millrace.file.Seal;
import dev.millrace.inference.Encoder;
import dev.millrace.probe.Features;
import dev.millrace.refusal.Choice;
import dev.millrace.refusal.UsageException;
import dev.millrace.stream.source.Catalogue;
import dev.millrace.stream.source.DataSet;
import dev.millrace.stream.source.Folders;
import dev.millrace.stream.source.Need;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;

/**
 * The vectors of a whole set in a file, by streaming: memory does not grow with the set, and a call
 * that ended early, in whatever way, continues when the same command is given again. The file is
 * then the same, to the bit, as that of a call that never ended early, on the same machine and
 * thread count.
 */
public final class Embedding {
  /** Share of the pictures that may be bad, where nothing else is said. */
  public static final double MAX_BAD = Features.MAX_BAD;

  /**
   * What to embed.
   *
   * @param encoder an encoder file
   * @param data known names, folders, archives, or {@code generated}
   * @param part {@code train}, {@code validation}, {@code test} or {@code all}
   * @param images pictures of each part at most, chosen as pre-training chooses; 0 for all
   * @param out a file that does not exist, ending in .parquet, .npy or .jsonl
   * @param options how the encoder computes
   * @param maxBad share of the pictures that may fail to decode, in [0, 1]
   * @param folders what the folders of the sets mean
   * @param keepVectors whether the vectors are kept beside the file, so that an equal call brings
   *     it up to sets that have changed by computing only what is new
   */
  public record Request(
      Path encoder,
      List<String> data,
      String part,
      int images,
      Path out,
      Encoder.Options options,
      double maxBad,
      Folders folders,
      boolean keepVectors) {
    /** Refuses unknown parts and formats, and numbers out of range. */
    public Request {
      data = List.copyOf(data);
      requireSets(data);
      VectorWriter.of(out);
      requirePictures(part, images, maxBad);
    }

    /** One set, with folders whose meaning is guessed. */
    public Request(
        Path encoder,
        String data,
        String part,
        int images,
        Path out,
        Encoder.Options options,
        double maxBad) {
      this(encoder, List.of(data), part, images, out, options, maxBad, Folders.AUTO, false);
    }
  }

  static void requireSets(List<String> data) {
    if (data.isEmpty()) {
      throw UsageException.of("--data", "names no set; see `millrace data list`");
    }
  }

  /** Refuses what no embedding can be of. */
  static void requirePictures(String part, int images, double maxBad) {
    Choice.check("--part", part, "train", "validation", "test", Pictures.ALL);
    if (images < 0) {
      throw UsageException.of("--images", images + " is below 0; 0 means all");
    }
    if (!(maxBad >= 0 && maxBad <= 1)) {
      throw UsageException.of("--max-bad", maxBad + " is not a share in 0 … 1");
    }
  }

  /**
   * How it ended.
   *
   * @param images rows of the file
   * @param dim numbers of each vector
   * @param imagesPerSecond pictures of this call, over the time that it took
   * @param out the file
   * @param quarantined pictures without a row
   * @param encoder SHA-256 of the encoder's file, hex
   * @param computed pictures that this call computed
   */
  public record Outcome(
      long images,
      int dim,
      double imagesPerSecond,
      Path out,
      long quarantined,
      String encoder,
      int computed) {}

  /** Told how it goes on, by the calling thread. */
  public interface Listener {
    /** Some pictures are done, those of earlier calls included. */
    default void embedded(int pictures, int of, long bad) {}

    /** Too many pictures are bad: the others are looked at only to list all bad ones. */
    default void refusing(long bad, int of) {}

    /** All pictures are done, and the file is being written. */
    default void writing(long rows) {}

    /**
     * Asked often; true ends the call by a {@link CancellationException}, as does an interrupt of
     * the caller, whose flag stays set, or the end of the process.
     */
    default boolean stop() {
      return false;
    }
  }

  private Embedding() {}

  /** Where the vectors of an unfinished file are. */
  public static Path unfinished(Path out) {
    return new OutputFiles(out).unfinished();
  }

  /** Where vectors are kept for a later call, where that was asked for. */
  public static Path vectors(Path out) {
    return new OutputFiles(out).vectors();
  }

  /** Where the pictures without a row are listed, if there are any. */
  public static Path quarantine(Path out) {
    return new OutputFiles(out).quarantine();
  }

  /**
   * Reads a file of vectors and what lies beside it again.
   *
   * @throws IllegalArgumentException if there are no checksums beside it
   * @throws IOException if the checksums themselves are damaged
   */
  public static List<Finding> examine(Path out) throws IOException {
    return Seal.examineBeside(
        out, "remove %s and what lies beside it, then embed again".formatted(out));
  }

  /**
   * Embeds a set, or continues it.
   *
   * @throws IllegalArgumentException if the file exists, an unfinished one is of another encoder or
   *     set, there are no pictures, or too many are bad
   * @throws IOException if a file cannot be read or written
   * @throws CancellationException if the listener asked to stop; an equal call goes on
   */
  public static Outcome embed(Request request, Listener listener) throws IOException {
    return embed(request, Catalogue.standard(), listener);
  }

  /**
   * Like {@link #embed(Request, Listener)}.
   *
   * @param catalogue opens the set, and those of the program's own
   */
  public static Outcome embed(Request request, Catalogue catalogue, Listener listener)
      throws IOException {
    OutputFiles files = new OutputFiles(request.out());
    // With a journal beside it, it may be this embedding's own, of a call killed at its very end.
    boolean there = Files.exists(request.out());
    boolean grows = request.keepVectors() && Files.exists(files.vectors());
    if (!grows && !Files.exists(files.unfinished())) {
      files.requireFree();
    }
    return NativeCall.run(
        call -> {
          List<DataSet> sets = new ArrayList<>();
          for (String set : request.data()) {
            sets.add(catalogue.open(set, request.folders(), Need.PICTURES));
          }
          Pictures pictures = new Pictures(sets, request.part(), request.images());
          Compute.begin(request.options().threads(), request.options().device());
          try (Encoder encoder = Encoder.load(request.encoder(), request.options())) {
            return new EmbeddingRun(
                    request, call.reporting(Listener.class, listener), pictures, encoder)
                .go(there);
          }
        });
  }
}
