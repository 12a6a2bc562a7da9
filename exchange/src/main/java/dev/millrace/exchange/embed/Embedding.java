package dev.millrace.exchange.embed;

import dev.millrace.engine.NativeCall;
import dev.millrace.engine.Natives;
import dev.millrace.exchange.Pictures;
import dev.millrace.file.Finding;
import dev.millrace.file.Seal;
import dev.millrace.probe.BadPicture;
import dev.millrace.probe.FeatureStream;
import dev.millrace.probe.Features;
import dev.millrace.recipe.Encoder;
import dev.millrace.stream.source.Catalogue;
import dev.millrace.stream.source.Choice;
import dev.millrace.stream.source.DataSet;
import dev.millrace.stream.source.Folders;
import dev.millrace.stream.source.Need;
import dev.millrace.vision.decode.BadPictureException;
import dev.millrace.vision.decode.Decoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;

/**
 * The vectors of a whole set in a file, by streaming: memory does not grow with the set, and a call
 * that ended early, in whatever way, is gone on with by an equal one. The file is then the same, to
 * the bit, as that of a call that never ended early, on the same machine and thread count.
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
      if (data.isEmpty()) {
        throw new IllegalArgumentException("--data names no set; see `millrace data list`");
      }
      VectorWriter.of(out);
      Choice.check("--part", part, "train", "validation", "test", Pictures.ALL);
      if (images < 0) {
        throw new IllegalArgumentException("--images " + images + " is below 0; 0 means all");
      }
      if (!(maxBad >= 0 && maxBad <= 1)) {
        throw new IllegalArgumentException("--max-bad " + maxBad + " is not a share in 0 … 1");
      }
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

  private final Request request;
  private final Listener listener;
  private final VectorWriter writer;
  private final Pictures pictures;
  private final Encoder encoder;
  private final Map<String, Object> about;
  private final String sizes;
  private int computed;

  private Embedding(Request request, Listener listener, Pictures pictures, Encoder encoder) {
    this.request = request;
    this.listener = listener;
    this.pictures = pictures;
    this.encoder = encoder;
    writer = VectorWriter.of(request.out());
    about = new LinkedHashMap<>();
    about.put("encoder_sha256", encoder.sha256());
    about.put("dim", encoder.dim());
    about.put("size", encoder.size());
    about.put("precision", request.options().precision().name().toLowerCase(Locale.ROOT));
    about.put("device", request.options().device().name());
    about.put("data", pictures.name());
    about.put("data_sha256", pictures.fingerprint());
    sizes = pictures.sizes();
    about.put("part", request.part());
    about.put("pictures", pictures.size());
  }

  /** Where the vectors of an unfinished file are. */
  public static Path unfinished(Path out) {
    return VectorWriter.behind(out, ".unfinished");
  }

  /** Where vectors are kept for a later call, where that was asked for. */
  public static Path vectors(Path out) {
    return VectorWriter.behind(out, ".vectors");
  }

  /** Where the pictures without a row are listed, if there are any. */
  public static Path quarantine(Path out) {
    return VectorWriter.behind(out, ".quarantine.jsonl");
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
   * Embeds a set, or goes on with it.
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
   * As {@link #embed(Request, Listener)}.
   *
   * @param catalogue opens the set, and those of the program's own
   */
  public static Outcome embed(Request request, Catalogue catalogue, Listener listener)
      throws IOException {
    // With a journal beside it, it may be this embedding's own, of a call killed at its very end.
    boolean there = Files.exists(request.out());
    boolean grows = request.keepVectors() && Files.exists(vectors(request.out()));
    if (!grows && !Files.exists(unfinished(request.out()))) {
      requireFree(request.out());
    }
    return NativeCall.run(
        call -> {
          List<DataSet> sets = new ArrayList<>();
          for (String set : request.data()) {
            sets.add(catalogue.open(set, request.folders(), Need.PICTURES));
          }
          Pictures pictures = new Pictures(sets, request.part(), request.images());
          Natives.load();
          Natives.threads(request.options().threads());
          try (Encoder encoder = Encoder.load(request.encoder(), request.options())) {
            return new Embedding(
                    request, call.reporting(Listener.class, listener), pictures, encoder)
                .go(there);
          }
        });
  }

  /** What lies beside it has names of ours and is written over. */
  private static void requireFree(Path out) {
    if (Files.exists(out)) {
      throw new IllegalArgumentException(
          "--out "
              + out
              + " exists already; choose a file that does not, or remove it"
              + (Files.exists(vectors(out))
                  ? "; or give --keep-vectors to bring it up to its sets"
                  : ""));
    }
  }

  private Outcome go(boolean there) throws IOException {
    Path folder = request.out().toAbsolutePath().getParent();
    Files.createDirectories(folder);
    try (KeptVectors kept = kept();
        Journal journal = Journal.open(unfinished(request.out()), identity(), this::mended)) {
      if (there && !request.keepVectors()) {
        return finished(journal);
      }
      if (Files.exists(request.out()) && !request.keepVectors()) {
        journal.delete(); // another process was faster, from beginning to end
        requireFree(request.out());
      }
      long began = System.nanoTime();
      long allowed = (long) Math.floor(request.maxBad() * pictures.size());
      compute(journal, kept, allowed);
      Quarantine quarantine =
          new Quarantine(quarantine(request.out()), pictures, listener, this::checkStop);
      if (journal.bad() > allowed) {
        refuse(journal, quarantine);
      }
      listener.writing(journal.pictures() - journal.bad());
      quarantine.write(journal, null);
      Files.deleteIfExists(
          Seal.recordOf(request.out())); // what follows is unsealed until all of it is there
      write(request.out(), journal);
      if (request.keepVectors()) {
        KeptVectors.write(vectors(request.out()), ofVectors(), rows(journal), pictures::key);
      }
      seal();
      journal.delete();
      double seconds = (System.nanoTime() - began) * 1e-9;
      return outcome(journal, computed / seconds);
    }
  }

  /** What was written, as `sha256sum -c` and `millrace doctor` read it. */
  private void seal() throws IOException {
    Files.deleteIfExists(Seal.recordOf(request.out()));
    List<Path> files = new ArrayList<>(writer.beside(request.out()));
    files.add(request.out());
    files.add(quarantine(request.out()));
    if (request.keepVectors()) {
      files.add(vectors(request.out()));
    }
    Seal.beside(request.out()).add(files.toArray(Path[]::new));
  }

  private void write(Path file, Journal journal) throws IOException {
    long rows = journal.pictures() - journal.bad();
    about.put("rows", rows);
    about.put("quarantined", journal.bad());
    writer.write(file, about, rows(journal));
  }

  private Rows rows(Journal journal) {
    long rows = journal.pictures() - journal.bad();
    return new JournalRows(journal, pictures, encoder.dim(), rows, this::checkStop);
  }

  /** What a vector depends on beside its picture. */
  private Map<String, String> ofVectors() {
    Map<String, String> identity = new TreeMap<>();
    for (String name : List.of("encoder_sha256", "dim", "size", "precision", "device")) {
      identity.put(name, about.get(name).toString());
    }
    return identity;
  }

  /** The vectors of an earlier call; null where there are none. */
  private KeptVectors kept() throws IOException {
    Path file = vectors(request.out());
    if (!request.keepVectors() || !Files.exists(file)) {
      return null;
    }
    Seal.beside(request.out())
        .require(
            file.toAbsolutePath(), "remove it and %s, then embed again".formatted(request.out()));
    return KeptVectors.open(file, ofVectors(), encoder.dim());
  }

  private Outcome outcome(Journal journal, double imagesPerSecond) {
    return new Outcome(
        journal.pictures() - journal.bad(),
        encoder.dim(),
        imagesPerSecond,
        request.out(),
        journal.bad(),
        encoder.sha256(),
        computed);
  }

  /**
   * A file beside its own journal is done, of a call that was killed before it took the journal
   * off: if it is what the journal makes.
   */
  private Outcome finished(Journal journal) throws IOException {
    Path folder = request.out().toAbsolutePath().getParent();
    if (journal.pictures() < pictures.size()) {
      requireFree(request.out());
    }
    // Always the same name, so that what a kill left here goes with the next call.
    Path again = folder.resolve("." + request.out().getFileName() + ".again");
    remove(again);
    Files.createDirectory(again);
    try {
      Path file = again.resolve(request.out().getFileName());
      write(file, journal);
      if (Files.mismatch(file, request.out()) >= 0) {
        requireFree(request.out());
      }
    } finally {
      remove(again);
    }
    seal();
    journal.delete();
    return outcome(journal, 0);
  }

  private static void remove(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  /** What the vectors depend on; the set's name is not among it. */
  private Map<String, String> identity() {
    Map<String, String> identity = new TreeMap<>();
    about.forEach((key, value) -> identity.put(key, value.toString()));
    identity.remove("data");
    identity.put("journal", "1");
    if (sizes != null) {
      identity.put(Journal.SIZES, sizes);
    }
    return identity;
  }

  private boolean mended(BadPicture bad) {
    try {
      Decoder.forView(pictures.image(bad.place()), 1);
      return true;
    } catch (IOException | BadPictureException e) {
      return false;
    }
  }

  private void checkStop() {
    if (listener.stop()) {
      throw new CancellationException("stopped while embedding");
    }
  }

  /** Goes on until all pictures are done, or more are bad than are allowed. */
  private void compute(Journal journal, KeptVectors kept, long allowed) throws IOException {
    try (Filling filling = new Filling(pictures, encoder, kept, journal.pictures())) {
      listener.embedded(journal.pictures(), pictures.size(), journal.bad());
      while (journal.bad() <= allowed) {
        checkStop();
        Frame frame = filling.next();
        if (frame == null) {
          return;
        }
        journal.append(frame);
        computed = filling.computed();
        listener.embedded(journal.pictures(), pictures.size(), journal.bad());
      }
    }
  }

  private void refuse(Journal journal, Quarantine quarantine) throws IOException {
    listener.refusing(journal.bad(), pictures.size());
    long all;
    try (FeatureStream rest = encoder.stream(pictures, journal.pictures())) {
      all = quarantine.write(journal, rest);
    }
    throw new IllegalArgumentException(
        "%d of the %d pictures of %s cannot be decoded, more than --max-bad %s allows: %s; the whole list is in %s: mend them or raise --max-bad, then give the same command again; or take them out of the set and remove %s"
            .formatted(
                all,
                pictures.size(),
                pictures.name(),
                request.maxBad(),
                quarantine.first(journal),
                quarantine(request.out()),
                unfinished(request.out())));
  }
}
