package dev.millrace.exchange.search;

import dev.millrace.engine.Compute;
import dev.millrace.engine.NativeCall;
import dev.millrace.exchange.Pictures;
import dev.millrace.file.Finding;
import dev.millrace.file.Reason;
import dev.millrace.inference.Encoder;
import dev.millrace.refusal.UsageException;
import dev.millrace.stream.Image;
import dev.millrace.stream.source.Catalogue;
import dev.millrace.stream.source.Folders;
import dev.millrace.vision.decode.BadPictureException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CancellationException;

/**
 * Nearest pictures of a set, by the cosine of an encoder's vectors. The set's vectors are taken
 * once and kept in an index. Not thread-safe; close it to free encoder and index.
 */
public final class PictureSearch implements AutoCloseable {
  private static final double COMMIT_SECONDS = 15;

  /**
   * What to search.
   *
   * @param encoder an encoder file
   * @param data known names, folders, archives, or {@code generated}; all their parts are searched
   * @param index folder of the index; made when it does not exist
   * @param rebuild whether an index that is there is made anew
   * @param options how the encoder computes; vectors of two precisions are not mixed
   * @param folders what the folders of the set mean
   * @param mark kept in the index, for {@link KeptIndex#mark}; null for the one that it has, also
   *     where it is rebuilt of the same encoder and sets
   */
  public record Request(
      Path encoder,
      List<String> data,
      Path index,
      boolean rebuild,
      Encoder.Options options,
      Folders folders,
      String mark) {
    /** Refuses no set at all. */
    public Request {
      data = List.copyOf(data);
      if (data.isEmpty()) {
        throw UsageException.of("--data", "names no set; see `millrace data list`");
      }
    }

    /** Without a mark. */
    public Request(
        Path encoder,
        List<String> data,
        Path index,
        boolean rebuild,
        Encoder.Options options,
        Folders folders) {
      this(encoder, data, index, rebuild, options, folders, null);
    }

    /** One set, with folders whose meaning is guessed. */
    public Request(
        Path encoder, String data, Path index, boolean rebuild, Encoder.Options options) {
      this(encoder, List.of(data), index, rebuild, options, Folders.AUTO);
    }
  }

  /** Told how it goes on, by the calling thread. */
  public interface Listener {
    /** So many pictures are in the index, those of earlier calls included. */
    default void indexed(int pictures, int of, int bad) {}

    /** All pictures are in; the graph over them is being made one. */
    default void joining() {}

    /** Asked often; true ends the call by a {@link CancellationException}. */
    default boolean stop() {
      return false;
    }
  }

  private final Encoder encoder;
  private final Pictures pictures;
  private final IndexFolder folder;
  private final Origin origin;
  private final boolean rebuild;
  private VectorIndex index;

  /** By the index's numbers, places in the set; null where the numbers are the places. */
  private int[] places;

  private int computed;
  private List<String> bad = List.of();
  private boolean built;

  private PictureSearch(
      Encoder encoder, Pictures pictures, IndexFolder folder, Origin origin, boolean rebuild) {
    this.encoder = encoder;
    this.pictures = pictures;
    this.folder = folder;
    this.origin = origin;
    this.rebuild = rebuild;
  }

  /**
   * Opens encoder and set; the index is opened by {@link #prepare}.
   *
   * @throws IllegalArgumentException if the set has no pictures, or the index is of another encoder
   *     or set and is not to be rebuilt
   * @throws IOException if a file cannot be read
   */
  public static PictureSearch open(Request request) throws IOException {
    return open(request, Catalogue.standard());
  }

  /**
   * Like {@link #open(Request)}.
   *
   * @param catalogue opens the set, and those of the program's own
   */
  public static PictureSearch open(Request request, Catalogue catalogue) throws IOException {
    return NativeCall.run(call -> opened(request, catalogue));
  }

