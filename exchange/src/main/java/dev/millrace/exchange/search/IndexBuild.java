package dev.millrace.exchange.search;

import dev.millrace.exchange.Pictures;
import dev.millrace.probe.BadPicture;
import dev.millrace.probe.Features;
import dev.millrace.refusal.Some;
import dev.millrace.refusal.UsageException;
import dev.millrace.stream.Image;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.KnnFloatVectorField;
import org.apache.lucene.document.LongField;
import org.apache.lucene.document.NumericDocValuesField;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.index.CorruptIndexException;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.FloatVectorValues;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.NumericDocValues;
import org.apache.lucene.index.SerialMergeScheduler;
import org.apache.lucene.index.VectorSimilarityFunction;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.LockObtainFailedException;
import org.apache.lucene.util.Bits;

/**
 * Makes an index, or continues one that was not finished. What was committed stays, whatever kills
 * the process; memory holds a few thousand vectors, however many pictures there are.
 */
final class IndexBuild {
  static final String VECTOR = "vector";
  static final String PLACE = "place";
  static final String PATH = "path";
  static final String PART = "part";
  static final String LABEL = "label";

  /**
   * Place of the first picture that has the same vector, of a picture that has none of its own. A
   * graph of many equal vectors falls apart: each is linked to its equals, as the nearest.
   */
  static final String COPY = "copy";

  /** 64 bits of what the picture is: by them an index of an older state of a set is kept up. */
  static final String KEY = "key";

  private static final int NAMED = 5;
  private static final double MEGABYTES = 64;

  /** Some pictures next to each other, and the vectors of those that could be decoded. */
  interface Batch {
    int from();

    int count();

    List<BadPicture> bad();

    /** {@code [count − bad, D] float32}, a row after the other, finite. */
    float[] vectors();
  }

  /** Gives one batch after another, null after the last. */
  interface Batches extends AutoCloseable {
    Batch take() throws IOException;

    @Override
    void close();
  }

  /** Where the batches come from. */
  interface Vectors {
    /** From a place on, in the set's order; the caller closes them. */
    Batches from(int place);

    /** Of some places alone, counted by their order among these; the caller closes them. */
    default Batches of(int[] places) {
      throw new UnsupportedOperationException("only whole sets");
    }
  }

  /** What is kept of a picture beside its vector. */
  interface Names {
    /** A hit without its cosine. */
    Hit of(int place);

    /** What makes the picture the same in a later state of the set. */
    default long key(int place) {
      Hit hit = of(place);
      return Pictures.key(hit.part(), hit.path(), hit.label(), Image.UNKNOWN);
    }
  }

  private final IndexFolder folder;
  private final Origin origin;
  private final Names names;
  private final PictureSearch.Listener listener;
  private final double commitSeconds;
  private final FirstPlaces firsts = new FirstPlaces();

  /** Where the pictures of the batches are in the set; null where they are all in its order. */
  private int[] places;

  /** The number of the first picture of the batches; their places where they are all. */
  private int number;

  private boolean updating;
  private int computed;

  IndexBuild(
      IndexFolder folder,
      Origin origin,
      Names names,
      PictureSearch.Listener listener,
      double commitSeconds) {
    this.folder = folder;
    this.origin = origin;
    this.names = names;
    this.listener = listener;
    this.commitSeconds = commitSeconds;
  }

  /**
   * Goes on from the last commit to a complete index.
   *
   * @param words the last commit's; null to begin from nothing, dropping whatever is there
   * @throws IllegalArgumentException if too many pictures are bad
   * @throws IOException if it cannot be written, or another process is at it
   * @throws CancellationException if a stop was requested; what was done is kept
   */
  void go(Map<String, String> words, Vectors vectors) throws IOException {
    write(
        words == null ? IndexWriterConfig.OpenMode.CREATE : IndexWriterConfig.OpenMode.APPEND,
        writer -> {
          int done = IndexFolder.done(words);
          List<String> bad = new ArrayList<>(IndexFolder.bad(words));
          commit(writer, done, bad, false); // an index of this origin from now on
          if (done < origin.pictures()) {
            try (Batches batches = vectors.from(done)) {
              add(writer, batches, done, bad);
            }
          }
          return bad;
        });
  }

  /**
   * Keeps up an index of an earlier state of the set: takes off what the set no longer has, and
   * adds what it has beyond. The vectors of all others stay.
   *
   * @throws IllegalArgumentException if the index has no picture of the set; it is then untouched
   */
  void update(Vectors vectors) throws IOException {
    updating = true;
    write(
        IndexWriterConfig.OpenMode.APPEND,
        writer -> {
          IndexUpdate update;
          try (DirectoryReader reader = DirectoryReader.open(writer)) {
            update = new IndexUpdate(reader, origin.pictures(), names::key);
          }
          places = update.missing();
          number = update.next();
          int stay = origin.pictures() - places.length;
          if (stay == 0 && update.documents() > 0) {
            throw UsageException.of(
                "--index",
                "%s has none of the %d pictures asked for, by name, class and size: it is of another set; make it anew with --rebuild, or give another --index"
                    .formatted(folder.path(), origin.pictures()));
          }
          for (long key : update.gone()) {
            writer.deleteDocuments(LongField.newExactQuery(KEY, key));
          }
          List<String> bad = new ArrayList<>(); // those of before may have been mended
          commit(writer, stay, bad, false);
          try (Batches batches = vectors.of(places)) {
            add(writer, batches, stay, bad);
          }
          return bad;
        });
  }