  private static PictureSearch opened(Request request, Catalogue catalogue) throws IOException {
    SearchedSet set = SearchedSet.open(request.data(), request.folders(), catalogue);
    Pictures pictures = set.pictures();
    Compute.begin(request.options().threads(), request.options().device());
    Encoder encoder = Encoder.load(request.encoder(), request.options());
    IndexFolder folder = new IndexFolder(request.index());
    Origin asked =
        new Origin(
            encoder.sha256(),
            pictures.fingerprint(),
            encoder.size(),
            request.options().precision().name().toLowerCase(Locale.ROOT),
            pictures.size(),
            set.called(),
            pictures.sizes(),
            set.words(),
            request.folders().word(),
            request.mark());
    Origin origin = asked.keepingMark(folder.readableWords());
    PictureSearch search = new PictureSearch(encoder, pictures, folder, origin, request.rebuild());
    try {
      search.requireSameOrigin();
    } catch (IOException | RuntimeException e) {
      search.close();
      throw e;
    }
    return search;
  }

  /** Whether a folder holds something that could be an index. */
  public static boolean isIndex(Path folder) throws IOException {
    try (java.util.stream.Stream<Path> files = java.nio.file.Files.list(folder)) {
      return files.anyMatch(file -> file.getFileName().toString().startsWith("segments_"));
    }
  }

  /** Reads all files of an index again. */
  public static List<Finding> examine(Path folder) {
    String mend = "give the same `millrace search` again with --rebuild";
    IndexFolder index = new IndexFolder(folder);
    try {
      Map<String, String> words = index.words();
      if (words == null) {
        return List.of(Finding.bad("index", "it has no commit", mend));
      }
      try (VectorIndex opened = VectorIndex.open(index)) {
        return List.of(
            Finding.ok(
                "index",
                opened.size()
                    + " vectors"
                    + (IndexFolder.complete(words) ? "" : "; it is not finished")));
      }
    } catch (IOException | RuntimeException e) {
      return List.of(Finding.bad("index", Reason.whole(e), mend));
    }
  }

  private void requireSameOrigin() throws IOException {
    if (encoder.dim() > VectorCodec.LONGEST) {
      throw new IllegalArgumentException(
          "the encoder's vectors have %d numbers; an index takes at most %d: use a narrower encoder"
              .formatted(encoder.dim(), VectorCodec.LONGEST));
    }
    Map<String, String> words = rebuild ? null : folder.words();
    String difference = words == null ? "" : origin.difference(words);
    if (!difference.isEmpty() && !origin.continues(words)) {
      throw UsageException.of(
          "--index",
          "%s is of another encoder, or of a set that was another: %s; make it anew with --rebuild, or give another --index"
              .formatted(folder.path(), difference));
    }
  }

  /**
   * Opens the index, after making it or what is missing of it.
   *
   * @throws IllegalArgumentException if more than 1 % of the pictures are bad
   * @throws IOException if it is damaged or cannot be written
   * @throws CancellationException if the listener asked to stop; an equal call goes on
   */
  public void prepare(Listener listener) throws IOException {
    NativeCall.run(
        call -> {
          make(call.reporting(Listener.class, listener));
          return null;
        });
  }

  private void make(Listener listener) throws IOException {
    if (rebuild) {
      folder.makeRoom();
    }
    Map<String, String> words = rebuild ? null : folder.words();
    boolean other = words != null && !origin.difference(words).isEmpty();
    boolean complete = IndexFolder.complete(words);
    if (words != null && !complete && Origin.isOlder(words)) {
      words = null; // what an older version began has no keys to go on by: it begins anew
    }
    if (other || !complete) {
      IndexBuild build = new IndexBuild(folder, origin, names, listener, COMMIT_SECONDS);
      if (other || IndexFolder.updated(words)) {
        build.update(vectors);
      } else {
        build.go(words, vectors);
      }
      computed = build.computed();
      built = true;
      words = folder.words();
    }
    bad = IndexFolder.bad(words);
    index = VectorIndex.open(folder);
    places = IndexFolder.updated(words) ? index.places(pictures.size(), names::key) : null;
  }