  /** Pictures whose vectors this call asked for. */
  int computed() {
    return computed;
  }

  /** Fills an index; answers the pictures without a vector. */
  private interface Filling {
    List<String> fill(IndexWriter writer) throws IOException;
  }

  private void write(IndexWriterConfig.OpenMode mode, Filling filling) throws IOException {
    IndexWriterConfig config =
        new IndexWriterConfig()
            .setCodec(new VectorCodec())
            .setUseCompoundFile(false)
            .setRAMBufferSizeMB(MEGABYTES)
            .setMergeScheduler(new SerialMergeScheduler())
            .setCommitOnClose(false)
            .setOpenMode(mode);
    try (Directory directory = folder.open();
        IndexWriter writer = new IndexWriter(directory, config)) {
      List<String> bad = filling.fill(writer);
      listener.joining();
      writer.forceMerge(1);
      commit(writer, origin.pictures(), bad, true);
    } catch (CorruptIndexException | EOFException | NoSuchFileException e) {
      throw folder.damaged(e);
    } catch (LockObtainFailedException e) {
      throw new IOException(
          "another process is making the index " + folder.path() + "; wait for it, then try again",
          e);
    }
  }

  private void add(IndexWriter writer, Batches batches, int from, List<String> bad)
      throws IOException {
    long committed = System.nanoTime();
    int done = from;
    listener.indexed(done, origin.pictures(), bad.size());
    remember(writer);
    for (Batch batch = batches.take(); batch != null; batch = batches.take()) {
      for (BadPicture one : batch.bad()) {
        bad.add(one.id() + " (" + one.reason() + ")");
      }
      requireFew(bad);
      add(writer, batch);
      done += batch.count();
      computed += batch.count();
      listener.indexed(done, origin.pictures(), bad.size());
      boolean stopped = listener.stop();
      if (stopped || (System.nanoTime() - committed) * 1e-9 > commitSeconds) {
        commit(writer, done, bad, false);
        committed = System.nanoTime();
      }
      if (stopped) {
        throw new CancellationException("stopped while an index was made");
      }
    }
    commit(writer, done, bad, false);
  }

  /** The vectors that an earlier call committed. */
  private void remember(IndexWriter writer) throws IOException {
    try (DirectoryReader reader = DirectoryReader.open(writer)) {
      for (LeafReaderContext leaf : reader.leaves()) {
        FloatVectorValues vectors = leaf.reader().getFloatVectorValues(VECTOR);
        NumericDocValues places = leaf.reader().getNumericDocValues(PLACE);
        Bits live = leaf.reader().getLiveDocs(); // the vectors of those taken off are still there
        while (vectors != null && vectors.nextDoc() != FloatVectorValues.NO_MORE_DOCS) {
          int doc = vectors.docID();
          if ((live == null || live.get(doc)) && places.advanceExact(doc)) {
            firsts.of(vectors.vectorValue(), (int) places.longValue());
          }
        }
      }
    }
  }

  private void requireFew(List<String> bad) {
    if (Features.tooMany(bad.size(), origin.pictures())) {
      throw new IllegalArgumentException(
          "more than 1 %% of the %d pictures cannot be decoded: %s; mend them or take them out of the set"
              .formatted(origin.pictures(), Some.of(bad, NAMED)));
    }
  }

  private void add(IndexWriter writer, Batch batch) throws IOException {
    int good = batch.count() - batch.bad().size();
    if (good == 0) {
      return;
    }
    float[] rows = batch.vectors();
    int dim = rows.length / good;
    int row = 0;
    int skipped = 0;
    for (int at = batch.from(); at < batch.from() + batch.count(); at++) {
      if (skipped < batch.bad().size() && batch.bad().get(skipped).place() == at) {
        skipped++;
        continue;
      }
      float[] vector = new float[dim];
      System.arraycopy(rows, row++ * dim, vector, 0, dim);
      VectorIndex.unit(vector);
      int place = places == null ? at : places[at];
      int known = number + at;
      writer.addDocument(
          document(names.of(place), names.key(place), known, vector, firsts.of(vector, known)));
    }
  }

  private static Document document(Hit hit, long key, int number, float[] unit, int first) {
    Document document = new Document();
    document.add(new LongField(KEY, key, Field.Store.NO));
    if (first == FirstPlaces.NONE) {
      document.add(
          new KnnFloatVectorField(
              VECTOR,
              unit,
              KnnFloatVectorField.createFieldType(
                  unit.length, VectorSimilarityFunction.DOT_PRODUCT)));
    } else {
      document.add(new LongField(COPY, first, Field.Store.NO));
    }
    document.add(new NumericDocValuesField(PLACE, number));
    document.add(new StoredField(PLACE, number));
    document.add(new StoredField(PATH, hit.path()));
    document.add(new StoredField(PART, hit.part()));
    if (hit.label() != null) {
      document.add(new StoredField(LABEL, hit.label()));
    }
    return document;
  }

  private void commit(IndexWriter writer, int done, List<String> bad, boolean complete)
      throws IOException {
    Map<String, String> words = origin.commit();
    words.put(IndexFolder.DONE, Integer.toString(done));
    words.put(IndexFolder.BAD, IndexFolder.list(bad));
    if (updating) {
      words.put(IndexFolder.UPDATED, "true");
    }
    if (complete) {
      words.put(IndexFolder.COMPLETE, "true");
    }
    writer.setLiveCommitData(words.entrySet());
    writer.commit();
  }
}