  private final IndexBuild.Vectors vectors =
      new IndexBuild.Vectors() {
        @Override
        public IndexBuild.Batches from(int place) {
          return new EncoderVectors(encoder.stream(pictures, place));
        }

        @Override
        public IndexBuild.Batches of(int[] some) {
          return new EncoderVectors(encoder.stream(pictures.subset(pictures.name(), some), 0));
        }
      };

  private final IndexBuild.Names names =
      new IndexBuild.Names() {
        @Override
        public Hit of(int place) {
          Image image = pictures.image(place);
          return new Hit(place, image.id(), pictures.part(place), pictures.label(image), 0);
        }

        @Override
        public long key(int place) {
          return pictures.key(place);
        }
      };

  /** By the names that the set has now: the index may be of an earlier state. */
  private List<Hit> now(List<Hit> hits) {
    if (places == null) {
      return hits;
    }
    List<Hit> now = new ArrayList<>();
    for (Hit hit : hits) {
      Hit named = names.of(places[hit.place()]);
      now.add(new Hit(named.place(), named.path(), named.part(), named.label(), hit.cosine()));
    }
    return now;
  }

  /**
   * The vectors of query pictures, at length 1.
   *
   * @throws IllegalArgumentException if one is no picture; the message names the file
   * @throws IOException if one cannot be read
   */
  public List<float[]> queries(List<Path> files) throws IOException {
    try {
      List<float[]> queries = new ArrayList<>();
      for (float[] vector : encoder.embedFiles(files)) {
        queries.add(VectorIndex.unit(vector));
      }
      return queries;
    } catch (BadPictureException e) {
      throw UsageException.of("--query", e.reason());
    }
  }

  /**
   * The nearest pictures of each query, the nearest first.
   *
   * @param queries of {@link #queries}
   * @param k how many at most, at least 1
   * @param exact whether every vector is looked at, instead of the graph
   */
  public List<List<Hit>> nearest(List<float[]> queries, int k, boolean exact) throws IOException {
    return NativeCall.run(
        call -> {
          List<List<Hit>> all = new ArrayList<>();
          if (exact) {
            index.exact(queries, k).forEach(hits -> all.add(now(hits)));
            return all;
          }
          for (float[] query : queries) {
            call.check();
            all.add(now(index.near(query, k)));
          }
          return all;
        });
  }

  /**
   * Asks with pictures of the set, evenly spread over it, by the graph and exactly.
   *
   * @param queries how many at most, at least 1
   */
  public Recall recall(int queries) throws IOException {
    return NativeCall.run(
        call -> Recall.of(index, places == null ? pictures.size() : places.length, queries));
  }

  /** The encoded bytes of a picture of the set, also for a thread that is interrupted. */
  public byte[] picture(Hit hit) throws IOException {
    return NativeCall.run(call -> pictures.image(hit.place()).bytes());
  }

  /** Where the index is. */
  public Path folder() {
    return folder.path();
  }

  /** Pictures in the index. */
  public int size() {
    return index.size();
  }

  /** Numbers of a vector. */
  public int dim() {
    return encoder.dim();
  }

  /** SHA-256 of the encoder's file, hex. */
  public String encoderSha256() {
    return origin.encoder();
  }

  /** What a person calls the set. */
  public String data() {
    return pictures.name();
  }

  /** Pictures without a vector, each with the reason. */
  public List<String> bad() {
    return bad;
  }

  /** Pictures whose vectors this call computed; those that the index had are not among them. */
  public int computed() {
    return computed;
  }

  /** Whether this call made the index, or a part of it. */
  public boolean built() {
    return built;
  }

  @Override
  public void close() throws IOException {
    try (encoder) {
      if (index != null) {
        index.close();
      }
    }
  }
}
